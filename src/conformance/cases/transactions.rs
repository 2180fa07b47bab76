//! Laws T1, T2, T3: all or nothing, doomed by a failed statement, and safe to give up.

use super::maybe_rows;
use crate::{
    Database, Error, ErrorKind, Transaction, TransactionOptions, all, col,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{maybe, person},
    },
};
use sea_orm::Set;
use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll},
};

async fn begin(db: &Database) -> crate::Result<Transaction> {
    db.begin(TransactionOptions::default()).await
}

fn rows_of(db: &Database) -> Rows<maybe::Entity> {
    db.repository::<maybe::Entity>()
}

pub async fn t1_a_commit_keeps_every_write(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    inside.insert(maybe::row(5)).await?;
    inside.update(maybe::ActiveModel { big: Set(Some(10)), ..maybe::row(0) }).await?;
    inside.delete(1).await?;
    tx.commit().await?;
    assert_eq!(there(rows.get(0).await?, "T1").big, Some(10), "T1: the update is kept");
    assert_eq!(
        (rows.get(1).await?, rows.get(5).await?.is_some()),
        (None, true),
        "T1: so are the delete and the insert"
    );
    Ok(())
}

pub async fn t1_a_rollback_leaves_no_trace(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let before = rows.find(all().order_by(col(maybe::COLUMN.id).asc())).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    inside.insert_many([maybe::row(5), maybe::row(6)]).await?;
    inside.update_many(col(maybe::COLUMN.big).gt(0), [col(maybe::COLUMN.big).increment(5)]).await?;
    inside.delete(1).await?;
    tx.rollback().await?;
    assert_eq!(rows.find(all().order_by(col(maybe::COLUMN.id).asc())).await?, before, "T1: as if nothing had been");
    Ok(())
}

pub async fn t1_a_dropped_transaction_is_rolled_back(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = begin(&db).await?;
    rows_of(&tx).insert(maybe::row(1)).await?;
    drop(tx);
    // The next writer waits for the rollback, if it must; it does not wait for ever.
    rows.insert(maybe::row(2)).await?;
    assert_eq!(rows.get(1).await?, None, "T1: what was not committed is not there");
    assert_eq!(rows.count(all()).await?, 1, "T1: the next write is");
    Ok(())
}

pub async fn t1_a_transaction_reads_its_own_writes(db: Database) -> Proof {
    table::<maybe::Entity>(&db).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    let row = inside.insert(maybe::ActiveModel { big: Set(Some(1)), ..maybe::row(1) }).await?;
    assert_eq!(inside.get(1).await?, Some(row), "T1: by key");
    assert_eq!(inside.count(col(maybe::COLUMN.big).eq(1)).await?, 1, "T1: by condition");
    assert_eq!(
        inside.update_many(col(maybe::COLUMN.big).eq(1), [col(maybe::COLUMN.big).set(2)]).await?,
        1,
        "T1: to write"
    );
    assert_eq!(
        there(rows_of(&tx).get(1).await?, "T1").big,
        Some(2),
        "T1: through another repository of the transaction"
    );
    tx.rollback().await?;
    Ok(())
}

pub async fn t1_nothing_is_seen_outside_before_the_commit(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let tx = begin(&db).await?;
    rows_of(&tx).insert(maybe::row(5)).await?;
    rows_of(&tx).update(maybe::ActiveModel { big: Set(Some(2)), ..maybe::row(0) }).await?;
    // A reader outside neither sees the writes nor waits for their transaction.
    assert_eq!(rows.count(all()).await?, 1, "T1: the insert is not seen");
    assert_eq!(there(rows.get(0).await?, "T1").big, Some(1), "T1: nor is the update");
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 2, "T1: after the commit it is");
    assert_eq!(there(rows.get(0).await?, "T1").big, Some(2), "T1: after the commit it is");
    Ok(())
}

pub async fn t1_transact_commits_on_ok(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let answer = db
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(1)).await?;
            rows_of(&tx).insert(maybe::row(2)).await?;
            rows_of(&tx).count(all()).await
        })
        .await?;
    assert_eq!((answer, rows.count(all()).await?), (2, 2), "T1: its answer comes back, its writes stay");
    Ok(())
}

pub async fn t1_transact_rolls_back_on_err(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let answer: crate::Result<()> = db
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(1)).await?;
            Err(Error::rejected("the service says no"))
        })
        .await;
    let error = refused(answer, ErrorKind::Rejected, "T1: the service's own error comes back");
    assert_eq!(error.message(), "the service says no", "T1: as it was");
    assert_eq!(rows.count(all()).await?, 0, "T1: nothing was written");
    Ok(())
}

