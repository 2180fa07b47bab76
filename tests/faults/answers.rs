//! The answer is lost, a hundred times: a write whose answer did not come is unknown, and with an idempotency key the transaction
//! is done exactly once and says so (law T6, hazard H11).

use crate::{
    oracle::{Heard, Oracle},
    proxy::Proxy,
    proxy::{At, Reach},
    support::Place,
};
use seabed::{Context, TransactionOptions, prelude::*, transaction::key};

const ROUNDS: usize = 100;

async fn f15(backend: &str) {
    let Some(place) = Place::new(backend, "f15_what_an_answer_was_lost_of_is_unknown_or_done_once").await else {
        return;
    };
    let oracle = Oracle::new(15, backend, &place, 1).await;
    let proxy = Proxy::to(&place.url()).await;
    let db = place.open_with(Some(&proxy), &[("max_connections", "2")]).await;
    let keys = key::table().expect("a constant");
    db.backend().create_tables(&Context::default(), &[keys]).await.expect("the table of keys");
    // What a row holds, and the last message of a transaction; the first one says READ COMMITTED.
    let row = At::Bytes(b"part 0 of ");
    let commit = At::Bytes(if backend == "postgres" { b"COMMIT\0" } else { b"\x03COMMIT" });
    for round in 0..ROUNDS {
        let keyed = TransactionOptions::default().idempotency_key(format!("round {round}"));
        let wanted = match round % 4 {
            0 => {
                proxy.cut_at(row, Reach::Answered);
                let answer = oracle.insert(&db).await;
                assert_eq!(answer.expect_err("its answer was lost").kind(), ErrorKind::WriteUnknown, "{backend}");
                Heard::Unknown
            }
            1 => {
                proxy.cut_at(commit, Reach::Answered);
                let answer = oracle.transact(&db, TransactionOptions::default()).await;
                assert_eq!(answer.expect_err("its answer was lost").kind(), ErrorKind::CommitUnknown, "{backend}");
                Heard::Unknown
            }
            more => {
                // Once it was committed and once it was not; the key tells which.
                proxy.cut_at(commit, if more == 2 { Reach::Answered } else { Reach::Nowhere });
                let answer = oracle.transact(&db, keyed).await;
                answer.unwrap_or_else(|error| panic!("{backend}: found by its key: {error}"));
                Heard::Acknowledged
            }
        };
        assert!(!proxy.disarm(), "{backend}: the message of {wanted:?} came");
        oracle.healed();
    }
    oracle.insert(&db).await.expect("nothing is wrong any more");
    oracle.pool_is_back(&place, &db, 2).await;
    db.close().await.expect("closed");
    drop(proxy);
    oracle.judge(&place).await;
    place.close().await;
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn f15_what_an_answer_was_lost_of_is_unknown_or_done_once() {
        super::f15("postgres").await;
    }
}

mod mysql {
    #[tokio::test(flavor = "multi_thread")]
    async fn f15_what_an_answer_was_lost_of_is_unknown_or_done_once() {
        super::f15("mysql").await;
    }
}
