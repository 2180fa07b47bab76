//! Law T4 for rows that are read to be changed: who locked them is the only one who changes them.

use super::maybe_rows;
use crate::{
    Capability, Database, ErrorKind, PageRequest, Result, Transaction, TransactionOptions, all, by, col,
    conformance::{
        check::{Proof, refused, there},
        entities::maybe,
    },
};
use sea_orm::Set;
use std::time::Duration;

/// Long enough that a call which waits for nothing has ended.
const PATIENCE: Duration = Duration::from_millis(400);

async fn begin(db: &Database) -> Result<Transaction> {
    db.begin(TransactionOptions::default()).await
}

/// Whether the backend has locked reads; one that has none refuses them by name and goes on.
async fn has(db: &Database) -> Result<bool> {
    if db.info().capabilities.has(Capability::LockedReads) {
        return Ok(true);
    }
    let rows = maybe_rows(db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    let tx = begin(db).await?;
    let inside = tx.repository::<maybe::Entity>();
    for query in [all().for_update(), all().for_update_skip_locked()] {
        let error = refused(inside.find(query).await, ErrorKind::Unsupported, "T4");
        assert!(error.to_string().contains(Capability::LockedReads.name()), "T4: by name: {error}");
    }
    inside.insert(maybe::row(9)).await?;
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 2, "T2: what is refused before the server does not doom");
    Ok(false)
}

/// Takes the first row that is not done and that nobody holds.
async fn take(db: &Database) -> Result<(Transaction, Option<i32>)> {
    let tx = begin(db).await?;
    let open = col(maybe::COLUMN.flag).eq(false);
    let first = open.order_by(col(maybe::COLUMN.id).asc()).limit(1).for_update_skip_locked();
    let row = tx.repository::<maybe::Entity>().one(first).await?;
    Ok((tx, row.map(|row| row.id)))
}

async fn finish(tx: Transaction, id: i32) -> Result<()> {
    let done = maybe::ActiveModel { flag: Set(Some(true)), ..maybe::row(id) };
    tx.repository::<maybe::Entity>().update(done).await?;
    tx.commit().await
}

pub async fn t4_a_locked_read_stands_in_a_transaction_that_writes(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    let rows = maybe_rows(&db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    for query in [all().for_update(), all().for_update_skip_locked()] {
        let error =
            refused(rows.find(query.clone()).await, ErrorKind::InvalidQuery, "T4: a lock ends with a transaction");
        assert_eq!(error.entity_name(), Some("maybe"), "T4: the error names the entity: {error}");
        let tx = db.begin(TransactionOptions::default().read_only()).await?;
        let inside = tx.repository::<maybe::Entity>();
        refused(inside.find(query.clone()).await, ErrorKind::InvalidQuery, "T4: who only reads locks nothing");
        assert_eq!(inside.count(all()).await?, 1, "T2: what is refused before the server does not doom");
        tx.rollback().await?;
        let tx = begin(&db).await?;
        assert_eq!(tx.repository::<maybe::Entity>().find(query).await?.len(), 1, "T4: inside one it is answered");
        tx.commit().await?;
    }
    Ok(())
}

pub async fn t4_a_locked_read_answers_as_a_read(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    let rows = maybe_rows(&db, [Some(3_i64), None, Some(1), Some(2)], |row, big| row.big = Set(big)).await?;
    let big = col(maybe::COLUMN.big);
    let queries = [
        big.gt(1).order_by(big.desc()).limit(1),
        all().order_by(big.asc().nulls_last()).offset(1),
        big.is_null().order_by(big.asc()),
        big.is_in([0_i64; 0]).into_query(),
    ];
    let tx = begin(&db).await?;
    let inside = tx.repository::<maybe::Entity>();
    for query in queries {
        let read = rows.find(query.clone()).await?;
        assert_eq!(inside.find(query.clone().for_update()).await?, read, "T4: the same rows in the same order");
        assert_eq!(inside.find(query.for_update_skip_locked()).await?, read, "T4: its own locks are not in its way");
    }
    let columns = inside.values::<i32>(big.eq(2).into_query().for_update(), col(maybe::COLUMN.id)).await?;
    assert_eq!(columns, [3], "T4: and so of a column");
    tx.commit().await?;
    Ok(())
}

pub async fn t4_locked_reads_lose_no_update(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    let rows = maybe_rows(&db, [0_i64], |row, big| row.big = Set(Some(big))).await?;
    let tasks = (0..6).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                let tx = begin(&db).await?;
                let inside = tx.repository::<maybe::Entity>();
                let row = there(inside.one(col(maybe::COLUMN.id).eq(0).into_query().for_update()).await?, "T4");
                tokio::task::yield_now().await;
                let next = maybe::ActiveModel { big: Set(row.big.map(|big| big + 1)), ..maybe::row(0) };
                inside.update(next).await?;
                tx.commit().await?;
            }
            Ok::<_, crate::Error>(())
        })
    });
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => ended?,
            Err(error) => panic!("T4: a task of the case ended with {error}"),
        }
    }
    assert_eq!(there(rows.get(0).await?, "T4").big, Some(30), "T4: thirty increments, none lost");
    Ok(())
}

