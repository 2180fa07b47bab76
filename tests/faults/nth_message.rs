//! A transaction of six statements is cut at message 1, 2, 3 … of the client until it passes untouched: before the message
//! reaches the server and after it did, first that one connection alone and then with everything after it refused (law T1, hazard
//! H11). SQLite has no messages: there its future is dropped at the n-th pending poll, which interrupts its statement.

use crate::{
    give_up::give_up_at,
    oracle::{Oracle, all_parts, effect, part},
    proxy::Proxy,
    proxy::{At, Reach},
    support::Place,
};
use seabed::{TransactionOptions, prelude::*, transaction::Retry};
use std::{future::pending, time::Duration};
use tokio::sync::Notify;

const STATEMENTS: i64 = 6;
const STATEMENTS_OF_MONGODB: usize = 6;

/// More messages than six statements, BEGIN and COMMIT have.
const MOST: usize = 200;

/// Transactions that are swept at least.
const SWEEPS: usize = 60;
/// Statements that are dropped half-way at least, however quick the worker is.
const LEAST: usize = 7;

async fn f16(backend: &str) {
    let Some(place) = Place::new(backend, "f16_a_transaction_cut_at_any_message_is_whole_or_not_there").await else {
        return;
    };
    let oracle = Oracle::new(16, backend, &place, STATEMENTS).await;
    let proxy = Proxy::to(&place.url()).await;
    let settings = [("max_connections", "2"), ("timeout", "3s")];
    let db = place.open_with(Some(&proxy), &settings).await;
    let once = || TransactionOptions::default().retry(Retry::never());
    let begin: &[u8] = match backend {
        "postgres" => b"BEGIN",
        "mongodb" => b"startTransaction",
        _ => b"SET TRANSACTION",
    };
    let mut passed = Vec::new();
    for (reach, for_good) in
        [(Reach::Nowhere, false), (Reach::Server, false), (Reach::Nowhere, true), (Reach::Server, true)]
    {
        for message in 1.. {
            assert!(message < MOST, "{backend}: it is cut at every message");
            // On a connection that is there, so that the messages are those of the transaction. One that was cut while it was idle
            // is met by this one, and it is run again.
            oracle.transact(&db, TransactionOptions::default()).await.expect("nothing is wrong");
            let at = At::MessageFrom(begin, message);
            if for_good {
                proxy.cut_for_good_at(at, reach);
            } else {
                proxy.cut_at(at, reach);
            }
            let answer = oracle.transact(&db, once()).await;
            if proxy.disarm() {
                answer.unwrap_or_else(|error| panic!("{backend}: untouched, and it failed: {error}"));
                passed.push(message - 1);
                break;
            }
            match answer {
                // On MongoDB a transaction of which the server has not heard begins anew, and the driver asks once more whether it
                // was committed.
                Ok(()) if backend == "mongodb" && (message == 1 || message > STATEMENTS_OF_MONGODB) && !for_good => {}
                Ok(()) => panic!("{backend}: cut at message {message}, and nobody was told"),
                Err(error) => assert!(
                    matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::CommitUnknown),
                    "{backend}: cut at message {message}: {error}"
                ),
            }
            if for_good {
                let brief = once().deadline(Duration::from_millis(20));
                let error = oracle.transact(&db, brief).await.expect_err("nothing comes through");
                let kinds = [ErrorKind::Timeout, ErrorKind::Unreachable, ErrorKind::ConnectionLost];
                assert!(kinds.contains(&error.kind()), "{backend}: {error}");
            }
            proxy.heal();
            oracle.healed();
        }
    }
    println!("{backend}: messages cut: {passed:?}");
    // MongoDB has no message of its own for BEGIN.
    let least = if backend == "mongodb" { 7 } else { 8 };
    assert!(passed.iter().all(|&messages| messages >= least), "BEGIN, six statements and COMMIT: {passed:?}");
    oracle.pool_is_back(&place, &db, 2).await;
    db.close().await.expect("closed");
    drop(proxy);
    oracle.judge(&place).await;
    place.close().await;
}

async fn f16_sqlite() {
    let place = Place::new("sqlite", "f16").await.expect("a folder");
    let oracle = Oracle::new(16, "sqlite", &place, STATEMENTS).await;
    let db = place.open_with(None, &[]).await;
    let once = || TransactionOptions::default().retry(Retry::never());
    for statements in 0..=STATEMENTS {
        let unit = oracle.unit();
        given_up_after(&db, unit, statements).await;
        oracle.healed();
        oracle.transact(&db, once()).await.expect("the next one writes");
    }
    // In the middle of a statement: where the worker of SQLite answered before it is asked again there is no await, so how many
    // there are differs from run to run.
    let (mut dropped, mut sweeps) = (0, 0);
    while sweeps < SWEEPS || (dropped < LEAST && sweeps < 20 * SWEEPS) {
        sweeps += 1;
        for n in 0.. {
            let unit = oracle.unit();
            let answer = give_up_at(n, all_parts(&db, once(), unit, STATEMENTS)).await;
            if let Some(answer) = answer {
                answer.expect("untouched");
                oracle.heard(unit, &Ok(()));
                break;
            }
            dropped += 1;
            oracle.healed();
            oracle.transact(&db, once()).await.expect("the next one writes");
        }
    }
    assert!(dropped >= LEAST, "statements are dropped half-way: {dropped} in {sweeps} sweeps");
    oracle.pool_is_back(&place, &db, 1).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    place.close().await;
}

/// Drops the transaction after so many of its statements.
async fn given_up_after(db: &Database, unit: i64, statements: i64) {
    let there = &Notify::new();
    let work = db.transact(|tx| async move {
        for at in 0..statements {
            tx.repository::<effect::Entity>().insert(part(unit, at)).await?;
        }
        there.notify_one();
        pending::<seabed::Result<()>>().await
    });
    tokio::select! {
        () = there.notified() => {}
        _ = work => unreachable!("it waits for ever"),
    }
}

mod postgres {
    #[tokio::test(flavor = "multi_thread")]
    async fn f16_a_transaction_cut_at_any_message_is_whole_or_not_there() {
        super::f16("postgres").await;
    }
}

mod mysql {
    #[tokio::test(flavor = "multi_thread")]
    async fn f16_a_transaction_cut_at_any_message_is_whole_or_not_there() {
        super::f16("mysql").await;
    }
}

#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test(flavor = "multi_thread")]
    async fn f16_a_transaction_cut_at_any_message_is_whole_or_not_there() {
        super::f16("mongodb").await;
    }
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread")]
    async fn f16_a_transaction_dropped_at_any_await_is_whole_or_not_there() {
        super::f16_sqlite().await;
    }
}
