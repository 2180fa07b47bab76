//! Laws Q6, Q10: lists of values, from none to more than any server takes at once.

use super::{ids, maybe_rows, words};
use crate::{
    Database, all, col,
    conformance::{
        check::Proof,
        entities::{maybe, word},
    },
};
use chrono::{DateTime, Utc};
use sea_orm::{
    Set,
    prelude::{Decimal, Uuid},
};

/// More than one statement takes anywhere: PostgreSQL's limit is 65,535 parameters, SQLite's 32,766.
const MANY: i64 = 70_000;
/// More than a thousand, for types that cost more.
const SOME: i64 = 10_000;

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + millis).unwrap_or_default()
}

pub async fn q6_an_empty_list_matches_nothing(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let none: [i64; 0] = [];
    let big = col(maybe::COLUMN.big);
    assert_eq!(ids(&rows, big.is_in(none)).await?, [0; 0], "Q6: no rows");
    assert_eq!(rows.count(big.is_in(none)).await?, 0, "Q6: none are counted");
    assert!(!rows.exists(big.is_in(none)).await?, "Q6: none exists");
    assert_eq!(rows.one(big.is_in(none)).await?, None, "Q6: not one");
    assert_eq!(rows.count(big.is_in(none) | big.eq(2)).await?, 1, "Q6: the other side of an or still counts");
    assert_eq!(rows.count(big.is_in(none) & big.eq(2)).await?, 0, "Q6: an and with it is nothing");
    Ok(())
}

pub async fn q6_a_write_with_an_empty_list_writes_nothing(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let none: [i64; 0] = [];
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.update_many(big.is_in(none), [big.set(9)]).await?, 0, "Q6: nothing is changed");
    assert_eq!(rows.delete_many(big.is_in(none)).await?, 0, "Q6: nothing is deleted");
    assert!(rows.insert_many(Vec::<maybe::ActiveModel>::new()).await?.is_empty(), "Q6: nothing is inserted");
    assert!(rows.update_rows(Vec::new()).await?.is_empty(), "Q6: no row is updated");
    assert_eq!(rows.count(big.lt(3)).await?, 2, "Q6: both rows are as they were");
    Ok(())
}

pub async fn q6_a_list_may_repeat_values(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    assert_eq!(ids(&rows, col(maybe::COLUMN.big).is_in([2, 2, 2, 2])).await?, [1], "Q6: a row matches once");
    Ok(())
}

pub async fn q6_an_empty_table_answers(db: Database) -> Proof {
    let rows = words(&db, &[]).await?;
    assert!(rows.find(all()).await?.is_empty(), "Q6: no rows");
    assert_eq!((rows.count(all()).await?, rows.exists(all()).await?), (0, false), "Q6: none");
    assert_eq!(rows.delete_where(all(), crate::repository::Deletion::ByRule).await?, 0, "Q6: none deleted");
    Ok(())
}

pub async fn q10_lists_of_every_length_find_their_own(db: Database) -> Proof {
    let rows = maybe_rows(&db, (0..40_i64).map(Some).chain([None]), |row, value| row.big = Set(value)).await?;
    let big = col(maybe::COLUMN.big);
    for length in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33] {
        let inside: Vec<i32> = (0..length).collect();
        let list = || (0..length).map(i64::from);
        assert_eq!(ids(&rows, big.is_in(list())).await?, inside, "Q10: {length} values");
        let outside: Vec<i32> = (length..40).collect();
        assert_eq!(ids(&rows, big.is_not_in(list())).await?, outside, "Q10: not {length} values");
        let both = big.is_in(list()) & big.is_not_in([0, 1, 2_i64]) & big.lt(20);
        let expected: Vec<i32> = (3..length.min(20)).collect();
        assert_eq!(ids(&rows, both).await?, expected, "Q10: a list, a list and a value after them");
    }
    Ok(())
}

pub async fn q10_a_list_of_integers_has_no_limit(db: Database) -> Proof {
    let rows =
        maybe_rows(&db, [Some(-1), Some(0), Some(MANY - 1), Some(MANY), None], |row, value| row.big = Set(value))
            .await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(ids(&rows, big.is_in(0..MANY)).await?, [1, 2], "Q10: {MANY} values in one list");
    assert_eq!(ids(&rows, big.is_not_in(0..MANY)).await?, [0, 3], "Q10: and in its opposite, null apart");
    assert_eq!(ids(&rows, !big.is_in(0..MANY)).await?, [0, 3], "Q10: and in its negation, null apart");
    Ok(())
}

pub async fn q10_a_list_of_uuids_has_no_limit(db: Database) -> Proof {
    let id = |n: i64| Uuid::from_u128(u128::from(n.unsigned_abs()) << 64 | 7);
    let rows = maybe_rows(&db, [3, MANY + 1], |row, n| row.token = Set(Some(id(n)))).await?;
    let list = (0..MANY).map(id).collect::<Vec<_>>();
    assert_eq!(ids(&rows, col(maybe::COLUMN.token).is_in(list.clone())).await?, [0], "Q10: {MANY} UUIDs");
    assert_eq!(ids(&rows, col(maybe::COLUMN.token).is_not_in(list)).await?, [1], "Q10: {MANY} UUIDs");
    Ok(())
}