pub async fn t4_a_locked_row_waits_for_who_holds_it(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    let rows = maybe_rows(&db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    let (id, big) = (col(maybe::COLUMN.id), col(maybe::COLUMN.big));
    let tx = begin(&db).await?;
    let held = tx.repository::<maybe::Entity>().find(id.eq(0).into_query().for_update()).await?;
    assert_eq!(held.len(), 1, "T4: the row is held");
    let writer = rows.clone();
    let mut other = tokio::spawn(async move { writer.update_many(id.eq(0), [big.set(7)]).await });
    let waited = tokio::time::timeout(PATIENCE, &mut other).await;
    assert!(waited.is_err(), "T4: another writer waits: {waited:?}");
    assert_eq!(there(rows.get(0).await?, "T4").big, Some(1), "T4: a reader does not");
    tx.repository::<maybe::Entity>().update(maybe::ActiveModel { big: Set(Some(2)), ..maybe::row(0) }).await?;
    tx.commit().await?;
    match other.await {
        Ok(changed) => assert_eq!(changed?, 1, "T4: it goes on where it was let go"),
        Err(error) => panic!("T4: a task of the case ended with {error}"),
    }
    assert_eq!(there(rows.get(0).await?, "T4").big, Some(7), "T4: and writes after it");
    Ok(())
}

pub async fn t4_workers_never_take_the_same_row(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    let rows = maybe_rows(&db, [(); 3], |row, ()| row.flag = Set(Some(false))).await?;
    let (first, one) = take(&db).await?;
    assert_eq!(one, Some(0), "T4: the first row is free");
    let taking = db.clone();
    let mut second = tokio::spawn(async move { take(&taking).await });
    // Where one writer is let in at a time, the second is answered when the first is done.
    let early = tokio::time::timeout(PATIENCE, &mut second).await;
    finish(first, 0).await?;
    let (second, other) = match early {
        Ok(Ok(taken)) => taken?,
        Ok(Err(error)) => panic!("T4: a task of the case ended with {error}"),
        Err(_) => match second.await {
            Ok(taken) => taken?,
            Err(error) => panic!("T4: a task of the case ended with {error}"),
        },
    };
    assert_eq!(other, Some(1), "T4: the row that the first worker holds, or has done, is left out");
    finish(second, 1).await?;
    let done = rows
        .values::<i32>(col(maybe::COLUMN.flag).eq(true).order_by(col(maybe::COLUMN.id).asc()), col(maybe::COLUMN.id));
    assert_eq!(done.await?, [0, 1], "T4: each row was done once");
    Ok(())
}

pub async fn t4_a_queue_is_emptied_by_several_workers_once(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    maybe_rows(&db, [(); 12], |row, ()| row.flag = Set(Some(false))).await?;
    let workers = (0..3).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let (tx, taken) = take(&db).await?;
                let Some(id) = taken else { break };
                mine.push(id);
                finish(tx, id).await?;
            }
            Ok::<_, crate::Error>(mine)
        })
    });
    let mut done = Vec::new();
    for worker in futures::future::join_all(workers).await {
        match worker {
            Ok(mine) => done.extend(mine?),
            Err(error) => panic!("T4: a task of the case ended with {error}"),
        }
    }
    done.sort_unstable();
    assert_eq!(done, (0..12).collect::<Vec<_>>(), "T4: every row once, by whichever worker");
    Ok(())
}

pub async fn t4_what_is_held_is_left_out_without_waiting(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    maybe_rows(&db, [(); 2], |row, ()| row.flag = Set(Some(false))).await?;
    let (first, one) = take(&db).await?;
    assert_eq!(one, Some(0), "T4: the first row is free");
    // Where one writer is let in at a time, there is nobody to wait for while the first works.
    if let Ok(second) = tokio::time::timeout(PATIENCE, begin(&db)).await {
        let second = second?;
        let inside = second.repository::<maybe::Entity>();
        let free = all().order_by(col(maybe::COLUMN.id).asc()).for_update_skip_locked();
        let free = tokio::time::timeout(PATIENCE, inside.find(free)).await;
        let Ok(free) = free else { panic!("T4: it waits for a row that is to be left out") };
        assert_eq!(free?.iter().map(|row| row.id).collect::<Vec<_>>(), [1], "T4: what is free is there");
        second.rollback().await?;
    }
    first.rollback().await?;
    Ok(())
}

pub async fn t4_a_figure_locks_no_row(db: Database) -> Proof {
    if !has(&db).await? {
        return Ok(());
    }
    maybe_rows(&db, [1_i64, 2], |row, big| row.big = Set(Some(big))).await?;
    let tx = begin(&db).await?;
    let inside = tx.repository::<maybe::Entity>();
    let law = "T4: who counts would hold nothing";
    refused(inside.count(all().for_update()).await, ErrorKind::InvalidQuery, law);
    refused(inside.exists(all().for_update()).await, ErrorKind::InvalidQuery, law);
    let groups = by(col(maybe::COLUMN.big)).count();
    let counted: Result<Vec<(Option<i64>, u64)>> = inside.group(all().for_update(), groups).await;
    refused(counted, ErrorKind::InvalidQuery, law);
    let page = inside.page(all().for_update(), PageRequest::first(1)).await?;
    assert_eq!((page.items.len(), page.total), (1, 2), "T4: a page locks its rows, and counts all");
    tx.commit().await?;
    Ok(())
}
