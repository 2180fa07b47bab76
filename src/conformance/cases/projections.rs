//! Law Q7 for parts of rows: some columns, and each combination once.

use super::{maybe_rows, words};
use crate::{
    Database, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, refused_at, there},
        entities::{Mood, Shape, everything, maybe, word},
    },
};
use sea_orm::{
    Set,
    prelude::{Date, DateTime, DateTimeUtc, DateTimeWithTimeZone, Decimal, Json, Time, Uuid},
};

crate::projection! {
    #[derive(Debug, PartialEq)]
    struct Named of maybe {
        name: Option<String>,
        id: i32,
    }
}

crate::projection! {
    #[derive(Clone, Debug, PartialEq)]
    struct Combination of maybe {
        flag: Option<bool>,
        whole: Option<i32>,
    }
}

crate::projection! {
    #[derive(Debug)]
    #[expect(dead_code, reason = "it is refused before a field is read")]
    struct Wrong of maybe {
        id: i32,
        big: Option<i32>,
    }
}

crate::projection! {
    #[derive(Debug, PartialEq)]
    struct Parts of everything {
        mood: Mood, shape: Shape, clock: Time, day: Date, local: DateTime, zoned: DateTimeWithTimeZone, at: DateTimeUtc,
        token: Uuid, extra: Json, data: Vec<u8>, prose: String, price: Decimal, score: f64, ratio: f32, size: u64, big: i64,
        count: u32, whole: i32, short: u16, small: i16, octet: u8, tiny: i8, flag: bool,
    }
}

fn named(name: Option<&str>, id: i32) -> Named {
    Named { name: name.map(Into::into), id }
}

pub async fn q7_a_projection_has_the_values_of_its_row(db: Database) -> Proof {
    let rows = crate::conformance::check::table::<everything::Entity>(&db).await?;
    let row = rows.insert(everything::row()).await?;
    let parts = there(rows.project::<Parts>(all()).await?.pop(), "Q7");
    assert_eq!(parts.score.to_bits(), row.score.to_bits(), "Q7: score is as in the model");
    assert_eq!(parts.ratio.to_bits(), row.ratio.to_bits(), "Q7: ratio is as in the model");
    macro_rules! same {
        ($($field:ident)*) => { $( assert_eq!(parts.$field, row.$field, "Q7: {} is as in the model", stringify!($field)); )* };
    }
    same! {
        mood shape clock day local zoned at token extra data prose price size big count whole short small octet
        tiny flag
    }
    Ok(())
}

pub async fn q7_a_projection_follows_its_query(db: Database) -> Proof {
    let values = [(Some("b"), 1), (Some("a"), 2), (None, 1), (Some("c"), 2), (Some("d"), 3)];
    let rows = maybe_rows(&db, values, |row, (name, big)| {
        row.name = Set(name.map(Into::into));
        row.big = Set(Some(big));
    })
    .await?;
    let big = col(maybe::COLUMN.big);
    let query = big.lte(2).order_by(big.desc()).limit(3);
    let found = rows.project::<Named>(query.clone()).await?;
    let wanted = [named(Some("a"), 1), named(Some("c"), 3), named(Some("b"), 0)];
    assert_eq!(found, wanted, "Q7: by a column that is not shown, ties by the key");
    let rest = rows.project::<Named>(query.offset(3)).await?;
    assert_eq!(rest, [named(None, 2)], "Q7: the rest");
    let none = rows.project::<Named>(big.is_in([0_i64; 0])).await?;
    assert_eq!(none, [], "Q7: of nothing nothing");
    Ok(())
}

pub async fn q7_a_projection_of_another_type_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, big| row.big = Set(Some(big))).await?;
    let law = "Q7: a field has the type of the model's";
    refused_at(rows.project::<Wrong>(all()).await, ErrorKind::InvalidQuery, "maybe", "big", law);
    let big = col(maybe::COLUMN.big);
    refused_at(rows.values::<String>(all(), big).await, ErrorKind::InvalidQuery, "maybe", "big", law);
    refused_at(rows.values_distinct::<i32>(all(), big).await, ErrorKind::InvalidQuery, "maybe", "big", law);
    Ok(())
}

pub async fn q7_a_null_is_no_value_of_a_plain_type(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(1_i64), None], |row, big| row.big = Set(big)).await?;
    let big = col(maybe::COLUMN.big);
    let law = "Q7: what may be null is asked for as an Option";
    refused_at(rows.values::<i64>(all(), big).await, ErrorKind::CorruptData, "maybe", "big", law);
    assert_eq!(rows.values::<i64>(big.is_not_null(), big).await?, [1], "Q7: where none is null, none is wanted");
    let id = col(maybe::COLUMN.id);
    let both = rows.values::<Option<i64>>(all().order_by(id.asc()), big).await?;
    assert_eq!(both, [Some(1), None], "Q7: one value a row");
    Ok(())
}

