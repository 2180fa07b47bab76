//! Laws Q4, Q6: orders are total, and the edges of windows are answers, not errors.

use super::{ids, maybe_rows};
use crate::{
    Database, ErrorKind, PageRequest, all, col,
    conformance::{
        check::{Proof, Rows, refused, table, there},
        entities::{maybe, member, note, person},
    },
};
use sea_orm::{Set, prelude::Uuid};
use std::collections::BTreeSet;

/// Fifty rows of which many tie: five groups, and a name for every other one.
pub(super) async fn ties(db: &Database) -> crate::Result<Rows<maybe::Entity>> {
    maybe_rows(db, 0..50, |row, n| {
        row.whole = Set((n % 5 != 0).then_some(n % 5));
        row.name = Set((n % 2 == 0).then(|| "same".to_owned()));
    })
    .await
}

pub async fn q4_ties_are_broken_by_the_key(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let same = all().order_by(col(maybe::COLUMN.name).desc());
    let expected: Vec<i32> = (0..50).filter(|n| n % 2 == 0).chain((0..50).filter(|n| n % 2 == 1)).collect();
    assert_eq!(ids(&rows, same).await?, expected, "Q4: within a tie, by ascending key");
    Ok(())
}

pub async fn q4_ties_are_broken_by_the_key_and_not_by_age(db: Database) -> Proof {
    db.create_tables(&crate::entities![person, note]).await?;
    let rows = db.repository::<note::Entity>();
    // The newest row has the lowest key: the order in which rows lie in a file is none.
    let expected: Vec<Uuid> = (0..50).map(Uuid::from_u128).collect();
    for id in expected.iter().rev() {
        rows.insert(note::ActiveModel { id: Set(*id), ..note::row(None) }).await?;
    }
    let author = col(note::COLUMN.author_id);
    for query in [all().order_by(author.asc()), all().order_by(author.desc()), all().limit(50)] {
        let found: Vec<Uuid> = rows.find(query.clone()).await?.iter().map(|row| row.id).collect();
        assert_eq!(found, expected, "Q4: all are one tie: {query:?}");
    }
    Ok(())
}

pub async fn q4_pages_of_ties_hold_every_row_once(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let (whole, name) = (col(maybe::COLUMN.whole), col(maybe::COLUMN.name));
    let queries = [
        all(),
        all().order_by(whole.asc()),
        all().order_by(whole.desc().nulls_first()),
        all().order_by(name.asc()).order_by(whole.desc()),
    ];
    for query in queries {
        let mut seen = BTreeSet::new();
        for number in 1..=8 {
            let page = rows.page(query.clone(), PageRequest::new(number, 7)).await?;
            assert_eq!(page.total, 50, "Q4: the total is that of all rows");
            assert_eq!(page.items.len(), if number < 8 { 7 } else { 1 }, "Q4: page {number} is full, the last one not");
            for row in page.items {
                assert!(seen.insert(row.id), "Q4: row {} stands on one page only: {query:?}", row.id);
            }
        }
        assert_eq!(seen.len(), 50, "Q4: no row is skipped between pages: {query:?}");
    }
    Ok(())
}

pub async fn q4_ties_are_broken_by_a_key_that_is_not_the_order_of_inserts(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    // Scattered, so that neither the order of inserts nor that of a heap is the order of the key.
    let keys: Vec<(i32, String)> = (0..60).map(|n| (n * 7 % 5, format!("h{:02}", n * 37 % 60))).collect();
    rows.insert_many(keys.iter().map(|(team, handle)| member::row(*team, handle, "same")).collect::<Vec<_>>()).await?;
    rows.update_many(col(member::COLUMN.team_id).eq(3), [col(member::COLUMN.role).set("same")]).await?;
    let mut sorted = keys.clone();
    sorted.sort();
    let role = col(member::COLUMN.role);
    for query in [all().order_by(role.asc()), all().order_by(role.desc()), all()] {
        let mut paged = Vec::new();
        for number in 1..=9 {
            let page = rows.page(query.clone(), PageRequest::new(number, 7)).await?;
            paged.extend(page.items.into_iter().map(|row| (row.team_id, row.handle)));
        }
        assert_eq!(paged, sorted, "Q4: within a tie, by ascending key: {query:?}");
    }
    let whole = rows.find(all().order_by(role.desc())).await?;
    let whole: Vec<_> = whole.into_iter().map(|row| (row.team_id, row.handle)).collect();
    assert_eq!(whole, sorted, "Q4: without a window too");
    Ok(())
}

pub async fn q4_a_limit_without_an_order_is_by_the_key(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let keys = |rows: Vec<maybe::Model>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(keys(rows.find(all().limit(3)).await?), [0, 1, 2], "Q4: a limit makes the order total");
    assert_eq!(keys(rows.find(all().offset(48)).await?), [48, 49], "Q4: so does an offset");
    assert_eq!(there(rows.one(all()).await?, "Q4").id, 0, "Q4: and `one`");
    Ok(())
}

