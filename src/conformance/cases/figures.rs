//! Law Q7: figures are of declared types and the same to the last digit; what does not fit is a typed error.

use super::{maybe_rows, words};
use crate::{
    Database, ErrorKind, TransactionOptions, all, col,
    conformance::{
        check::{Proof, Rows, refused, refused_at, sure, table, there},
        entities::{Mood, Shape, maybe, word},
    },
};
use chrono::NaiveDate;
use sea_orm::{
    Set,
    prelude::{Date, DateTime, DateTimeUtc, DateTimeWithTimeZone, Decimal, Json, Time, Uuid},
};

fn decimal(text: &str) -> Decimal {
    sure(text.parse().ok())
}

async fn bigs(db: &Database, values: &[i64]) -> crate::Result<Rows<maybe::Entity>> {
    maybe_rows(db, values.iter().copied(), |row, value| row.big = Set(Some(value))).await
}

async fn prices(db: &Database, values: &[&str]) -> crate::Result<Rows<maybe::Entity>> {
    maybe_rows(db, values.iter().copied(), |row, value| row.price = Set(Some(decimal(value)))).await
}

pub async fn q7_a_sum_is_bounded_by_its_result_and_not_on_the_way(db: Database) -> Proof {
    let rows = bigs(&db, &[i64::MAX, i64::MAX, -i64::MAX, -5, i64::MIN, i64::MAX]).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.sum(all(), big).await?, Some(i64::MAX - 6), "Q7: the first two alone are beyond 64 bits");
    refused_at(
        rows.sum::<i64>(big.lt(0), big).await,
        ErrorKind::InvalidValue,
        "maybe",
        "big",
        "Q7: and so are all that are below zero",
    );
    let both = col(maybe::COLUMN.id).is_in([0, 4]);
    assert_eq!(rows.sum(both, big).await?, Some(-1_i64), "Q7: the ends of the type");
    Ok(())
}

pub async fn q7_a_sum_out_of_range_is_refused(db: Database) -> Proof {
    let rows = bigs(&db, &[i64::MAX, 1, -1, i64::MIN, -1]).await?;
    let (id, big) = (col(maybe::COLUMN.id), col(maybe::COLUMN.big));
    let law = "Q7: a sum beyond 64 bits";
    let above = rows.sum::<i64>(id.is_in([0, 1]), big).await;
    refused_at(above, ErrorKind::InvalidValue, "maybe", "big", law);
    let below = rows.sum::<i64>(id.is_in([3, 4]), big).await;
    refused_at(below, ErrorKind::InvalidValue, "maybe", "big", law);
    assert_eq!(rows.sum(id.is_in([0, 1, 2]), big).await?, Some(i64::MAX), "Q7: what fits is answered");
    Ok(())
}

pub async fn q7_sums_of_narrow_numbers_are_wide(db: Database) -> Proof {
    use maybe::COLUMN as C;
    let rows = maybe_rows(&db, 0..3, |row, _| {
        row.tiny = Set(Some(i8::MIN));
        row.octet = Set(Some(u8::MAX));
        row.small = Set(Some(i16::MAX));
        row.short = Set(Some(u16::MAX));
        row.whole = Set(Some(i32::MIN));
        row.count = Set(Some(u32::MAX));
        row.size = Set(Some(9_000_000_000));
    })
    .await?;
    let sums = [
        rows.sum(all(), col(C.tiny)).await?,
        rows.sum(all(), col(C.octet)).await?,
        rows.sum(all(), col(C.small)).await?,
        rows.sum(all(), col(C.short)).await?,
        rows.sum(all(), col(C.whole)).await?,
        rows.sum(all(), col(C.count)).await?,
        rows.sum(all(), col(C.size)).await?,
    ];
    let wanted = [-384, 765, 98_301, 196_605, -6_442_450_944, 12_884_901_885, 27_000_000_000_i64];
    assert_eq!(sums, wanted.map(Some), "Q7: a sum of whole numbers is an i64, whatever the column holds");
    Ok(())
}

