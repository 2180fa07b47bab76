//! Laws V1, V9, V10: what is written is what is read, for every portable type.

use crate::{
    Database, ErrorKind,
    backend::{Comparison, Filter, Operation, Select},
    col,
    conformance::{
        cases::{ids, in_order, maybe_rows},
        check::{Proof, refused, refused_at, table, there},
        entities::{Mood, Shape, everything, maybe, member, placed, renamed},
    },
};
use sea_orm::{Set, prelude::Uuid};
use serde_json::json;

pub async fn v1_what_insert_returns_is_what_a_later_read_returns(db: Database) -> Proof {
    let rows = table::<everything::Entity>(&db).await?;
    let row = everything::row();
    let inserted = rows.insert(row.clone()).await?;
    assert_eq!(inserted, row, "V1: nothing of this row is normalised away");
    let read = there(rows.get(row.id).await?, "V1");
    assert_eq!(read, inserted, "V1: what insert returned is what a later read returns");
    Ok(())
}

pub async fn v1_what_update_returns_is_what_a_later_read_returns(db: Database) -> Proof {
    let rows = table::<everything::Entity>(&db).await?;
    let row = rows.insert(everything::row()).await?;
    let changed = everything::Model { id: row.id, flag: false, name: String::new(), data: vec![], ..everything::row() };
    let updated = rows.replace(changed.clone()).await?;
    assert_eq!(updated, changed, "V1: update returns what was written");
    assert_eq!(rows.get(row.id).await?, Some(updated), "V1: what update returned is what a later read returns");
    Ok(())
}

pub async fn v1_every_type_holds_null(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let inserted = rows.insert(maybe::row(1)).await?;
    assert_eq!((inserted.flag, inserted.price, inserted.mood), (None, None, None), "V1: what is not set is null");
    assert_eq!(rows.get(1).await?, Some(inserted), "V1: null is read back as null, in every type");
    Ok(())
}

pub async fn v1_every_nullable_type_holds_a_value(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let full = everything::row();
    let row = maybe::Model {
        id: 1,
        flag: Some(full.flag),
        tiny: Some(full.tiny),
        octet: Some(full.octet),
        small: Some(full.small),
        short: Some(full.short),
        whole: Some(full.whole),
        count: Some(full.count),
        big: Some(full.big),
        size: Some(full.size),
        ratio: Some(full.ratio),
        score: Some(full.score),
        price: Some(full.price),
        name: Some(full.name),
        code: Some(full.code),
        prose: Some(full.prose),
        data: Some(full.data),
        extra: Some(full.extra),
        token: Some(full.token),
        at: Some(full.at),
        zoned: Some(full.zoned),
        local: Some(full.local),
        day: Some(full.day),
        clock: Some(full.clock),
        shape: Some(full.shape),
        mood: Some(full.mood),
    };
    assert_eq!(rows.insert(row.clone()).await?, row, "V1: insert returns what was written");
    assert_eq!(rows.get(1).await?, Some(row), "V1: every nullable type is read back");
    Ok(())
}

pub async fn v1_names_that_need_quotes_are_kept(db: Database) -> Proof {
    let rows = table::<renamed::Entity>(&db).await?;
    let row = renamed::Model { id: 1, kind: Some(2), name: "a".into(), chosen: true };
    assert_eq!(rows.insert(row.clone()).await?, row, "V1: reserved words are names like others");
    let query =
        (col(renamed::COLUMN.kind).eq(2) & col(renamed::COLUMN.name).eq("a") & col(renamed::COLUMN.chosen).eq(true))
            .order_by(col(renamed::COLUMN.kind).desc());
    assert_eq!(rows.one(query).await?, Some(row.clone()), "V1: conditions and orders use the names of the database");
    let changed = rows.update(renamed::ActiveModel { id: Set(1), kind: Set(None), ..Default::default() }).await?;
    assert_eq!(changed, renamed::Model { kind: None, ..row.clone() }, "V1: updates use the names of the database");
    let error = refused(rows.insert(renamed::Model { id: 2, ..row }).await, ErrorKind::UniqueViolation, "W2");
    assert_eq!(error.fields(), ["Full Name"], "W2: the field is named as the database names it: {error}");
    Ok(())
}

pub async fn v1_an_entity_may_name_its_schema(db: Database) -> Proof {
    // The schema's name is the entity's, so both stacks of this case meet in one place.
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = TURN.lock().await;
    let rows = table::<placed::Entity>(&db).await?;
    let row = placed::Model { id: Uuid::now_v7(), name: "here".into() };
    rows.insert(row.clone()).await?;
    assert_eq!(rows.get(row.id).await?, Some(row.clone()), "V1: a row in a named schema is found");
    assert!(rows.delete(row.id).await?, "W1: and deleted");
    Ok(())
}

