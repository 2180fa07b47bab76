//! Law T1 for parts: what joins a transaction is there with the whole, or the whole is not.

use super::maybe_rows;
use crate::{
    Database, Error, ErrorKind, TransactionOptions, col,
    conformance::{
        check::{Proof, refused},
        entities::maybe,
    },
};
use sea_orm::Set;

pub async fn t1_a_part_that_fails_is_not_committed_with_the_rest(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let whole = db
        .transact(|tx| async move {
            tx.repository::<maybe::Entity>().insert(maybe::row(7)).await?;
            let part = tx
                .transact(|inner| async move {
                    inner.repository::<maybe::Entity>().insert(maybe::row(8)).await?;
                    Err::<(), _>(Error::rejected("no"))
                })
                .await;
            refused(part, ErrorKind::Rejected, "T1");
            // The caller goes on as if nothing had happened.
            Ok(())
        })
        .await;
    refused(whole, ErrorKind::TransactionFailed, "T1");
    assert_eq!((rows.get(7).await?, rows.get(8).await?), (None, None), "T1: neither the part nor the rest");
    Ok(())
}

pub async fn t1_rows_updated_together_are_not_updated_by_halves(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let two = || [0, 99].map(|id| maybe::ActiveModel { big: Set(Some(5)), ..maybe::row(id) }).to_vec();
    refused(rows.update_rows(two()).await, ErrorKind::NotFound, "W1");
    assert_eq!(rows.count(col(maybe::COLUMN.big).eq(5)).await?, 0, "T1: the first one neither");

    let tx = db.begin(TransactionOptions::default()).await?;
    refused(tx.repository::<maybe::Entity>().update_rows(two()).await, ErrorKind::NotFound, "W1");
    refused(tx.commit().await, ErrorKind::TransactionFailed, "T1");
    assert_eq!(rows.count(col(maybe::COLUMN.big).eq(5)).await?, 0, "T1: inside a transaction neither");
    Ok(())
}

pub async fn t1_who_joined_does_not_end_the_whole(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    db.transact(|tx| async move {
        tx.transact(|inner| async move {
            refused(inner.clone().commit().await, ErrorKind::Unsupported, "T1");
            refused(inner.clone().rollback().await, ErrorKind::Unsupported, "T1");
            inner.repository::<maybe::Entity>().insert(maybe::row(7)).await
        })
        .await
    })
    .await?;
    assert!(rows.get(7).await?.is_some(), "T1: who began it committed");
    Ok(())
}
