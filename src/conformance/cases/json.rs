//! Laws V9 and Q1 for what stands inside a JSON column.

use super::{ids, maybe_rows};
use crate::{
    Database, ErrorKind, Result, col,
    conformance::{
        check::{Proof, Rows, refused_at},
        entities::{author, book, maybe},
    },
    repository::{Filter, JsonPath, has},
};
use sea_orm::Set;
use serde_json::{Value as Json, json};

/// A row per document, with the keys 0, 1, 2, ….
async fn documents(db: &Database, documents: impl IntoIterator<Item = Json>) -> Result<Rows<maybe::Entity>> {
    maybe_rows(db, documents, |row, document| row.extra = Set(Some(document))).await
}

/// A row per value at the path `v`.
async fn values(db: &Database, values: impl IntoIterator<Item = Json>) -> Result<Rows<maybe::Entity>> {
    documents(db, values.into_iter().map(|value| json!({ "v": value }))).await
}

fn v() -> JsonPath<maybe::Entity> {
    col(maybe::COLUMN.extra).path("v")
}

/// Every type, and what is nothing: rows 0 to 9.
async fn mixed(db: &Database) -> Result<Rows<maybe::Entity>> {
    let documents = [
        Some(json!({ "v": "b" })),
        Some(json!({ "v": 1 })),
        Some(json!({ "v": 1.5 })),
        Some(json!({ "v": true })),
        Some(json!({ "v": [1] })),
        Some(json!({ "v": { "v": 1 } })),
        Some(json!({ "v": null })),
        Some(json!({ "w": 1 })),
        Some(json!("v")),
        None,
    ];
    maybe_rows(db, documents, |row, document| row.extra = Set(document)).await
}

pub async fn v9_json_path_texts_are_compared_by_code_point(db: Database) -> Proof {
    let texts = ["a", "A", "a ", "é", "e\u{301}", "", "B", "😀", "\u{ffff}", "a\"b\\c\n\u{1}"];
    let rows = values(&db, texts.map(Json::from)).await?;
    for (id, text) in (0..).zip(texts) {
        assert_eq!(ids(&rows, v().eq(text)).await?, [id], "V2: {text:?} is equal to itself alone");
        let less: Vec<i32> = (0..).zip(texts).filter(|(_, other)| *other < text).map(|(id, _)| id).collect();
        assert_eq!(ids(&rows, v().lt(text)).await?, less, "V3: less than {text:?} by code point");
        let most: Vec<i32> = (0..).zip(texts).filter(|(_, other)| *other >= text).map(|(id, _)| id).collect();
        assert_eq!(ids(&rows, v().gte(text)).await?, most, "V3: the others are not");
    }
    Ok(())
}

pub async fn v9_json_path_numbers_are_compared_as_numbers(db: Database) -> Proof {
    let rows = values(&db, [json!(1), json!(1.0), json!(10), json!(9.5), json!(-2), json!(1e2), json!(0.0)]).await?;
    assert_eq!(ids(&rows, v().eq(1)).await?, [0, 1], "V9: 1 is 1.0");
    assert_eq!(ids(&rows, v().eq(1.0)).await?, [0, 1], "V9: and the other way");
    assert_eq!(ids(&rows, v().gt(9.5)).await?, [2, 5], "V9: 10 is more than 9.5");
    assert_eq!(ids(&rows, v().lte(9.5)).await?, [0, 1, 3, 4, 6], "V9: and not less as a text is");
    assert_eq!(ids(&rows, v().gte(-2) & v().lt(1)).await?, [4, 6], "V9: below zero");
    assert_eq!(ids(&rows, v().eq(-0.0)).await?, [6], "V8: there is one zero");
    assert_eq!(ids(&rows, v().ne(100)).await?, [0, 1, 2, 3, 4, 6], "V9: 1e2 is 100");
    Ok(())
}

pub async fn v9_json_path_whole_numbers_are_exact(db: Database) -> Proof {
    let ascending: [Json; 9] = [
        json!(i64::MIN),
        json!(-9_007_199_254_740_993_i64),
        json!(-9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_993_i64),
        json!(i64::MAX),
        json!(1_u64 << 63),
        json!(u64::MAX - 1),
        json!(u64::MAX),
    ];
    let rows = values(&db, ascending.clone()).await?;
    for (id, number) in (0..).zip(&ascending) {
        let [eq, lt, gte] = match (number.as_i64(), number.as_u64().unwrap_or_default()) {
            (Some(number), _) => [v().eq(number), v().lt(number), v().gte(number)],
            (None, number) => [v().eq(number), v().lt(number), v().gte(number)],
        };
        assert_eq!(ids(&rows, eq).await?, [id], "V9: {number} is equal to itself alone");
        assert_eq!(ids(&rows, lt).await?, (0..id).collect::<Vec<_>>(), "V9: less than {number}");
        assert_eq!(ids(&rows, gte).await?, (id..9).collect::<Vec<_>>(), "V9: {number} or more");
    }
    Ok(())
}