pub async fn v9_bool_is_a_filter_and_an_order(db: Database) -> Proof {
    let flags = [Some(true), Some(false), None];
    let rows = maybe_rows(&db, flags, |row, flag| row.flag = Set(flag)).await?;
    assert_eq!(ids(&rows, col(maybe::COLUMN.flag).eq(true)).await?, [0], "V9: true is true");
    assert_eq!(ids(&rows, col(maybe::COLUMN.flag).eq(false)).await?, [1], "V9: false is false, null is neither");
    assert_eq!(ids(&rows, col(maybe::COLUMN.flag).ne(true)).await?, [1], "V9, Q1: null is not unequal");
    assert_eq!(in_order(&rows, col(maybe::COLUMN.flag).asc()).await?, [2, 1, 0], "V9: null, false, true");
    Ok(())
}

pub async fn v9_uuids_are_ordered_and_compared_by_bytes(db: Database) -> Proof {
    // Chosen so that an order by groups of a UUID, as some servers have it, is another one.
    let values = [
        0_u128,
        0x0000_0000_0000_0000_0000_0000_0000_0001,
        0x0000_0001_0000_0000_ff00_0000_0000_0000,
        0x0100_0000_0000_0000_0000_0000_0000_0000,
        0x7fff_ffff_0000_1000_8000_0000_0000_0000,
        0x8000_0000_0000_1000_0000_0000_0000_0000,
        0xffff_0000_0000_7000_8000_0000_0000_0000,
        u128::MAX,
    ];
    let rows = maybe_rows(&db, values, |row, value| row.token = Set(Some(Uuid::from_u128(value)))).await?;
    let token = col(maybe::COLUMN.token);
    assert_eq!(in_order(&rows, token.desc()).await?, [7, 6, 5, 4, 3, 2, 1, 0], "V9: UUIDs are ordered by their bytes");
    for (id, value) in (0..).zip(values) {
        let value = Uuid::from_u128(value);
        assert_eq!(ids(&rows, token.eq(value)).await?, [id], "V9: {value} equals itself alone");
        assert_eq!(ids(&rows, token.lt(value)).await?, (0..id).collect::<Vec<_>>(), "V9: less than {value}");
    }
    Ok(())
}

pub async fn v9_bytes_are_kept_as_they_are(db: Database) -> Proof {
    let long = vec![7; 70_000];
    let values: [&[u8]; 7] = [b"", b"\0", b"\0\0", b"%", b"' OR 1=1 --", b"\xff\xfe", &long];
    let rows = maybe_rows(&db, values, |row, value| row.data = Set(Some(value.to_vec()))).await?;
    for (id, value) in (0..).zip(values) {
        let read = there(rows.get(id).await?, "V9").data;
        assert_eq!(read.as_deref(), Some(value), "V9: bytes come back as they were");
        assert_eq!(ids(&rows, col(maybe::COLUMN.data).eq(value)).await?, [id], "V9: bytes equal the same bytes alone");
    }
    Ok(())
}

pub async fn v9_bytes_are_ordered_from_the_first_one(db: Database) -> Proof {
    let values: [&[u8]; 6] = [b"", b"\0", b"\0\x01", b"A", b"a", b"\xff"];
    let rows = maybe_rows(&db, values, |row, value| row.data = Set(Some(value.to_vec()))).await?;
    assert_eq!(in_order(&rows, col(maybe::COLUMN.data).asc()).await?, [0, 1, 2, 3, 4, 5], "V9: bytes have no sign");
    let above = col(maybe::COLUMN.data).gt(b"a".to_vec());
    assert_eq!(ids(&rows, above).await?, [5], "V9: greater is by bytes too");
    Ok(())
}

pub async fn v9_json_is_kept_as_a_parsed_value(db: Database) -> Proof {
    let values = [
        json!({}),
        json!([]),
        json!(""),
        json!(false),
        json!({ "z": 1, "a": { "deep": [[[{ "x": null }]]] }, "é": "e\u{301}", "": "empty name" }),
        json!(["quote \" slash \\ / tab \t line \n", "😀", "\u{7f}\u{80}\u{2028}"]),
        json!({ "a.b": 1, "$c": 2, "d'e": "f'g", "%": "_" }),
        json!([i64::MIN, i64::MAX, u64::MAX, 0, -1]),
    ];
    let rows = maybe_rows(&db, values.clone(), |row, value| row.extra = Set(Some(value))).await?;
    for (id, value) in (0..).zip(values) {
        assert_eq!(there(rows.get(id).await?, "V9").extra, Some(value), "V9: JSON comes back as it was parsed");
    }
    Ok(())
}

