//! Law T8: inside `transact` a write goes through the handle that was given, or is meant to stand beside it.

use super::maybe_rows;
use crate::{
    Database, ErrorKind, Result, TransactionOptions, all, col,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{maybe, word},
    },
    repository::Deletion,
};
use sea_orm::Set;

fn read_only() -> TransactionOptions {
    TransactionOptions::default().read_only()
}

fn rows_of(db: &Database) -> Rows<maybe::Entity> {
    db.repository::<maybe::Entity>()
}

/// Every way to write through a handle.
async fn write_everyhow(db: &Database) -> Vec<(&'static str, Result<()>)> {
    let (rows, big) = (rows_of(db), col(maybe::COLUMN.big));
    let change = || maybe::ActiveModel { big: Set(Some(9)), ..maybe::row(0) };
    vec![
        ("insert", rows.insert(maybe::row(20)).await.map(drop)),
        ("insert_many", rows.insert_many([maybe::row(21), maybe::row(22)]).await.map(drop)),
        ("update", rows.update(change()).await.map(drop)),
        ("update_rows", rows.update_rows(vec![change()]).await.map(drop)),
        ("update_many", rows.update_many(big.gt(0), [big.set(9)]).await.map(drop)),
        ("upsert", rows.upsert(change(), [maybe::Column::Id]).await.map(drop)),
        ("delete", rows.delete(0).await.map(drop)),
        ("delete_where", rows.delete_where(all(), Deletion::ByRule).await.map(drop)),
        ("create_tables", db.create_tables(&crate::entities![word]).await),
        ("transact", db.transact(|tx| async move { rows_of(&tx).insert(maybe::row(23)).await.map(drop) }).await),
        ("begin", db.begin(TransactionOptions::default()).await.map(drop)),
    ]
}

pub async fn t8_a_write_through_a_handle_from_outside_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    let outer = &db;
    db.transact(|tx| async move {
        for (how, answer) in write_everyhow(outer).await {
            let law = format!("T8: {how}");
            refused(answer, ErrorKind::OutsideTransaction, &law);
        }
        rows_of(&tx).insert(maybe::row(5)).await
    })
    .await?;
    assert_eq!(there(rows.get(0).await?, "T8").big, Some(1), "T8: nothing was written beside it");
    assert_eq!(
        rows.values::<i32>(all().order_by(col(maybe::COLUMN.id).asc()), col(maybe::COLUMN.id)).await?,
        [0, 5],
        "T2: and its own work went on"
    );
    Ok(())
}

pub async fn t8_a_repository_made_outside_is_refused_too(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let held = &rows;
    let answer = db
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(1)).await?;
            held.insert(maybe::row(2)).await
        })
        .await;
    refused(answer, ErrorKind::OutsideTransaction, "T8: the service kept a repository of the database");
    assert_eq!(rows.count(all()).await?, 0, "T1: its error rolls back");
    rows.insert(maybe::row(3)).await?;
    assert_eq!(rows.count(all()).await?, 1, "T8: after the transaction it writes again");
    Ok(())
}

pub async fn t8_reads_from_outside_pass(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, big| row.big = Set(Some(big))).await?;
    let (outer, held) = (&db, &rows);
    db.transact(|tx| async move {
        rows_of(&tx).insert(maybe::row(5)).await?;
        assert_eq!(held.count(all()).await?, 2, "T8: a read sees what is committed");
        assert_eq!(there(held.get(1).await?, "T8").big, Some(2), "T8: by key");
        let inside = outer.transact_with(read_only(), |other| async move { rows_of(&other).count(all()).await });
        assert_eq!(inside.await?, 2, "T8: a transaction that only reads");
        outer.begin(read_only()).await?.rollback().await
    })
    .await?;
    assert_eq!(rows.count(all()).await?, 3, "T1");
    Ok(())
}

pub async fn t8_another_database_is_written(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let other = Database::memory();
    let beside = table::<maybe::Entity>(&other).await?;
    let (other, held) = (&other, &beside);
    let answer: Result<()> = db
        .transact(|tx| async move {
            rows_of(&tx).insert(maybe::row(1)).await?;
            held.insert(maybe::row(1)).await?;
            other.transact(|its| async move { rows_of(&its).insert(maybe::row(2)).await }).await?;
            // Inside both, both are enclosed.
            let outer = rows_of(&tx);
            other
                .transact(|its| {
                    let outer = outer.clone();
                    async move {
                        refused(rows_of(other).insert(maybe::row(3)).await, ErrorKind::OutsideTransaction, "T8");
                        outer.insert(maybe::row(4)).await?;
                        rows_of(&its).insert(maybe::row(4)).await
                    }
                })
                .await?;
            Err(crate::Error::rejected("no"))
        })
        .await;
    refused(answer, ErrorKind::Rejected, "T8");
    assert_eq!((rows.count(all()).await?, beside.count(all()).await?), (0, 3), "T8: each database by itself");
    Ok(())
}

pub async fn t8_what_is_meant_to_stand_outside_is_kept(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let outside = &db.outside();
    // A transaction that only reads: where there is one writer, one that writes would have to be waited for.
    let answer: Result<()> = db
        .transact_with(read_only(), |tx| async move {
            assert_eq!(rows_of(&tx).count(all()).await?, 0, "T5");
            rows_of(outside).insert(maybe::row(1)).await?;
            outside.transact(|its| async move { rows_of(&its).insert(maybe::row(2)).await }).await?;
            rows_of(&tx.outside()).insert(maybe::row(3)).await?;
            Err(crate::Error::rejected("no"))
        })
        .await;
    refused(answer, ErrorKind::Rejected, "T8");
    assert_eq!(rows.count(all()).await?, 3, "T8: each was committed by itself");
    Ok(())
}

pub async fn t8_a_task_of_its_own_is_outside(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let held = &rows;
    db.transact_with(read_only(), |_| async move {
        let rows = held.clone();
        match tokio::spawn(async move { rows.insert(maybe::row(1)).await }).await {
            Ok(answer) => answer,
            Err(error) => panic!("T8: a task of the case ended with {error}"),
        }
    })
    .await?;
    assert_eq!(rows.count(all()).await?, 1, "T8: it is not the transaction's work, as with any ambient value");
    Ok(())
}

pub async fn t8_what_was_refused_is_free_after_the_transaction(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let no: Result<()> = db.transact(|_| async { Err(crate::Error::rejected("no")) }).await;
    refused(no, ErrorKind::Rejected, "T8");
    rows.insert(maybe::row(1)).await?;
    // One that is held by hand encloses nobody's work.
    let tx = db.begin(read_only()).await?;
    rows.insert(maybe::row(2)).await?;
    tx.rollback().await?;
    assert_eq!(rows.count(all()).await?, 2, "T8");
    Ok(())
}