pub async fn t1_transact_inside_a_transaction_joins_it(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let answer: crate::Result<()> = db
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(1)).await?;
            tx.transact(|inner| async move { rows_of(&inner).insert(maybe::row(2)).await }).await?;
            assert_eq!(rows_of(&tx).count(all()).await?, 2, "T1: one transaction, so it sees both");
            Err(Error::rejected("after the inner one had succeeded"))
        })
        .await;
    refused(answer, ErrorKind::Rejected, "T1");
    assert_eq!(rows.count(all()).await?, 0, "T1: the inner writes go with the outer ones");
    Ok(())
}

pub async fn t1_begin_inside_a_transaction_is_refused(db: Database) -> Proof {
    let tx = begin(&db).await?;
    refused(
        tx.begin(TransactionOptions::default()).await,
        ErrorKind::Unsupported,
        "T1: transact joins, begin does not nest",
    );
    tx.commit().await?;
    Ok(())
}

pub async fn t1_an_empty_transaction_commits(db: Database) -> Proof {
    begin(&db).await?.commit().await?;
    begin(&db).await?.rollback().await?;
    db.transact(|_| async { Ok(()) }).await?;
    Ok(())
}

pub async fn t1_a_handle_kept_after_the_end_is_harmless(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let law = "T1: the transaction has ended";
    let tx = begin(&db).await?;
    let (inside, clone) = (rows_of(&tx), tx.clone());
    tx.commit().await?;
    refused(inside.insert(maybe::row(1)).await, ErrorKind::TransactionClosed, law);
    refused(inside.count(all()).await, ErrorKind::TransactionClosed, law);
    refused(clone.commit().await, ErrorKind::TransactionClosed, law);
    let escaped = db.transact(|tx| async move { Ok(rows_of(&tx)) }).await?;
    refused(escaped.insert(maybe::row(2)).await, ErrorKind::TransactionClosed, law);
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    tx.rollback().await?;
    refused(inside.get(1).await, ErrorKind::TransactionClosed, law);
    assert_eq!(rows.count(all()).await?, 0, "T1: nothing was written beside a transaction");
    Ok(())
}

pub async fn t1_a_handle_kept_after_a_drop_holds_nothing_open(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    inside.insert(maybe::row(1)).await?;
    drop(tx);
    // The transaction is over, though a repository of it is still held: no lock of it may be in the way.
    rows.insert(maybe::row(2)).await?;
    assert_eq!(rows.count(all()).await?, 1, "T1: dropping the transaction rolled it back");
    refused(inside.insert(maybe::row(3)).await, ErrorKind::TransactionClosed, "T1: the transaction has ended");
    assert_eq!(rows.count(all()).await?, 1, "T1: and a handle of it writes nothing");
    Ok(())
}

pub async fn t1_concurrent_transactions_all_land(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let tasks = (0..8).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            for n in 0..5 {
                db.transact(|tx| async move {
                    let rows = tx.repository::<person::Entity>();
                    rows.insert(person::row(&format!("{task}-{n}-a"))).await?;
                    rows.insert(person::row(&format!("{task}-{n}-b"))).await
                })
                .await?;
            }
            Ok::<(), Error>(())
        })
    });
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => ended?,
            Err(error) => panic!("T1: a task of the case ended with {error}"),
        }
    }
    assert_eq!(rows.count(all()).await?, 80, "T1: forty transactions of two rows each");
    Ok(())
}

pub async fn t2_a_failed_statement_dooms_the_transaction(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    inside.insert(maybe::row(5)).await?;
    refused(inside.insert(maybe::row(0)).await, ErrorKind::UniqueViolation, "W2: the key is there");
    let law = "T2: an earlier call failed";
    let later = refused(inside.insert(maybe::row(6)).await, ErrorKind::TransactionFailed, law);
    let cause = std::error::Error::source(&later).map(ToString::to_string).unwrap_or_default();
    assert!(cause.contains("unique violation"), "T2: the first cause is the source: {cause:?}");
    refused(inside.get(0).await, ErrorKind::TransactionFailed, law);
    refused(inside.count(all()).await, ErrorKind::TransactionFailed, law);
    refused(tx.commit().await, ErrorKind::TransactionFailed, "T1: Ok only if the server committed");
    assert_eq!(rows.count(all()).await?, 1, "T1: nothing of it is kept");
    Ok(())
}

pub async fn t2_a_doomed_transaction_rolls_back_quietly(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let tx = begin(&db).await?;
    refused(rows_of(&tx).insert(maybe::row(0)).await, ErrorKind::UniqueViolation, "W2: the key is there");
    tx.rollback().await?;
    rows.insert(maybe::row(1)).await?;
    assert_eq!(rows.count(all()).await?, 2, "T2: the next write is not held up");
    Ok(())
}