pub async fn q7_a_sum_of_decimals_is_exact(db: Database) -> Proof {
    let mut values = vec!["99999999999999.9999"; 20];
    values.extend(["0.1"; 10]);
    let rows = prices(&db, &values).await?;
    let price = col(maybe::COLUMN.price);
    let sum = rows.sum::<Decimal>(all(), price).await?;
    let wanted = "2000000000000000.9980";
    assert_eq!(sum.map(|sum| sum.to_string()).as_deref(), Some(wanted), "Q7: exact, with the column's scale");
    let tenths = rows.sum::<Decimal>(price.eq(decimal("0.1")), price).await?;
    assert_eq!(tenths.map(|sum| sum.to_string()).as_deref(), Some("1.0000"), "Q7: ten times 0.1 is 1");
    Ok(())
}

pub async fn q7_decimals_of_both_signs_cancel_out(db: Database) -> Proof {
    let rows = prices(&db, &["-99999999999999.9999", "-99999999999999.9999", "99999999999999.9998", "-0.0001"]).await?;
    let price = col(maybe::COLUMN.price);
    assert_eq!(rows.sum(all(), price).await?, Some(decimal("-100000000000000.0001")), "Q7: below zero, too");
    let none = rows.sum::<Decimal>(col(maybe::COLUMN.id).is_in([1, 2, 3]), price).await?;
    assert_eq!(none.map(|sum| sum.to_string()).as_deref(), Some("-0.0002"), "Q7: small differences of large numbers");
    Ok(())
}

pub async fn q7_a_sum_of_floats_is_a_float(db: Database) -> Proof {
    let rows = maybe_rows(&db, [0.5, 0.25, -1.0, 1024.0], |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    assert_eq!(rows.sum(all(), score).await?, Some(1_023.75), "Q7: exact where every step is");
    assert_eq!(rows.average(all(), score).await?, Some(255.937_5), "Q7: and so is the mean");
    assert_eq!(rows.sum(score.lte(-1.0), score).await?, Some(-1.0), "Q7: of what matches");
    let zero = rows.sum::<f64>(score.is_in([0.5, 0.25, -0.75]), score).await?;
    assert_eq!(zero, Some(0.75), "Q7: a value that no row has adds nothing");
    Ok(())
}

pub async fn q7_a_sum_of_floats_beyond_every_float_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [f64::MAX, f64::MAX], |row, value| row.score = Set(Some(value))).await?;
    let score = col(maybe::COLUMN.score);
    refused(rows.sum::<f64>(all(), score).await, ErrorKind::InvalidValue, "Q7: no answer is infinite");
    assert_eq!(rows.sum(col(maybe::COLUMN.id).eq(0), score).await?, Some(f64::MAX), "Q7: what fits is answered");
    Ok(())
}

pub async fn q7_no_value_has_no_sum_and_a_count_of_zero(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let (big, price, score) = (col(maybe::COLUMN.big), col(maybe::COLUMN.price), col(maybe::COLUMN.score));
    for when in ["of no rows", "of nulls"] {
        for query in [all::<maybe::Entity>(), big.is_in([0_i64; 0]).into_query(), big.eq(7).into_query()] {
            assert_eq!(rows.sum::<i64>(query.clone(), big).await?, None, "Q7: the sum {when}");
            assert_eq!(rows.sum::<Decimal>(query.clone(), price).await?, None, "Q7: the sum {when}");
            assert_eq!(rows.sum::<f64>(query.clone(), score).await?, None, "Q7: the sum {when}");
            assert_eq!(rows.average::<f64>(query.clone(), big).await?, None, "Q7: the average {when}");
            assert_eq!(rows.average::<Decimal>(query.clone(), price).await?, None, "Q7: the average {when}");
            assert_eq!(rows.min::<i64>(query.clone(), big).await?, None, "Q7: the least {when}");
            assert_eq!(
                rows.max::<String>(query.clone(), col(maybe::COLUMN.name)).await?,
                None,
                "Q7: the greatest {when}"
            );
            assert_eq!(rows.count_distinct(query, big).await?, 0, "Q7: different values {when}");
        }
        if rows.count(all()).await? == 0 {
            rows.insert_many([maybe::row(1), maybe::row(2)]).await?;
        }
    }
    Ok(())
}

