//! A caller gives up while a transaction begins, while a savepoint does, and while it commits (laws T1 and T3, hazards H1, H2
//! and H11).

use crate::{
    give_up::give_up_at,
    oracle::{Heard, Oracle, effect, part},
    proxy::Proxy,
    support::Place,
};
use seabed::{Database, Error, Isolation, TransactionOptions, prelude::*};
use std::time::Duration;

/// The worker of SQLite has mostly answered before it is asked again, and then there is no await to give up at.
fn rounds(backend: &str) -> usize {
    if backend == "sqlite" { 500 } else { 50 }
}

/// Some are dropped, also where the server has mostly answered before anybody looked.
fn goes_on(backend: &str, round: usize, dropped: u32) -> bool {
    round < rounds(backend) || (dropped < 3 && round < 20 * rounds(backend))
}

const CONNECTIONS: u32 = 2;
const SETTINGS: [(&str, &str); 1] = [("max_connections", "2")];

fn options() -> TransactionOptions {
    TransactionOptions::default()
}

/// MongoDB hears of a transaction with its first command: only a snapshot has one in its beginning.
fn beginning(backend: &str) -> TransactionOptions {
    if backend == "mongodb" { options().isolation(Isolation::Snapshot).read_only() } else { options() }
}

/// `begin` is dropped at its n-th pending poll; what is written afterwards is there.
async fn f01(backend: &str) {
    let Some(place) = Place::new(backend, "f01_after_a_begin_that_was_given_up_writes_are_there").await else { return };
    let oracle = Oracle::new(1, backend, &place, 1).await;
    let db = place.open_with(None, &SETTINGS).await;
    let effects = db.repository::<effect::Entity>();
    let (mut n, mut dropped, mut round) = (0, 0, 0);
    while goes_on(backend, round, dropped) {
        round += 1;
        // On a connection that is there.
        effects.exists(all()).await.expect("an answer");
        if let Some(begun) = give_up_at(n, db.begin(beginning(backend))).await {
            begun.expect("nothing is wrong").rollback().await.expect("rolled back");
            n = 0;
        } else {
            (n, dropped) = (n + 1, dropped + 1);
        }
        oracle.healed();
        // As many at once as there are connections.
        let (one, other) = tokio::join!(oracle.insert(&db), oracle.insert(&db));
        one.and(other).expect("nothing is wrong");
    }
    assert!(dropped >= 3, "{backend}: some are dropped: {dropped}");
    for _ in 0..10 {
        let (one, other) = tokio::join!(oracle.insert(&db), oracle.insert(&db));
        one.and(other).expect("nothing is wrong");
    }
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

/// One row, and a second one in a savepoint that is given up at its n-th pending poll; whether it was.
async fn with_a_savepoint(db: &Database, unit: i64, n: usize) -> (Result<(), Error>, bool) {
    let mut dropped = false;
    let tx = db.begin(options()).await.expect("nothing is wrong");
    let answer = async {
        let effects = tx.repository::<effect::Entity>();
        effects.insert(part(unit, 0)).await?;
        let nested =
            tx.savepoint(
                |inner| async move { inner.repository::<effect::Entity>().insert(part(unit, 1)).await.map(drop) },
            );
        match give_up_at(n, nested).await {
            Some(answer) => answer?,
            None => dropped = true,
        }
        // Whoever gave up may try to go on.
        if dropped {
            let _ = effects.insert(part(unit, 1)).await;
        }
        Ok(())
    }
    .await;
    match answer {
        Ok(()) => (tx.commit().await, dropped),
        Err(error) => (Err(error), dropped),
    }
}

/// A savepoint that is dropped while it is set, while it is worked in and while it is released dooms the whole.
async fn f02(backend: &str) {
    let Some(place) = Place::new(backend, "f02_a_savepoint_that_was_given_up_dooms_the_whole").await else { return };
    let oracle = Oracle::new(2, backend, &place, 2).await;
    let db = place.open_with(None, &SETTINGS).await;
    let (mut n, mut dropped, mut round) = (0, 0, 0);
    while goes_on(backend, round, dropped) {
        round += 1;
        let unit = oracle.unit();
        let (answer, was) = with_a_savepoint(&db, unit, n).await;
        if was {
            (n, dropped) = (n + 1, dropped + 1);
            let error = answer.as_ref().expect_err("half of it was given up");
            assert!(error.is(ErrorKind::TransactionFailed), "{backend}: {error}");
        } else {
            n = 0;
            assert!(answer.is_ok(), "{backend}: {answer:?}");
        }
        oracle.heard(unit, &answer);
        oracle.healed();
        oracle.transact(&db, options()).await.expect("nothing is wrong");
    }
    assert!(dropped >= 3, "{backend}: some are dropped: {dropped}");
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

/// `commit` is dropped at its n-th pending poll; nobody was told, and the connection is clean.
async fn f03_dropped(oracle: &Oracle, db: &Database, backend: &str) {
    let mut n = 0;
    for _ in 0..rounds(backend) {
        let unit = oracle.unit();
        let tx = db.begin(options()).await.expect("nothing is wrong");
        tx.repository::<effect::Entity>().insert(part(unit, 0)).await.expect("a row");
        match give_up_at(n, tx.commit()).await {
            Some(answer) => {
                oracle.heard(unit, &answer);
                answer.expect("nothing is wrong");
                n = 0;
            }
            None => n += 1,
        }
        oracle.healed();
        oracle.insert(db).await.expect("nothing is wrong");
    }
}

/// The answer to COMMIT comes later than the caller waits: before the server had it, and after.
async fn f03_late(oracle: &Oracle, place: &Place) {
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "2"), ("timeout", "700ms")]).await;
    let (late, soon) = (Duration::from_secs(1), Duration::ZERO);
    for (up, down) in [(late, soon), (soon, late), (late, soon), (soon, late)] {
        let unit = oracle.unit();
        let tx = loop {
            // Opened anew after each trouble: that takes its time.
            if let Ok(tx) = db.begin(options()).await {
                break tx;
            }
        };
        tx.repository::<effect::Entity>().insert(part(unit, 0)).await.expect("a row");
        proxy.delay(up, down);
        let answer = tx.commit().await;
        assert_eq!(oracle.heard(unit, &answer), Heard::Unknown, "{answer:?}");
        assert!(answer.is_err_and(|error| error.is(ErrorKind::CommitUnknown)));
        tokio::time::sleep(late).await;
        proxy.heal();
    }
    db.close().await.expect("closed");
}

async fn f03(backend: &str) {
    let Some(place) = Place::new(backend, "f03_a_commit_that_was_given_up_is_unknown").await else { return };
    let oracle = Oracle::new(3, backend, &place, 1).await;
    let db = place.open_with(None, &SETTINGS).await;
    f03_dropped(&oracle, &db, backend).await;
    if backend != "sqlite" {
        f03_late(&oracle, &place).await;
    }
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f01_after_a_begin_that_was_given_up_writes_are_there() {
                super::f01(stringify!($backend)).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn f02_a_savepoint_that_was_given_up_dooms_the_whole() {
                super::f02(stringify!($backend)).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn f03_a_commit_that_was_given_up_is_unknown() {
                super::f03(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }

// MongoDB has no savepoints.
#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test(flavor = "multi_thread")]
    async fn f01_after_a_begin_that_was_given_up_writes_are_there() {
        super::f01("mongodb").await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn f03_a_commit_that_was_given_up_is_unknown() {
        super::f03("mongodb").await;
    }
}