pub async fn v9_json_floats_are_exact(db: Database) -> Proof {
    let floats =
        [0.1, 0.1 + 0.2, -2.5, 1e-7, 123_456_789.123_456_79, 5e-324, 2.225_073_858_507_201_4e-308, 1.5e300, f64::MAX];
    let rows = maybe_rows(&db, floats, |row, value| row.extra = Set(Some(json!({ "x": value })))).await?;
    for (id, value) in (0..).zip(floats) {
        let read = there(rows.get(id).await?, "V9").extra;
        let read = read.as_ref().and_then(|read| read["x"].as_f64());
        assert_eq!(read, Some(value), "V9, V1: a float in JSON is the same float after a read");
    }
    Ok(())
}

pub async fn v9_json_numbers_without_a_fraction_are_whole(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let row = maybe::ActiveModel { extra: Set(Some(json!([1.0, -0.0, 1e15, 2e3]))), ..maybe::row(1) };
    let inserted = rows.insert(row).await?;
    assert_eq!(inserted.extra, Some(json!([1, 0, 1_000_000_000_000_000_i64, 2000])), "V9: one form for one number");
    assert_eq!(rows.get(1).await?, Some(inserted), "V1: and it is the form that is read");
    Ok(())
}

pub async fn v9_json_null_is_a_value_and_not_null(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Some(json!(null)), None], |row, value| row.extra = Set(value)).await?;
    assert_eq!(there(rows.get(0).await?, "V9").extra, Some(json!(null)), "V9: JSON's null is a JSON value");
    assert_eq!(there(rows.get(1).await?, "V9").extra, None, "V9: null is null");
    assert_eq!(ids(&rows, col(maybe::COLUMN.extra).is_null()).await?, [1], "V9: is_null asks for null alone");
    assert_eq!(ids(&rows, col(maybe::COLUMN.extra).is_not_null()).await?, [0], "V9: JSON's null is not null");
    Ok(())
}

pub async fn v9_json_is_not_compared(db: Database) -> Proof {
    let rows = maybe_rows(&db, [json!(1)], |row, value| row.extra = Set(Some(value))).await?;
    let extra = col(maybe::Column::Extra);
    for query in [
        extra.eq(json!(1)).into_query(),
        extra.is_in([json!(1)]).into_query(),
        extra.is_distinct_from(json!(1)).into_query(),
        extra.contains("1").into_query(),
        crate::all().order_by(extra.asc()),
    ] {
        refused_at(rows.find(query).await, ErrorKind::InvalidQuery, "maybe", "extra", "V9: JSON has no comparison");
    }
    Ok(())
}

pub async fn v9_enums_are_kept_compared_and_ordered_as_text(db: Database) -> Proof {
    let kinds = [(Shape::Round, Mood::Glad), (Shape::RightAngled, Mood::DontKnow)];
    let rows = maybe_rows(&db, kinds, |row, (shape, mood)| (row.shape, row.mood) = (Set(Some(shape)), Set(Some(mood))))
        .await?;
    let read = there(rows.get(1).await?, "V9");
    assert_eq!((read.shape, read.mood), (Some(Shape::RightAngled), Some(Mood::DontKnow)), "V9: enums come back");
    let (shape, mood) = (col(maybe::COLUMN.shape), col(maybe::COLUMN.mood));
    assert_eq!(ids(&rows, shape.eq(Shape::Round)).await?, [0], "V9: by the enum's variant");
    assert_eq!(ids(&rows, mood.eq(Mood::DontKnow)).await?, [1], "V9: by the native enum's variant, apostrophe and all");
    assert_eq!(ids(&rows, mood.is_in([Mood::Glad, Mood::DontKnow])).await?, [0, 1], "V9: in a list of variants");
    assert_eq!(ids(&rows, shape.eq("round")).await?, [0], "V9: by the text of the variant");
    assert_eq!(in_order(&rows, shape.asc()).await?, [1, 0], "V9: ordered as text: right_angled, round");
    assert_eq!(in_order(&rows, mood.asc()).await?, [1, 0], "V9: ordered as text, not by declaration: don't know, glad");
    let changed = rows.update_many(mood.eq(Mood::Glad), [mood.set(Mood::DontKnow)]).await?;
    assert_eq!((changed, rows.count(mood.eq(Mood::DontKnow)).await?), (1, 2), "V9: a change takes a variant");
    Ok(())
}

pub async fn v9_a_text_that_is_no_variant_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [Mood::Glad], |row, mood| row.mood = Set(Some(mood))).await?;
    let mood = col(maybe::COLUMN.mood);
    let answer = rows.update_many(mood.eq(Mood::Glad), [mood.set("furious")]).await;
    refused_at(answer, ErrorKind::InvalidValue, "maybe", "mood", "V9: an enum holds its variants alone");
    assert_eq!(rows.count(mood.eq("furious")).await?, 0, "V9: nothing was written");
    Ok(())
}

