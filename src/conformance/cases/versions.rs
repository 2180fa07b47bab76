//! Law W8: a row is changed from the version that was read, or not at all.

use super::{articles, later};
use crate::{
    Database, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, refused, refused_at, there},
        entities::article::{self, COLUMN, counted, row},
    },
};
use sea_orm::{IntoActiveModel, Set};

const CONFLICT: ErrorKind = ErrorKind::VersionConflict;

pub async fn w8_a_new_row_has_version_1(db: Database) -> Proof {
    let rows = articles(&db).await?;
    assert_eq!(rows.insert(row(1, "one")).await?.version, 1, "W8: insert");
    let brought = article::ActiveModel { version: Set(7), ..row(2, "two") };
    let versions: Vec<i32> =
        rows.insert_many([brought, row(3, "three")]).await?.iter().map(|row| row.version).collect();
    assert_eq!(versions, [7, 1], "W8: one that is given is kept, so that rows can be brought from elsewhere");
    Ok(())
}

pub async fn w8_every_update_makes_the_next_version(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let mut read = rows.insert(row(1, "one")).await?;
    for version in 2..5 {
        read = rows.update(counted(&read, version)).await?;
        assert_eq!((read.version, read.words), (version, version), "W8: one more by every update");
    }
    assert_eq!(rows.get(1).await?, Some(read), "V1: what update returns is what is read");
    Ok(())
}

pub async fn w8_an_update_from_an_old_version_is_a_conflict(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let first = rows.update(counted(&read, 10)).await?;
    refused_at(rows.update(counted(&read, 20)).await, CONFLICT, "article", "version", "W8: read before the first");
    let future = article::Model { version: 3, ..read };
    refused_at(rows.update(counted(&future, 20)).await, CONFLICT, "article", "version", "W8: nobody has seen it");
    assert_eq!(rows.get(1).await?, Some(first), "W8: nothing was written");
    Ok(())
}

pub async fn w8_a_row_that_is_gone_is_not_found_rather_than_a_conflict(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let gone = article::Model { id: 2, ..read.clone() };
    refused(rows.update(counted(&gone, 1)).await, ErrorKind::NotFound, "W1, W8: no row has the key");
    rows.purge(1).await?;
    refused(rows.update(counted(&read, 1)).await, ErrorKind::NotFound, "W1, W8: deleted since");
    Ok(())
}

pub async fn w8_an_update_without_a_version_is_refused(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let blind = || article::ActiveModel { id: Set(1), words: Set(1), ..Default::default() };
    let law = "W8: from which version?";
    refused_at(rows.update(blind()).await, ErrorKind::InvalidQuery, "article", "version", law);
    let answer = rows.update_rows(vec![counted(&read, 1), blind()]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "article", "version", law);
    let nothing = article::ActiveModel { id: Set(1), ..Default::default() };
    refused_at(rows.update(nothing).await, ErrorKind::InvalidQuery, "article", "version", law);
    assert_eq!(rows.get(1).await?, Some(read), "W8: nothing was written");
    Ok(())
}

pub async fn w8_a_version_may_stand_unchanged_in_the_row(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let mut change = read.clone().into_active_model();
    change.words = Set(5);
    let changed = rows.update(change.clone()).await?;
    assert_eq!((changed.words, changed.version), (5, 2), "W8: a model made an ActiveModel says what was read");
    refused_at(rows.update(change).await, CONFLICT, "article", "version", "W8: and says it no longer");
    Ok(())
}

pub async fn w8_an_update_of_nothing_looks_at_the_version(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    assert_eq!(rows.update(read.clone().into_active_model()).await?, read, "W8: nothing set, nothing written");
    rows.update(counted(&read, 1)).await?;
    let answer = rows.update(read.into_active_model()).await;
    refused_at(answer, CONFLICT, "article", "version", "W8: it is not what was read");
    Ok(())
}

pub async fn w8_replace_looks_at_the_version(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let first = rows.replace(article::Model { words: 1, ..read.clone() }).await?;
    assert_eq!((first.words, first.version), (1, 2), "W8: from the version of the model");
    let answer = rows.replace(article::Model { words: 2, ..read }).await;
    refused_at(answer, CONFLICT, "article", "version", "W8: it was replaced before");
    assert_eq!(rows.get(1).await?, Some(first), "W8: the first one stays");
    Ok(())
}

pub async fn w8_several_rows_are_updated_or_none(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert_many([row(1, "one"), row(2, "two"), row(3, "three")]).await?;
    let both = rows.update_rows(vec![counted(&read[0], 1), counted(&read[1], 2)]).await?;
    assert_eq!(both.iter().map(|row| (row.words, row.version)).collect::<Vec<_>>(), [(1, 2), (2, 2)], "W8: each");
    let answer = rows.update_rows(vec![counted(&read[2], 3), counted(&read[0], 9)]).await;
    refused_at(answer, CONFLICT, "article", "version", "W8: the second is old");
    assert_eq!(there(rows.get(3).await?, "T1"), read[2], "T1: and the first is not written");
    Ok(())
}

pub async fn w8_a_conflict_dooms_the_transaction(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    rows.update(counted(&read, 1)).await?;
    let swallowed: Result<()> = db
        .transact(|tx| {
            let read = read.clone();
            async move {
                let inside = tx.repository::<article::Entity>();
                inside.insert(row(2, "two")).await?;
                refused(inside.update(counted(&read, 2)).await, CONFLICT, "W8: inside too");
                refused(inside.count(all()).await, ErrorKind::TransactionFailed, "T2: the transaction is over");
                Ok(())
            }
        })
        .await;
    refused(swallowed, ErrorKind::TransactionFailed, "T2: who swallows it does not commit");
    assert_eq!(rows.count(all()).await?, 1, "T1: nothing of it was kept");
    Ok(())
}

