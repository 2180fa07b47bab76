//! Laws V2, V3, V4: text is compared and ordered by code point, and limited in characters.

use super::{ids, in_order, maybe_rows, words};
use crate::{
    Database, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, refused_at, table, there},
        entities::{everything, maybe, member, word},
    },
};
use sea_orm::Set;
use serde_json::json;

/// Texts that some collation takes for one another.
const LOOKALIKES: [&str; 16] =
    ["a", "A", "a ", " a", "a\t", "á", "a\u{301}", "à", "ß", "ss", "ı", "i", "I", "İ", "", "\u{200b}"];

/// In the order of code points, which is neither an order of UTF-16 nor of any language.
const BY_CODE_POINT: [&str; 22] = [
    "", " ", "!", "A", "AB", "B", "Z", "_", "a", "a ", "aa", "ab", "b", "e\u{301}", "z", "ß", "á", "é", "Ω", "日",
    "\u{fffd}", "😀",
];

pub async fn v2_texts_are_equal_by_code_point_alone(db: Database) -> Proof {
    let rows = words(&db, &LOOKALIKES).await?;
    for text in LOOKALIKES {
        let found = rows.find(col(word::COLUMN.text).eq(text)).await?;
        let found: Vec<_> = found.iter().map(|row| row.text.as_str()).collect();
        assert_eq!(found, [text], "V2: {text:?} equals itself alone: case, accents, spaces and normal forms count");
        let long = rows.count(col(word::COLUMN.prose).eq(text)).await?;
        assert_eq!(long, 1, "V2: in long text too: {text:?}");
    }
    Ok(())
}

pub async fn v2_unequal_is_by_code_point(db: Database) -> Proof {
    let rows = words(&db, &LOOKALIKES).await?;
    let others = LOOKALIKES.len() as u64 - 1;
    for text in LOOKALIKES {
        assert_eq!(rows.count(col(word::COLUMN.text).ne(text)).await?, others, "V2: all but {text:?} are unequal");
        assert_eq!(rows.count(!col(word::COLUMN.text).eq(text)).await?, others, "V2: all but {text:?} are not equal");
    }
    Ok(())
}

pub async fn v2_lists_and_ranges_compare_by_code_point(db: Database) -> Proof {
    let rows = words(&db, &LOOKALIKES).await?;
    let text = col(word::COLUMN.text);
    assert_eq!(rows.count(text.is_in(["a", "a ", "b"])).await?, 2, "V2: in a list by code point");
    assert_eq!(rows.count(text.is_not_in(["a", "á"])).await?, 14, "V2: not in a list by code point");
    assert_eq!(rows.count(text.between("a", "a")).await?, 1, "V2: a range of one text holds that text");
    assert_eq!(rows.count(text.is_distinct_from("A")).await?, 15, "V2: distinct by code point");
    Ok(())
}

pub async fn v2_keys_are_text_by_code_point(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    for text in LOOKALIKES {
        rows.insert(member::row(1, text, text)).await?;
    }
    for text in LOOKALIKES {
        let row = there(rows.get((1, text.to_owned())).await?, "V2");
        assert_eq!(row.role, text, "V2: the key {text:?} finds its own row");
    }
    assert!(rows.delete((1, "A".to_owned())).await?, "W1: the row was there");
    assert!(rows.get((1, "a".to_owned())).await?.is_some(), "V2: deleting \"A\" leaves \"a\"");
    Ok(())
}

pub async fn v2_an_empty_text_is_not_null(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(""), None], |row, text| row.name = Set(text.map(Into::into))).await?;
    assert_eq!(ids(&rows, col(maybe::COLUMN.name).eq("")).await?, [0], "V2: the empty text equals itself");
    assert_eq!(ids(&rows, col(maybe::COLUMN.name).is_null()).await?, [1], "V2: the empty text is not null");
    assert_eq!(there(rows.get(0).await?, "V1").name.as_deref(), Some(""), "V1: the empty text comes back");
    Ok(())
}

pub async fn v3_text_is_ordered_by_code_point_ascending(db: Database) -> Proof {
    let mut shuffled = BY_CODE_POINT;
    shuffled.reverse();
    shuffled.swap(2, 17);
    let rows = words(&db, &shuffled).await?;
    let sorted = rows.find(all().order_by(col(word::COLUMN.text).asc())).await?;
    let sorted: Vec<_> = sorted.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(sorted, BY_CODE_POINT, "V3: ascending by code point, through a unique index");
    let long = rows.find(all().order_by(col(word::COLUMN.prose).asc())).await?;
    let long: Vec<_> = long.iter().map(|row| row.prose.as_str()).collect();
    assert_eq!(long, BY_CODE_POINT, "V3: ascending by code point, without an index");
    Ok(())
}

