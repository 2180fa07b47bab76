//! Law W5: writes by condition count the rows that matched, and increments all count.

use super::{ids, maybe_rows};
use crate::{
    Database, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, refused_at, table, there},
        entities::{branch, maybe, person},
    },
};
use maybe::Column as C;
use sea_orm::Set;

pub async fn w5_update_many_counts_the_rows_that_matched(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 1, 2], |row, value| row.big = Set(Some(value))).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.update_many(big.lt(9), [big.set(1)]).await?, 3, "W5: all three matched, two were 1 already");
    assert_eq!(rows.update_many(big.eq(1), [big.set(1)]).await?, 3, "W5: matched, not changed");
    assert_eq!(rows.update_many(big.eq(1), [big.increment(0)]).await?, 3, "W5: matched, not changed");
    assert_eq!(rows.update_many(big.eq(5), [big.set(1)]).await?, 0, "W5: none matched");
    Ok(())
}

pub async fn w5_delete_many_counts_the_rows_that_matched(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(1), Some(1), None], |row, value| row.big = Set(value)).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.delete_many(big.eq(5)).await?, 0, "W5: none matched");
    assert_eq!(rows.delete_many(!big.eq(5)).await?, 2, "W5, Q1: null does not match");
    assert_eq!(rows.delete_many(big.is_null()).await?, 1, "W5: one matched");
    Ok(())
}

pub async fn w5_the_whole_table_is_written_where_that_is_said(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.update_where(all(), vec![big.set(3)]).await?, 2, "W5: every row");
    assert_eq!(rows.delete_where(all(), crate::repository::Deletion::ByRule).await?, 2, "W5: every row");
    assert_eq!(rows.count(all()).await?, 0, "W5: none is left");
    Ok(())
}

pub async fn w5_several_columns_are_changed_at_once(db: Database) -> Proof {
    let rows =
        maybe_rows(&db, [1_i64, 2], |row, value| (row.big, row.name) = (Set(Some(value)), Set(Some("n".into()))))
            .await?;
    let big = col(maybe::COLUMN.big);
    let changes = [big.increment(10), col(maybe::COLUMN.name).set_null(), col(maybe::COLUMN.flag).set(true)];
    // The condition is on a column that changes: it is asked before the change.
    assert_eq!(rows.update_many(big.gte(1), changes).await?, 2, "W5: both rows");
    let row = there(rows.get(1).await?, "W5");
    assert_eq!((row.big, row.name, row.flag), (Some(12), None, Some(true)), "W5: every change is made once");
    Ok(())
}

pub async fn w5_every_type_can_be_set_to_a_value_and_to_null(db: Database) -> Proof {
    use crate::conformance::entities::{Mood, Shape, everything};
    let rows = maybe_rows(&db, [()], |_, ()| {}).await?;
    let full = everything::row();
    let every = || col(maybe::COLUMN.id).gte(0);
    let set = [
        col(maybe::COLUMN.flag).set(full.flag),
        col(maybe::COLUMN.tiny).set(full.tiny),
        col(maybe::COLUMN.octet).set(full.octet),
        col(maybe::COLUMN.short).set(full.short),
        col(maybe::COLUMN.count).set(full.count),
        col(maybe::COLUMN.size).set(full.size),
        col(maybe::COLUMN.ratio).set(full.ratio),
        col(maybe::COLUMN.score).set(full.score),
        col(maybe::COLUMN.price).set(full.price),
        col(maybe::COLUMN.prose).set(full.prose.clone()),
        col(maybe::COLUMN.data).set(full.data.clone()),
        col(maybe::COLUMN.extra).set(full.extra.clone()),
        col(maybe::COLUMN.token).set(full.token),
        col(maybe::COLUMN.at).set(full.at),
        col(maybe::COLUMN.zoned).set(full.zoned),
        col(maybe::COLUMN.local).set(full.local),
        col(maybe::COLUMN.day).set(full.day),
        col(maybe::COLUMN.clock).set(full.clock),
        col(maybe::COLUMN.shape).set(Shape::Round),
        col(maybe::COLUMN.mood).set(Mood::DontKnow),
    ];
    rows.update_many(every(), set).await?;
    let row = there(rows.get(0).await?, "W5");
    assert_eq!(
        (row.flag, row.tiny, row.octet, row.short),
        (Some(full.flag), Some(full.tiny), Some(full.octet), Some(full.short))
    );
    assert_eq!(
        (row.count, row.size, row.ratio, row.score),
        (Some(full.count), Some(full.size), Some(full.ratio), Some(full.score))
    );
    assert_eq!(
        (row.price, row.prose, row.data, row.extra),
        (Some(full.price), Some(full.prose), Some(full.data), Some(full.extra))
    );
    assert_eq!(
        (row.token, row.at, row.zoned, row.local),
        (Some(full.token), Some(full.at), Some(full.zoned), Some(full.local))
    );
    assert_eq!(
        (row.day, row.clock, row.shape, row.mood),
        (Some(full.day), Some(full.clock), Some(Shape::Round), Some(Mood::DontKnow))
    );
    let columns = [
        C::Flag,
        C::Tiny,
        C::Octet,
        C::Short,
        C::Count,
        C::Size,
        C::Ratio,
        C::Score,
        C::Price,
        C::Prose,
        C::Data,
        C::Extra,
        C::Token,
        C::At,
        C::Zoned,
        C::Local,
        C::Day,
        C::Clock,
        C::Shape,
        C::Mood,
    ];
    rows.update_many(every(), columns.map(|column| col(column).set_null())).await?;
    let empty = rows.insert(maybe::row(1)).await?;
    assert_eq!(there(rows.get(0).await?, "W5"), maybe::Model { id: 0, ..empty }, "W5: and to null again");
    Ok(())
}