pub async fn q10_a_list_of_texts_has_no_limit(db: Database) -> Proof {
    let rows = words(&db, &["t7", "T7", "t7 ", "x'\"\\,{}[]", "null", ""]).await?;
    let mut list: Vec<String> = (0..SOME).map(|n| format!("t{n}")).collect();
    list.extend(["x'\"\\,{}[]".to_owned(), "null".to_owned(), "é😀".to_owned()]);
    let text = col(word::COLUMN.text);
    let found = rows.find(text.is_in(list.clone()).order_by(col(word::COLUMN.id).asc())).await?;
    let found: Vec<_> = found.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(found, ["t7", "x'\"\\,{}[]", "null"], "Q10, V2: {SOME} texts, equal by code point");
    assert_eq!(rows.count(text.is_not_in(list)).await?, 3, "Q10: and in its opposite");
    Ok(())
}

pub async fn q10_a_list_of_instants_has_no_limit(db: Database) -> Proof {
    let rows = maybe_rows(&db, [5, SOME + 5], |row, n| row.at = Set(Some(instant(n)))).await?;
    assert_eq!(ids(&rows, col(maybe::COLUMN.at).is_in((0..SOME).map(instant))).await?, [0], "Q10, V5: {SOME} instants");
    Ok(())
}

pub async fn q10_a_list_of_decimals_has_no_limit(db: Database) -> Proof {
    let decimal = |n: i64| Decimal::new(n, 4);
    let rows = maybe_rows(&db, [5, SOME + 5, -5], |row, n| row.price = Set(Some(decimal(n)))).await?;
    assert_eq!(ids(&rows, col(maybe::COLUMN.price).is_in((0..SOME).map(decimal))).await?, [0], "Q10, V6: by value");
    Ok(())
}

pub async fn q10_lists_of_the_other_types_have_no_limit(db: Database) -> Proof {
    let rows = maybe_rows(&db, [3_i32, -3], |row, n| {
        row.score = Set(Some(f64::from(n) / 8.0));
        row.data = Set(Some(n.to_be_bytes().to_vec()));
        row.small = Set(i16::try_from(n).ok());
        row.day = Set(Some((instant(0) + chrono::TimeDelta::days(n.into())).date_naive()));
        row.flag = Set(Some(n > 0));
    })
    .await?;
    let many = 0..3_000_i32;
    let floats = many.clone().map(|n| f64::from(n) / 8.0);
    assert_eq!(ids(&rows, col(maybe::COLUMN.score).is_in(floats)).await?, [0], "Q10: floats");
    let bytes = many.clone().map(|n| n.to_be_bytes().to_vec());
    assert_eq!(ids(&rows, col(maybe::COLUMN.data).is_in(bytes)).await?, [0], "Q10: bytes");
    assert_eq!(ids(&rows, col(maybe::COLUMN.small).is_in(many.clone())).await?, [0], "Q10: small integers");
    let days = many.clone().map(|n| (instant(0) + chrono::TimeDelta::days(n.into())).date_naive());
    assert_eq!(ids(&rows, col(maybe::COLUMN.day).is_in(days)).await?, [0], "Q10: dates");
    assert_eq!(ids(&rows, col(maybe::COLUMN.flag).is_in(many.map(|_| true))).await?, [0], "Q10: bools");
    Ok(())
}

pub async fn q10_several_long_lists_stand_in_one_condition(db: Database) -> Proof {
    let rows =
        maybe_rows(&db, 0..10_i64, |row, n| (row.big, row.whole) = (Set(Some(n)), Set(i32::try_from(n).ok()))).await?;
    let (big, whole) = (col(maybe::COLUMN.big), col(maybe::COLUMN.whole));
    let both = big.is_in(2..MANY) & whole.is_not_in(5..40_000_i32);
    assert_eq!(ids(&rows, both).await?, [2, 3, 4], "Q10: both lists count");
    let either = big.is_in(8..MANY) | !whole.is_in(1..40_000_i32);
    assert_eq!(ids(&rows, either).await?, [0, 8, 9], "Q10: either list counts");
    Ok(())
}

pub async fn q10_long_lists_serve_orders_counts_and_writes(db: Database) -> Proof {
    let rows = maybe_rows(&db, 0..20_i64, |row, n| row.big = Set(Some(n % 4))).await?;
    let key = col(maybe::COLUMN.id);
    let listed = || key.is_in(5..40_000_i32);
    let page = listed().order_by(col(maybe::COLUMN.big).desc()).limit(3).offset(1);
    assert_eq!(ids(&rows, page).await?, [11, 15, 19], "Q10, Q4: one order over the whole list, not one for each piece");
    assert_eq!(rows.count(listed()).await?, 15, "Q10: counted once each");
    assert_eq!(rows.update_many(listed(), [col(maybe::COLUMN.big).set(9)]).await?, 15, "Q10: changed once each");
    assert_eq!(rows.delete_many(listed()).await?, 15, "Q10: deleted");
    assert_eq!(rows.count(all()).await?, 5, "Q10: the others stay");
    Ok(())
}

pub async fn q10_a_list_of_floats_is_exact(db: Database) -> Proof {
    // Neighbours of one another, which a careless parser of their digits takes for each other.
    let floats: Vec<f64> = (0..600_u64).map(|n| f64::from_bits(0x3FB9_9999_9999_999A + n * 7)).collect();
    let rows = maybe_rows(&db, floats.clone(), |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    assert_eq!(rows.count(score.is_in(floats.clone())).await?, 600, "Q10: each finds its row");
    assert_eq!(rows.count(score.is_not_in(floats)).await?, 0, "Q10: none is left");
    Ok(())
}