pub async fn t2_an_error_that_is_swallowed_does_not_commit(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let answer = db
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(5)).await?;
            let _ = rows_of(&tx).insert(maybe::row(0)).await;
            Ok(())
        })
        .await;
    refused(answer, ErrorKind::TransactionFailed, "T2: an Ok that nothing stands behind");
    assert_eq!(rows.count(all()).await?, 1, "T1: nothing was written");
    Ok(())
}

pub async fn t2_not_found_does_not_doom(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    let missing = maybe::ActiveModel { big: Set(Some(1)), ..maybe::row(9) };
    refused(inside.update(missing).await, ErrorKind::NotFound, "W1: no such row");
    assert_eq!(inside.get(9).await?, None, "T2: a missing row is an answer");
    inside.insert(maybe::row(1)).await?;
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 1, "T2: the transaction went on");
    Ok(())
}

pub async fn t2_what_is_refused_before_the_server_does_not_doom(db: Database) -> Proof {
    db.create_tables(&crate::entities![person]).await?;
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = begin(&db).await?;
    let inside = rows_of(&tx);
    let nan = maybe::ActiveModel { score: Set(Some(f64::NAN)), ..maybe::row(1) };
    refused(inside.insert(nan).await, ErrorKind::InvalidValue, "V8");
    refused(inside.find(col(maybe::Column::Big).eq("x")).await, ErrorKind::InvalidQuery, "V10");
    let nameless = person::ActiveModel { visits: Set(0), ..Default::default() };
    refused(tx.repository::<person::Entity>().insert(nameless).await, ErrorKind::NotNullViolation, "W2");
    inside.insert(maybe::row(1)).await?;
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 1, "T2: the transaction went on");
    Ok(())
}

pub async fn t2_a_constraint_of_a_parent_dooms_too(db: Database) -> Proof {
    use crate::conformance::entities::pet;
    db.create_tables(&crate::entities![person, pet]).await?;
    let tx = begin(&db).await?;
    tx.repository::<person::Entity>().insert(person::row("p")).await?;
    let answer = tx.repository::<pet::Entity>().insert(pet::row(4711, "rex")).await;
    refused(answer, ErrorKind::ForeignKeyViolation, "W2: no such parent");
    refused(tx.commit().await, ErrorKind::TransactionFailed, "T2: doomed");
    assert_eq!(db.repository::<person::Entity>().count(all()).await?, 0, "T1: nothing of it is kept");
    Ok(())
}

/// Polls the future so many times and drops it; whether it had ended by then.
async fn poll_times<F: Future>(work: F, times: usize) -> bool {
    let mut work = pin!(work);
    let mut left = times;
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| true)
    })
    .await
}

pub async fn t3_a_dropped_call_leaves_nothing_open(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    for times in 0..24 {
        let id = i32::try_from(times).unwrap_or(0) * 2;
        let given_up =
            tokio::time::timeout(std::time::Duration::from_secs(5), poll_times(rows.insert(maybe::row(id)), times))
                .await;
        assert!(given_up.is_ok(), "T3: a call ends, or is given up");
        rows.insert(maybe::row(id + 1)).await?;
        assert!(rows.get(id + 1).await?.is_some(), "T3: the next write is committed, whoever's connection it got");
    }
    let kept = rows.count(all()).await?;
    assert!((24..=48).contains(&kept), "T3: each call that was given up wrote its row or did not: {kept}");
    Ok(())
}

pub async fn t3_a_dropped_transaction_future_leaves_nothing_open(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    for times in 0..24 {
        let id = i32::try_from(times).unwrap_or(0) * 10;
        let work = db.transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(id)).await?;
            rows_of(&tx).insert(maybe::row(id + 1)).await
        });
        let given_up = tokio::time::timeout(std::time::Duration::from_secs(5), poll_times(work, times)).await;
        assert!(given_up.is_ok(), "T3: a transaction ends, or is given up");
        rows.insert(maybe::row(id + 2)).await?;
        let key = col(maybe::COLUMN.id);
        let kept = rows.count(key.between(id, id + 1)).await?;
        assert!(kept == 0 || kept == 2, "T1: both rows or none, given up after {times} polls: {kept}");
        assert!(rows.get(id + 2).await?.is_some(), "T3: the next write is committed");
    }
    Ok(())
}

pub async fn t3_a_call_given_up_inside_a_transaction_ends_it(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = begin(&db).await?;
    rows_of(&tx).insert(maybe::row(1)).await?;
    let ended = poll_times(rows_of(&tx).insert(maybe::row(2)), 1).await;
    let committed = tx.commit().await;
    let kept = rows.count(all()).await?;
    if ended {
        committed?;
        assert_eq!(kept, 2, "T1: the call was over before it could be given up");
    } else {
        refused(committed, ErrorKind::TransactionFailed, "T3: a call inside was given up half-way");
        assert_eq!(kept, 0, "T1: so nothing is kept");
    }
    Ok(())
}
