//! Commands of MongoDB: documents with bound values, in our sessions and our transactions, on the server of
//! `SEABED_TEST_MONGODB_URL`.

use crate::{
    entities::{author, book, entry, sample},
    place::refused,
    server::{self, Server},
};
use mongodb::{Client, bson::doc};
use sea_orm::prelude::{DateTimeUtc, Decimal, Uuid};
use seabed::{Config, Database, ErrorKind, prelude::*, raw, raw::Raw};
use serde::Deserialize;

/// A database of its own; none where there is no server.
struct Place {
    server: String,
    name: String,
    db: Database,
}

impl Place {
    async fn new() -> Option<Self> {
        let server = Server::new("SEABED_TEST_MONGODB_URL");
        let Some(url) = server.url() else {
            eprintln!("skipped: {}", server.absent());
            return None;
        };
        let name = server::unique("raw_server_raw");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        let db = Database::connect(Config::from_url(own.as_str()).expect("a URL")).await.expect("a connection");
        db.create_tables(&seabed::entities![author, book, sample]).await.expect("tables");
        let authors = db.repository::<author::Entity>();
        for name in ["Ann", "Ben", "$name", "{id}"] {
            authors.insert(author::row(name)).await.expect("a row");
        }
        Some(Self { server: url, name, db })
    }

