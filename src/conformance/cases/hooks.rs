//! What follows a commit, and never what was not committed.

use super::articles;
use crate::{
    Capability, Database, Error, ErrorKind, Result, Transaction, TransactionOptions, all,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{article, maybe},
    },
};
use std::sync::{Arc, Mutex, PoisonError};

/// What has run, in order.
#[derive(Clone, Default)]
struct Ran(Arc<Mutex<Vec<&'static str>>>);

impl Ran {
    fn of(&self, tx: &Transaction, name: &'static str) -> Result<()> {
        let ran = self.clone();
        tx.after_commit(move || async move { ran.0.lock().unwrap_or_else(PoisonError::into_inner).push(name) })
    }

    /// Since it was last asked.
    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn rows_of(db: &Database) -> Rows<maybe::Entity> {
    db.repository::<maybe::Entity>()
}

const NONE: [&str; 0] = [];

pub async fn t1_what_follows_a_commit_runs_once_and_in_order(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let ran = &Ran::default();
    let outer = &db;
    db.transact(|tx| async move {
        ran.of(&tx, "first")?;
        rows_of(&tx).insert(maybe::row(1)).await?;
        let beside = outer.clone();
        tx.after_commit(move || async move {
            // The transaction is over: what it wrote is seen, and a handle from outside writes again (law T8).
            assert_eq!(rows_of(&beside).count(all()).await.ok(), Some(1), "T1: a hook sees what was committed");
            assert!(rows_of(&beside).insert(maybe::row(2)).await.is_ok(), "T8: and may write");
        })?;
        ran.of(&tx, "last")?;
        assert_eq!(ran.take(), NONE, "T1: nothing runs before the commit");
        Ok(())
    })
    .await?;
    assert_eq!((ran.take(), rows.count(all()).await?), (vec!["first", "last"], 2), "T1: in order, before the answer");
    let tx = db.begin(TransactionOptions::default()).await?;
    ran.of(&tx, "by hand")?;
    tx.commit().await?;
    assert_eq!(ran.take(), ["by hand"], "T1: also where it is held by hand");
    Ok(())
}

pub async fn t1_nothing_follows_what_was_not_committed(db: Database) -> Proof {
    table::<maybe::Entity>(&db).await?;
    let ran = &Ran::default();
    let no: Result<()> = db
        .transact(|tx| async move {
            ran.of(&tx, "rejected")?;
            Err(Error::rejected("no"))
        })
        .await;
    refused(no, ErrorKind::Rejected, "T1");
    let tx = db.begin(TransactionOptions::default()).await?;
    ran.of(&tx, "rolled back")?;
    tx.rollback().await?;
    let tx = db.begin(TransactionOptions::default()).await?;
    ran.of(&tx, "dropped")?;
    drop(tx);
    rows_of(&db).insert(maybe::row(1)).await?;
    let doomed = db
        .transact(|tx| async move {
            ran.of(&tx, "doomed")?;
            let _ = rows_of(&tx).insert(maybe::row(1)).await;
            Ok(())
        })
        .await;
    refused(doomed, ErrorKind::TransactionFailed, "T2");
    assert_eq!(ran.take(), NONE, "T1: none of them was committed");
    Ok(())
}

pub async fn t1_what_an_attempt_asked_for_goes_with_it(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let old = rows.insert(article::row(1, "one")).await?;
    rows.update(article::counted(&old, 1)).await?;
    let (ran, old) = (&Ran::default(), &old);
    db.transact(|tx| async move {
        ran.of(&tx, if tx.attempt() == 1 { "of the first" } else { "of the second" })?;
        let inside = tx.repository::<article::Entity>();
        let read = if tx.attempt() == 1 { old.clone() } else { there(inside.get(1).await?, "T6") };
        inside.update(article::counted(&read, 5)).await
    })
    .await?;
    assert_eq!(ran.take(), ["of the second"], "T6: an attempt that was run again is followed by nothing");
    Ok(())
}

pub async fn t1_what_a_part_asked_for_waits_for_the_whole(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    rows.insert(maybe::row(1)).await?;
    let ran = &Ran::default();
    db.transact(|tx| async move {
        ran.of(&tx, "whole")?;
        tx.transact(|part| async move {
            ran.of(&part, "part")?;
            rows_of(&part).insert(maybe::row(2)).await
        })
        .await?;
        // Several operations that are a transaction by themselves elsewhere.
        rows_of(&tx).update_rows(vec![maybe::row(1), maybe::row(2)]).await?;
        assert_eq!(ran.take(), NONE, "T1: no part commits");
        Ok(())
    })
    .await?;
    assert_eq!(ran.take(), ["whole", "part"], "T1: after the outermost commit");
    Ok(())
}

pub async fn t1_what_a_savepoint_asked_for_goes_with_it(db: Database) -> Proof {
    table::<maybe::Entity>(&db).await?;
    if !db.info().capabilities.has(Capability::Savepoints) {
        return Ok(());
    }
    let ran = &Ran::default();
    db.transact(|tx| async move {
        ran.of(&tx, "before")?;
        tx.savepoint(|part| async move { ran.of(&part, "kept") }).await?;
        let undone = tx.savepoint(|part| async move {
            ran.of(&part, "undone")?;
            part.savepoint(|inner| async move { ran.of(&inner, "undone with it") }).await?;
            Err::<(), _>(Error::rejected("no"))
        });
        refused(undone.await, ErrorKind::Rejected, "T2");
        ran.of(&tx, "after")
    })
    .await?;
    assert_eq!(ran.take(), ["before", "kept", "after"], "T1: what was undone is followed by nothing");
    Ok(())
}
