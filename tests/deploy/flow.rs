//! The flow around an apply: what is planned, what is taken over, and what a script hears of it.

use super::on_each;
use crate::{
    migrators::{All, First},
    support::Place,
};
use seabed::{
    Database, ErrorKind,
    backend::deploy::State,
    migration::{ApplyOptions, Folder, apply, baseline, check, plan},
    schema::{Action, Snapshot, Step, Table, Words, build::TableBuilder, build::table, step::index},
};
use std::sync::Arc;

on_each! {
    s2_what_the_migrations_made_is_taken_over_and_not_run,
    s2_what_is_missing_is_told_and_nothing_is_noted,
    s2_what_differs_is_planned,
    s1_a_check_of_a_column_that_was_changed_by_hand_stays,
}

/// The tables of `m1_item`, by hand: what its steps make.
fn tables() -> Vec<Arc<Table>> {
    let mut snapshot = Snapshot::default();
    let steps: Vec<Step> = (seabed::migration::stepwise("m1_item").expect("a migration").steps)().expect("steps");
    steps.iter().try_for_each(|step| snapshot.apply(&step.action)).expect("played");
    snapshot.parents_first().expect("tables")
}

/// Made by somebody else, with what no entity knows beside it.
async fn made(db: &Database, tables: &[Arc<Table>]) {
    let mut deploy = db.backend().deploy().await.expect("a session");
    let have = deploy.inspect().await.expect("a picture");
    for table in tables {
        for statement in deploy.statements(&Action::CreateTable((**table).clone()), &have).expect("statements") {
            deploy.run(&statement.sql).await.expect("made");
        }
    }
    deploy.run("CREATE TABLE by_hand (n INT)").await.expect("made");
    deploy.close().await.expect("closed");
}

async fn s2_what_the_migrations_made_is_taken_over_and_not_run(place: &Place) {
    let db = place.open(1).await;
    made(&db, &tables()).await;
    let over = baseline::<First>(&db, "m1_item", &[]).await.expect("taken over");
    assert_eq!(over.names, ["m1_item"], "{:?}", over.plan);
    assert!(over.plan.drift.iter().any(|drift| drift.table.as_deref() == Some("by_hand")), "{:?}", over.plan.drift);
    let books = db.backend().deploy().await.expect("a session").books().await.expect("books");
    assert_eq!((books.migrations[0].state, &books.seaql[..]), (State::Baselined, &["m1_item".to_owned()][..]));
    let snapshot = Snapshot::from_text(&books.migrations[0].tables).expect("what is ours");
    assert_eq!(snapshot.tables().expect("tables").len(), 2);
    assert_eq!(apply::<First>(&db, ApplyOptions::default()).await.expect("nothing").names, Vec::<String>::new());
    let again = baseline::<First>(&db, "m1_item", &[]).await.expect_err("it is in the books");
    assert!(again.is(ErrorKind::Migration) && again.to_string().contains("m1_item"), "{again}");
}

async fn s2_what_is_missing_is_told_and_nothing_is_noted(place: &Place) {
    let db = place.open(1).await;
    let half: Vec<Arc<Table>> = tables().into_iter().filter(|table| table.name == "shelf").collect();
    made(&db, &half).await;
    let over = baseline::<First>(&db, "m1_item", &[]).await.expect("looked at");
    assert!(over.names.is_empty());
    assert!(matches!(&over.plan.steps[0].step.action, Action::CreateTable(table) if table.name == "item"), "{over:?}");
    let mut deploy = db.backend().deploy().await.expect("a session");
    assert!(deploy.books().await.expect("books").migrations.is_empty());
    let plan = plan::against(&mut *deploy, &tables(), &[]).await.expect("a plan");
    assert_eq!(plan.steps.len(), 1, "and the plan from the tables says the same");
    deploy.close().await.expect("closed");
    let unknown = baseline::<First>(&db, "m9_none", &[]).await.expect_err("no such migration");
    assert!(unknown.to_string().contains("m1_item"), "it names the newest: {unknown}");
    let by_hand = baseline::<All>(&db, "m3_hand", &tables()).await.expect("the newest may be written by hand");
    assert!(!by_hand.plan.steps.is_empty());
}

fn thing() -> TableBuilder {
    table("thing").int64("id").primary_key(&["id"])
}

