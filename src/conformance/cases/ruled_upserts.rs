//! Laws W8, W9, Q3, R1, R2 for upserts: what rules write and what they ask, of a row that is there and of one that is not.

use super::{articles, later};
use crate::{
    Database, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, refused_at, table, there},
        entities::{
            account,
            article::{self, Column as A, row},
            deposit, market, sale, shop,
        },
    },
};
use sea_orm::{NotSet, Set};

/// What the row that has this key becomes, from this version.
fn from(version: i32, words: i32) -> article::ActiveModel {
    article::ActiveModel { words: Set(words), version: Set(version), ..row(1, "One") }
}

pub async fn w8_an_upsert_changes_a_row_from_its_version(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let first = rows.upsert(article::ActiveModel { words: Set(1), ..row(1, "One") }, [A::Title]).await?;
    assert_eq!((first.version, first.words), (1, 1), "W8: a new one");
    let second = rows.upsert(from(1, 2), [A::Title]).await?;
    assert_eq!((second.version, second.words), (2, 2), "W8: from the version that was read");
    let kind = ErrorKind::VersionConflict;
    let stale = refused(rows.upsert(from(1, 3), [A::Title]).await, kind, "W8: changed since");
    assert_eq!((stale.entity_name(), stale.fields()), (Some("article"), &["version".to_owned()][..]), "W8: {stale}");
    let blind = article::ActiveModel { words: Set(4), ..row(1, "One") };
    refused(rows.upsert(blind, [A::Title]).await, kind, "W8: without a version the row must be new");
    assert_eq!(rows.get(1).await?, Some(second), "W8: nothing was written");
    Ok(())
}

pub async fn w8_upserts_of_many_rows_are_all_or_none(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let read = rows.insert(row(1, "One")).await?;
    let both = rows.upsert_many([from(1, 5), row(2, "Two")], [A::Id]).await?;
    assert_eq!(both.iter().map(|row| row.version).collect::<Vec<_>>(), [2, 1], "W8: one changed, one new");
    let answer = rows.upsert_many([row(3, "Three"), from(1, 6)], [A::Id]).await;
    refused(answer, ErrorKind::VersionConflict, "W8: the second is old");
    assert_eq!(rows.count(all()).await?, 2, "T1: the first is not there");
    let whole = rows.upsert(article::Model { words: 9, ..both[0].clone() }, [A::Id]).await?;
    assert_eq!((whole.version, whole.words, whole.created_at), (3, 9, read.created_at), "W8, W9: a whole model");
    Ok(())
}

pub async fn w9_an_upsert_writes_its_time_and_keeps_the_first(db: Database) -> Proof {
    let rows = articles(&db).await?;
    let first = rows.upsert(row(1, "One"), [A::Id]).await?;
    assert_eq!(first.created_at, first.updated_at, "W9: a new one");
    later().await;
    let epoch = chrono::DateTime::UNIX_EPOCH;
    let forged = article::ActiveModel { created_at: Set(epoch), updated_at: Set(epoch), ..from(1, 1) };
    let second = rows.upsert(forged, [A::Id]).await?;
    assert_eq!(second.created_at, first.created_at, "W9: when it was created stays as it is");
    assert!(second.updated_at > first.updated_at, "W9: when it was changed is the clock's");
    Ok(())
}

pub async fn w9_an_upsert_brings_a_deleted_row_back(db: Database) -> Proof {
    let rows = articles(&db).await?;
    rows.insert(row(1, "One")).await?;
    rows.delete(1).await?;
    let back = rows.upsert(from(2, 7), [A::Title]).await?;
    assert_eq!((back.deleted_at, back.words, back.version), (None, 7, 3), "W9: there again, and changed");
    assert_eq!(rows.get(1).await?, Some(back), "W9: in sight");
    Ok(())
}

pub async fn q3_an_upsert_keeps_the_folded_text(db: Database) -> Proof {
    let rows = articles(&db).await?;
    rows.upsert(row(1, "Straße"), [A::Id]).await?;
    assert_eq!(there(rows.get(1).await?, "Q3").title_folded, "strasse", "Q3: of a new row");
    let named = article::ActiveModel { title: Set("GASSE".into()), ..from(1, 1) };
    assert_eq!(rows.upsert(named, [A::Id]).await?.title_folded, "gasse", "Q3: of one that is there");
    assert_eq!(rows.count(col(article::COLUMN.title).eq_folded("Gasse")).await?, 1, "Q3: found by it");
    Ok(())
}