pub async fn w8_not_found_does_not_doom_the_transaction(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    db.transact(|tx| {
        let read = read.clone();
        async move {
            let inside = tx.repository::<article::Entity>();
            let gone = article::Model { id: 2, ..read.clone() };
            refused(inside.update(counted(&gone, 2)).await, ErrorKind::NotFound, "W1: no such row");
            assert_eq!(inside.update(counted(&read, 2)).await?.version, 2, "T2: and goes on");
            Ok(())
        }
    })
    .await?;
    assert_eq!(there(rows.get(1).await?, "T1").words, 2, "T1: committed");
    Ok(())
}

pub async fn w8_changes_of_many_rows_count(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert_many([row(1, "one"), row(2, "two"), row(3, "three")]).await?;
    assert_eq!(rows.update_many(col(COLUMN.id).lte(2), [col(COLUMN.words).set(5)]).await?, 2, "W5: two matched");
    assert_eq!(rows.update_many(col(COLUMN.id).eq(2), [col(COLUMN.words).increment(1)]).await?, 1, "W5: one matched");
    let versions: Vec<_> =
        rows.find(all().order_by(col(COLUMN.id).asc())).await?.iter().map(|row| (row.words, row.version)).collect();
    assert_eq!(versions, [(5, 2), (6, 3), (0, 1)], "W8: in bulk, too");
    refused_at(rows.update(counted(&read[0], 1)).await, CONFLICT, "article", "version", "W8: changed in bulk since");
    Ok(())
}

pub async fn w8_a_version_is_not_written_by_hand(db: Database) -> Proof {
    let rows = articles(&db).await?;
    rows.insert(row(1, "one")).await?;
    let version = col(COLUMN.version);
    for change in [version.set(1), version.increment(1), version.set_null()] {
        let answer = rows.update_many(col(COLUMN.id).eq(1), [col(COLUMN.words).set(1), change]).await;
        refused_at(answer, ErrorKind::InvalidQuery, "article", "version", "W8: written by its rule alone");
    }
    assert_eq!(there(rows.get(1).await?, "W8").words, 0, "W8: nothing was written");
    Ok(())
}

pub async fn w8_a_delete_and_a_restore_are_versions(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    rows.delete(1).await?;
    let deleted = there(rows.one(all().only_deleted()).await?, "W9");
    assert_eq!(deleted.version, 2, "W8: a soft delete is a change");
    rows.restore(1).await?;
    assert_eq!(there(rows.get(1).await?, "W9").version, 3, "W8: and so is its end");
    refused_at(rows.update(counted(&read, 1)).await, CONFLICT, "article", "version", "W8: it was away meanwhile");
    Ok(())
}

pub async fn w8_of_concurrent_updates_from_one_version_one_lands(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let tasks = (1..=8).map(|words| {
        let (rows, change) = (rows.clone(), counted(&read, words));
        tokio::spawn(async move { rows.update(change).await })
    });
    let mut landed = Vec::new();
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(Ok(row)) => landed.push(row),
            Ok(Err(error)) if error.is(CONFLICT) => {}
            other => panic!("W8: a conflict or nothing: {other:?}"),
        }
    }
    assert_eq!(landed.len(), 1, "W8: one update comes from a version");
    assert_eq!(rows.get(1).await?, landed.pop(), "W8: and it is the one that is there");
    Ok(())
}

pub async fn w8_a_retry_from_what_is_there_lands(db: Database) -> Proof {
    let rows = articles(&db).await?;
    rows.insert(row(1, "one")).await?;
    let tasks = (0..4).map(|_| {
        let rows = rows.clone();
        tokio::spawn(async move {
            let mut left = 5;
            while left > 0 {
                let read = there(rows.get(1).await?, "W8");
                match rows.update(counted(&read, read.words + 1)).await {
                    Ok(_) => left -= 1,
                    Err(error) if error.is(CONFLICT) => later().await,
                    Err(error) => return Err(error),
                }
            }
            Ok::<(), crate::Error>(())
        })
    });
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => ended?,
            Err(error) => panic!("W8: a task of the case ended with {error}"),
        }
    }
    let row = there(rows.get(1).await?, "W8");
    assert_eq!((row.words, row.version), (20, 21), "W8: no update is lost");
    Ok(())
}

pub async fn w8_the_last_version_is_told_by_its_field(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let last = rows.insert(article::ActiveModel { version: Set(i32::MAX), ..row(1, "One") }).await?;
    let kind = ErrorKind::InvalidValue;
    let at = |answer: Result<()>, law: &str| refused_at(answer, kind, "article", "version", law);
    at(rows.update(counted(&last, 7)).await.map(drop), "W8: an update has no next version");
    at(
        rows.update_many(col(article::COLUMN.id).eq(1), [col(article::COLUMN.words).set(7)]).await.map(drop),
        "W8: of many",
    );
    at(rows.upsert(last.clone(), [article::Column::Id]).await.map(drop), "W8: an upsert");
    at(rows.delete(1).await.map(drop), "W8: a delete that is an update");
    assert_eq!(rows.get(1).await?, Some(last), "W8: nothing was written");
    Ok(())
}