pub async fn q7_nulls_are_left_out(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(4_i64), None, Some(8), None], |row, value| row.big = Set(value)).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.sum(all(), big).await?, Some(12_i64), "Q7: a null adds nothing");
    assert_eq!(rows.average(all(), big).await?, Some(6.0), "Q7: and does not count");
    assert_eq!(rows.min(all(), big).await?, Some(4_i64), "Q7: and is not the least");
    assert_eq!(rows.count_distinct(all(), big).await?, 2, "Q7: nor a value of its own");
    assert_eq!(rows.count(all()).await?, 4, "Q7: a row counts, whatever it holds");
    Ok(())
}

pub async fn q7_an_average_of_whole_numbers_is_a_float(db: Database) -> Proof {
    let rows = bigs(&db, &[1, 2, i64::MAX, i64::MAX, i64::MAX - 2]).await?;
    let (id, big) = (col(maybe::COLUMN.id), col(maybe::COLUMN.big));
    assert_eq!(rows.average(id.lt(2), big).await?, Some(1.5), "Q7: not cut to a whole number");
    let large = rows.average::<f64>(id.gte(2), big).await?;
    #[expect(clippy::cast_precision_loss, reason = "the nearest float is what is promised")]
    let wanted = (i64::MAX - 1) as f64;
    assert_eq!(large, Some(wanted), "Q7: a sum beyond 64 bits has an average");
    Ok(())
}

pub async fn q7_an_average_of_decimals_is_rounded_half_even(db: Database) -> Proof {
    let mut values = vec!["0"; 128];
    values[0] = "0.0001";
    let rows = prices(&db, &values).await?;
    let (id, price) = (col(maybe::COLUMN.id), col(maybe::COLUMN.price));
    let average = async |ids: i32| -> crate::Result<Option<String>> {
        Ok(rows.average::<Decimal>(id.lt(ids), price).await?.map(|average| average.to_string()))
    };
    let law = "Q7: six digits more than the column, half-even";
    assert_eq!(average(1).await?.as_deref(), Some("0.0001000000"), "{law}");
    assert_eq!(average(3).await?.as_deref(), Some("0.0000333333"), "{law}");
    assert_eq!(average(128).await?.as_deref(), Some("0.0000007812"), "{law}: ...78125 goes down to the even digit");
    rows.update_many(id.eq(0), [price.set(decimal("0.0003"))]).await?;
    assert_eq!(average(128).await?.as_deref(), Some("0.0000023438"), "{law}: ...34375 goes up to the even digit");
    rows.update_many(id.eq(0), [price.set(decimal("-0.0003"))]).await?;
    assert_eq!(average(128).await?.as_deref(), Some("-0.0000023438"), "{law}: and so below zero");
    Ok(())
}

