//! Law W9: what is softly deleted is out of sight on every path, and can come back.

use super::{Rows, articles, later, words};
use crate::{
    Database, ErrorKind, PageRequest, Result, all, col,
    conformance::{
        check::{Proof, refused, refused_at, table, there},
        entities::{
            article::{self, COLUMN, counted, row},
            person,
        },
    },
    repository::{Deletion, IntoQuery},
};
use sea_orm::Set;

/// Four articles, 2 and 4 of them deleted.
async fn half(db: &Database) -> Result<Rows<article::Entity>> {
    let rows = articles(db).await?;
    rows.insert_many([row(1, "one"), row(2, "two"), row(3, "three"), row(4, "four")]).await?;
    rows.delete_many(col(COLUMN.id).is_in([2, 4])).await?;
    Ok(rows)
}

async fn ids(rows: &Rows<article::Entity>, query: impl IntoQuery<article::Entity> + Send) -> Result<Vec<i32>> {
    let query = query.into_query().order_by(col(COLUMN.id).asc());
    Ok(rows.find(query).await?.into_iter().map(|row| row.id).collect())
}

pub async fn w9_a_deleted_row_is_out_of_sight(db: Database) -> Proof {
    let rows = articles(&db).await?;
    rows.insert_many([row(1, "one"), row(2, "two")]).await?;
    let before = db.now();
    assert!(rows.delete(1).await?, "W9: it was there");
    assert_eq!(rows.get(1).await?, None, "W9: get");
    assert_eq!(rows.one(col(COLUMN.title).eq("one")).await?, None, "W9: one");
    assert_eq!(ids(&rows, all()).await?, [2], "W9: find");
    let deleted = there(rows.one(all().only_deleted()).await?, "W9: it is kept");
    let at = there(deleted.deleted_at, "W9: when");
    assert!(deleted.id == 1 && at >= before && at <= db.now(), "W9: deleted now: {at}");
    assert_eq!(deleted.updated_at, at, "W9: one call, one time");
    Ok(())
}

pub async fn w9_reads_see_what_they_ask_for(db: Database) -> Proof {
    let rows = half(&db).await?;
    assert_eq!(ids(&rows, all()).await?, [1, 3], "W9: what is there");
    assert_eq!(ids(&rows, all().with_deleted()).await?, [1, 2, 3, 4], "W9: both");
    assert_eq!(ids(&rows, all().only_deleted()).await?, [2, 4], "W9: what is deleted");
    assert_eq!(ids(&rows, col(COLUMN.id).gte(2)).await?, [3], "W9: with a filter");
    assert_eq!(ids(&rows, col(COLUMN.id).gte(3).only_deleted()).await?, [4], "W9: with a filter");
    let either = col(COLUMN.id).eq(1) | col(COLUMN.id).eq(2);
    assert_eq!(ids(&rows, either.clone()).await?, [1], "W9: an `or` does not let it in");
    assert_eq!(ids(&rows, !either).await?, [3], "W9: nor does a `not`");
    Ok(())
}

pub async fn w9_figures_and_pages_count_what_is_in_sight(db: Database) -> Proof {
    let rows = half(&db).await?;
    assert_eq!(rows.count(all()).await?, 2, "W9: count");
    assert_eq!(rows.count(all().with_deleted()).await?, 4, "W9: count with deleted ones");
    assert_eq!(rows.count(all().only_deleted()).await?, 2, "W9: count of deleted ones");
    assert!(!rows.exists(col(COLUMN.title).eq("two")).await?, "W9: exists");
    assert!(rows.exists(col(COLUMN.title).eq("two").with_deleted()).await?, "W9: exists with deleted ones");
    assert!(!rows.exists(col(COLUMN.title).eq("one").only_deleted()).await?, "W9: exists among deleted ones");
    let page = rows.page(all().order_by(col(COLUMN.id).desc()), PageRequest::new(1, 1)).await?;
    assert_eq!((page.total, page.items[0].id), (2, 3), "W9: a page");
    let page = rows.page(all().only_deleted().order_by(col(COLUMN.id).desc()), PageRequest::new(2, 1)).await?;
    assert_eq!((page.total, page.items[0].id), (2, 2), "W9: a page of deleted ones");
    Ok(())
}

pub async fn w9_a_row_is_deleted_once(db: Database) -> Proof {
    let rows = half(&db).await?;
    let before = rows.find(all().only_deleted()).await?;
    later().await;
    assert!(!rows.delete(2).await?, "W1: it is not there any more");
    assert!(!rows.delete(99).await?, "W1: nor is what never was");
    assert_eq!(rows.delete_many(col(COLUMN.id).lte(2)).await?, 1, "W5: one was there");
    assert_eq!(rows.delete_where(all().with_deleted(), Deletion::ByRule).await?, 1, "W9: who is deleted stays so");
    assert_eq!(rows.delete_where(all().only_deleted(), Deletion::ByRule).await?, 0, "W9: who is deleted stays so");
    for old in before {
        let now = rows.one(col(COLUMN.id).eq(old.id).with_deleted()).await?;
        assert_eq!(now, Some(old), "W9: when it was deleted, and its version, stay as they were");
    }
    Ok(())
}

