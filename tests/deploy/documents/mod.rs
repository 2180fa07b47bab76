//! The same on MongoDB, whose words are commands: named by `SEABED_TEST_MONGODB_URL`.

mod crash;
mod lint;
mod migrators;
mod others;
pub mod place;

use crate::{on_each, support::Place};
use ::mongodb::bson::{Bson, doc};
use migrators::{All, ByHand, First, ROWS, Spoken};
use place::{nothing_is_left, open, rows, run, session};
use seabed::{
    ErrorKind,
    backend::deploy::{Books, State},
    migration::{ApplyOptions, Progress, apply, baseline, plan, status, take_back},
    schema::{Action, Snapshot, Step, Table},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

on_each! { @ mongodb
    s2_after_the_first_deploy_nothing_is_left_to_do
    s3_wherever_a_run_ends_the_next_one_goes_on
    s3_four_deployers_apply_once
    s2_what_is_there_is_taken_over
    s2_what_mongodb_cannot_do_is_refused_by_name
    s4_an_edited_migration_is_named
}

/// The tables that some migrations leave.
fn tables(names: &[&str]) -> Vec<Arc<Table>> {
    let mut snapshot = Snapshot::default();
    for name in names {
        let steps: Vec<Step> = (seabed::migration::stepwise(name).expect("a migration").steps)().expect("steps");
        steps.iter().try_for_each(|step| snapshot.apply(&step.action)).expect("played");
    }
    snapshot.parents_first().expect("tables")
}

const NAMES: [&str; 2] = ["n1_shop", "n2_grow"];

/// Every row was counted up once, and all is as the migrations make it.
async fn right(place: &Place, when: &str) {
    let rows = rows(place, "item").await;
    assert_eq!(rows.len(), usize::try_from(ROWS).expect("few"), "{when}");
    for (row, id) in rows.iter().zip(1_i64..) {
        let number = |name: &str| match row.get(name) {
            Some(Bson::Int32(n)) => i64::from(*n),
            Some(Bson::Int64(n)) => *n,
            other => panic!("{when}: {name} is {other:?}"),
        };
        assert_eq!((number("id"), number("n"), number("price")), (id, 1, id), "{when}");
        assert_eq!(row.get_str("code").ok(), Some(&*format!("Srow {id}")), "{when}");
        assert_eq!(row.len(), 6, "{when}: {row}");
    }
    let (db, mut deploy) = session(place).await;
    let plan = plan::against(&mut *deploy, &tables(&NAMES), &[]).await.expect("a plan");
    assert!(plan.is_empty() && plan.drift.is_empty(), "{when}: {plan:#?}");
    let picture = deploy.inspect().await.expect("a picture");
    assert_eq!(picture.tables["item"].foreign_keys[0].parent, "place", "{when}");
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
}

/// Runs until the n-th thing is told, where the task ends; and whether the end was beyond it.
async fn ended_at(place: &Place, n: usize) -> bool {
    let told: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    let options = ApplyOptions::default().pause(Duration::ZERO).progress(move |_: &Progress<'_>| {
        if told.fetch_add(1, Ordering::SeqCst) == n {
            std::panic::resume_unwind(Box::new("it ends here"));
        }
    });
    let db = open(place).await;
    let first = tokio::spawn(async move { apply::<All>(&db, options).await.map(drop) }).await;
    if let Ok(Err(error)) = first {
        panic!("{n}: {error} {:?}", error.detail());
    }
    told.load(Ordering::SeqCst) <= n
}

