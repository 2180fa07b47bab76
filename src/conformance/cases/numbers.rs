//! Laws V6, V8: decimals are exact, floats are finite.

use super::{ids, in_order, maybe_rows};
use crate::{
    Database, ErrorKind, col,
    conformance::{
        check::{Proof, refused_at, refused_in, sure, table, there},
        entities::maybe,
    },
};
use sea_orm::{Set, prelude::Decimal};

fn decimal(text: &str) -> Decimal {
    sure(text.parse().ok())
}

pub async fn v6_decimals_are_exact(db: Database) -> Proof {
    let values = ["0.1", "0.2", "1.005", "-1.005", "99999999999999.9999", "-99999999999999.9999", "0.0001", "0", "10"];
    let rows = maybe_rows(&db, values, |row, value| row.price = Set(Some(decimal(value)))).await?;
    for (id, value) in (0..).zip(values) {
        assert_eq!(there(rows.get(id).await?, "V6").price, Some(decimal(value)), "V6: {value} comes back");
        assert_eq!(ids(&rows, col(maybe::COLUMN.price).eq(decimal(value))).await?, [id], "V6: {value} is found");
    }
    Ok(())
}

pub async fn v6_decimals_are_rounded_half_even_on_write(db: Database) -> Proof {
    let cases = [
        ("0.00005", "0"),
        ("0.00015", "0.0002"),
        ("0.00025", "0.0002"),
        ("-0.00015", "-0.0002"),
        ("0.000250000001", "0.0003"),
        ("1.99995", "2"),
        ("-0.00001", "0"),
    ];
    let rows = table::<maybe::Entity>(&db).await?;
    for (id, (given, kept)) in (0..).zip(cases) {
        let inserted = rows.insert(maybe::ActiveModel { price: Set(Some(decimal(given))), ..maybe::row(id) }).await?;
        assert_eq!(inserted.price, Some(decimal(kept)), "V6: {given} is rounded half-even to {kept}");
        assert_eq!(rows.get(id).await?, Some(inserted), "V1: and read back as returned");
    }
    let price = col(maybe::COLUMN.price);
    rows.update_many(col(maybe::COLUMN.id).eq(0), [price.set(decimal("7.77775"))]).await?;
    assert_eq!(there(rows.get(0).await?, "V6").price, Some(decimal("7.7778")), "V6: update_many rounds alike");
    Ok(())
}

pub async fn v6_decimals_come_back_with_their_scale(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["1", "1.50", "0"], |row, value| row.price = Set(Some(decimal(value)))).await?;
    for (id, text) in [(0, "1.0000"), (1, "1.5000"), (2, "0.0000")] {
        let price = sure(there(rows.get(id).await?, "V6").price);
        assert_eq!(price.to_string(), text, "V6: one form for one value: the declared scale");
    }
    Ok(())
}

pub async fn v6_decimals_are_ordered_and_compared_by_value(db: Database) -> Proof {
    let values = ["-10", "-9.5", "-0.0001", "0", "0.5", "9", "10", "100.25"];
    let rows = maybe_rows(&db, values, |row, value| row.price = Set(Some(decimal(value)))).await?;
    let price = col(maybe::COLUMN.price);
    assert_eq!(in_order(&rows, price.asc()).await?, [0, 1, 2, 3, 4, 5, 6, 7], "V6: ordered as numbers, not as text");
    assert_eq!(in_order(&rows, price.desc()).await?, [7, 6, 5, 4, 3, 2, 1, 0], "V6: ordered as numbers, not as text");
    assert_eq!(ids(&rows, price.gt(decimal("9"))).await?, [6, 7], "V6: 10 is more than 9");
    assert_eq!(ids(&rows, price.eq(decimal("10.00000"))).await?, [6], "V6: equal by value, whatever the scale");
    assert_eq!(ids(&rows, price.eq(10)).await?, [6], "V6: a whole number is compared exactly");
    assert_eq!(ids(&rows, price.is_in([decimal("0.50"), decimal("9.0")])).await?, [4, 5], "V6: in a list by value");
    assert_eq!(ids(&rows, price.between(decimal("-9.5"), decimal("0"))).await?, [1, 2, 3], "V6: between by value");
    Ok(())
}

