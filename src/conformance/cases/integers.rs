//! Law V7: whole numbers are checked, and never wrap, widen or panic.

use super::{ids, in_order, maybe_rows};
use crate::{
    Database, ErrorKind,
    backend::{Aggregate, Figure, Filter as Erased, Operation, Outcome},
    col,
    conformance::{
        check::{Proof, refused_at, refused_in, table, there},
        entities::maybe,
    },
};
use sea_orm::{Set, Value};

pub async fn v7_the_ends_of_every_integer_type_are_kept(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let low = maybe::ActiveModel {
        tiny: Set(Some(i8::MIN)),
        octet: Set(Some(0)),
        small: Set(Some(i16::MIN)),
        short: Set(Some(0)),
        whole: Set(Some(i32::MIN)),
        count: Set(Some(0)),
        big: Set(Some(i64::MIN)),
        size: Set(Some(0)),
        ..maybe::row(i32::MIN)
    };
    let high = maybe::ActiveModel {
        tiny: Set(Some(i8::MAX)),
        octet: Set(Some(u8::MAX)),
        small: Set(Some(i16::MAX)),
        short: Set(Some(u16::MAX)),
        whole: Set(Some(i32::MAX)),
        count: Set(Some(u32::MAX)),
        big: Set(Some(i64::MAX)),
        size: Set(Some(i64::MAX.unsigned_abs())),
        ..maybe::row(i32::MAX)
    };
    for row in rows.insert_many([low, high]).await? {
        assert_eq!(rows.get(row.id).await?, Some(row), "V7, V1: the ends of every type come back");
    }
    let largest = col(maybe::COLUMN.size).eq(i64::MAX.unsigned_abs()) & col(maybe::COLUMN.big).eq(i64::MAX);
    assert_eq!(ids(&rows, largest).await?, [i32::MAX], "V7: and are found");
    assert_eq!(in_order(&rows, col(maybe::COLUMN.count).desc()).await?, [i32::MAX, i32::MIN], "V7: unsigned in order");
    Ok(())
}

pub async fn v7_a_u64_above_i64_max_is_a_typed_error(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_u64], |row, value| row.size = Set(Some(value))).await?;
    let size = col(maybe::COLUMN.size);
    let law = "V7: u64 above i64::MAX is a typed error, never a panic";
    for value in [u64::MAX, i64::MAX.unsigned_abs() + 1] {
        let row = |id| maybe::ActiveModel { size: Set(Some(value)), ..maybe::row(id) };
        refused_at(rows.insert(row(1)).await, ErrorKind::InvalidValue, "maybe", "size", law);
        refused_at(rows.update(row(0)).await, ErrorKind::InvalidValue, "maybe", "size", law);
        refused_at(
            rows.update_many(size.eq(1), [size.set(value)]).await,
            ErrorKind::InvalidValue,
            "maybe",
            "size",
            law,
        );
        refused_at(rows.find(size.lt(value)).await, ErrorKind::InvalidValue, "maybe", "size", law);
        refused_at(rows.find(size.is_in([1, value])).await, ErrorKind::InvalidValue, "maybe", "size", law);
    }
    assert_eq!(ids(&rows, size.eq(1)).await?, [0], "V7: nothing was written");
    Ok(())
}

pub async fn v7_a_change_out_of_range_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [()], |_, ()| {}).await?;
    let every = || col(maybe::COLUMN.id).gte(0);
    let law = "V7: a whole number out of the column's range is refused";
    let changes = [
        (col(maybe::COLUMN.tiny).set(128), "tiny"),
        (col(maybe::COLUMN.tiny).set(-129), "tiny"),
        (col(maybe::COLUMN.octet).set(256), "octet"),
        (col(maybe::COLUMN.octet).set(-1), "octet"),
        (col(maybe::COLUMN.short).set(65_536), "short"),
        (col(maybe::COLUMN.short).set(-1), "short"),
        (col(maybe::COLUMN.small).set(32_768), "small"),
        (col(maybe::COLUMN.small).set(-32_769), "small"),
        (col(maybe::COLUMN.whole).set(i64::from(i32::MAX) + 1), "whole"),
        (col(maybe::COLUMN.count).set(-1), "count"),
        (col(maybe::COLUMN.count).set(i64::from(u32::MAX) + 1), "count"),
        (col(maybe::COLUMN.size).set(-1), "size"),
    ];
    for (change, field) in changes {
        refused_at(rows.update_many(every(), [change]).await, ErrorKind::InvalidValue, "maybe", field, law);
    }
    let untouched = col(maybe::COLUMN.small).is_null() & col(maybe::COLUMN.tiny).is_null();
    assert_eq!(ids(&rows, untouched).await?, [0], "V7: nothing was written");
    Ok(())
}