pub async fn v10_a_column_is_compared_with_its_own_type_alone(db: Database) -> Proof {
    let rows = maybe_rows(&db, [0], |row, value| row.whole = Set(Some(value))).await?;
    let (whole, name, at) = (col(maybe::Column::Whole), col(maybe::Column::Name), col(maybe::Column::At));
    let law = "V10: text is not a number";
    refused_at(rows.find(whole.eq("0")).await, ErrorKind::InvalidQuery, "maybe", "whole", law);
    refused_at(rows.find(whole.is_in(["0", "x"])).await, ErrorKind::InvalidQuery, "maybe", "whole", law);
    refused_at(rows.find(!name.eq(0)).await, ErrorKind::InvalidQuery, "maybe", "name", law);
    refused_at(rows.count(name.between(1, 2)).await, ErrorKind::InvalidQuery, "maybe", "name", law);
    refused_at(rows.exists(at.lt("2024-01-01")).await, ErrorKind::InvalidQuery, "maybe", "at", "V10: nor an instant");
    refused_at(rows.find(whole.contains("0")).await, ErrorKind::InvalidQuery, "maybe", "whole", "V10: no text inside");
    refused_at(rows.delete_many(whole.eq(true)).await, ErrorKind::InvalidQuery, "maybe", "whole", "V10: nor a bool");
    Ok(())
}

pub async fn v10_a_column_takes_its_own_type_alone(db: Database) -> Proof {
    let rows = maybe_rows(&db, [0], |row, value| row.whole = Set(Some(value))).await?;
    let whole = col(maybe::Column::Whole);
    let every = || col(maybe::COLUMN.id).gte(0);
    let law = "V10: a column holds its declared type";
    refused_at(rows.update_many(every(), [whole.set("7")]).await, ErrorKind::InvalidQuery, "maybe", "whole", law);
    refused_at(rows.update_many(every(), [whole.increment("7")]).await, ErrorKind::InvalidQuery, "maybe", "whole", law);
    let name = col(maybe::Column::Name);
    refused_at(rows.update_many(every(), [name.increment(1)]).await, ErrorKind::InvalidQuery, "maybe", "name", law);
    assert_eq!(ids(&rows, whole.eq(0)).await?, [0], "V10: nothing was changed");
    Ok(())
}

pub async fn v10_an_unknown_column_is_refused_by_name(db: Database) -> Proof {
    table::<member::Entity>(&db).await?;
    let table = crate::repository::EntityInfo::of::<member::Entity>().table()?;
    let unknown = Filter::Compare("price".into(), Comparison::Eq, 1.into());
    let select = Select { filter: Some(unknown), ..Select::all(table) };
    let answer = db.backend().run(&crate::Context::current(), Operation::Select(select)).await;
    refused_at(answer, ErrorKind::InvalidQuery, "member", "price", "V10: the entity has no such column");
    Ok(())
}

pub async fn v9_json_too_deep_for_a_server_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1], |row, _| row.extra = Set(None)).await?;
    let deep = |levels: usize| (0..levels).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    let row = |levels| maybe::ActiveModel { extra: Set(Some(deep(levels))), ..maybe::row(9) };
    for levels in [31, 200, 1_000] {
        refused_at(rows.insert(row(levels)).await, ErrorKind::InvalidValue, "maybe", "extra", "V9");
    }
    assert_eq!(rows.count(crate::all()).await?, 1, "V9: nothing of it is kept");
    rows.insert(row(30)).await?;
    assert_eq!(there(rows.get(9).await?, "V9").extra, Some(deep(30)), "V1: what is kept is read");
    Ok(())
}

pub async fn v9_json_numbers_have_one_form(db: Database) -> Proof {
    // What a whole number of 64 bits can hold is one, whichever server prints it.
    let numbers: [(f64, bool); 9] = [
        (1e18, true),
        (9.3e18, true),
        (1.8e19, true),
        (1e19, true),
        (-9.21e18, true),
        (-0.0, true),
        (-1e19, false),
        (1e20, false),
        (0.1, false),
    ];
    let rows =
        maybe_rows(&db, numbers, |row, (value, _)| row.extra = Set(Some(serde_json::json!({ "n": value })))).await?;
    for (id, (number, whole)) in (0..).zip(numbers) {
        let read = there(rows.get(id).await?, "V9");
        let form = read.extra.as_ref().is_some_and(|json| !json["n"].is_f64());
        assert_eq!(form, whole, "V9: {number} has one form everywhere");
        assert_eq!(rows.replace(read.clone()).await?, read, "V1: {number} comes back as it was");
    }
    Ok(())
}