pub async fn v9_json_path_numbers_beyond_64_bits_stand_outside_the_others(db: Database) -> Proof {
    let rows =
        values(&db, [json!(-1e300), json!(i64::MIN), json!(0.5), json!(u64::MAX), json!(1e19 * 2.0), json!(1e300)])
            .await?;
    assert_eq!(ids(&rows, v().gt(u64::MAX)).await?, [4, 5], "V9: more than every whole number");
    assert_eq!(ids(&rows, v().lt(i64::MIN)).await?, [0], "V9: less than every whole number");
    assert_eq!(ids(&rows, v().lt(18_446_744_073_709_551_616.0)).await?, [0, 1, 2, 3], "V9: 2^64 is more than u64::MAX");
    assert_eq!(ids(&rows, v().eq(1e300)).await?, [5], "V9: equal to itself");
    assert_eq!(ids(&rows, v().gt(-1e300)).await?, [1, 2, 3, 4, 5], "V9: not more than itself");
    assert_eq!(ids(&rows, v().gte(-1e301)).await?, [0, 1, 2, 3, 4, 5], "V9: beyond what is there");
    Ok(())
}

pub async fn v9_json_path_floats_are_equal_to_the_last_bit(db: Database) -> Proof {
    let floats =
        [0.1, 0.1 + 0.2, 0.3, 1.0 / 3.0, 2.225_073_858_507_201_4e-308, 5e-324, 123_456.789_012_345_67, 1.5e-10];
    let rows = values(&db, floats.map(Json::from)).await?;
    for (id, float) in (0..).zip(floats) {
        assert_eq!(ids(&rows, v().eq(float)).await?, [id], "V8: {float:e} is equal to itself alone");
        let others: Vec<i32> = (0..8).filter(|other| *other != id).collect();
        assert_eq!(ids(&rows, v().ne(float)).await?, others, "V8: and unequal to the others");
        let (less, more) = (ids(&rows, v().lt(float)).await?, ids(&rows, v().gt(float)).await?);
        assert!(!less.contains(&id) && !more.contains(&id), "V8: {float:e} is neither less nor more than itself");
    }
    Ok(())
}

pub async fn v9_json_path_bools_are_compared_as_bools(db: Database) -> Proof {
    let rows = values(&db, [json!(true), json!(false), json!("true"), json!(1), json!(0)]).await?;
    assert_eq!(ids(&rows, v().eq(true)).await?, [0], "V9: neither a text nor a number");
    assert_eq!(ids(&rows, v().ne(true)).await?, [1, 2, 3, 4], "V9: all else is unequal");
    assert_eq!(ids(&rows, v().lt(true)).await?, [1], "V9: false is less");
    assert_eq!(ids(&rows, v().gte(false)).await?, [0, 1], "V9: true is not");
    Ok(())
}

pub async fn v9_json_path_another_type_is_unequal_and_has_no_order(db: Database) -> Proof {
    let rows = mixed(&db).await?;
    assert_eq!(ids(&rows, v().eq("b")).await?, [0], "V9: the text");
    assert_eq!(ids(&rows, v().ne("b")).await?, [1, 2, 3, 4, 5], "V9: another type is unequal");
    assert_eq!(ids(&rows, v().gt("a") | v().lte("a")).await?, [0], "V9: neither less nor more than a text");
    assert_eq!(ids(&rows, v().gt(0) | v().lte(0)).await?, [1, 2], "V9: nor than a number");
    assert_eq!(ids(&rows, v().eq("1")).await?, [0; 0], "V9: 1 is not the text of it");
    assert_eq!(ids(&rows, v().eq("true")).await?, [0; 0], "V9: nor is true");
    assert_eq!(ids(&rows, v().contains("")).await?, [0], "V9: a text is looked for in texts");
    Ok(())
}

