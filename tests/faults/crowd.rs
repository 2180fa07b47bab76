//! Two hundred callers want five connections, and half of them lose their patience: the others are all served, in fair time, and
//! the pool has its size afterwards (law T3, hazard H7).

use crate::{
    oracle::{Oracle, all_parts},
    support::Place,
};
use seabed::TransactionOptions;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const TASKS: u64 = 200;
const CONNECTIONS: u32 = 5;
const FAIR: Duration = Duration::from_secs(15);

/// Numbers that look drawn, the same in each run.
fn drawn(seed: u64, below: u64) -> u64 {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) % below
}

async fn f18(backend: &str) {
    let Some(place) = Place::new(backend, "f18_a_crowd_is_served_though_half_of_it_gives_up").await else { return };
    let oracle = Arc::new(Oracle::new(18, backend, &place, 2).await);
    let settings = [("max_connections", "5"), ("acquire_timeout", "20s"), ("connect_timeout", "20s")];
    let db = place.open_with(None, &settings).await;
    let tasks: Vec<_> = (0..TASKS)
        .map(|number| {
            let (oracle, db) = (Arc::clone(&oracle), db.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(drawn(number, 20))).await;
                let (unit, since) = (oracle.unit(), Instant::now());
                let work = all_parts(&db, TransactionOptions::default(), unit, 2);
                if number % 2 == 0 {
                    let answer = work.await;
                    oracle.heard(unit, &answer);
                    answer.expect("who waits is served");
                    return Some(since.elapsed());
                }
                let patience = Duration::from_micros(drawn(number, 10_000));
                if let Ok(answer) = tokio::time::timeout(patience, work).await {
                    oracle.heard(unit, &answer);
                }
                None
            })
        })
        .collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("no panic"));
    }
    waits.sort_unstable();
    let slowest = waits[waits.len() * 99 / 100];
    println!("{backend}: half waited {:?}, 99 of 100 {slowest:?}", waits[waits.len() / 2]);
    assert!(slowest < FAIR, "{backend}: 99 of 100 are served within {FAIR:?}: {slowest:?}");
    oracle.healed();
    oracle.transact(&db, TransactionOptions::default()).await.expect("nothing is wrong");
    oracle.pool_is_back(&place, &db, CONNECTIONS).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f18_a_crowd_is_served_though_half_of_it_gives_up() {
                super::f18(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }
#[cfg(feature = "mongodb")]
on_each! { mongodb }
