//! Law Q8: streams are batches by place, with nothing held between them.

use super::{ids, maybe_rows};
use crate::{
    Database, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, Rows, refused, refused_at, sure, table, there},
        entities::{ghost, maybe, member, word},
    },
    repository::{Entity, Query},
    transaction::TransactionOptions,
};
use futures::{StreamExt, TryStreamExt, future::try_join_all};
use sea_orm::Set;
use std::time::{Duration, Instant};

/// More rows than a few batches have.
const ROWS: i32 = 700;

async fn many(db: &Database) -> Result<Rows<maybe::Entity>> {
    maybe_rows(db, 0..ROWS, |row, n| {
        row.whole = Set((n % 7 != 0).then_some(n % 7));
        row.name = Set((n % 3 != 0).then(|| format!("name {}", n % 5)));
    })
    .await
}

async fn streamed(rows: &Rows<maybe::Entity>, query: Query<maybe::Entity>) -> Result<Vec<i32>> {
    rows.stream(query).map_ok(|row| row.id).try_collect().await
}

async fn all_of<E: Entity>(rows: &Rows<E>, query: Query<E>) -> Result<Vec<E::Model>> {
    rows.stream(query).try_collect().await
}

/// The keys `0..ROWS`, sorted by what the case says.
fn sorted<K: Ord>(by: impl FnMut(&i32) -> K) -> Vec<i32> {
    let mut keys: Vec<i32> = (0..ROWS).collect();
    keys.sort_by_key(by);
    keys
}

pub async fn q8_a_stream_gives_every_row_once_in_order(db: Database) -> Proof {
    let rows = many(&db).await?;
    let (whole, name) = (col(maybe::COLUMN.whole), col(maybe::COLUMN.name));
    let text = |n: i32| (n % 3 != 0).then_some(n % 5);
    // Null first: 7 divides it; the highest first: null, which is 0 here, last.
    assert_eq!(streamed(&rows, all().order_by(whole.asc())).await?, sorted(|n| (n % 7, *n)), "Q8: ascending");
    assert_eq!(streamed(&rows, all().order_by(whole.desc())).await?, sorted(|n| (-(n % 7), *n)), "Q8: descending");
    let last = all().order_by(whole.asc().nulls_last());
    assert_eq!(streamed(&rows, last).await?, sorted(|n| ((n % 7 == 0, n % 7), *n)), "Q8: nulls last");
    let mixed = all().order_by(whole.desc().nulls_first()).order_by(name.asc());
    let expected = sorted(|n| (n % 7 != 0, -(n % 7), text(*n), *n));
    assert_eq!(streamed(&rows, mixed).await?, expected, "Q8: mixed directions");
    assert_eq!(streamed(&rows, all().order_by(col(maybe::COLUMN.id).desc())).await?, sorted(|n| -n), "Q8: by key");
    Ok(())
}

pub async fn q8_a_stream_without_an_order_is_by_key(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    // Scattered, so that the order of inserts is not the order of the key.
    let mut keys: Vec<(i32, String)> = (0..200).map(|n| (n * 7 % 5, format!("h{:03}", n * 37 % 200))).collect();
    rows.insert_many(keys.iter().map(|(team, handle)| member::row(*team, handle, "same")).collect::<Vec<_>>()).await?;
    keys.sort();
    let found: Vec<_> = all_of(&rows, all()).await?.into_iter().map(|row| (row.team_id, row.handle)).collect();
    assert_eq!(found, keys, "Q8: by both columns of the key");
    Ok(())
}

pub async fn q8_a_filter_holds_for_the_whole_stream(db: Database) -> Proof {
    let rows = many(&db).await?;
    let (whole, name) = (col(maybe::COLUMN.whole), col(maybe::COLUMN.name));
    let query = (whole.eq(1) | whole.is_null()).order_by(name.desc()).filter(!name.eq("name 2"));
    let text = |n: i32| (n % 3 != 0).then_some(n % 5);
    let mut expected = sorted(|n| (std::cmp::Reverse(text(*n)), *n));
    // A name that is null is unknown, and so is its negation.
    expected.retain(|n| n % 7 <= 1 && text(*n).is_some_and(|text| text != 2));
    assert_eq!(streamed(&rows, query).await?, expected, "Q8: in every batch");
    assert_eq!(streamed(&rows, whole.is_in([0; 0]).into_query()).await?, [0; 0], "Q8: an empty list is no rows");
    Ok(())
}

