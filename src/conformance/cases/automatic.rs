//! Law W9: what rules write is written on every path; R2: a service's own rule sees every write.

use super::{articles, later};
use crate::{
    Database, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, refused, refused_at, table, there},
        entities::{
            article::{self, COLUMN, counted, row},
            deposit,
        },
    },
};
use chrono::{TimeDelta, Utc};
use sea_orm::Set;

type Instant = chrono::DateTime<Utc>;

/// When an article was created and when it was changed.
async fn times(rows: &super::Rows<article::Entity>, id: i32) -> Result<(Instant, Instant)> {
    let read = there(rows.one(col(COLUMN.id).eq(id).with_deleted()).await?, "W9");
    Ok((read.created_at, read.updated_at))
}

pub async fn w9_a_new_row_has_its_times(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let before = db.now();
    let one = rows.insert(row(1, "one")).await?;
    let after = db.now();
    assert!((before..=after).contains(&one.created_at), "W9: created now: {before} <= {} <= {after}", one.created_at);
    assert_eq!(one.created_at, one.updated_at, "W9: and not changed since");
    assert_eq!(one.created_at.timestamp_subsec_nanos() % 1_000_000, 0, "V5: cut to milliseconds");
    assert_eq!(rows.get(1).await?, Some(one), "V1: what insert returns is what is read");
    let many = rows.insert_many([row(2, "two"), row(3, "three")]).await?;
    assert!(many.iter().all(|row| row.created_at >= after && row.created_at == row.updated_at), "W9: in bulk, too");
    Ok(())
}

pub async fn w9_times_that_are_given_to_a_new_row_are_kept(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let long_ago = db.now() - TimeDelta::days(1_000);
    let brought = article::ActiveModel { created_at: Set(long_ago), ..row(1, "one") };
    let brought = rows.insert_many([brought, row(2, "two")]).await?;
    assert_eq!(brought[0].created_at, long_ago, "W9: brought from elsewhere");
    assert!(brought[0].updated_at > long_ago, "W9: the other is made");
    assert_eq!(brought[1].created_at, brought[0].updated_at, "W9: one call, one time");
    Ok(())
}

pub async fn w9_every_change_writes_when_it_was_made(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let (created, mut last) = times(&rows, 1).await?;
    let by_id = || col(COLUMN.id).eq(1);
    for path in ["update", "update_rows", "replace", "update_many", "increment", "delete", "restore"] {
        later().await;
        let before = db.now();
        let version = there(rows.one(by_id().with_deleted()).await?, "W9").version;
        let read = article::Model { version, ..read.clone() };
        match path {
            "update" => drop(rows.update(counted(&read, 1)).await?),
            "update_rows" => drop(rows.update_rows(vec![counted(&read, 2)]).await?),
            "replace" => drop(rows.replace(read).await?),
            "update_many" => drop(rows.update_many(by_id(), [col(COLUMN.words).set(4)]).await?),
            "increment" => drop(rows.update_many(by_id(), [col(COLUMN.words).increment(4)]).await?),
            "delete" => drop(rows.delete(1).await?),
            _ => drop(rows.restore(1).await?),
        }
        let (still, now) = times(&rows, 1).await?;
        assert_eq!(still, created, "W9: {path} leaves the time of creation");
        assert!(now > last && now >= before && now <= db.now(), "W9: {path} writes its time: {last}, {before}, {now}");
        last = now;
    }
    Ok(())
}

pub async fn w9_times_are_not_written_by_hand(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    let long_ago = read.created_at - TimeDelta::days(1);
    let law = "W9: written by its rule alone";
    for (field, column) in [("created_at", col(COLUMN.created_at)), ("updated_at", col(COLUMN.updated_at))] {
        let answer = rows.update_many(col(COLUMN.id).eq(1), [col(COLUMN.words).set(1), column.set(long_ago)]).await;
        refused_at(answer, ErrorKind::InvalidQuery, "article", field, law);
    }
    let created = article::ActiveModel { created_at: Set(long_ago), ..counted(&read, 1) };
    refused_at(rows.update(created).await, ErrorKind::InvalidQuery, "article", "created_at", law);
    let updated = article::ActiveModel { updated_at: Set(long_ago), ..counted(&read, 1) };
    refused_at(rows.update_rows(vec![updated]).await, ErrorKind::InvalidQuery, "article", "updated_at", law);
    assert_eq!(rows.get(1).await?, Some(read), "W9: nothing was written");
    Ok(())
}

pub async fn w9_replace_leaves_what_rules_write(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "One")).await?;
    later().await;
    let epoch = chrono::DateTime::UNIX_EPOCH;
    let model = article::Model {
        title: "Two".into(),
        title_folded: "nonsense".into(),
        created_at: epoch,
        updated_at: epoch,
        deleted_at: Some(epoch),
        ..read.clone()
    };
    let replaced = rows.replace(model).await?;
    assert_eq!((replaced.created_at, replaced.deleted_at), (read.created_at, None), "W9: they stay as they are");
    assert!(replaced.updated_at > read.updated_at, "W9: the time of the change is the clock's");
    assert_eq!((&*replaced.title, &*replaced.title_folded), ("Two", "two"), "Q3: the folded text is the rule's");
    assert_eq!(rows.get(1).await?, Some(replaced), "V1: what replace returns is what is read");
    Ok(())
}