pub async fn q1_json_that_is_not_there_is_unknown(db: Database) -> Proof {
    let rows = mixed(&db).await?;
    let nothing = [6, 7, 8, 9];
    assert_eq!(ids(&rows, v().is_null()).await?, nothing, "Q1: JSON's null, no such key, no object, no JSON");
    assert_eq!(ids(&rows, v().is_not_null()).await?, [0, 1, 2, 3, 4, 5], "Q1: the others are there");
    for filter in [v().eq("b"), v().lt(5), v().ne(true), v().is_in([1, 2]), v().starts_with("b")] {
        let either = filter.clone() | !filter.clone();
        assert_eq!(ids(&rows, either).await?, [0, 1, 2, 3, 4, 5], "Q1: unknown, and not of unknown: {filter:?}");
    }
    assert_eq!(ids(&rows, !v().is_null()).await?, [0, 1, 2, 3, 4, 5], "Q1: is_null is never unknown");
    let none = v().is_in(Vec::<i64>::new());
    assert_eq!(ids(&rows, none.clone()).await?, [0; 0], "Q6: an empty list matches nothing");
    assert_eq!(ids(&rows, !none).await?, [0, 1, 2, 3, 4, 5], "Q1: and is unknown for null");
    Ok(())
}

pub async fn v9_json_path_keys_are_taken_as_they_are(db: Database) -> Proof {
    let keys = [
        "a", "A", "", " ", "a b", "a.b", "$", "$.a", "\"", "\\", "a\"b", "a\\\"b", "'", "*", "**", "[0]", "a[0]", "é",
        "e\u{301}", "😀", "\n", "\u{1}", "%", "_", "a-b", "0", "1-", "null", "#", "@", "\u{7f}", "/",
    ];
    let rows = documents(&db, keys.map(|key| json!({ key: 1 }))).await?;
    let extra = col(maybe::COLUMN.extra);
    for (id, key) in (0..).zip(keys) {
        assert_eq!(ids(&rows, extra.path_of([key]).eq(1)).await?, [id], "V9: the key {key:?} and no other");
        let deep = documents_of(&rows, id, json!({ "x": { key: "deep" } })).await?;
        assert_eq!(ids(&rows, extra.path_of(["x", key]).eq("deep")).await?, [deep], "V9: below another, too");
    }
    Ok(())
}

/// Writes another document into a row.
async fn documents_of(rows: &Rows<maybe::Entity>, id: i32, document: Json) -> Result<i32> {
    let row = maybe::ActiveModel { id: Set(id), extra: Set(Some(document)), ..Default::default() };
    Ok(rows.update(row).await?.id)
}

pub async fn v9_json_path_digits_are_keys_and_arrays_have_none(db: Database) -> Proof {
    let rows = documents(&db, [json!({ "v": ["x"] }), json!({ "v": { "0": "x" } }), json!({ "v": "x" }), json!(["x"])])
        .await?;
    let extra = col(maybe::COLUMN.extra);
    assert_eq!(ids(&rows, extra.path("v.0").eq("x")).await?, [1], "V9: a key of digits, not a place in an array");
    assert_eq!(ids(&rows, extra.path("0").is_null()).await?, [0, 1, 2, 3], "V9: nor at the top");
    assert_eq!(ids(&rows, extra.path("v.length").is_not_null()).await?, [0; 0], "V9: an array has no keys");
    Ok(())
}

pub async fn v9_json_path_without_keys_is_the_whole(db: Database) -> Proof {
    let rows = documents(&db, [json!("x"), json!(7), json!({ "": "x" }), json!(null), json!(true)]).await?;
    let whole = || col(maybe::COLUMN.extra).path_of([""; 0]);
    assert_eq!(ids(&rows, whole().eq("x")).await?, [0], "V9: a text");
    assert_eq!(ids(&rows, whole().gt(6.5)).await?, [1], "V9: a number");
    assert_eq!(ids(&rows, whole().is_null()).await?, [3], "V9: JSON's null");
    assert_eq!(ids(&rows, col(maybe::COLUMN.extra).path("").eq("x")).await?, [2], "V9: an empty key is a key");
    Ok(())
}

pub async fn v9_json_path_search_is_literal(db: Database) -> Proof {
    let texts = ["abc", "ABC", "a%c", "a_c", "100%", "x\"y", "back\\slash", "é", "!", ""];
    let rows = values(&db, texts.map(Json::from)).await?;
    for needle in ["a", "%", "_", "c", "\"", "\\", "!", "é", "A", "abc", ""] {
        let hits = |hit: fn(&str, &str) -> bool| -> Vec<i32> {
            (0..).zip(texts).filter(|(_, text)| hit(text, needle)).map(|(id, _)| id).collect()
        };
        assert_eq!(ids(&rows, v().contains(needle)).await?, hits(|t, n| t.contains(n)), "Q3: contains {needle:?}");
        assert_eq!(ids(&rows, v().starts_with(needle)).await?, hits(|t, n| t.starts_with(n)), "Q3: starts {needle:?}");
        assert_eq!(ids(&rows, v().ends_with(needle)).await?, hits(|t, n| t.ends_with(n)), "Q3: ends {needle:?}");
        assert_eq!(ids(&rows, !v().contains(needle)).await?, hits(|t, n| !t.contains(n)), "Q3: not {needle:?}");
    }
    Ok(())
}