pub async fn q7_extremes_have_the_type_of_the_field(db: Database) -> Proof {
    let uuid = |n: u128| Uuid::from_u128(n);
    let at = |millis| sure(DateTimeUtc::from_timestamp_millis(millis));
    let day = |year| sure(NaiveDate::from_ymd_opt(year, 2, 3));
    // The greater ones first, so that no answer is the first row's by chance.
    let rows = maybe_rows(&db, [true, false], |row, greater| {
        let pick = |greater_value, least| if greater { greater_value } else { least };
        row.flag = Set(Some(greater));
        row.tiny = Set(Some(if greater { 3 } else { -3 }));
        row.count = Set(Some(if greater { u32::MAX } else { 9 }));
        row.size = Set(Some(if greater { 10 } else { 9 }));
        row.ratio = Set(Some(if greater { 0.1 } else { -0.1 }));
        row.score = Set(Some(if greater { 1e300 } else { -1e300 }));
        row.price = Set(Some(decimal(pick("10", "9.5"))));
        row.name = Set(Some(pick("é", "z").into()));
        row.data = Set(Some(if greater { vec![1, 0] } else { vec![1] }));
        row.token = Set(Some(uuid(if greater { u128::MAX } else { 255 })));
        row.at = Set(Some(at(if greater { 1 } else { -1 })));
        row.zoned = Set(Some(at(if greater { 1 } else { -1 }).into()));
        row.local = Set(Some(at(if greater { 1 } else { -1 }).naive_utc()));
        row.day = Set(Some(day(if greater { 9999 } else { 1000 })));
        row.clock = Set(Some(at(if greater { 7 } else { 5 }).time()));
        row.shape = Set(Some(if greater { Shape::Round } else { Shape::RightAngled }));
        row.mood = Set(Some(if greater { Mood::Glad } else { Mood::DontKnow }));
    })
    .await?;
    let (greater, least) = (there(rows.get(0).await?, "Q7"), there(rows.get(1).await?, "Q7"));
    macro_rules! both {
        ($($field:ident: $type:ty),* $(,)?) => { $(
            let column = col(maybe::COLUMN.$field);
            assert_eq!(rows.min::<$type>(all(), column).await?, least.$field, "Q7: the least {}", stringify!($field));
            assert_eq!(rows.max::<$type>(all(), column).await?, greater.$field, "Q7: the greatest {}", stringify!($field));
        )* };
    }
    both! {
        flag: bool, tiny: i8, count: u32, size: u64, ratio: f32, score: f64, price: Decimal, name: String, data: Vec<u8>,
        token: Uuid, at: DateTimeUtc, zoned: DateTimeWithTimeZone, local: DateTime, day: Date, clock: Time, shape: Shape,
        mood: Mood,
    }
    Ok(())
}

pub async fn q7_extremes_of_text_are_by_code_point(db: Database) -> Proof {
    let rows = words(&db, &["b", "Z", "a", "a ", "é", "\u{ffff}", "😀"]).await?;
    let text = col(word::COLUMN.text);
    assert_eq!(rows.min(all(), text).await?, Some("Z".to_owned()), "Q7: capitals stand before small letters");
    assert_eq!(rows.max(all(), text).await?, Some("😀".to_owned()), "Q7: what is beyond 16 bits stands last");
    assert_eq!(rows.max(text.lt("b"), text).await?, Some("a ".to_owned()), "Q7: a trailing space counts");
    assert_eq!(rows.max(all(), col(word::COLUMN.prose)).await?, Some("😀".to_owned()), "Q7: and so in long text");
    Ok(())
}

pub async fn q7_different_texts_are_counted_by_code_point(db: Database) -> Proof {
    let texts = ["a", "A", "á", "a\u{301}", "a ", "a", "a"];
    let rows = maybe_rows(&db, texts, |row, text| {
        row.name = Set(Some(text.into()));
        row.prose = Set(Some(text.into()));
    })
    .await?;
    assert_eq!(rows.count_distinct(all(), col(maybe::COLUMN.name)).await?, 5, "Q7: case, accents and spaces count");
    assert_eq!(rows.count_distinct(all(), col(maybe::COLUMN.prose)).await?, 5, "Q7: and so in long text");
    Ok(())
}

pub async fn q7_different_values_are_counted_by_value(db: Database) -> Proof {
    use maybe::COLUMN as C;
    let values = [Some("1.5"), Some("1.50"), Some("1.5001"), None, None];
    let rows = maybe_rows(&db, values, |row, value| {
        row.price = Set(value.map(decimal));
        row.score = Set(value.map(|value| if value == "1.5001" { 0.0 } else { -0.0 }));
        row.flag = Set(value.map(|value| value.len() > 3));
        row.token = Set(value.map(|value| Uuid::from_u128(value.len() as u128)));
        row.data = Set(value.map(|value| value.as_bytes()[..2].to_vec()));
    })
    .await?;
    assert_eq!(rows.count_distinct(all(), col(C.price)).await?, 2, "Q7: 1.5 is 1.50");
    assert_eq!(rows.count_distinct(all(), col(C.score)).await?, 1, "Q7: there is one zero");
    assert_eq!(rows.count_distinct(all(), col(C.flag)).await?, 2, "Q7: false and true");
    assert_eq!(rows.count_distinct(all(), col(C.token)).await?, 3, "Q7: UUIDs");
    assert_eq!(rows.count_distinct(all(), col(C.data)).await?, 1, "Q7: bytes");
    Ok(())
}