fn built(table: TableBuilder) -> Arc<Table> {
    Arc::new(table.build().expect("a table"))
}

/// The plan's steps in a few words, after which they are done.
async fn done(db: &Database, want: &Arc<Table>, owned: &[Table]) -> Vec<String> {
    let mut deploy = db.backend().deploy().await.expect("a session");
    let plan = plan::against(&mut *deploy, std::slice::from_ref(want), owned).await.expect("a plan");
    for planned in &plan.steps {
        let have = deploy.inspect().await.expect("a picture");
        for statement in deploy.statements(&planned.step.action, &have).expect("statements") {
            deploy.run(&statement.sql).await.expect("done");
        }
    }
    deploy.close().await.expect("closed");
    let words = plan.steps.iter().map(|planned| match &planned.step.action {
        Action::AlterColumn { to, .. } => format!("alter {}", to.name),
        Action::DropColumn { column, .. } => format!("drop {}", column.name),
        Action::AddIndex { index, .. } => format!("add {}", index.name),
        Action::DropIndex { index, .. } => format!("drop {}", index.name),
        other => format!("{other:?}"),
    });
    words.collect()
}

async fn s2_what_differs_is_planned(place: &Place) {
    let db = place.open(1).await;
    // MySQL has no index of some rows.
    let only = Words::default().sqlite("a > 0").postgres("a > 0");
    let columns = || table("thing").int64("id").int32("a").int32("b").primary_key(&["id"]);
    let partial = built(columns().indexed(index(&["a"]).only(only).named("ix_a")));
    made(&db, std::slice::from_ref(&partial)).await;
    let whole = built(columns().indexed(index(&["a"]).named("ix_a")));
    let expected: &[&str] =
        if matches!(place, Place::MySql { .. }) { &["add ix_a"] } else { &["drop ix_a", "add ix_a"] };
    assert_eq!(done(&db, &whole, &[(*partial).clone()]).await, expected);
    let nullable = table("thing").int64("id").int32("a").int32("b").nullable().primary_key(&["id"]);
    let nullable = built(nullable.indexed(index(&["a"]).named("ix_a")));
    assert_eq!(done(&db, &nullable, &[(*whole).clone()]).await, ["alter b"]);
    let fewer = table("thing").int64("id").int32("a").primary_key(&["id"]);
    let fewer = built(fewer.indexed(index(&["a"]).named("ix_a")));
    assert_eq!(done(&db, &fewer, &[(*nullable).clone()]).await, ["drop b"]);
    assert!(done(&db, &fewer, &[(*fewer).clone()]).await.is_empty());
}

/// Nobody knows what the column was; the check is said by its table all the same.
async fn s1_a_check_of_a_column_that_was_changed_by_hand_stays(place: &Place) {
    let by_hand = match place {
        Place::Sqlite(_) => return,
        Place::Postgres { .. } => "ALTER TABLE thing ALTER COLUMN a TYPE bigint",
        Place::MySql { .. } => "ALTER TABLE thing MODIFY COLUMN a bigint NOT NULL",
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    let db = place.open(1).await;
    let thing = built(table("thing").int64("id").int32("a").primary_key(&["id"]).check("least", "a >= -3"));
    made(&db, std::slice::from_ref(&thing)).await;
    crate::support::execute(place, by_hand).await;
    assert_eq!(done(&db, &thing, &[(*thing).clone()]).await, ["alter a"]);
    assert!(done(&db, &thing, &[(*thing).clone()]).await.is_empty(), "the check is there");
}

#[tokio::test]
async fn s2_a_changed_entity_is_seen_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("src")).expect("made");
    std::fs::write(folder.path().join("src/lib.rs"), "").expect("written");
    let (before, after) =
        (built(thing()), built(table("thing").int64("id").int32("n").nullable().primary_key(&["id"])));
    std::fs::write(folder.path().join("src/schema.json"), Snapshot::of([&*before]).expect("a snapshot").to_text())
        .expect("written");
    let folder = Folder::open(folder.path()).expect("a folder");
    let checked = check::<crate::migrators::None>(&folder, &[after]).await.expect("checked");
    let asked = checked.faults.iter().filter(|fault| fault.starts_with("the entities ask for")).count();
    assert_eq!(asked, 1, "{:?}", checked.faults);
    assert!(checked.faults[0].contains("int32(\"n\").nullable()"), "{:?}", checked.faults);
}
