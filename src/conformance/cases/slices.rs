//! Law Q4: pages by number without a count.

use super::{maybe_rows, pages::ties};
use crate::{
    Database, ErrorKind, PageRequest, all, col,
    conformance::{
        check::{Proof, refused},
        entities::maybe,
    },
};

pub async fn q4_slices_of_ties_hold_every_row_once(db: Database) -> Proof {
    let rows = ties(&db).await?;
    let query = || all().order_by(col(maybe::COLUMN.name).desc());
    let mut seen = Vec::new();
    for number in 1..=8 {
        let slice = rows.slice(query(), PageRequest::new(number, 7)).await?;
        assert_eq!((slice.number, slice.size), (number, 7), "Q4: a slice says which it is");
        assert_eq!(slice.has_next, number < 8, "Q4: whether another follows slice {number}");
        seen.extend(slice.items.into_iter().map(|row| row.id));
    }
    let expected: Vec<i32> = (0..50).filter(|n| n % 2 == 0).chain((0..50).filter(|n| n % 2 == 1)).collect();
    assert_eq!(seen, expected, "Q4: every row once, ties by ascending key");
    Ok(())
}

pub async fn q4_a_slice_knows_whether_rows_follow(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..10, |_, _| {}).await?;
    for (number, size, items, more) in [
        (1, 9, 9, true),
        (1, 10, 10, false),
        (2, 5, 5, false),
        (3, 5, 0, false),
        (1, 11, 10, false),
        (1, u64::MAX, 10, false),
    ] {
        let slice = rows.slice(all(), PageRequest::new(number, size)).await?;
        assert_eq!((slice.items.len(), slice.has_next), (items, more), "Q4: slice {number} of {size}");
    }
    let none = rows.slice(col(maybe::COLUMN.id).gt(100), PageRequest::first(5)).await?;
    assert_eq!((none.items.len(), none.has_next), (0, false), "Q4: nothing matches");
    Ok(())
}

pub async fn q6_a_slice_of_size_zero_or_number_zero_is_a_typed_error(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..3, |_, _| {}).await?;
    let law = "Q6: a typed error";
    for request in [PageRequest::new(1, 0), PageRequest::new(0, 10), PageRequest::new(u64::MAX, u64::MAX)] {
        let error = refused(rows.slice(all(), request).await, ErrorKind::InvalidQuery, law);
        assert_eq!(error.entity_name(), Some("maybe"), "Q6: the error names the entity: {error}");
    }
    for query in [all().limit(2), all().offset(1)] {
        refused(rows.slice(query, PageRequest::first(2)).await, ErrorKind::InvalidQuery, law);
    }
    Ok(())
}