pub async fn q7_a_figure_that_a_column_does_not_have_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let (extra, name) = (col(maybe::Column::Extra), col(maybe::Column::Name));
    let json = "Q7: JSON is neither compared nor ordered";
    refused_at(rows.count_distinct(all(), extra).await, ErrorKind::InvalidQuery, "maybe", "extra", json);
    refused_at(rows.min::<Json>(all(), extra).await, ErrorKind::InvalidQuery, "maybe", "extra", json);
    let numbers = "Q7: only numbers are added up";
    refused_at(rows.sum::<String>(all(), name).await, ErrorKind::InvalidQuery, "maybe", "name", numbers);
    refused_at(rows.average::<String>(all(), name).await, ErrorKind::InvalidQuery, "maybe", "name", numbers);
    Ok(())
}

pub async fn q7_another_type_than_the_declared_is_refused(db: Database) -> Proof {
    use maybe::COLUMN as C;
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let law = "Q7: a figure has one type on every backend";
    refused_at(rows.sum::<f64>(all(), col(C.big)).await, ErrorKind::InvalidQuery, "maybe", "big", law);
    refused_at(rows.sum::<i32>(all(), col(C.whole)).await, ErrorKind::InvalidQuery, "maybe", "whole", law);
    refused_at(rows.average::<i64>(all(), col(C.big)).await, ErrorKind::InvalidQuery, "maybe", "big", law);
    refused_at(rows.average::<f64>(all(), col(C.price)).await, ErrorKind::InvalidQuery, "maybe", "price", law);
    refused_at(rows.max::<i64>(all(), col(C.whole)).await, ErrorKind::InvalidQuery, "maybe", "whole", law);
    Ok(())
}

pub async fn q7_figures_are_of_every_row_that_matches(db: Database) -> Proof {
    let rows = bigs(&db, &[1, 2, 4, 8]).await?;
    let big = col(maybe::COLUMN.big);
    let query = big.gt(1).order_by(big.desc()).limit(1).offset(1);
    assert_eq!(rows.sum(query.clone(), big).await?, Some(14_i64), "Q7: limit and offset do not count");
    assert_eq!(rows.min(query.clone(), big).await?, Some(2_i64), "Q7: limit and offset do not count");
    assert_eq!(rows.average(query, big).await?, Some(14.0 / 3.0), "Q7: limit and offset do not count");
    Ok(())
}

pub async fn q7_figures_see_their_own_transaction(db: Database) -> Proof {
    let rows = bigs(&db, &[1]).await?;
    let big = col(maybe::COLUMN.big);
    let tx = db.begin(TransactionOptions::default()).await?;
    let inside = tx.repository::<maybe::Entity>();
    inside.insert(maybe::ActiveModel { big: Set(Some(41)), ..maybe::row(7) }).await?;
    assert_eq!(inside.sum(all(), big).await?, Some(42_i64), "Q7: what was just written counts inside");
    assert_eq!(rows.sum(all(), big).await?, Some(1_i64), "Q7: and not outside");
    tx.rollback().await?;
    Ok(())
}

pub async fn q7_an_estimate_of_a_small_table_is_its_count(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    assert_eq!(rows.count_estimated().await?, 0, "Q7: an empty table");
    rows.insert_many((0..1_000).map(maybe::row)).await?;
    assert_eq!(rows.count_estimated().await?, 1_000, "Q7: a small table is counted");
    Ok(())
}
