//! Laws T4, T5: isolation is what was asked for or refused by name; a read-only transaction reads only.

use super::maybe_rows;
use crate::{
    Capability, Database, ErrorKind, Isolation, TransactionOptions, all, col,
    conformance::{
        check::{Proof, refused, table, there},
        entities::maybe,
    },
};
use sea_orm::Set;

fn read_only() -> TransactionOptions {
    TransactionOptions::default().read_only()
}

pub async fn t4_serializable_is_given_or_refused_by_name(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let begun = db.begin(TransactionOptions::default().isolation(Isolation::Serializable)).await;
    if db.info().capabilities.has(Capability::Serializable) {
        let tx = begun?;
        tx.repository::<maybe::Entity>().insert(maybe::row(1)).await?;
        tx.commit().await?;
        assert_eq!(rows.count(all()).await?, 1, "T4: a serializable transaction commits");
    } else {
        let error = refused(begun, ErrorKind::Unsupported, "T4: what a backend cannot give, it refuses");
        assert!(error.to_string().contains(Capability::Serializable.name()), "T4: by name: {error}");
    }
    Ok(())
}

pub async fn t4_read_committed_is_the_default_and_always_there(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = db.begin(TransactionOptions::default().isolation(Isolation::ReadCommitted)).await?;
    tx.repository::<maybe::Entity>().insert(maybe::row(1)).await?;
    tx.commit().await?;
    assert_eq!(rows.count(all()).await?, 1, "T4: on every backend");
    Ok(())
}

pub async fn t4_a_lost_update_is_impossible_when_serializable(db: Database) -> Proof {
    if !db.info().capabilities.has(Capability::Serializable) {
        return Ok(());
    }
    let rows = maybe_rows(&db, [0_i64], |row, value| row.big = Set(Some(value))).await?;
    let tasks = (0..4).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut added = 0;
            for _ in 0..5 {
                let options = TransactionOptions::default().isolation(Isolation::Serializable);
                // What cannot be put in an order fails, at whichever call; then nothing was added.
                let Ok(tx) = db.begin(options).await else { continue };
                let rows = tx.repository::<maybe::Entity>();
                let Ok(Some(row)) = rows.get(0).await else { continue };
                tokio::task::yield_now().await;
                let next = maybe::ActiveModel { big: Set(row.big.map(|big| big + 1)), ..maybe::row(0) };
                if rows.update(next).await.is_ok() && tx.commit().await.is_ok() {
                    added += 1;
                }
            }
            added
        })
    });
    let mut added = 0_i64;
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(count) => added += count,
            Err(error) => panic!("T4: a task of the case ended with {error}"),
        }
    }
    assert_eq!(there(rows.get(0).await?, "T4").big, Some(added), "T4: every commit that said Ok counts");
    assert!(added > 0, "T4: somebody gets through");
    Ok(())
}

pub async fn t5_a_read_only_transaction_reads(db: Database) -> Proof {
    maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let tx = db.begin(read_only()).await?;
    let inside = tx.repository::<maybe::Entity>();
    assert_eq!(inside.count(all()).await?, 2, "T5: reads are allowed");
    assert_eq!(there(inside.one(col(maybe::COLUMN.big).eq(2)).await?, "T5").id, 1, "T5: reads are allowed");
    tx.commit().await?;
    Ok(())
}

pub async fn t5_a_read_only_transaction_refuses_every_write(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let tx = db.begin(read_only()).await?;
    let inside = tx.repository::<maybe::Entity>();
    let big = col(maybe::COLUMN.big);
    let law = "T5: a write where only reads are allowed";
    let errors = [
        refused(inside.insert(maybe::row(5)).await, ErrorKind::ReadOnly, law),
        refused(inside.insert_many([maybe::row(5), maybe::row(6)]).await, ErrorKind::ReadOnly, law),
        refused(inside.update(maybe::ActiveModel { big: Set(None), ..maybe::row(0) }).await, ErrorKind::ReadOnly, law),
        refused(inside.update_many(big.gt(0), [big.set(0)]).await, ErrorKind::ReadOnly, law),
        refused(inside.delete(0).await, ErrorKind::ReadOnly, law),
        refused(inside.delete_where(all(), crate::repository::Deletion::ByRule).await, ErrorKind::ReadOnly, law),
    ];
    for error in errors {
        assert_eq!(error.entity_name(), Some("maybe"), "T5: the error names the entity: {error}");
    }
    assert_eq!(inside.count(all()).await?, 2, "T2: what is refused before the server does not doom");
    tx.commit().await?;
    assert_eq!(rows.count(big.gt(0)).await?, 2, "T5: nothing was written");
    Ok(())
}

pub async fn t5_writes_go_on_beside_a_read_only_transaction(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let tx = db.begin(read_only()).await?;
    tx.repository::<maybe::Entity>().count(all()).await?;
    rows.insert(maybe::row(1)).await?;
    tx.rollback().await?;
    assert_eq!(rows.count(all()).await?, 1, "T5: a reader holds no writer up");
    rows.insert(maybe::row(2)).await?;
    assert_eq!(rows.count(all()).await?, 2, "T5: and nobody stays read-only after it");
    Ok(())
}