async fn s2_after_the_first_deploy_nothing_is_left_to_do(place: &Place) {
    let db = open(place).await;
    let applied = apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    assert_eq!(applied.names, NAMES[..1]);
    assert!(status::<First>(&db).await.expect("rows").iter().all(|row| row.applied));
    run(place, doc! { "create": "by_hand" }).await;
    let mut deploy = db.backend().deploy().await.expect("a session");
    let want = tables(&NAMES[..1]);
    let plan = plan::against(&mut *deploy, &want, &[]).await.expect("a plan");
    assert!(plan.is_empty(), "{plan:#?}");
    assert_eq!(plan.drift.iter().map(|drift| &*drift.what).collect::<Vec<_>>(), ["table by_hand"]);
    let context = seabed::Context::default();
    assert_eq!(db.backend().verify(&context, &want).await.expect("looked"), []);
    assert_eq!(apply::<First>(&db, ApplyOptions::default()).await.expect("nothing").names, Vec::<String>::new());
    nothing_is_left(place).await;
    deploy.close().await.expect("closed");
    // The way back leaves what is not its own.
    assert_eq!(
        take_back::<First>(&db, ApplyOptions::default().lose(["drops-table", "sql-destroys"]))
            .await
            .expect("back")
            .names,
        NAMES[..1]
    );
    let mut deploy = db.backend().deploy().await.expect("a session");
    assert_eq!(deploy.inspect().await.expect("a picture").tables.keys().collect::<Vec<_>>(), ["by_hand"]);
    assert_eq!(deploy.books().await.expect("books"), Books::default());
    deploy.close().await.expect("closed");
}

/// Each statement is told three times: with this step another of the three is met from one to the next.
async fn s3_wherever_a_run_ends_the_next_one_goes_on(_: &Place) {
    let (mut n, step) = (0, 4);
    loop {
        let place = Place::new("mongodb", "another").await.expect("it was there before");
        let beyond = ended_at(&place, n).await;
        let again = apply::<All>(&open(&place).await, ApplyOptions::default()).await;
        again.unwrap_or_else(|error| panic!("{n}: {error} {:?}", error.detail()));
        right(&place, &format!("ended at {n}")).await;
        place.close().await;
        if beyond {
            break;
        }
        n += step;
    }
    assert!(n > 60, "only {n} things were told");
}

async fn s3_four_deployers_apply_once(place: &Place) {
    let one = || async { apply::<All>(&open(place).await, ApplyOptions::default()).await.expect("it waits").names };
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let mut all = [a, b, c, d].concat();
    all.sort();
    assert_eq!(all, NAMES);
    right(place, "four deployers").await;
}

async fn s2_what_is_there_is_taken_over(place: &Place) {
    let (db, mut deploy) = session(place).await;
    let all = tables(&NAMES[..1]);
    let have = deploy.inspect().await.expect("a picture");
    for (at, table) in all.iter().enumerate() {
        for statement in deploy.statements(&Action::CreateTable((**table).clone()), &have).expect("statements") {
            deploy.run(&statement.sql).await.expect("made");
        }
        let over = baseline::<First>(&db, "n1_shop", &[]).await.expect("looked at");
        assert_eq!(over.names.len(), usize::from(at == 1), "only where all is there: {:?}", over.plan);
    }
    let books = deploy.books().await.expect("books");
    assert_eq!(books.migrations[0].state, State::Baselined);
    assert_eq!(apply::<First>(&db, ApplyOptions::default()).await.expect("nothing").names, Vec::<String>::new());
    deploy.close().await.expect("closed");
}

async fn s2_what_mongodb_cannot_do_is_refused_by_name(place: &Place) {
    let db = open(place).await;
    let error = apply::<Spoken>(&db, ApplyOptions::default()).await.expect_err("it reads no SQL");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::Unsupported, Some("item")), "{error}");
    assert!(error.fields().contains(&"sku".to_owned()) && error.to_string().contains(".mongodb("), "{error}");
    let error = apply::<ByHand>(&open(place).await, ApplyOptions::default()).await.expect_err("it is SQL");
    assert!(error.is(ErrorKind::Unsupported) && error.to_string().contains("n9_hand"), "{error}");
}

async fn s4_an_edited_migration_is_named(place: &Place) {
    let db = open(place).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let edited = doc! { "q": { "_id": "n1_shop" }, "u": { "$set": { "checksum": "of another text" } } };
    run(place, doc! { "update": "_seabed.migrations", "updates": [edited] }).await;
    let error = apply::<All>(&db, ApplyOptions::default()).await.expect_err("it was edited");
    assert!(error.is(ErrorKind::Migration) && error.to_string().contains("n1_shop"), "{error}");
}
