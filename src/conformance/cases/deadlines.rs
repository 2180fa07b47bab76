//! Law T7 for transactions: the deadline bounds all of it, and nothing is kept of one that came too late.

use super::articles;
use crate::{
    Context, Database, ErrorKind, Result, Retry, Transaction, TransactionOptions, all,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{article, maybe},
    },
    layer::{FaultLayer, Faults, Layer},
    repository::EntityInfo,
    transaction::key,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// What a transaction is given.
const LITTLE: Duration = Duration::from_millis(250);
/// By when it must have ended, with what the machine does beside.
const ENDED: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_mins(1);

fn little() -> TransactionOptions {
    TransactionOptions::default().deadline(LITTLE)
}

fn rows_of(db: &Database) -> Rows<maybe::Entity> {
    db.repository::<maybe::Entity>()
}

async fn insert(tx: &Transaction, id: i32) -> Result<()> {
    rows_of(tx).insert(maybe::row(id)).await.map(drop)
}

pub async fn t7_a_deadline_bounds_what_the_work_waits_for(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let since = Instant::now();
    let waits: Result<()> = db
        .transact_with(little(), |tx| async move {
            insert(&tx, 1).await?;
            tokio::time::sleep(LONG).await;
            Ok(())
        })
        .await;
    refused(waits, ErrorKind::Timeout, "T7: what it waits for beside the database counts too");
    assert!(since.elapsed() < ENDED, "T7: within its time: {:?}", since.elapsed());
    rows.insert(maybe::row(2)).await?;
    assert!(since.elapsed() < ENDED * 2, "T7: nothing of it is in the way: {:?}", since.elapsed());
    let since = Instant::now();
    let ambient = db.transact(|tx| async move {
        insert(&tx, 3).await?;
        tokio::time::sleep(LONG).await;
        Ok(())
    });
    refused(Context::current().within(LITTLE).scope(ambient).await, ErrorKind::Timeout, "T7: so does the request's");
    assert!(since.elapsed() < ENDED, "T7: within its time: {:?}", since.elapsed());
    assert_eq!(rows.count(all()).await?, 1, "T7: nothing of it is kept");
    Ok(())
}

pub async fn t7_a_deadline_ends_a_transaction_whose_handle_escaped(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let (keep, kept) = (&std::sync::Mutex::new(None), Instant::now());
    let waits: Result<()> = db
        .transact_with(little(), |tx| async move {
            insert(&tx, 1).await?;
            if let Ok(mut keep) = keep.lock() {
                *keep = Some(tx.clone());
            }
            tokio::time::sleep(LONG).await;
            Ok(())
        })
        .await;
    refused(waits, ErrorKind::Timeout, "T7");
    let escaped = there(keep.lock().ok().and_then(|mut keep| keep.take()), "T7");
    rows.insert(maybe::row(2)).await?;
    assert!(kept.elapsed() < ENDED * 2, "T7: no lock of it is in the way: {:?}", kept.elapsed());
    refused(insert(&escaped, 3).await, ErrorKind::TransactionClosed, "T1: the transaction has ended");
    assert_eq!(rows.count(all()).await?, 1, "T7: nothing of it is kept");
    Ok(())
}

pub async fn t7_a_deadline_bounds_calls_inside(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let faults = Faults::new();
    let slow = Database::from_backend(FaultLayer(faults.clone()).layer(Arc::clone(db.backend())));
    let (asked, since) = (&faults, Instant::now());
    let late = slow
        .transact_with(little(), |tx| async move {
            insert(&tx, 1).await?;
            asked.latency(LONG);
            insert(&tx, 2).await
        })
        .await;
    refused(late, ErrorKind::Timeout, "T7: a call has what is left");
    // Also where the begin takes too long.
    let late = slow.transact_with(little(), |_| async { Ok(()) }).await;
    refused(late, ErrorKind::Timeout, "T7: a begin has what is left");
    assert!(since.elapsed() < ENDED, "T7: within its time: {:?}", since.elapsed());
    rows.insert(maybe::row(3)).await?;
    assert_eq!(rows.count(all()).await?, 1, "T7: nothing of it is kept");
    Ok(())
}

pub async fn t7_a_deadline_bounds_attempts_and_pauses(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let old = rows.insert(article::row(1, "one")).await?;
    rows.update(article::counted(&old, 1)).await?;
    let (old, often) = (&old, Retry::default().attempts(100_000).within(LONG));
    let always = |tx: Transaction| async move { tx.repository().update(article::counted(old, 9)).await };
    let ends = |answer: Result<article::Model>, since: Instant| {
        let error = match answer {
            Err(error) => error,
            Ok(row) => panic!("T7: from an old version nothing is written: {row:?}"),
        };
        // The last collision, or the call that was cut.
        let told = [ErrorKind::VersionConflict, ErrorKind::Timeout].contains(&error.kind());
        assert!(told, "T7: {error}");
        assert!(since.elapsed() < ENDED, "T7: all attempts have one deadline: {:?}", since.elapsed());
    };
    let since = Instant::now();
    ends(db.transact_with(little().retry(often), always).await, since);
    let since = Instant::now();
    let ambient = db.transact_with(TransactionOptions::default().retry(often), always);
    ends(Context::current().within(LITTLE).scope(ambient).await, since);
    assert_eq!(there(rows.get(1).await?, "T7").words, 1, "T7: nothing was written");
    Ok(())
}

pub async fn t7_a_transaction_held_by_hand_ends_at_its_deadline(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = db.begin(little()).await?;
    insert(&tx, 1).await?;
    tokio::time::sleep(LITTLE).await;
    refused(tx.clone().commit().await, ErrorKind::Timeout, "T7: a COMMIT that is too late is not sent");
    refused(tx.commit().await, ErrorKind::TransactionFailed, "T7: and stays refused");
    // The same where it was begun in a request that has one, and is used outside of it.
    let tx = Context::current().within(LITTLE).scope(db.begin(TransactionOptions::default())).await?;
    insert(&tx, 2).await?;
    tokio::time::sleep(LITTLE).await;
    refused(insert(&tx, 3).await, ErrorKind::Timeout, "T7: nor is a call");
    refused(tx.commit().await, ErrorKind::TransactionFailed, "T2");
    rows.insert(maybe::row(4)).await?;
    assert_eq!(rows.count(all()).await?, 1, "T7: nothing of them is kept");
    Ok(())
}

pub async fn t7_a_transaction_that_was_too_late_leaves_no_key(db: Database) -> Proof {
    db.create_tables(&[EntityInfo::of_table(key::table)]).await?;
    let rows = table::<maybe::Entity>(&db).await?;
    let late: Result<()> = db
        .transact_with(little().idempotency_key("late"), |tx| async move {
            insert(&tx, 1).await?;
            tokio::time::sleep(LONG).await;
            Ok(())
        })
        .await;
    refused(late, ErrorKind::Timeout, "T7");
    let again = TransactionOptions::default().idempotency_key("late");
    db.transact_with(again, |tx| async move { insert(&tx, 2).await }).await?;
    assert_eq!(rows.count(all()).await?, 1, "T7: it may be done again under its name");
    Ok(())
}