pub async fn q8_limit_and_offset_hold_for_the_whole_stream(db: Database) -> Proof {
    let rows = many(&db).await?;
    for limit in [0, 1, 15, 16, 17, 143, 144, 145, 699, 700, 701, u64::MAX] {
        for offset in [0, 1, 20, 699, 700] {
            let expected: Vec<i32> = (0..ROWS)
                .skip(usize::try_from(offset).unwrap_or(usize::MAX))
                .take(usize::try_from(limit).unwrap_or(usize::MAX))
                .collect();
            let found = streamed(&rows, all().limit(limit).offset(offset)).await?;
            assert_eq!(found, expected, "Q8: limit {limit}, offset {offset}");
        }
    }
    Ok(())
}

pub async fn q8_large_rows_come_whole(db: Database) -> Proof {
    let rows = table::<word::Entity>(&db).await?;
    // Small ones first, so that a batch that is sized by them alone would be far too large.
    let text = |n: i32| if n < 100 { n.to_string() } else { format!("{n}{}", "x".repeat(60_000)) };
    let row = |n| word::ActiveModel { id: Set(n), text: Set(n.to_string()), prose: Set(text(n)) };
    rows.insert_many((0..160).map(row).collect::<Vec<_>>()).await?;
    let found = all_of(&rows, all()).await?;
    assert_eq!(found.len(), 160, "Q8: every row");
    for row in found {
        assert!(row.prose == text(row.id), "Q8: row {} is whole", row.id);
    }
    Ok(())
}

pub async fn q8_no_connection_is_held_between_rows(db: Database) -> Proof {
    let rows = many(&db).await?;
    let mut streams = Vec::new();
    // More streams than connections.
    for _ in 0..40 {
        let mut stream = rows.stream(all());
        assert_eq!(there(stream.try_next().await?, "Q8").id, 0, "Q8: the first row");
        streams.push(stream);
        assert_eq!(db.backend().pool().in_use, 0, "Q8: nothing is in use between two rows");
    }
    assert_eq!(rows.count(all()).await?, 700, "Q8: another call goes on");
    let rest = try_join_all(streams.into_iter().map(TryStreamExt::try_collect::<Vec<_>>)).await?;
    assert!(rest.iter().all(|rest| rest.len() == 699), "Q8: and all of them come to their end");
    Ok(())
}

pub async fn q8_a_stream_is_dropped_at_any_row_at_no_cost(db: Database) -> Proof {
    let rows = many(&db).await?;
    for seen in [0, 1, 15, 16, 17, 150, 699] {
        let mut stream = rows.stream(all().order_by(col(maybe::COLUMN.whole).asc()));
        for _ in 0..seen {
            there(stream.try_next().await?, "Q8: a row");
        }
        let dropped = Instant::now();
        drop(stream);
        assert_eq!(db.backend().pool().in_use, 0, "Q8: nothing is left to be drained after row {seen}");
        assert_eq!(rows.count(all()).await?, 700, "Q8: the next call is answered");
        assert!(dropped.elapsed() < Duration::from_secs(5), "Q8: at once, after row {seen}");
    }
    Ok(())
}

pub async fn q8_other_calls_go_on_beside_a_stream_in_a_transaction(db: Database) -> Proof {
    many(&db).await?;
    let changed = db.transact(|tx| async move {
        let rows = tx.repository::<maybe::Entity>();
        let mut stream = rows.stream(col(maybe::COLUMN.whole).eq(3));
        let mut changed = 0;
        while let Some(row) = stream.try_next().await? {
            assert_eq!(rows.get(row.id).await?.map(|row| row.id), Some(row.id), "Q8: a read beside it");
            rows.update(maybe::ActiveModel { id: Set(row.id), small: Set(Some(1)), ..Default::default() }).await?;
            changed += 1;
        }
        Ok(changed)
    });
    assert_eq!(changed.await?, 100, "Q8: every row of the stream, and two calls for each");
    let rows = db.repository::<maybe::Entity>();
    assert_eq!(rows.count(col(maybe::COLUMN.small).eq(1)).await?, 100, "Q8: the writes are there");
    Ok(())
}

pub async fn q8_streams_in_a_transaction_see_it_and_run_side_by_side(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..50, |_, _| {}).await?;
    let tx = db.begin(TransactionOptions::default()).await?;
    let inside = tx.repository::<maybe::Entity>();
    inside.insert(maybe::row(50)).await?;
    inside.delete(0).await?;
    let (one, other) = (inside.stream(all()), inside.stream(all().order_by(col(maybe::COLUMN.id).desc())));
    let pairs: Vec<(i32, i32)> =
        one.zip(other).map(|(one, other)| Ok::<_, crate::Error>((one?.id, other?.id))).try_collect().await?;
    assert_eq!(pairs, (1..=50).zip((1..=50).rev()).collect::<Vec<_>>(), "Q8: what the transaction wrote");
    tx.rollback().await?;
    assert_eq!(streamed(&rows, all()).await?, (0..50).collect::<Vec<_>>(), "Q8: and outside nothing of it");
    Ok(())
}