pub async fn v6_a_decimal_filter_is_not_rounded(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["1.0000", "-1.0000"], |row, value| row.price = Set(Some(decimal(value)))).await?;
    let price = col(maybe::COLUMN.price);
    assert_eq!(ids(&rows, price.eq(decimal("1.00001"))).await?, [0; 0], "V6: 1.00001 equals no stored value");
    assert_eq!(ids(&rows, price.lt(decimal("1.00001"))).await?, [0, 1], "V6: 1 is less than 1.00001");
    assert_eq!(ids(&rows, price.gte(decimal("1.00001"))).await?, [0; 0], "V6: and not greater");
    assert_eq!(ids(&rows, price.gt(decimal("-1.00001"))).await?, [0, 1], "V6: -1 is greater than -1.00001");
    assert_eq!(ids(&rows, price.lte(decimal("-1.00001"))).await?, [0; 0], "V6: and not less");
    assert_eq!(ids(&rows, !price.eq(decimal("1.00001"))).await?, [0, 1], "V6: every stored value is unequal");
    assert_eq!(ids(&rows, price.is_distinct_from(decimal("1.00001"))).await?, [0, 1], "V6: and distinct");
    Ok(())
}

pub async fn v6_a_decimal_that_does_not_fit_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["1"], |row, value| row.price = Set(Some(decimal(value)))).await?;
    let law = "V6: eighteen digits, four of them after the point";
    for value in ["100000000000000", "-100000000000000", "99999999999999.99995"] {
        let row = || maybe::ActiveModel { price: Set(Some(decimal(value))), ..maybe::row(0) };
        refused_at(rows.update(row()).await, ErrorKind::InvalidValue, "maybe", "price", law);
        refused_at(rows.insert(row()).await, ErrorKind::InvalidValue, "maybe", "price", law);
    }
    assert_eq!(there(rows.get(0).await?, "V6").price, Some(decimal("1")), "V6: nothing was written");
    Ok(())
}

pub async fn v6_decimals_are_incremented_exactly(db: Database) -> Proof {
    let rows =
        maybe_rows(&db, ["0", "99999999999999.9999"], |row, value| row.price = Set(Some(decimal(value)))).await?;
    let price = col(maybe::COLUMN.price);
    let first = || col(maybe::COLUMN.id).eq(0);
    for _ in 0..10 {
        rows.update_many(first(), [price.increment(decimal("0.1"))]).await?;
    }
    assert_eq!(there(rows.get(0).await?, "V6").price, Some(decimal("1")), "V6: ten times 0.1 is 1");
    rows.update_many(first(), [price.increment(-2)]).await?;
    assert_eq!(there(rows.get(0).await?, "V6").price, Some(decimal("-1")), "V6: down by a whole number");
    let answer = rows.update_many(price.is_not_null(), [price.increment(decimal("0.0001"))]).await;
    refused_in(answer, ErrorKind::InvalidValue, "maybe", "price", "V6: a sum that does not fit is refused");
    assert_eq!(there(rows.get(0).await?, "V6").price, Some(decimal("-1")), "V6: and changes no row");
    let answer = rows.update_many(first(), [price.increment(decimal("0.00001"))]).await;
    refused_at(answer, ErrorKind::InvalidValue, "maybe", "price", "V6: a step finer than the scale is refused");
    Ok(())
}

pub async fn v8_floats_come_back_to_the_last_bit(db: Database) -> Proof {
    let values =
        [0.1, 0.1 + 0.2, 1.0, -1.5, 1e-300, 1e300, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, f64::EPSILON];
    let rows = maybe_rows(&db, values, |row, value| row.score = Set(Some(value))).await?;
    for (id, value) in (0..).zip(values) {
        let read = sure(there(rows.get(id).await?, "V8").score);
        assert_eq!(read.to_bits(), value.to_bits(), "V8: {value:e} comes back to the last bit");
        assert_eq!(ids(&rows, col(maybe::COLUMN.score).eq(value)).await?, [id], "V8: {value:e} is found");
    }
    Ok(())
}