pub async fn v7_a_filter_out_of_range_is_still_a_comparison(db: Database) -> Proof {
    let rows = maybe_rows(&db, [-5_i16, 5], |row, value| {
        (row.small, row.count) = (Set(Some(value)), Set(Some(u32::from(value.unsigned_abs()))));
    })
    .await?;
    let (small, count) = (col(maybe::COLUMN.small), col(maybe::COLUMN.count));
    assert_eq!(ids(&rows, small.lt(100_000)).await?, [0, 1], "V7: every i16 is less than 100,000");
    assert_eq!(ids(&rows, small.gt(i64::MIN)).await?, [0, 1], "V7: and greater than the least i64");
    assert_eq!(ids(&rows, small.eq(65_531)).await?, [0; 0], "V7: nothing wraps");
    assert_eq!(ids(&rows, count.gt(-1)).await?, [0, 1], "V7: every u32 is greater than -1");
    assert_eq!(ids(&rows, count.is_in([-5_i64, 5, 1 << 40])).await?, [0, 1], "V7: in a list too");
    Ok(())
}

pub async fn v7_an_increment_out_of_range_changes_nothing(db: Database) -> Proof {
    let rows = maybe_rows(&db, [10_i16, i16::MAX], |row, value| {
        row.small = Set(Some(value));
        row.tiny = Set(Some(i8::try_from(value).unwrap_or(i8::MAX)));
        row.octet = Set(Some(u8::try_from(value).unwrap_or(u8::MAX)));
        row.short = Set(Some(if value == i16::MAX { u16::MAX } else { 10 }));
        row.big = Set(Some(i64::MAX - i64::from(i16::MAX - value)));
        row.count = Set(Some(u32::from(value.unsigned_abs())));
        row.whole = Set(Some(if value == i16::MAX { i32::MAX } else { 0 }));
        row.size = Set(Some(if value == i16::MAX { i64::MAX.unsigned_abs() } else { 0 }));
    })
    .await?;
    let before = rows.find(crate::all().order_by(col(maybe::COLUMN.id).asc())).await?;
    let every = || col(maybe::COLUMN.id).gte(0);
    let changes = [
        (col(maybe::COLUMN.tiny).increment(1), "tiny"),
        (col(maybe::COLUMN.tiny).increment(-256), "tiny"),
        (col(maybe::COLUMN.octet).increment(1), "octet"),
        (col(maybe::COLUMN.octet).increment(-11), "octet"),
        (col(maybe::COLUMN.short).increment(1), "short"),
        (col(maybe::COLUMN.short).increment(-11), "short"),
        (col(maybe::COLUMN.small).increment(1), "small"),
        (col(maybe::COLUMN.small).increment(100_000), "small"),
        (col(maybe::COLUMN.whole).increment(1), "whole"),
        (col(maybe::COLUMN.big).increment(1), "big"),
        (col(maybe::COLUMN.count).increment(-11), "count"),
        (col(maybe::COLUMN.count).increment(u32::MAX), "count"),
        (col(maybe::COLUMN.size).increment(1), "size"),
        (col(maybe::COLUMN.size).increment(-1), "size"),
    ];
    for (change, field) in changes {
        let law = format!("V7: a sum out of the range of {field} is refused");
        refused_in(rows.update_many(every(), [change]).await, ErrorKind::InvalidValue, "maybe", field, &law);
        let after = rows.find(crate::all().order_by(col(maybe::COLUMN.id).asc())).await?;
        assert_eq!(after, before, "V7: and no row is changed, not even those that would fit");
    }
    Ok(())
}

pub async fn v7_unsigned_numbers_go_down_to_zero(db: Database) -> Proof {
    let rows = maybe_rows(&db, [5_u32], |row, value| {
        (row.count, row.size) = (Set(Some(value)), Set(Some(u64::from(value))));
        (row.octet, row.short) = (Set(u8::try_from(value).ok()), Set(u16::try_from(value).ok()));
    })
    .await?;
    let (octet, short) = (col(maybe::COLUMN.octet), col(maybe::COLUMN.short));
    let (count, size) = (col(maybe::COLUMN.count), col(maybe::COLUMN.size));
    let changes = [octet.increment(-5), short.increment(-5), count.increment(-5), size.increment(-5_i64)];
    rows.update_many(col(maybe::COLUMN.id).eq(0), changes).await?;
    let row = there(rows.get(0).await?, "V7");
    assert_eq!((row.octet, row.short), (Some(0), Some(0)), "V7: a negative step on a narrow unsigned column");
    assert_eq!((row.count, row.size), (Some(0), Some(0)), "V7: a negative step on an unsigned column");
    Ok(())
}

/// By an index MariaDB takes what is below the range for its end.
pub async fn q1_a_list_may_reach_beyond_its_column(db: Database) -> Proof {
    let values = [i32::MIN, -1, 0, 1, i32::MAX];
    maybe_rows(&db, values, |row, value| row.whole = Set(Some(value))).await?;
    let table = crate::repository::EntityInfo::of::<maybe::Entity>().table()?;
    let list = || [i64::MIN, 0, i64::MAX].map(Value::from).to_vec();
    for (filter, expected) in [(Erased::NotIn("whole".into(), list()), 4_i64), (Erased::In("whole".into(), list()), 1)]
    {
        let count = Aggregate { filter: Some(filter.clone()), ..Aggregate::of(table.clone(), vec![Figure::Count]) };
        let outcome = db.backend().run(&crate::Context::current(), Operation::Aggregate(count)).await?;
        let Outcome::Rows(rows) = outcome else { panic!("Q1: a figure is a row") };
        assert_eq!(rows.into_iter().flatten().collect::<Vec<_>>(), [Value::from(expected)], "Q1: {filter:?}");
    }
    Ok(())
}