pub async fn q4_an_order_by_the_key_itself_is_kept(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let key = col(maybe::COLUMN.id);
    assert_eq!(
        ids(&rows, all().order_by(key.desc()).limit(2)).await?,
        [49, 48],
        "Q4: a key descending stays descending"
    );
    let twice = all().order_by(key.desc()).order_by(key.asc()).limit(2);
    assert_eq!(ids(&rows, twice).await?, [49, 48], "Q4: the first order of a column counts");
    Ok(())
}

pub async fn q6_a_limit_of_zero_is_no_rows(db: Database) -> Proof {
    let rows = ties(&db).await?;
    assert_eq!(ids(&rows, all().limit(0)).await?, [0; 0], "Q6: limit 0 is none");
    assert_eq!(ids(&rows, all().order_by(col(maybe::COLUMN.name).asc()).limit(0).offset(3)).await?, [0; 0], "Q6");
    assert_eq!(rows.count(all().limit(0)).await?, 50, "Q6: a count does not look at the limit");
    assert!(rows.exists(all().limit(0)).await?, "Q6: nor does exists");
    Ok(())
}

pub async fn q6_an_offset_beyond_the_end_is_no_rows(db: Database) -> Proof {
    let rows = ties(&db).await?;
    for offset in [50, 51, u64::from(u32::MAX), i64::MAX.unsigned_abs()] {
        assert_eq!(ids(&rows, all().offset(offset)).await?, [0; 0], "Q6: nothing is after row {offset}");
        assert_eq!(ids(&rows, all().offset(offset).limit(5)).await?, [0; 0], "Q6: nothing is after row {offset}");
    }
    Ok(())
}

pub async fn q6_an_offset_without_a_limit_gives_the_rest(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let query = all().order_by(col(maybe::COLUMN.id).desc()).offset(47);
    assert_eq!(ids(&rows, query).await?, [2, 1, 0], "Q6: all after the first 47");
    assert_eq!(rows.find(all().offset(0)).await?.len(), 50, "Q6: an offset of 0 is none");
    Ok(())
}

pub async fn q6_a_huge_limit_is_no_limit(db: Database) -> Proof {
    let rows = ties(&db).await?;
    for limit in [51, u64::from(u32::MAX), i64::MAX.unsigned_abs()] {
        assert_eq!(rows.find(all().limit(limit)).await?.len(), 50, "Q6: a limit of {limit} keeps all rows");
    }
    assert_eq!(rows.find(all().limit(9).limit(4).limit(6)).await?.len(), 4, "Q6: the least limit counts");
    Ok(())
}

pub async fn q6_a_page_of_size_zero_or_number_zero_is_a_typed_error(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let law = "Q6: a typed error";
    for request in [PageRequest::new(1, 0), PageRequest::new(0, 10), PageRequest::new(u64::MAX, u64::MAX)] {
        let error = refused(rows.page(all(), request).await, ErrorKind::InvalidQuery, law);
        assert_eq!(error.entity_name(), Some("maybe"), "Q6: the error names the entity: {error}");
    }
    Ok(())
}

pub async fn q6_a_page_has_no_window_of_its_own(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let law = "Q6: a window in the query is not forgotten, nor is the lesser taken";
    for query in [all().limit(3), all().limit(100), all().offset(1), all().limit(0)] {
        let error = refused(rows.page(query, PageRequest::first(10)).await, ErrorKind::InvalidQuery, law);
        assert_eq!(error.entity_name(), Some("maybe"), "Q6: the error names the entity: {error}");
    }
    assert_eq!(rows.page(all().offset(0), PageRequest::first(10)).await?.items.len(), 10, "Q6: no offset is none");
    Ok(())
}

pub async fn q6_a_page_after_the_last_is_empty(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let page = rows.page(all(), PageRequest::new(9, 10)).await?;
    assert!(page.items.is_empty(), "Q6: nothing after the last page");
    assert_eq!((page.total, page.pages(), page.has_next()), (50, 5, false), "Q6: the total is told all the same");
    let exact = rows.page(all(), PageRequest::new(5, 10)).await?;
    assert_eq!((exact.items.len(), exact.has_next()), (10, false), "Q6: a full last page is the last");
    Ok(())
}

pub async fn q6_a_page_of_nothing_has_no_pages(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let page = rows.page(col(maybe::COLUMN.id).gt(1_000), PageRequest::first(10)).await?;
    assert_eq!((page.items.len(), page.total, page.pages(), page.has_next()), (0, 0, 0, false), "Q6: nothing matches");
    Ok(())
}