pub async fn w9_writes_pass_deleted_rows_by(db: Database) -> Proof {
    let rows = half(&db).await?;
    let deleted = there(rows.one(col(COLUMN.id).eq(2).with_deleted()).await?, "W9");
    refused(rows.update(counted(&deleted, 9)).await, ErrorKind::NotFound, "W9: update");
    refused(rows.replace(deleted.clone()).await, ErrorKind::NotFound, "W9: replace");
    assert_eq!(rows.update_many(col(COLUMN.id).gte(0), [col(COLUMN.words).set(5)]).await?, 2, "W9: in bulk");
    let both = all().with_deleted().filter(col(COLUMN.id).lte(2));
    assert_eq!(rows.update_where(both, vec![col(COLUMN.words).increment(1)]).await?, 2, "W9: asked for, it is");
    let words: Vec<_> =
        rows.find(all().with_deleted().order_by(col(COLUMN.id).asc())).await?.iter().map(|row| row.words).collect();
    assert_eq!(words, [6, 1, 5, 0], "W9: what was in sight was changed");
    Ok(())
}

pub async fn w9_a_row_is_restored(db: Database) -> Proof {
    let rows = half(&db).await?;
    assert!(rows.restore(2).await?, "W9: it was deleted");
    assert!(!rows.restore(2).await?, "W9: it is there");
    assert!(!rows.restore(1).await? && !rows.restore(99).await?, "W9: these were not deleted");
    let back = there(rows.get(2).await?, "W9");
    assert_eq!((back.deleted_at, &*back.title, back.version), (None, "two", 3), "W9: as it was");
    let untouched = there(rows.get(1).await?, "W9");
    assert_eq!(untouched.version, 1, "W8: what was not deleted has not changed");
    assert_eq!(rows.restore_many(col(COLUMN.id).gte(0)).await?, 1, "W5: the last one");
    assert_eq!(ids(&rows, all()).await?, [1, 2, 3, 4], "W9: all are back");
    Ok(())
}

pub async fn w9_a_purge_is_for_good(db: Database) -> Proof {
    let rows = half(&db).await?;
    assert!(rows.purge(1).await?, "W9: one that is there");
    assert!(rows.purge(2).await?, "W9: one that is deleted");
    assert!(!rows.purge(2).await?, "W9: one that is gone");
    assert!(!rows.restore(2).await?, "W9: nothing to restore");
    assert_eq!(ids(&rows, all().with_deleted()).await?, [3, 4], "W9: these are left");
    assert_eq!(rows.purge_many(col(COLUMN.id).gte(0)).await?, 2, "W5: deleted or not");
    assert_eq!(rows.count(all().with_deleted()).await?, 0, "W9: none is left");
    Ok(())
}

pub async fn w9_what_was_deleted_is_purged_alone_where_that_is_said(db: Database) -> Proof {
    let rows = half(&db).await?;
    let old = || col(COLUMN.id).gte(0);
    assert_eq!(rows.delete_where(old().only_deleted(), Deletion::Forever).await?, 2, "W5: two were deleted");
    assert_eq!(ids(&rows, all().with_deleted()).await?, [1, 3], "W9: what is there stays");
    assert_eq!(rows.delete_where(old().into_query(), Deletion::Forever).await?, 2, "W9: and goes where that is said");
    Ok(())
}

pub async fn w9_a_unique_key_stays_taken_by_a_deleted_row(db: Database) -> Proof {
    let rows = half(&db).await?;
    refused(rows.insert(row(5, "two")).await, ErrorKind::UniqueViolation, "W3, W9: it may come back");
    refused(rows.insert(row(2, "five")).await, ErrorKind::UniqueViolation, "W3, W9: and so may its primary key");
    rows.purge(2).await?;
    rows.insert(row(2, "two")).await?;
    assert_eq!(ids(&rows, all()).await?, [1, 2, 3], "W9: what is purged is free");
    Ok(())
}

pub async fn w9_a_row_is_deleted_by_delete_and_not_by_hand(db: Database) -> Proof {
    let rows = half(&db).await?;
    let (deleted_at, now) = (col(COLUMN.deleted_at), db.now());
    let law = "W9: by delete";
    let answer = rows.update_many(col(COLUMN.id).eq(1), [deleted_at.set(now)]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "article", "deleted_at", law);
    let read = there(rows.get(1).await?, "W9");
    let change = article::ActiveModel { deleted_at: Set(Some(now)), ..counted(&read, 1) };
    refused_at(rows.update(change).await, ErrorKind::InvalidQuery, "article", "deleted_at", law);
    let every = col(COLUMN.id).gte(0).only_deleted();
    assert_eq!(rows.update_where(every, vec![deleted_at.set_null()]).await?, 2, "W9: restored by hand");
    assert_eq!(ids(&rows, all()).await?, [1, 2, 3, 4], "W9: all are there");
    Ok(())
}

pub async fn w9_without_the_rule_a_delete_is_for_good(db: Database) -> Proof {
    let people = table::<person::Entity>(&db).await?;
    let id = people.insert(person::row("ann")).await?.id;
    let error = refused(people.restore(id).await, ErrorKind::InvalidQuery, "W9: what is deleted is gone");
    assert_eq!(error.entity_name(), Some("person"), "W9: the error names the entity: {error}");
    assert!(people.purge(id).await?, "W9: purge is delete");
    assert_eq!(people.count(all().with_deleted()).await?, 0, "W9: gone");
    assert_eq!(people.count(all().only_deleted()).await?, 0, "W9: gone");
    people.insert_many([person::row("bob"), person::row("cid")]).await?;
    assert_eq!(people.count(all().only_deleted()).await?, 0, "W9: nor is one of those that are there");
    Ok(())
}

pub async fn w9_without_the_rule_no_row_is_one_that_was_deleted(db: Database) -> Proof {
    let rows = words(&db, &["a", "b"]).await?;
    assert_eq!(rows.count(all().only_deleted()).await?, 0, "W9: what is deleted is gone");
    assert_eq!(rows.delete_where(all().only_deleted(), Deletion::Forever).await?, 0, "W9: none is purged");
    assert_eq!(rows.count(all().with_deleted()).await?, 2, "W9: all are there");
    Ok(())
}
