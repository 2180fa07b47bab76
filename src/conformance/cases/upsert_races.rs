//! Law W4 where several upsert at once: nobody fails because somebody else was there at the same time.

use super::upsert::{named, visit};
use crate::{
    Database, all,
    backend::Operation,
    conformance::{
        check::{Proof, table},
        entities::{member, person},
    },
    repository::EntityInfo,
};
use sea_orm::Set;
use std::sync::Arc;
use tokio::task::JoinHandle;

async fn ended(tasks: impl IntoIterator<Item = JoinHandle<crate::Result<()>>>) -> Proof {
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => ended?,
            Err(error) => panic!("W4: a task of the case ended with {error}"),
        }
    }
    Ok(())
}

pub async fn w4_concurrent_upserts_of_the_same_keys_all_land(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let table = EntityInfo::of::<person::Entity>().table()?;
    let tasks = (0..8_usize).map(|task| {
        let (db, table) = (db.clone(), Arc::clone(&table));
        tokio::spawn(async move {
            for round in 0..50_usize {
                let insert = visit(&table, &[&format!("k{}", (task + round) % 5)], Vec::new())?;
                db.backend().run(&crate::Context::current(), Operation::Insert(insert)).await?;
            }
            Ok::<_, crate::Error>(())
        })
    });
    ended(tasks).await?;
    let visits: Vec<i64> = rows.find(all()).await?.iter().map(|row| row.visits).collect();
    assert_eq!(visits, [80; 5], "W4: five rows, and each of 400 upserts counts");
    Ok(())
}

pub async fn w4_concurrent_upserts_may_say_the_keys_columns_in_any_order(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let tasks = (0..6_usize).map(|task| {
        let rows = db.repository::<member::Entity>();
        tokio::spawn(async move {
            for round in 0..25_i32 {
                let key = [member::Column::Handle, member::Column::TeamId];
                rows.upsert(member::row(round, "a", &format!("by {task}")), key).await?;
            }
            Ok::<_, crate::Error>(())
        })
    });
    ended(tasks).await?;
    assert_eq!(rows.count(all()).await?, 25, "W4: one inserts each key, the others change it, and nobody fails");
    Ok(())
}

pub async fn w4_upserts_of_one_key_in_transactions_wait_for_each_other(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let tasks = (0..6_i64).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            for round in 0..10 {
                db.transact(|tx| async move {
                    let new = person::ActiveModel { visits: Set(task), ..named(&format!("k{round}")) };
                    tx.repository::<person::Entity>().upsert(new, [person::Column::Name]).await
                })
                .await?;
            }
            Ok::<_, crate::Error>(())
        })
    });
    ended(tasks).await?;
    assert_eq!(rows.count(all()).await?, 10, "W4: one inserts each key, the others change it, and nobody fails");
    Ok(())
}

pub async fn w4_upserts_in_unlike_orders_all_land(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let tasks = [false, true].map(|backwards| {
        let rows = Arc::clone(&rows);
        tokio::spawn(async move {
            for _ in 0..3 {
                let mut new: Vec<_> = (0..30).map(|n| named(&format!("k{n:02}"))).collect();
                if backwards {
                    new.reverse();
                }
                rows.upsert_many(new, [person::Column::Name]).await?;
            }
            Ok::<_, crate::Error>(())
        })
    });
    ended(tasks).await?;
    assert_eq!(rows.count(all()).await?, 30, "W4: who loses a deadlock is run again");
    Ok(())
}
