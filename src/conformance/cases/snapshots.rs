//! Law T4 for snapshots, and for what a transaction that is joined does not have.

use super::{ids, maybe_rows};
use crate::{
    Capability, Database, ErrorKind, Isolation, TransactionOptions, all, col,
    conformance::{
        check::{Proof, refused, table, there},
        entities::maybe,
    },
    transaction::Retry,
};
use sea_orm::Set;
use std::time::Duration;

fn snapshot() -> TransactionOptions {
    TransactionOptions::default().isolation(Isolation::Snapshot).read_only()
}

pub async fn t4_a_snapshot_sees_one_state_over_several_reads(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2, 3], |row, big| row.big = Set(Some(big))).await?;
    let (outside, big) = (rows.clone(), col(maybe::COLUMN.big));
    let held = &outside;
    db.transact_with(snapshot(), |tx| {
        let outside = held.clone();
        async move {
            let inside = tx.repository::<maybe::Entity>();
            // Others write: in tasks of their own, as they do.
            let write = |step: i32| {
                let outside = outside.clone();
                async move {
                    let wrote = tokio::spawn(async move {
                        outside.insert(maybe::row(10 + step)).await?;
                        outside.update_many(all_of(step), [big.increment(10)]).await
                    });
                    match wrote.await {
                        Ok(answer) => answer,
                        Err(error) => panic!("T4: a task of the case ended with {error}"),
                    }
                }
            };
            write(0).await?;
            assert_eq!(inside.count(all()).await?, 3, "T4: what was there when it began, also at its first read");
            assert_eq!(there(inside.get(0).await?, "T4").big, Some(1), "T4: by key");
            write(1).await?;
            assert_eq!(inside.count(big.gt(5)).await?, 0, "T4: in a condition");
            assert_eq!(ids(&inside, all()).await?, [0, 1, 2], "T4: and in every later read");
            assert_eq!(inside.sum(all(), big).await?, Some(6_i64), "T4: and in a figure");
            Ok(())
        }
    })
    .await?;
    assert_eq!(rows.count(all()).await?, 5, "T4: what the others wrote is there");
    assert_eq!(rows.sum(all(), big).await?, Some(26_i64), "T4: and is seen after it");
    Ok(())
}

/// The rows that a step changes.
fn all_of(step: i32) -> crate::repository::Filter<maybe::Entity> {
    col(maybe::COLUMN.id).eq(step)
}

pub async fn t4_a_snapshot_only_reads(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let writes = TransactionOptions::default().isolation(Isolation::Snapshot);
    let error = refused(db.begin(writes).await, ErrorKind::InvalidQuery, "T4: what a write would meet differs");
    assert!(error.message().contains("read_only"), "T4: it says what to ask for: {error}");
    let tx = db.begin(snapshot()).await?;
    let inside = tx.repository::<maybe::Entity>();
    refused(inside.insert(maybe::row(1)).await, ErrorKind::ReadOnly, "T5");
    assert_eq!(inside.count(all()).await?, 0, "T2: what is refused before the server does not doom");
    tx.commit().await?;
    rows.insert(maybe::row(2)).await?;
    assert_eq!(rows.count(all()).await?, 1, "T5: nobody stays in it");
    Ok(())
}

pub async fn t4_what_a_transaction_that_is_joined_lacks_is_refused_by_name(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let law = "T4: a part cannot have what the whole lacks";
    let plain = TransactionOptions::default;
    let second = Duration::from_secs(1);
    let mut asked = vec![
        (plain().read_only(), "writes"),
        (snapshot(), "isolation"),
        (plain().deadline(second), "deadline"),
        (plain().idempotency_key("k"), "idempotency key"),
    ];
    if db.info().capabilities.has(Capability::Serializable) {
        asked.push((plain().isolation(Isolation::Serializable), "isolation"));
    }
    let asked = &asked;
    db.transact(|tx| async move {
        for (options, name) in asked {
            let part = tx.transact_with(options.clone(), |_| async { Ok(()) }).await;
            let error = refused(part, ErrorKind::Unsupported, law);
            assert!(error.message().contains(name), "T4: by name: {error}");
        }
        // What it has, or what is the whole's to say, is no obstacle.
        tx.transact_with(plain().retry(Retry::never()), |part| async move {
            part.repository::<maybe::Entity>().insert(maybe::row(1)).await
        })
        .await
    })
    .await?;
    assert_eq!(rows.count(all()).await?, 1, "T2: what was refused did not doom the whole");
    let write = db.transact_with(snapshot(), |tx| async move {
        tx.transact_with(plain().read_only(), |_| async { Ok(()) }).await?;
        tx.transact(|part| async move { part.repository::<maybe::Entity>().insert(maybe::row(2)).await }).await
    });
    refused(write.await, ErrorKind::ReadOnly, "T5: who joins a transaction that reads only reads only");
    assert_eq!(rows.count(all()).await?, 1, "T5: nothing was written");
    Ok(())
}