pub async fn v3_text_is_ordered_by_code_point_descending(db: Database) -> Proof {
    let rows = words(&db, &BY_CODE_POINT).await?;
    let sorted = rows.find(all().order_by(col(word::COLUMN.text).desc())).await?;
    let sorted: Vec<_> = sorted.iter().rev().map(|row| row.text.as_str()).collect();
    assert_eq!(sorted, BY_CODE_POINT, "V3: descending is the reverse");
    Ok(())
}

pub async fn v3_comparisons_follow_the_same_order(db: Database) -> Proof {
    let rows = words(&db, &BY_CODE_POINT).await?;
    let text = col(word::COLUMN.text);
    for (below, pivot) in (0_u64..).zip(BY_CODE_POINT) {
        let above = BY_CODE_POINT.len() as u64 - below - 1;
        let counts = [
            rows.count(text.lt(pivot)).await?,
            rows.count(text.lte(pivot)).await?,
            rows.count(text.gt(pivot)).await?,
            rows.count(text.gte(pivot)).await?,
        ];
        assert_eq!(counts, [below, below + 1, above, above + 1], "V3: lt, lte, gt, gte of {pivot:?}");
    }
    Ok(())
}

pub async fn v3_comparisons_of_long_text_follow_the_same_order(db: Database) -> Proof {
    let rows = words(&db, &BY_CODE_POINT).await?;
    for (below, pivot) in (0_u64..).zip(BY_CODE_POINT) {
        assert_eq!(rows.count(col(word::COLUMN.prose).lt(pivot)).await?, below, "V3: less than {pivot:?}");
    }
    Ok(())
}

pub async fn v3_long_texts_that_differ_late_are_ordered(db: Database) -> Proof {
    let common = "x".repeat(3_000);
    let texts = ["c", "a", "b"].map(|end| format!("{common}{end}"));
    let rows = maybe_rows(&db, texts, |row, text| row.prose = Set(Some(text))).await?;
    assert_eq!(in_order(&rows, col(maybe::COLUMN.prose).asc()).await?, [1, 2, 0], "V3: every character counts");
    assert_eq!(in_order(&rows, col(maybe::COLUMN.prose).desc()).await?, [0, 2, 1], "V3: every character counts");
    Ok(())
}

pub async fn v3_enum_texts_and_keys_follow_the_same_order(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    rows.insert_many(BY_CODE_POINT.iter().rev().map(|text| member::row(1, text, "r")).collect::<Vec<_>>()).await?;
    let sorted = rows.find(all().limit(100)).await?;
    let sorted: Vec<_> = sorted.iter().map(|row| row.handle.as_str()).collect();
    assert_eq!(sorted, BY_CODE_POINT, "V3, Q4: the key that breaks ties is ordered by code point");
    Ok(())
}

pub async fn v4_a_length_is_counted_in_characters(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    for (id, text) in [(1, "12345678"), (2, "éééééééé"), (3, "😀😀😀😀😀😀😀😀")] {
        let row = rows.insert(maybe::ActiveModel { code: Set(Some(text.into())), ..maybe::row(id) }).await?;
        assert_eq!(row.code.as_deref(), Some(text), "V4: eight characters fit into eight, whatever their bytes");
    }
    for text in ["123456789", "ééééééééé", "1234567 \u{20}", "😀😀😀😀😀😀😀😀😀"] {
        let answer = rows.insert(maybe::ActiveModel { code: Set(Some(text.into())), ..maybe::row(9) }).await;
        refused_at(answer, ErrorKind::InvalidValue, "maybe", "code", "V4: nine characters do not fit into eight");
    }
    assert_eq!(rows.count(all()).await?, 3, "V4: nothing was cut and kept");
    Ok(())
}

pub async fn v4_a_length_is_checked_by_every_write(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["ok"], |row, text| row.code = Set(Some(text.into()))).await?;
    let code = col(maybe::COLUMN.code);
    let long = || Set(Some("123456789".to_owned()));
    let law = "V4: every write checks the length";
    let answer = rows.update(maybe::ActiveModel { code: long(), ..maybe::row(0) }).await;
    refused_at(answer, ErrorKind::InvalidValue, "maybe", "code", law);
    refused_at(
        rows.update_many(code.eq("ok"), [code.set("123456789")]).await,
        ErrorKind::InvalidValue,
        "maybe",
        "code",
        law,
    );
    let answer = rows.insert_many([maybe::row(1), maybe::ActiveModel { code: long(), ..maybe::row(2) }]).await;
    refused_at(answer, ErrorKind::InvalidValue, "maybe", "code", law);
    assert_eq!(ids(&rows, all()).await?, [0], "V4: nothing was written");
    Ok(())
}

