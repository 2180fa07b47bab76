//! Laws of transactions: what is kept, what is not, and what of that is told.

use crate::{
    entities::{member, thing},
    give_up::give_up_at,
    support::{EVERYWHERE, On, Place, SERVERS, on, one, panic_of},
};
use sea_orm::{AccessMode, DatabaseConnection, IsolationLevel, Set, TransactionTrait, entity::prelude::*};
use std::time::Duration;

async fn add(db: &impl ConnectionTrait, id: i32) -> Result<thing::Model, DbErr> {
    thing::ActiveModel { id: Set(id), ..Default::default() }.insert(db).await
}

async fn rows(db: &DatabaseConnection) -> u64 {
    thing::Entity::find().count(db).await.expect("a count")
}

// case: t2_an_error_that_is_swallowed_does_not_commit
#[tokio::test]
async fn t1_postgres_commits_what_it_rolled_back() {
    on(&[On::Postgres], async |place| {
        place.table(thing::Entity).await;
        let transaction = place.db.begin().await.expect("a transaction");
        add(&transaction, 1).await.expect("a row");
        add(&transaction, 1).await.expect_err("the key is taken");
        transaction.commit().await.expect("it says Ok");
        assert_eq!(rows(&place.db).await, 0);
    })
    .await;
}

// case: t1_who_joined_does_not_end_the_whole
#[tokio::test]
async fn t1_a_commit_beside_an_open_savepoint_keeps_nothing() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let transaction = place.db.begin().await.expect("a transaction");
        add(&transaction, 1).await.expect("a row");
        let savepoint = transaction.begin().await.expect("a savepoint");
        transaction.commit().await.expect("it says Ok");
        drop(savepoint);
        assert_eq!(rows(&place.db).await, 0);
    })
    .await;
}

// case: t2_a_failed_statement_dooms_the_transaction
#[tokio::test]
async fn t2_others_carry_on_after_a_failed_statement_and_commit_the_rest() {
    on(&[On::Sqlite, On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        let transaction = place.db.begin().await.expect("a transaction");
        add(&transaction, 1).await.expect("a row");
        add(&transaction, 1).await.expect_err("the key is taken");
        add(&transaction, 2).await.expect("a row");
        transaction.commit().await.expect("committed");
        assert_eq!(rows(&place.db).await, 2);
    })
    .await;
}

/// Whether a `begin` given up somewhere has later writes say Ok and vanish.
async fn a_write_vanishes(place: &Place, db: &DatabaseConnection, round: i32) -> bool {
    const TRIES: i32 = 60;
    for id in round * TRIES + 1..=(round + 1) * TRIES {
        // Warm, so that it is the transaction that is given up and not the connecting.
        rows(db).await;
        drop(give_up_at(usize::try_from(id % 6).expect("small"), db.begin()).await);
        add(db, id).await.expect("it says Ok");
        if rows(&place.db).await < u64::try_from(id).expect("positive") {
            return true;
        }
    }
    false
}

// case: t3_a_dropped_transaction_future_leaves_nothing_open
#[tokio::test]
async fn t3_a_write_after_a_begin_that_was_given_up_vanishes() {
    on(&SERVERS, async |place| {
        place.table(thing::Entity).await;
        // At which await it was given up, the answer of the server decides: not every round meets the one that poisons.
        let mut vanished = false;
        for round in 0..20 {
            let db = place.pool(1).await;
            vanished = a_write_vanishes(place, &db, round).await;
            db.close().await.expect("closed");
            if vanished {
                break;
            }
        }
        assert!(vanished);
    })
    .await;
}

// case: t3_a_call_given_up_inside_a_transaction_ends_it
#[tokio::test]
async fn t3_dropping_a_savepoint_beside_a_stream_panics() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let db = place.db.clone();
        let dropped = panic_of(async move {
            let transaction = db.begin().await.expect("a transaction");
            let savepoint = transaction.begin().await.expect("a savepoint");
            let _stream = thing::Entity::find().stream(&transaction).await.expect("a stream");
            drop(savepoint);
        });
        let panic = dropped.await.expect("no error");
        assert!(panic.contains("Fail to rollback transaction"), "{panic}");
    })
    .await;
}

// case: t4_read_committed_is_the_default_and_always_there
#[tokio::test]
async fn t4_mariadb_does_not_see_what_was_committed() {
    on(&SERVERS, async |place| {
        place.table(thing::Entity).await;
        let transaction = place.db.begin().await.expect("a transaction");
        assert_eq!(thing::Entity::find().count(&transaction).await.expect("a count"), 0);
        add(&place.db, 1).await.expect("a row");
        let seen = thing::Entity::find().count(&transaction).await.expect("a count");
        assert_eq!(seen, u64::from(place.on == On::Postgres), "by default");
        transaction.rollback().await.expect("rolled back");
    })
    .await;
}

// case: t5_a_read_only_transaction_refuses_every_write
#[tokio::test]
async fn t5_sqlite_writes_in_a_read_only_transaction() {
    on(&[On::Sqlite], async |place| {
        place.table(thing::Entity).await;
        let wanted = place.db.begin_with_config(Some(IsolationLevel::Serializable), Some(AccessMode::ReadOnly));
        let transaction = wanted.await.expect("a transaction");
        add(&transaction, 1).await.expect("it says Ok");
        transaction.commit().await.expect("committed");
        assert_eq!(rows(&place.db).await, 1);
    })
    .await;
}

// proof: t3_a_statement_given_up_is_cancelled_in_the_server in tests/faults/cancel.rs
#[tokio::test]
async fn t7_a_statement_given_up_goes_on_in_the_server() {
    on(&SERVERS, async |place| {
        // A lock holds the statement, so that nothing here depends on how fast a machine is.
        place.table(member::Entity).await;
        member::row(1, "ann").insert(&place.db).await.expect("a row");
        let holder = place.db.begin().await.expect("a transaction");
        let change = |points| member::ActiveModel { id: Set(1), points: Set(points), ..Default::default() };
        change(1).update(&holder).await.expect("a row");

        let given_up = tokio::time::timeout(Duration::from_millis(300), change(2).update(&place.db)).await;
        assert!(given_up.is_err(), "it waits for the lock");
        // What a caller may count on is that it ends within a second.
        tokio::time::sleep(Duration::from_secs(1)).await;
        holder.rollback().await.expect("rolled back");
        let mut points = 0;
        for _ in 0..100 {
            points = one::<i32>(&place.db, "SELECT points FROM member").await;
            if points == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(points, 2, "nobody waited for it, and it was written");
    })
    .await;
}

// case: (T8: not yet kept)
#[tokio::test]
async fn t8_a_write_through_the_pool_stands_beside_the_transaction() {
    on(&SERVERS, async |place| {
        place.table(thing::Entity).await;
        let transaction = place.db.begin().await.expect("a transaction");
        add(&place.db, 1).await.expect("it says Ok");
        transaction.rollback().await.expect("rolled back");
        assert_eq!(rows(&place.db).await, 1, "and was not rolled back");
    })
    .await;
}