pub async fn q8_a_stream_that_outlives_its_transaction_is_closed(db: Database) -> Proof {
    many(&db).await?;
    // In the middle of a batch, at its end, and before the first row.
    for seen in [1, 16, 40, 0] {
        for end in ["commit", "rollback", "drop"] {
            let tx = db.begin(TransactionOptions::default()).await?;
            let mut stream = tx.repository::<maybe::Entity>().stream(all());
            for _ in 0..seen {
                there(stream.try_next().await?, "Q8: a row");
            }
            match end {
                "commit" => tx.commit().await?,
                "rollback" => tx.rollback().await?,
                _ => drop(tx),
            }
            let next = stream.try_next().await;
            refused(next, ErrorKind::TransactionClosed, "Q8: no row after the transaction");
            assert!(stream.next().await.is_none(), "Q8: and nothing after the error: {end} after {seen}");
        }
    }
    Ok(())
}

pub async fn q8_a_stream_is_closed_also_where_every_row_was_read(db: Database) -> Proof {
    maybe_rows(&db, 0..3, |_, _| {}).await?;
    let tx = db.begin(TransactionOptions::default()).await?;
    let mut stream = tx.repository::<maybe::Entity>().stream(all());
    there(stream.try_next().await?, "Q8: a row");
    tx.commit().await?;
    refused(stream.try_next().await, ErrorKind::TransactionClosed, "Q8: however few rows there are");
    Ok(())
}

pub async fn q8_rows_that_do_not_change_come_once_while_others_do(db: Database) -> Proof {
    let rows = many(&db).await?;
    let mut stream = rows.stream(all().order_by(col(maybe::COLUMN.id).asc()));
    let mut seen = Vec::new();
    while let Some(row) = stream.try_next().await? {
        if row.id % 100 == 50 {
            // The row itself, one that was seen, one far ahead; and a new one far behind.
            rows.delete_many(col(maybe::COLUMN.id).is_in([row.id, row.id - 1, ROWS - 1 - row.id / 100])).await?;
            rows.insert(maybe::row(-row.id)).await?;
        }
        seen.push(row.id);
    }
    let untouched: Vec<i32> = seen.iter().copied().filter(|id| *id < ROWS - 7).collect();
    assert_eq!(untouched, (0..ROWS - 7).collect::<Vec<_>>(), "Q8: every other row once, in order");
    assert!(seen.is_sorted() && seen.iter().all(|id| *id >= 0), "Q8: and none out of its place: {seen:?}");
    Ok(())
}

pub async fn q8_the_first_error_is_the_last_item(db: Database) -> Proof {
    let mut stream = db.repository::<ghost::Entity>().stream(all());
    refused(stream.try_next().await, ErrorKind::TableNotFound, "Q8: a table that was never made");
    assert!(stream.next().await.is_none(), "Q8: nothing follows");
    let rows = maybe_rows(&db, 0..3, |_, _| {}).await?;
    let wrong = rows.stream(col(maybe::COLUMN.name).eq("a\0b")).try_next().await;
    refused_at(wrong, ErrorKind::InvalidValue, "maybe", "name", "Q8: what cannot be asked");
    let mut closed = rows.stream(all());
    db.close().await?;
    refused(closed.try_next().await, ErrorKind::Closed, "Q8: a closed database");
    Ok(())
}

pub async fn q8_a_stream_moves_into_a_task(db: Database) -> Proof {
    let rows = many(&db).await?;
    let stream = rows.stream(col(maybe::COLUMN.whole).is_null());
    drop(rows);
    let task = tokio::spawn(async move { stream.map_ok(|row| row.id).try_collect::<Vec<i32>>().await });
    let found = sure(task.await.ok())?;
    assert_eq!(found, (0..ROWS).filter(|n| n % 7 == 0).collect::<Vec<_>>(), "Q8: it needs nothing of who made it");
    let rows = db.repository::<maybe::Entity>();
    assert_eq!(ids(&rows, col(maybe::COLUMN.whole).is_null()).await?.len(), 100, "Q8");
    Ok(())
}