pub async fn v4_text_without_a_length_holds_255_characters(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let fits = "é".repeat(255);
    let row = rows.insert(maybe::ActiveModel { name: Set(Some(fits.clone())), ..maybe::row(1) }).await?;
    assert_eq!(row.name, Some(fits), "V4: 255 characters fit");
    let answer = rows.insert(maybe::ActiveModel { name: Set(Some("é".repeat(256))), ..maybe::row(2) }).await;
    refused_at(answer, ErrorKind::InvalidValue, "maybe", "name", "V4: 256 do not");
    Ok(())
}

pub async fn v4_long_text_is_long(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let text = "é😀 ".repeat(50_000);
    rows.insert(maybe::ActiveModel { prose: Set(Some(text.clone())), ..maybe::row(1) }).await?;
    assert!(there(rows.get(1).await?, "V4").prose == Some(text), "V4: text without a limit comes back whole");
    Ok(())
}

pub async fn v4_a_filter_may_be_longer_than_the_column(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["12345678"], |row, text| row.code = Set(Some(text.into()))).await?;
    let code = col(maybe::COLUMN.code);
    assert_eq!(ids(&rows, code.eq("123456789")).await?, [0; 0], "V4: a longer text equals no shorter one");
    assert_eq!(ids(&rows, code.lt("123456789")).await?, [0], "V3: and is greater than its beginning");
    Ok(())
}

pub async fn v4_nul_is_refused_in_every_write(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["ok"], |row, text| row.name = Set(Some(text.into()))).await?;
    let name = col(maybe::COLUMN.name);
    let law = "V4: text holds no NUL";
    let with_nul = || maybe::ActiveModel { name: Set(Some("a\0b".into())), ..maybe::row(0) };
    refused_at(rows.insert(with_nul()).await, ErrorKind::InvalidValue, "maybe", "name", law);
    refused_at(rows.update(with_nul()).await, ErrorKind::InvalidValue, "maybe", "name", law);
    refused_at(rows.update_many(name.eq("ok"), [name.set("\0")]).await, ErrorKind::InvalidValue, "maybe", "name", law);
    let prose = maybe::ActiveModel { prose: Set(Some("\0".into())), ..maybe::row(1) };
    refused_at(rows.insert(prose).await, ErrorKind::InvalidValue, "maybe", "prose", law);
    assert_eq!(ids(&rows, name.eq("ok")).await?, [0], "V4: nothing was written");
    Ok(())
}

pub async fn v4_nul_is_refused_in_filters(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["ok"], |row, text| row.name = Set(Some(text.into()))).await?;
    let name = col(maybe::COLUMN.name);
    for filter in [
        name.eq("a\0"),
        !name.ne("\0"),
        name.is_in(["ok", "\0"]),
        name.between("\0", "z"),
        name.contains("\0"),
        name.starts_with("o\0"),
        name.ends_with("\0k"),
        name.is_distinct_from("\0"),
    ] {
        refused_at(rows.find(filter).await, ErrorKind::InvalidValue, "maybe", "name", "V4: nor does a filter");
    }
    Ok(())
}

pub async fn v4_nul_is_refused_inside_json(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    for value in [json!("\0"), json!({ "a": ["x", { "b": "y\0" }] }), json!({ "k\0": 1 })] {
        let answer = rows.insert(maybe::ActiveModel { extra: Set(Some(value)), ..maybe::row(1) }).await;
        refused_at(answer, ErrorKind::InvalidValue, "maybe", "extra", "V4: JSON's texts and names hold no NUL");
    }
    Ok(())
}

pub async fn v4_a_key_is_checked_like_any_text(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let answer = rows.get((1, "a\0".to_owned())).await;
    refused_at(answer, ErrorKind::InvalidValue, "member", "handle", "V4: a key with a NUL is refused");
    let everything = table::<everything::Entity>(&db).await?;
    let answer = everything.insert(everything::Model { code: "123456789".into(), ..everything::row() }).await;
    refused(answer, ErrorKind::InvalidValue, "V4: a whole model is checked like a part");
    Ok(())
}