    async fn end(self) {
        self.db.close().await.expect("closed");
        let client = Client::with_uri_str(&self.server).await.expect("a client");
        client.database(&self.name).run_command(doc! { "dropDatabase": 1 }).await.expect("removed");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Named {
    id: i32,
    name: String,
}

async fn names(db: &Database, raw: Raw) -> Vec<String> {
    db.raw(raw).documents::<Named>().await.expect("an answer").into_iter().map(|row| row.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_bound_and_never_read_as_words() {
    let Some(place) = Place::new().await else { return };
    let db = &place.db;
    let (listed, path, nobody) = (["Ben".to_owned(), "{id}".to_owned()], "$name", Vec::<String>::new());
    let find = raw!(mongodb: r#"{ "find": "author", "filter": { "name": { "$in": [{..listed}, {path}, {..nobody}] } }, "sort": { "id": 1 } }"#);
    assert_eq!(names(db, find).await, ["Ben", "$name", "{id}"]);
    // As a field it would be equal to itself in every row.
    let pipeline = raw!(mongodb: r#"{ "aggregate": "author", "pipeline": [
        { "$match": { "$expr": { "$eq": ["$name", {path}] } } }, { "$project": { "id": 1, "name": {path} } }] }"#);
    assert_eq!(names(db, pipeline).await, ["$name"]);
    let evil = serde_json::json!({ "$ne": null });
    let none = raw!(mongodb: r#"{ "find": "author", "filter": { "name": {evil} } }"#);
    assert_eq!(names(db, none).await, [""; 0]);
    let given = Raw::default().mongodb(r#"{ "find": "author", "filter": { "id": { "$lt": {id} } } }"#).bind("id", 2_u8);
    assert_eq!(names(db, given).await, ["Ann"]);
    place.end().await;
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sample {
    id: i32,
    big: i64,
    score: f64,
    price: Decimal,
    token: Uuid,
    at: DateTimeUtc,
    extra: serde_json::Value,
}

#[derive(Debug, Deserialize)]
struct Wrong {
    #[expect(dead_code, reason = "it cannot be read")]
    name: i32,
}

/// `SecantusDB` asks an index that leaves rows out for all that is within its condition, also without the beginning of the key.
#[tokio::test(flavor = "multi_thread")]
async fn w3_a_command_finds_rows_by_the_later_half_of_a_unique_key() {
    let Some(place) = Place::new().await else { return };
    let db = &place.db;
    db.create_tables(&seabed::entities![entry]).await.expect("a table");
    let rows = [("a", Some(1)), ("b", Some(1)), ("a", None)];
    let rows = (1..).zip(rows).map(|(id, (name, page))| entry::Model { id, name: name.into(), page });
    db.repository::<entry::Entity>().insert_many(rows).await.expect("rows");
    let page = 1_i32;
    let find = raw!(mongodb: r#"{ "find": "entry", "filter": { "page": {page} }, "sort": { "id": 1 } }"#);
    assert_eq!(names(db, find).await, ["a", "b"]);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_structs_and_what_does_not_fit_is_told() {
    let Some(place) = Place::new().await else { return };
    let db = &place.db;
    let row = sample::Model {
        id: 7,
        flag: true,
        small: 1,
        big: i64::MAX,
        score: 0.5,
        price: Decimal::new(1_250, 2),
        name: "n".into(),
        data: vec![1, 2],
        extra: serde_json::json!({ "a": [1, null] }),
        token: Uuid::from_u128(7),
        at: DateTimeUtc::from_timestamp_millis(1_700_000_000_123).expect("an instant"),
        local: DateTimeUtc::from_timestamp_millis(0).expect("an instant").naive_utc(),
        day: DateTimeUtc::from_timestamp_millis(0).expect("an instant").date_naive(),
        clock: sea_orm::prelude::Time::MIN,
    };
    db.repository::<sample::Entity>().insert(row.clone()).await.expect("a row");
    // Each value finds the row in the form in which it is stored.
    let (price, token, at, data) = (row.price, row.token, row.at, row.data.clone());
    let find = raw!(mongodb: r#"{ "find": "sample", "filter": { "price": {price}, "token": {token}, "at": {at}, "data": {data} } }"#);
    let found: Vec<Sample> = db.raw(find).documents().await.expect("an answer");
    let wanted = Sample { id: 7, big: i64::MAX, score: 0.5, price, token, at, extra: row.extra };
    assert_eq!(found, [wanted]);
    let wrong = db.raw(raw!(mongodb: r#"{ "find": "author" }"#)).documents::<Wrong>().await;
    let error = refused(wrong, ErrorKind::CorruptData);
    assert!(!error.to_string().contains("Ann") && !format!("{error:?}").contains("Ann"), "{error:?}");
    // An answer without a cursor is one document.
    let count: Vec<serde_json::Value> =
        db.raw(raw!(mongodb: r#"{ "count": "author" }"#)).documents().await.expect("an answer");
    assert_eq!(count[0]["n"], 4);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_all_or_nothing_and_joins_a_transaction() {
    let Some(place) = Place::new().await else { return };
    let db = &place.db;
    let name = "Zoe";
    let change = || raw!(mongodb: r#"{ "update": "author", "updates": [{ "q": { "name": "Ben" }, "u": { "$set": { "name": {name} } } }] }"#);
    // The second of two meets the unique index: the first is undone.
    let both = raw!(mongodb: r#"{ "update": "author", "updates": [
        { "q": { "name": "Ann" }, "u": { "$set": { "name": {name} } } },
        { "q": { "name": "Ben" }, "u": { "$set": { "name": {name} } } }] }"#);
    refused(db.raw(both).execute().await, ErrorKind::UniqueViolation);
    let authors = db.repository::<author::Entity>();
    assert_eq!(authors.count(col(author::COLUMN.name).eq(name)).await.expect("a count"), 0);
    let undone: Result<()> = db
        .transact(|tx| async move {
            assert_eq!(tx.raw(change()).execute().await?, 1);
            assert_eq!(tx.repository::<author::Entity>().count(col(author::COLUMN.name).eq(name)).await?, 1);
            Err(Error::rejected("no"))
        })
        .await;
    refused(undone, ErrorKind::Rejected);
    assert_eq!(authors.count(col(author::COLUMN.name).eq(name)).await.expect("a count"), 0);
    assert_eq!(db.raw(change()).execute().await.expect("changed"), 1);
    // From inside, through a handle from outside.
    let outside = db.transact(|_| async { db.raw(change()).execute().await.map(drop) }).await;
    refused(outside, ErrorKind::OutsideTransaction);
    let read_only = db
        .transact_with(TransactionOptions::default().read_only(), |tx| async move {
            tx.raw(raw!(mongodb: r#"{ "find": "author" }"#)).documents::<Named>().await?;
            tx.raw(change()).execute().await
        })
        .await;
    refused(read_only, ErrorKind::ReadOnly);
    let merge = raw!(mongodb: r#"{ "aggregate": "author", "pipeline": [{ "$project": { "name": 1 } }, { "$out": "copied" }] }"#);
    let inside = db
        .transact(|tx| {
            let merge = merge.clone();
            async move { tx.raw(merge).execute().await }
        })
        .await;
    refused(inside, ErrorKind::Unsupported);
    db.raw(merge).execute().await.expect("written");
    let copied: Vec<serde_json::Value> =
        db.raw(raw!(mongodb: r#"{ "count": "copied" }"#)).documents().await.expect("an answer");
    assert_eq!(copied[0]["n"], 4);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_for_it_is_refused_before_it_is_sent() {
    let Some(place) = Place::new().await else { return };
    let db = &place.db;
    for (text, kind) in [
        (r#"{ "commitTransaction": 1 }"#, ErrorKind::InvalidQuery),
        (r#"{ "getMore": 1 }"#, ErrorKind::InvalidQuery),
        (r#"{ "shutdown": 1 }"#, ErrorKind::InvalidQuery),
        (r#"{ "insert": "author", "documents": [{}], "writeConcern": { "w": 0 } }"#, ErrorKind::InvalidQuery),
        ("select 1", ErrorKind::InvalidQuery),
    ] {
        refused(db.raw(Raw::default().mongodb(text)).execute().await, kind);
    }
    refused(db.raw(raw!("select 1")).execute().await, ErrorKind::Unsupported);
    refused(db.raw(raw!(mongodb: r#"{ "ping": 1 }"#)).rows().await, ErrorKind::Unsupported);
    refused(db.sea_orm().map(drop), ErrorKind::Unsupported);
    let big = u64::MAX;
    refused(
        db.raw(raw!(mongodb: r#"{ "find": "author", "filter": { "id": {big} } }"#)).execute().await,
        ErrorKind::InvalidValue,
    );
    // Rules end here, and the validator does not.
    let insert = raw!(mongodb: r#"{ "insert": "author", "documents": [{ "id": "seven", "name": "x" }] }"#);
    refused(db.raw(insert).execute().await, ErrorKind::InvalidValue);
    db.raw_script(r#"[{ "create": "by_hand" }, { "insert": "by_hand", "documents": [{ "a": 1 }, { "a": 2 }] }]"#)
        .await
        .expect("run");
    assert_eq!(
        db.raw(raw!(mongodb: r#"{ "delete": "by_hand", "deletes": [{ "q": {}, "limit": 0 }] }"#))
            .execute()
            .await
            .expect("deleted"),
        2
    );
    place.end().await;
}