pub async fn v8_nan_and_infinities_are_refused_in_every_write(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1.0], |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    let law = "V8: floats are finite";
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let row = |id| maybe::ActiveModel { score: Set(Some(value)), ..maybe::row(id) };
        refused_at(rows.insert(row(1)).await, ErrorKind::InvalidValue, "maybe", "score", law);
        refused_at(rows.insert_many([maybe::row(1), row(2)]).await, ErrorKind::InvalidValue, "maybe", "score", law);
        refused_at(rows.update(row(0)).await, ErrorKind::InvalidValue, "maybe", "score", law);
        let changed = rows.update_many(score.gt(0.0), [score.set(value)]).await;
        refused_at(changed, ErrorKind::InvalidValue, "maybe", "score", law);
        let changed = rows.update_many(score.gt(0.0), [score.increment(value)]).await;
        refused_at(changed, ErrorKind::InvalidValue, "maybe", "score", law);
        #[expect(clippy::cast_possible_truncation, reason = "NaN and infinities stay what they are")]
        let ratio = maybe::ActiveModel { ratio: Set(Some(value as f32)), ..maybe::row(1) };
        refused_at(rows.insert(ratio).await, ErrorKind::InvalidValue, "maybe", "ratio", law);
    }
    assert_eq!(ids(&rows, score.eq(1.0)).await?, [0], "V8: nothing was written");
    assert_eq!(rows.count(crate::all()).await?, 1, "V8: nothing was written");
    Ok(())
}

pub async fn v8_nan_and_infinities_are_refused_in_filters(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1.0], |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for filter in
            [score.eq(value), score.lt(value), !score.gt(value), score.is_in([1.0, value]), score.between(0.0, value)]
        {
            refused_at(
                rows.find(filter).await,
                ErrorKind::InvalidValue,
                "maybe",
                "score",
                "V8: filters are finite too",
            );
        }
    }
    Ok(())
}

pub async fn v8_there_is_one_zero(db: Database) -> Proof {
    let rows = maybe_rows(&db, [0.0, -0.0], |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    for zero in [0.0, -0.0] {
        assert_eq!(ids(&rows, score.eq(zero)).await?, [0, 1], "V8: zero has no sign");
    }
    let read = sure(there(rows.get(1).await?, "V8").score);
    assert!(read.is_sign_positive(), "V8: zero comes back without a sign");
    assert_eq!(in_order(&rows, score.desc()).await?, [0, 1], "V8: the zeros are a tie, and Q4 breaks it");
    Ok(())
}

pub async fn v8_floats_are_ordered_and_compared_as_numbers(db: Database) -> Proof {
    let values = [f64::MIN, -10.0, -9.0, -1e-300, 0.0, 1e-300, 9.0, 10.0, f64::MAX];
    let rows = maybe_rows(&db, values, |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    assert_eq!(in_order(&rows, score.asc()).await?, (0..9).collect::<Vec<_>>(), "V8: in order");
    assert_eq!(ids(&rows, score.gt(9.0)).await?, [7, 8], "V8: greater");
    assert_eq!(ids(&rows, score.lte(-9)).await?, [0, 1, 2], "V8: a whole number is compared exactly");
    Ok(())
}

pub async fn v8_a_single_float_keeps_its_value(db: Database) -> Proof {
    let values = [0.1_f32, f32::MAX, f32::MIN_POSITIVE, -2.5];
    let rows = maybe_rows(&db, values, |row, value| row.ratio = Set(Some(value))).await?;
    for (id, value) in (0..).zip(values) {
        assert_eq!(there(rows.get(id).await?, "V8").ratio, Some(value), "V8: {value:e} comes back");
        assert_eq!(ids(&rows, col(maybe::COLUMN.ratio).eq(value)).await?, [id], "V8: {value:e} is found");
    }
    assert_eq!(ids(&rows, col(maybe::COLUMN.ratio).eq(0.1_f64)).await?, [0; 0], "V8: 0.1 of 64 bits is another value");
    Ok(())
}

pub async fn v8_a_sum_beyond_every_float_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [f64::MAX], |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    let sum = rows.update_many(col(maybe::COLUMN.id).eq(0), [score.increment(f64::MAX)]).await;
    refused_in(sum, ErrorKind::InvalidValue, "maybe", "score", "V8");
    assert_eq!(there(rows.get(0).await?, "V8").score, Some(f64::MAX), "V8: nothing is changed, and no infinity kept");
    Ok(())
}
