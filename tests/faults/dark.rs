//! Nothing comes through any more, and nobody is told (hazard H7): no connection ends, no answer comes. Every call ends within its
//! time, and once the network is well the pool has its size again.

use crate::{
    oracle::{Heard, Oracle, effect, part},
    proxy::Proxy,
    support::Place,
};
use futures::future::join_all;
use seabed::{Database, TransactionOptions};
use std::time::{Duration, Instant};

/// The longest that a call may take, and what a busy machine may add.
const BOUND: Duration = Duration::from_millis(800);
const SLACK: Duration = Duration::from_millis(700);

const CONNECTIONS: u32 = 4;
const SETTINGS: [(&str, &str); 6] = [
    ("max_connections", "4"),
    ("timeout", "800ms"),
    ("acquire_timeout", "800ms"),
    ("connect_timeout", "800ms"),
    ("idle_check", "1s"),
    ("idle_check_timeout", "300ms"),
];

/// Where a new connection has to be got within the time of a call, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(2);
const TRIAL: Duration = Duration::from_millis(700);
const PATIENT: [(&str, &str); 4] =
    [("max_connections", "4"), ("timeout", "2s"), ("idle_check", "1s"), ("idle_check_timeout", "700ms")];

/// Writes until then, one row or a transaction at a time; the longest call.
async fn write_until(oracle: &Oracle, db: &Database, until: Instant) -> Duration {
    let mut longest = Duration::ZERO;
    for turn in 0_u32.. {
        if Instant::now() >= until {
            break;
        }
        let since = Instant::now();
        let _ = if turn % 2 == 0 {
            oracle.insert(db).await
        } else {
            oracle.transact(db, TransactionOptions::default().deadline(BOUND)).await
        };
        longest = longest.max(since.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    longest
}

async fn f13(backend: &str) {
    let Some(place) = Place::new(backend, "f13_calls_in_the_dark_end_and_the_pool_comes_back").await else { return };
    let oracle = Oracle::new(13, backend, &place, 1).await;
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &SETTINGS).await;
    // One that has written and is waited for by nobody: the server must not keep its locks for hours.
    let (unit, held) = (oracle.unit(), db.begin(TransactionOptions::default()).await.expect("a transaction"));
    held.repository::<effect::Entity>().insert(part(unit, 0)).await.expect("a row");
    let begun = Instant::now();
    let work = join_all((0..6).map(|_| write_until(&oracle, &db, begun + Duration::from_millis(6_500))));
    let trouble = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        proxy.go_dark();
        let dark = Instant::now();
        let answer = held.commit().await;
        assert_eq!(oracle.heard(unit, &answer), Heard::Unknown, "{backend}: {answer:?}");
        tokio::time::sleep(Duration::from_secs(3).saturating_sub(dark.elapsed())).await;
        proxy.heal();
        oracle.healed();
    };
    let (longest, ()) = tokio::join!(work, trouble);
    let longest = longest.into_iter().max().unwrap_or_default();
    assert!(longest <= BOUND + SLACK, "{backend}: a call took {longest:?}");
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;
    db.close().await.expect("closed");
    drop(proxy);
    oracle.judge(&place).await;
    place.close().await;
}

async fn f14(backend: &str) {
    let Some(place) = Place::new(backend, "f14_connections_that_died_cost_one_call_each_at_most").await else { return };
    let oracle = Oracle::new(14, backend, &place, 1).await;
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &PATIENT).await;
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;

    // Idle for longer than `idle_check`: one trial that is not answered speaks for all of their time.
    proxy.forget();
    oracle.healed();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let since = Instant::now();
    let first = oracle.insert(&db).await;
    first.unwrap_or_else(|error| panic!("{backend}: idle connections are tried first: {error}"));
    let took = since.elapsed();
    assert!(took < 3 * TRIAL, "{backend}: not one trial for each of {CONNECTIONS}: {took:?}");
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;

    // Just used: each costs one call, that ends within its time.
    proxy.forget();
    oracle.healed();
    let mut failed = 0;
    for _ in 0..3 * CONNECTIONS {
        let since = Instant::now();
        failed += u32::from(oracle.insert(&db).await.is_err());
        assert!(since.elapsed() <= PATIENCE + SLACK, "{backend}: a call took {:?}", since.elapsed());
    }
    assert!((1..=CONNECTIONS).contains(&failed), "{backend}: one for each connection at most: {failed}");
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;
    db.close().await.expect("closed");
    drop(proxy);
    oracle.judge(&place).await;
    place.close().await;
}

/// A `close` in the dark ends within its bound too.
async fn close_in_the_dark(backend: &str) {
    let Some(place) = Place::new(backend, "h7_a_close_in_the_dark_ends_within_its_bound").await else { return };
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &SETTINGS).await;
    assert!(db.health().await.is_reachable());
    proxy.go_dark();
    let call = db.health();
    let close = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let since = Instant::now();
        let closed = db.close().await;
        (closed, since.elapsed())
    };
    let (health, (closed, took)) = tokio::join!(call, close);
    assert!(!health.is_reachable(), "{backend}: {health:?}");
    closed.unwrap_or_else(|error| panic!("{backend}: the call that was on its way ended in time: {error}"));
    assert!(took <= Duration::from_secs(3), "{backend}: it took {took:?}");
    drop(proxy);
    place.close().await;
}

macro_rules! on_servers {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f13_calls_in_the_dark_end_and_the_pool_comes_back() {
                super::f13(stringify!($backend)).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn f14_connections_that_died_cost_one_call_each_at_most() {
                super::f14(stringify!($backend)).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn h7_a_close_in_the_dark_ends_within_its_bound() {
                super::close_in_the_dark(stringify!($backend)).await;
            }
        }
    )* };
}
on_servers! { postgres mysql }
#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test(flavor = "multi_thread")]
    async fn f13_calls_in_the_dark_end_and_the_pool_comes_back() {
        super::f13("mongodb").await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn f14_connections_that_died_cost_one_call_each_at_most() {
        super::f14("mongodb").await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn h7_a_close_in_the_dark_ends_within_its_bound() {
        super::close_in_the_dark("mongodb").await;
    }
}