pub async fn w9_a_whole_table_is_changed_by_the_rules(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert_many([row(1, "one"), row(2, "two")]).await?;
    later().await;
    assert_eq!(rows.update_where(all(), vec![col(COLUMN.words).set(9)]).await?, 2, "W5: every row");
    for row in rows.find(all()).await? {
        assert!(row.version == 2 && row.updated_at > read[0].updated_at, "W8, W9: {row:?}");
    }
    Ok(())
}

pub async fn w9_rules_hold_inside_a_transaction(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "one")).await?;
    later().await;
    db.transact(|tx| {
        let read = read.clone();
        async move {
            let inside = tx.repository::<article::Entity>();
            let changed = inside.update(counted(&read, 1)).await?;
            assert!(changed.version == 2 && changed.updated_at > read.updated_at, "W8, W9: {changed:?}");
            assert_eq!(inside.insert(row(2, "Two")).await?.title_folded, "two", "Q3: folded");
            assert!(inside.delete(1).await?, "W9: deleted softly");
            assert_eq!(inside.get(1).await?, None, "W9: out of sight");
            assert!(inside.restore(1).await?, "W9: and back");
            Ok(())
        }
    })
    .await?;
    assert_eq!(there(rows.get(1).await?, "W9").version, 4, "W8: three changes");
    Ok(())
}

pub async fn r2_a_write_that_is_rejected_writes_nothing(db: Database) -> Proof {
    let rows = table::<deposit::Entity>(&db).await?;
    rows.insert(deposit::row(1, 1_000, "ann")).await?;
    let kind = ErrorKind::Rejected;
    refused_at(rows.insert(deposit::row(2, 1_001, "bob")).await, kind, "deposit", "amount", "R2: insert");
    let answer = rows.insert_many([deposit::row(2, 1, "bob"), deposit::row(3, 1_001, "bob")]).await;
    refused_at(answer, kind, "deposit", "amount", "R2: each row of many");
    let change = deposit::ActiveModel { id: Set(1), amount: Set(1_001), ..Default::default() };
    refused_at(rows.update(change).await, kind, "deposit", "amount", "R2: update");
    let every = || col(deposit::COLUMN.id).gte(0);
    let answer = rows.update_many(every(), [col(deposit::COLUMN.amount).set(2_000_u32)]).await;
    refused_at(answer, kind, "deposit", "amount", "R2: in bulk");
    let answer = rows.update_many(every(), [col(deposit::COLUMN.amount).increment(2)]).await;
    refused_at(answer, kind, "deposit", "amount", "R2: an increment");
    let answer = rows.update_many(every(), [col(deposit::COLUMN.holder).set("")]).await;
    refused_at(answer, kind, "deposit", "holder", "R2: a text");
    let left: Vec<_> = rows.find(all()).await?.into_iter().map(|row| (row.id, row.amount, row.holder)).collect();
    assert_eq!(left, [(1, 1_000, "ann".to_owned())], "R2: nothing was written");
    Ok(())
}

pub async fn r2_a_write_that_is_let_through_is_written(db: Database) -> Proof {
    let rows = table::<deposit::Entity>(&db).await?;
    rows.insert(deposit::row(1, 999, "ann")).await?;
    rows.update_many(col(deposit::COLUMN.id).eq(1), [col(deposit::COLUMN.amount).increment(1)]).await?;
    let change = deposit::ActiveModel { id: Set(1), holder: Set("bob".into()), ..Default::default() };
    let changed = rows.update(change).await?;
    assert_eq!((changed.amount, &*changed.holder), (1_000, "bob"), "R2: what stays as it is was not looked at");
    Ok(())
}

pub async fn r2_a_delete_is_looked_at_and_may_be_rejected(db: Database) -> Proof {
    let rows = table::<deposit::Entity>(&db).await?;
    rows.insert_many([deposit::row(1, 1, "ann"), deposit::row(2, 2, "bob")]).await?;
    let law = "R2: every delete";
    let error = refused(rows.delete(1).await, ErrorKind::Rejected, law);
    assert_eq!((error.entity_name(), error.message()), (Some("deposit"), deposit::KEPT), "R2: the rule's own words");
    refused(rows.delete_many(col(deposit::COLUMN.id).gte(0)).await, ErrorKind::Rejected, law);
    refused(rows.purge(1).await, ErrorKind::Rejected, law);
    assert_eq!(rows.count(all()).await?, 2, "R2: all are there");
    Ok(())
}

pub async fn r2_a_rejection_does_not_doom_the_transaction(db: Database) -> Proof {
    let rows = table::<deposit::Entity>(&db).await?;
    db.transact(|tx| async move {
        let inside = tx.repository::<deposit::Entity>();
        refused(inside.insert(deposit::row(1, 1_001, "ann")).await, ErrorKind::Rejected, "R2: inside too");
        inside.insert(deposit::row(1, 1_000, "ann")).await.map(drop)
    })
    .await?;
    assert_eq!(rows.count(all()).await?, 1, "T2: what was refused before the server does not doom");
    Ok(())
}