pub async fn r1_an_upsert_meets_the_rows_of_the_tenant(db: Database) -> Proof {
    db.create_tables(&crate::entities![market::sale, market::shop]).await?;
    let shops = |tenant: &str| db.tenant(tenant).repository::<shop::Entity>();
    let key = [shop::Column::Tenant, shop::Column::Name];
    let sized = |area| shop::ActiveModel { area: Set(area), ..shop::row("same") };
    let (ann, bob) = (shops("ann").upsert(sized(1), key).await?, shops("bob").upsert(sized(2), key).await?);
    assert!(ann.id != bob.id && bob.tenant == "bob", "R1: each has its own");
    let again = shops("ann").upsert(sized(3), key).await?;
    assert_eq!((again.id, again.area), (ann.id, 3), "R1: and changes its own");
    assert_eq!(shops("bob").get(bob.id).await?, Some(bob.clone()), "R1: and no other");
    let sales = |tenant: &str| db.tenant(tenant).repository::<sale::Entity>();
    let theirs = sales("bob").upsert(sale::row(1, bob.id), [sale::Column::Id]).await?;
    let answer = sales("ann").upsert(sale::row(1, ann.id), [sale::Column::Id]).await;
    refused(answer, ErrorKind::UniqueViolation, "R1: another's row has the key");
    assert_eq!(sales("bob").get(1).await?, Some(theirs), "R1: and stays as it was");
    let answer = sales("ann").upsert(sale::row(2, bob.id), [sale::Column::Id]).await;
    refused_at(answer, ErrorKind::ForeignKeyViolation, "sale", "shop_id", "R1: another's parent is none");
    let answer = db.repository::<sale::Entity>().upsert(sale::row(2, ann.id), [sale::Column::Id]).await;
    refused_at(answer, ErrorKind::TenantRequired, "sale", "tenant", "R1: whose row?");
    Ok(())
}

pub async fn r2_an_upsert_is_looked_at(db: Database) -> Proof {
    let rows = table::<deposit::Entity>(&db).await?;
    let key = [deposit::Column::Id];
    rows.upsert(deposit::row(1, 1_000, "ann"), key).await?;
    let answer = rows.upsert_many([deposit::row(2, 1, "bob"), deposit::row(1, 1_001, "ann")], key).await;
    refused_at(answer, ErrorKind::Rejected, "deposit", "amount", "R2: each row of many");
    assert_eq!(rows.count(all()).await?, 1, "R2: nothing was written");
    assert_eq!(rows.upsert(deposit::row(1, 7, "cid"), key).await?.amount, 7, "R2: let through");
    Ok(())
}

pub async fn q3_an_upsert_finds_its_row_by_the_folded_text(db: Database) -> Proof {
    let rows = table::<account::Entity>(&db).await?;
    let first = rows.insert(account::row("Ann@x", 1, 1)).await?;
    let second = rows.upsert(account::row("ANN@X", 1, 2), [account::Column::EmailFolded]).await?;
    let now = account::Model { email: "ANN@X".into(), logins: 2, ..first };
    assert_eq!(second, now, "Q3: whatever its case, it is the same row");
    assert_eq!(rows.get(now.id).await?, Some(now), "Q3: and it is written");
    Ok(())
}

pub async fn w4_rows_of_one_key_are_refused_whatever_each_of_them_sets(db: Database) -> Proof {
    let rows = table::<account::Entity>(&db).await?;
    let unset = |row: account::ActiveModel| account::ActiveModel { slot: NotSet, ..row };
    let kind = ErrorKind::InvalidQuery;
    let both = [unset(account::row("a", 0, 1)), account::row("b", 7, 2)];
    let answer = rows.upsert_many(both, [account::Column::Slot]).await;
    refused_at(answer, kind, "account", "slot", "W4: one gives what the other takes as a default");
    let both = [account::row("Ann", 1, 1), unset(account::row("ANN", 0, 2))];
    let answer = rows.upsert_many(both, [account::Column::EmailFolded]).await;
    refused_at(answer, kind, "account", "email_folded", "W4: one text when it is folded");
    assert_eq!(rows.count(all()).await?, 0, "W4: nothing was written");
    let shops = table::<shop::Entity>(&db.tenant("ann")).await?;
    let both = [shop::row("same"), shop::ActiveModel { tenant: Set("ann".into()), ..shop::row("same") }];
    let answer = shops.upsert_many(both, [shop::Column::Tenant, shop::Column::Name]).await;
    let error = refused(answer, kind, "W4: one says whose it is, the other is stamped");
    assert_eq!(error.fields(), ["tenant", "name"], "W4: the error names the key: {error}");
    let two = [unset(account::row("a", 0, 1)), account::row("b", 8, 2)];
    assert_eq!(rows.upsert_many(two, [account::Column::Slot]).await?.len(), 2, "W4: two keys are two rows");
    Ok(())
}
