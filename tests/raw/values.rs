//! What is bound is what a column of its kind holds, and what cannot be bound is told.

use crate::{
    entities::{author, book, sample},
    place::{Place, on_each, refused},
};
use sea_orm::{
    DbBackend, Value,
    prelude::{DateTimeWithTimeZone, Decimal, Json, Uuid},
};
use seabed::{ErrorKind, raw, raw::Raw};

on_each! {
    a_row_of_the_repository_is_found_by_each_of_its_values
    values_are_widened_or_refused
    a_row_that_is_written_raw_is_read_by_the_repository
}

fn row() -> sample::Model {
    let at = sea_orm::prelude::DateTimeUtc::from_timestamp_millis(1_700_000_000_123).expect("an instant");
    sample::Model {
        id: 1,
        flag: true,
        small: -7,
        big: i64::MAX,
        score: 0.5,
        price: Decimal::new(1250, 2),
        name: "Zoë".into(),
        data: vec![0, 255, 39],
        extra: serde_json::json!({ "a": 1 }),
        token: Uuid::from_u128(7),
        at,
        local: at.naive_utc(),
        day: at.date_naive(),
        clock: at.time(),
    }
}

async fn a_row_of_the_repository_is_found_by_each_of_its_values(place: &Place) {
    let db = place.open(2).await;
    let model = row();
    db.repository::<sample::Entity>().insert(sample::ActiveModel::from(model.clone())).await.expect("inserted");
    let zoned =
        DateTimeWithTimeZone::from(model.at).with_timezone(&chrono::FixedOffset::east_opt(7200).expect("a zone"));
    for (column, value) in [
        ("id", Value::from(model.id)),
        ("flag", model.flag.into()),
        ("small", i8::try_from(model.small).expect("small").into()),
        ("big", u64::try_from(model.big).expect("positive").into()),
        ("score", 0.5_f32.into()),
        ("name", model.name.clone().into()),
        ("data", model.data.clone().into()),
        ("token", model.token.into()),
        ("at", model.at.into()),
        ("at", zoned.into()),
        ("local", model.local.into()),
        ("day", model.day.into()),
        ("clock", model.clock.into()),
    ] {
        let found = db.raw(Raw::new(format!("select id from sample where {column} = {{value}}")).bind("value", value));
        assert_eq!(found.rows().await.expect(column).len(), 1, "{column}");
    }
    let price = model.price;
    let query = db.raw(raw!("select id from sample where price = {price}"));
    if place.dialect == DbBackend::Sqlite {
        assert!(refused(query.rows().await, ErrorKind::InvalidValue).message().contains("1250"));
        let units = 1250;
        assert_eq!(db.raw(raw!("select id from sample where price = {units}")).rows().await.expect("rows").len(), 1);
    } else {
        assert_eq!(query.rows().await.expect("rows").len(), 1);
    }
}

async fn values_are_widened_or_refused(place: &Place) {
    let db = place.open(1).await;
    let nothing = |value: Value| {
        let query = Raw::new("select id from sample where name = {value}").bind("value", value);
        let db = db.clone();
        async move { db.raw(query).rows().await }
    };
    let array = Value::Array(sea_orm::sea_query::ArrayType::Int, Some(Box::new(vec![1.into()])));
    for (value, part) in [
        (Value::from(u64::MAX), "9,223,372,036,854,775,807"),
        (f64::NAN.into(), "finite"),
        (f32::INFINITY.into(), "finite"),
        ("a\0b".into(), "NUL"),
        ('\0'.into(), "NUL"),
        (chrono::NaiveDate::from_ymd_opt(12_000, 1, 1).expect("a day").into(), "year"),
        (array, "Array"),
    ] {
        let error = refused(nothing(value).await, ErrorKind::InvalidValue);
        assert!(error.message().contains(part), "{error}");
    }
    for value in [Value::from('a'), "a".into(), Value::String(None)] {
        assert_eq!(nothing(value).await.expect("no rows").len(), 0);
    }
    // Refused before the server: the transaction goes on (law T2).
    db.transact(|tx| async move {
        let most = u64::MAX;
        refused(tx.raw(raw!("select {most}")).rows().await, ErrorKind::InvalidValue);
        tx.repository::<author::Entity>().insert(author::row("kept")).await.map(drop)
    })
    .await
    .expect("committed");
}

async fn a_row_that_is_written_raw_is_read_by_the_repository(place: &Place) {
    let db = place.open(1).await;
    let ann = db.repository::<author::Entity>().insert(author::row("Ann")).await.expect("inserted");
    let (id, at, pages) = (Uuid::now_v7(), row().at, None::<i32>);
    let insert =
        raw!("insert into book (id, author_id, title, pages, at) values ({id}, {ann.id}, 'Waves', {pages}, {at})");
    assert_eq!(db.raw(insert).execute().await.expect("inserted"), 1);
    let found = db.repository::<book::Entity>().get(id).await.expect("an answer").expect("a row");
    assert_eq!((found.at, found.pages, found.author_id), (at, None, ann.id));
    let read: Option<book::Model> = db.raw(raw!("select * from book where id = {id}")).one().await.expect("an answer");
    assert_eq!(read, Some(found));
    let json = serde_json::json!({ "b": [1, null] });
    let model = sample::Model { extra: Json::Null, ..row() };
    db.repository::<sample::Entity>().insert(sample::ActiveModel::from(model)).await.expect("inserted");
    assert_eq!(db.raw(raw!("update sample set extra = {json}")).execute().await.expect("changed"), 1);
    let found = db.repository::<sample::Entity>().get(1).await.expect("an answer").expect("a row");
    assert_eq!(found.extra, json);
}