pub async fn w5_a_change_without_changes_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let big = col(maybe::COLUMN.big);
    let error = refused(rows.update_many(big.eq(1), []).await, ErrorKind::InvalidQuery, "W5: nothing to change");
    assert_eq!(error.entity_name(), Some("maybe"), "W5: the error names the entity: {error}");
    let twice = rows.update_many(big.eq(1), [big.set(2), big.increment(1)]).await;
    refused_at(twice, ErrorKind::InvalidQuery, "maybe", "big", "W5: one column, one change");
    Ok(())
}

pub async fn w5_an_increment_of_null_stays_null(db: Database) -> Proof {
    let rows = maybe_rows(&db, [None, Some(1)], |row, value| row.big = Set(value)).await?;
    let changed = rows.update_many(col(maybe::COLUMN.id).gte(0), [col(maybe::COLUMN.big).increment(5)]).await?;
    assert_eq!(changed, 2, "W5: both matched");
    assert_eq!(ids(&rows, col(maybe::COLUMN.big).is_null()).await?, [0], "W5: null and five is null");
    assert_eq!(ids(&rows, col(maybe::COLUMN.big).eq(6)).await?, [1], "W5: one and five is six");
    Ok(())
}

pub async fn w5_an_increment_may_be_negative_or_a_fraction(db: Database) -> Proof {
    let rows = maybe_rows(&db, [10], |row, value| {
        (row.small, row.score, row.tiny) = (Set(Some(value)), Set(Some(0.5)), Set(Some(-1)));
    })
    .await?;
    let changes = [
        col(maybe::COLUMN.small).increment(-15),
        col(maybe::COLUMN.score).increment(0.25),
        col(maybe::COLUMN.tiny).increment(1),
    ];
    rows.update_many(col(maybe::COLUMN.id).eq(0), changes).await?;
    let row = there(rows.get(0).await?, "W5");
    assert_eq!((row.small, row.score, row.tiny), (Some(-5), Some(0.75), Some(0)), "W5: down, and by parts");
    Ok(())
}

pub async fn w5_concurrent_increments_all_count(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let id = rows.insert(person::row("p")).await?.id;
    let tasks = (0..8).map(|_| {
        let rows = rows.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                rows.update_many(col(person::COLUMN.id).eq(id), [col(person::COLUMN.visits).increment(1)]).await?;
            }
            Ok::<(), crate::Error>(())
        })
    });
    for task in futures::future::join_all(tasks).await {
        match task {
            Ok(ended) => ended?,
            Err(error) => panic!("W5: a task of the case ended with {error}"),
        }
    }
    assert_eq!(there(rows.get(id).await?, "W5").visits, 200, "W5: eight tasks of 25 increments each");
    Ok(())
}

pub async fn w5_set_null_on_a_required_column_is_refused(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert(person::row("p")).await?;
    let name = col(person::COLUMN.name);
    let answer = rows.update_many(name.eq("p"), [name.set_null()]).await;
    refused_at(answer, ErrorKind::NotNullViolation, "person", "name", "W2: the field is required");
    assert_eq!(rows.count(name.eq("p")).await?, 1, "W2: nothing was changed");
    Ok(())
}

pub async fn w5_a_unique_column_is_incremented_in_one_row_alone(db: Database) -> Proof {
    let rows = table::<branch::Entity>(&db).await?;
    rows.insert_many((1..=4).map(|id| branch::row(id, None)).collect::<Vec<_>>()).await?;
    let up = |by: i32| [col(branch::Column::Place).increment(by)];
    // Whether 1 meets 2 before 2 has become 3 is a matter of luck on every server.
    for filter in
        [col(branch::Column::Place).gte(1), col(branch::Column::Id).is_in([1, 2]), !col(branch::Column::Id).eq(1)]
    {
        let answer = rows.update_many(filter, up(1)).await;
        refused_at(answer, ErrorKind::InvalidQuery, "branch", "place", "W5: in many rows it is refused");
    }
    let either = col(branch::Column::Id).eq(1) | col(branch::Column::Id).eq(2);
    refused_at(rows.update_many(either, up(1)).await, ErrorKind::InvalidQuery, "branch", "place", "W5: in two");
    assert_eq!(rows.update_many(col(branch::Column::Id).eq(4), up(5)).await?, 1, "W5: one row, by its key");
    assert_eq!(rows.update_many(col(branch::Column::Place).eq(9), up(-1)).await?, 1, "W5: or by another unique key");
    let taken = rows.update_many(col(branch::Column::Id).eq(4) & col(branch::Column::Place).gt(0), up(-5)).await;
    refused_at(taken, ErrorKind::UniqueViolation, "branch", "place", "W3: where another row has it");
    let places: Vec<_> =
        rows.find(all().order_by(col(branch::Column::Id).asc())).await?.iter().map(|r| r.place).collect();
    assert_eq!(places, [1, 2, 3, 8].map(Some), "W5: and nothing else changed");
    Ok(())
}