pub async fn v9_json_path_lists_hold_each_type_and_have_no_limit(db: Database) -> Proof {
    let rows = values(&db, (0..20).map(|n| if n % 2 == 0 { json!(n) } else { json!(format!("t{n}")) })).await?;
    assert_eq!(ids(&rows, v().is_in([0, 4, 5])).await?, [0, 4], "V9: numbers");
    assert_eq!(ids(&rows, v().is_in(["t1", "T3", "t5"])).await?, [1, 5], "V9: texts");
    assert_eq!(
        ids(&rows, !v().is_in(["t1", "4"])).await?,
        (0..20).filter(|id| *id != 1).collect::<Vec<_>>(),
        "V9: not in"
    );
    assert_eq!(ids(&rows, v().is_in(4..40_000)).await?, (4..20).step_by(2).collect::<Vec<_>>(), "Q10: a long list");
    let texts = (3..2_000).map(|n| format!("t{n}"));
    assert_eq!(ids(&rows, v().is_in(texts)).await?, (3..20).step_by(2).collect::<Vec<_>>(), "Q10: of texts");
    Ok(())
}

pub async fn v9_json_path_serves_writes_counts_and_relations(db: Database) -> Proof {
    let rows = mixed(&db).await?;
    assert_eq!(rows.count(v().gte(1)).await?, 2, "V9: counted");
    assert_eq!(rows.update_many(v().eq("b"), [col(maybe::COLUMN.whole).set(5)]).await?, 1, "V9: updated");
    assert_eq!(rows.delete_many(v().lt(1.5)).await?, 1, "V9: deleted");
    assert_eq!(ids(&rows, col(maybe::COLUMN.whole).eq(5) & v().is_not_null()).await?, [0], "V9: beside others");

    db.create_tables(&crate::entities![author, book]).await?;
    let authors = db.repository::<author::Entity>();
    authors.insert_many([author::row(1, "Ann"), author::row(2, "Bob")]).await?;
    let with = |id, extra| book::ActiveModel { extra: Set(Some(extra)), ..book::row(id, Some(id), "t", None) };
    let books = db.repository::<book::Entity>();
    books.insert_many([with(1, json!({ "lang": "de" })), with(2, json!({ "lang": "fr" }))]).await?;
    let german: Filter<author::Entity> = has(col(book::COLUMN.extra).path("lang").eq("de"));
    let found: Vec<i32> = authors.find(german).await?.iter().map(|author| author.id).collect();
    assert_eq!(found, [1], "Q9: of a related row");
    Ok(())
}

pub async fn v9_json_path_refuses_what_cannot_be_asked(db: Database) -> Proof {
    let rows = mixed(&db).await?;
    let extra = col(maybe::COLUMN.extra);
    let at = |field: &'static str| move |answer, kind, law: &str| refused_at(answer, kind, "maybe", field, law);
    let refused = at("extra");
    refused(rows.find(v().eq(f64::NAN)).await, ErrorKind::InvalidValue, "V8: no number");
    refused(rows.find(v().is_in([1.0, f64::INFINITY])).await, ErrorKind::InvalidValue, "V8: nor this");
    refused(rows.find(v().eq("\0")).await, ErrorKind::InvalidValue, "V4: NUL in a text");
    refused(rows.find(v().contains("\0")).await, ErrorKind::InvalidValue, "V4: NUL in a needle");
    refused(rows.find(extra.path("\0").is_null()).await, ErrorKind::InvalidValue, "V4: NUL in a key");
    refused(
        rows.find(extra.path("v.-1").is_null()).await,
        ErrorKind::InvalidQuery,
        "V9: not every server finds such a key",
    );
    refused(rows.find(extra.path_of(vec!["v"; 31]).is_null()).await, ErrorKind::InvalidQuery, "V9: a path too deep");
    assert_eq!(rows.count(extra.path_of(vec!["v"; 30]).is_null()).await?, 10, "V9: this deep it is only not there");
    let name = col(maybe::Column::Name).path("v").eq(1);
    at("name")(rows.find(name).await, ErrorKind::InvalidQuery, "V10: a path in a column of text");
    Ok(())
}