pub async fn q7_distinct_values_come_once_by_code_point(db: Database) -> Proof {
    let texts = [Some("a"), Some("A"), None, Some("a "), Some("á"), Some("a"), None];
    let rows = maybe_rows(&db, texts, |row, name| {
        row.name = Set(name.map(Into::into));
        row.prose = Set(name.map(Into::into));
    })
    .await?;
    let wanted = [None, Some("A"), Some("a"), Some("a "), Some("á")].map(|name| name.map(ToOwned::to_owned));
    let name = col(maybe::COLUMN.name);
    let found = rows.values_distinct::<Option<String>>(all().order_by(name.asc()), name).await?;
    assert_eq!(found, wanted, "Q7: case, accents and spaces tell values apart; nulls are one");
    let prose = col(maybe::COLUMN.prose);
    let mut found = rows.values_distinct::<Option<String>>(all(), prose).await?;
    found.sort();
    assert_eq!(found, wanted, "Q7: and so in long text, in no promised order");
    Ok(())
}

pub async fn q7_distinct_values_are_the_same_by_value(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["1.5", "1.50", "2"], |row, price: &str| {
        row.price = Set(price.parse().ok());
        row.score = Set(Some(if price == "2" { -0.0 } else { 0.0 }));
    })
    .await?;
    let (price, score) = (col(maybe::COLUMN.price), col(maybe::COLUMN.score));
    let prices = rows.values_distinct::<Decimal>(all().order_by(price.desc()), price).await?;
    let prices: Vec<_> = prices.iter().map(ToString::to_string).collect();
    assert_eq!(prices, ["2.0000", "1.5000"], "Q7: 1.5 is 1.50");
    assert_eq!(rows.values_distinct::<f64>(all(), score).await?, [0.0], "Q7: there is one zero");
    Ok(())
}

pub async fn q7_distinct_combinations_have_a_total_order(db: Database) -> Proof {
    let values = [(Some(true), Some(2)), (None, Some(1)), (Some(true), Some(2)), (Some(true), None), (None, Some(1))];
    let rows = maybe_rows(&db, values, |row, (flag, whole)| {
        row.flag = Set(flag);
        row.whole = Set(whole);
    })
    .await?;
    let combination = |(flag, whole)| Combination { flag, whole };
    let flag = col(maybe::COLUMN.flag);
    let wanted = [(Some(true), None), (Some(true), Some(2)), (None, Some(1))].map(combination);
    let all_of_them = rows.project_distinct::<Combination>(all().order_by(flag.desc())).await?;
    assert_eq!(all_of_them, wanted, "Q7: ties by the columns that are shown");
    let last = rows.project_distinct::<Combination>(all().order_by(flag.asc().nulls_last()).limit(1)).await?;
    assert_eq!(last, wanted[..1], "Q7: nulls where they were asked for");
    let mut paged = Vec::new();
    for offset in 0..4 {
        paged.extend(rows.project_distinct::<Combination>(all().limit(1).offset(offset)).await?);
    }
    let wanted = [(None, Some(1)), (Some(true), None), (Some(true), Some(2))].map(combination);
    assert_eq!(paged, wanted, "Q7: a window is of combinations, and no two of them overlap");
    Ok(())
}

pub async fn q7_distinct_rows_are_ordered_by_what_they_show(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 1], |row, big| row.big = Set(Some(big))).await?;
    let (id, big) = (col(maybe::COLUMN.id), col(maybe::COLUMN.big));
    let hidden = rows.values_distinct::<i64>(all().order_by(id.asc()), big).await;
    let law = "Q7: one row of several has no one key to be ordered by";
    refused_at(hidden, ErrorKind::InvalidQuery, "maybe", "id", law);
    let json = rows.values_distinct::<Option<Json>>(all(), col(maybe::COLUMN.extra)).await;
    refused_at(json, ErrorKind::InvalidQuery, "maybe", "extra", "Q7: JSON is not compared");
    assert_eq!(rows.values_distinct::<i64>(all(), big).await?, [1], "Q7: without an order all is well");
    Ok(())
}

pub async fn q7_values_are_one_column_in_the_order_of_another(db: Database) -> Proof {
    let rows = words(&db, &["b", "a", "c"]).await?;
    let (id, text) = (col(word::COLUMN.id), col(word::COLUMN.text));
    let found: Result<Vec<String>> = rows.values(id.gt(0).order_by(text.desc()), text).await;
    assert_eq!(found?, ["c", "a"], "Q7: of the rows that match");
    assert_eq!(rows.values::<i32>(all().order_by(text.asc()), id).await?, [1, 0, 2], "Q7: in that order");
    Ok(())
}
