//! A statement inside a transaction failed, and whoever made it goes on: nothing of the transaction is kept (law T2, hazards H4
//! and H5). What SeaORM alone keeps then stands in `tests/plain_seaorm/transactions.rs`.

use crate::{
    oracle::{Oracle, effect, part},
    support::Place,
};
use seabed::{Database, Filter, TransactionOptions, prelude::*, transaction::Retry};
use tokio::sync::Barrier;

/// The rows of a unit.
fn of(unit: i64) -> Filter<effect::Entity> {
    col(effect::COLUMN.unit).eq(unit)
}

async fn change(db: &Database, unit: i64) -> Result<u64> {
    db.repository::<effect::Entity>().update_many(of(unit), [col(effect::COLUMN.text).set("changed")]).await
}

async fn f04(backend: &str) {
    let Some(place) = Place::new(backend, "f04_an_error_that_is_ignored_does_not_commit").await else { return };
    let oracle = Oracle::new(4, backend, &place, 2).await;
    let db = place.open(2).await;
    for _ in 0..10 {
        let unit = oracle.unit();
        let answer = db
            .transact(|tx| async move {
                let effects = tx.repository::<effect::Entity>();
                let row = effects.insert(part(unit, 0)).await?;
                let again = effects.insert(row).await;
                assert!(again.is_err_and(|error| error.is(ErrorKind::UniqueViolation)));
                let _ = effects.insert(part(unit, 1)).await;
                Ok(())
            })
            .await;
        let error = answer.as_ref().expect_err("a statement failed");
        assert!(error.is(ErrorKind::TransactionFailed), "{backend}: {error}");
        assert!(
            format!("{:?}", std::error::Error::source(error)).contains("unique"),
            "{backend}: the cause: {error:?}"
        );
        oracle.heard(unit, &answer);
        oracle.healed();
        oracle.transact(&db, TransactionOptions::default()).await.expect("nothing is wrong");
    }
    oracle.pool_is_back(&place, &db, 2).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

/// Writes a row of its own, changes the first unit, meets the other there, and changes the second.
async fn crosswise(oracle: &Oracle, db: &Database, meet: &Barrier, units: [i64; 2], retry: Retry) -> Result<()> {
    let own = oracle.unit();
    let answer = db
        .transact_with(TransactionOptions::default().retry(retry), |tx| async move {
            tx.repository::<effect::Entity>().insert(part(own, 0)).await?;
            change(&tx, units[0]).await?;
            if tx.attempt() == 1 {
                meet.wait().await;
            }
            change(&tx, units[1]).await.map(drop)
        })
        .await;
    oracle.heard(own, &answer);
    answer
}

async fn f05(backend: &str) {
    let Some(place) = Place::new(backend, "f05_of_a_deadlock_nothing_of_the_loser_is_kept").await else { return };
    let oracle = Oracle::new(5, backend, &place, 1).await;
    let db = place.open(4).await;
    let (a, b) = (0, 1);
    for unit in [a, b] {
        assert_eq!(oracle.unit(), unit);
        let row = db.repository::<effect::Entity>().insert(part(unit, 0)).await;
        oracle.heard(unit, &row);
    }
    // MongoDB lets nobody wait: who meets the other is ended at once, and both may be.
    let (most, kind) = if backend == "mongodb" { (2, ErrorKind::Serialization) } else { (1, ErrorKind::Deadlock) };
    for (retry, losers) in [(Retry::never(), 1..=most), (Retry::default(), 0..=0)] {
        for _ in 0..3 {
            let meet = Barrier::new(2);
            oracle.healed();
            let (one, other) = tokio::join!(
                crosswise(&oracle, &db, &meet, [a, b], retry),
                crosswise(&oracle, &db, &meet, [b, a], retry)
            );
            let lost: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
            assert!(losers.contains(&lost.len()), "{backend}: {lost:?}");
            for error in lost {
                assert!(error.is(kind), "{backend}: {error}");
                assert_eq!(error.status(), seabed::Status::Temporary);
            }
        }
    }
    oracle.pool_is_back(&place, &db, 4).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

async fn f06(backend: &str) {
    let Some(place) = Place::new(backend, "f06_after_a_lock_timeout_nothing_is_kept").await else { return };
    let oracle = Oracle::new(6, backend, &place, 1).await;
    let db = place.open_with(None, &[("lock_timeout", "1s"), ("max_connections", "3")]).await;
    let locked = oracle.unit();
    let row = db.repository::<effect::Entity>().insert(part(locked, 0)).await;
    oracle.heard(locked, &row);

    let holder = db.begin(TransactionOptions::default()).await.expect("a transaction");
    change(&holder, locked).await.expect("a lock");
    let unit = oracle.unit();
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let effects = tx.repository::<effect::Entity>();
    effects.insert(part(unit, 0)).await.expect("a row");
    let waited = change(&tx, locked).await.expect_err("the row is locked");
    // MongoDB lets no transaction wait that has done something.
    let kind = if backend == "mongodb" { ErrorKind::Serialization } else { ErrorKind::LockTimeout };
    assert!(waited.is(kind), "{backend}: {waited}");
    assert!(effects.insert(part(unit, 0)).await.is_err(), "{backend}: nothing goes on");
    let answer = tx.commit().await;
    assert!(answer.as_ref().is_err_and(|error| error.is(ErrorKind::TransactionFailed)), "{backend}: {answer:?}");
    oracle.heard(unit, &answer);
    holder.rollback().await.expect("rolled back");

    oracle.healed();
    oracle.insert(&db).await.expect("nothing is wrong");
    oracle.pool_is_back(&place, &db, 3).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident: $($test:ident $name:ident)*;)*) => { $(
        mod $backend { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$test(stringify!($backend)).await;
            }
        )* }
    )* };
}
// SQLite has one writer: there is no lock of a row to wait for.
on_each! {
    sqlite: f04 f04_an_error_that_is_ignored_does_not_commit;
    postgres:
        f04 f04_an_error_that_is_ignored_does_not_commit
        f05 f05_of_a_deadlock_nothing_of_the_loser_is_kept
        f06 f06_after_a_lock_timeout_nothing_is_kept;
    mysql:
        f04 f04_an_error_that_is_ignored_does_not_commit
        f05 f05_of_a_deadlock_nothing_of_the_loser_is_kept
        f06 f06_after_a_lock_timeout_nothing_is_kept;
}
#[cfg(feature = "mongodb")]
on_each! {
    mongodb:
        f04 f04_an_error_that_is_ignored_does_not_commit
        f05 f05_of_a_deadlock_nothing_of_the_loser_is_kept
        f06 f06_after_a_lock_timeout_nothing_is_kept;
}
