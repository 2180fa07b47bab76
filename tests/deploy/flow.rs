//! The flow around an apply: what is planned, what is taken over, and what a script hears of it.

use super::on_each;
use crate::{
    migrators::{All, First},
    support::Place,
};
use seabed::{
    Database, ErrorKind,
    backend::deploy::State,
    migration::{ApplyOptions, apply, baseline, plan},
    schema::{Action, Snapshot, Step, Table},
};
use std::sync::Arc;

on_each! {
    s2_what_the_migrations_made_is_taken_over_and_not_run,
    s2_what_is_missing_is_told_and_nothing_is_noted,
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
