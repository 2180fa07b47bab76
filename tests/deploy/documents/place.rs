//! What is asked of a place on MongoDB beside the library.

use crate::support::Place;
use mongodb::bson::{Bson, Document, doc};
use seabed::{Database, backend::Deploy};
use std::time::Duration;

/// A database, for a deploy and for what is asked beside it.
pub async fn open(place: &Place) -> Database {
    place.open(5).await
}

pub async fn session(place: &Place) -> (Database, Box<dyn Deploy>) {
    let db = open(place).await;
    let deploy = db.backend().deploy().await.expect("a session");
    (db, deploy)
}

pub async fn run(place: &Place, command: Document) -> Document {
    place.ask_mongo(async |database| database.run_command(command).await).await.expect("the command ran")
}

/// The rows without what no entity sees.
pub async fn rows(place: &Place, collection: &str) -> Vec<Document> {
    let find =
        doc! { "find": collection, "sort": { "id": 1 }, "projection": { "_id": 0, "_touched": 0 }, "batchSize": 1000 };
    let found = run(place, find).await;
    let rows = found.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch")).expect("rows");
    rows.iter().map(|row| row.as_document().expect("a row").clone()).collect()
}

/// A collection's validator, as somebody changes it by hand.
pub async fn by_hand(place: &Place, collection: &str, change: impl FnOnce(&mut Document)) {
    let mut validator = validator(place, collection).await;
    change(&mut validator);
    run(place, doc! { "collMod": collection, "validator": validator }).await;
}

pub async fn validator(place: &Place, collection: &str) -> Document {
    let found = run(place, doc! { "listCollections": 1, "filter": { "name": collection } }).await;
    let found = found.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch")).expect("collections");
    let options = found[0].as_document().and_then(|it| it.get_document("options").ok()).expect("options");
    options.get_document("validator").expect("a validator").clone()
}

/// What a validator says of a column.
pub fn property<'v>(validator: &'v mut Document, column: &str) -> &'v mut Document {
    let schema = validator.get_document_mut("$jsonSchema").expect("a schema");
    let properties = schema.get_document_mut("properties").expect("properties");
    properties
        .entry(column.to_owned())
        .or_insert(Bson::Document(Document::new()))
        .as_document_mut()
        .expect("a property")
}

/// That no scratch database stays: those of other tests are gone in a moment too.
pub async fn nothing_is_left(place: &Place) {
    let scratch = async || {
        let all = place.ask_mongo(async |database| database.client().list_database_names().await).await.expect("names");
        all.into_iter().filter(|name| name.starts_with("seabed_scratch_")).collect::<Vec<String>>()
    };
    let mut left = scratch().await;
    for _ in 0..50 {
        let now = scratch().await;
        left.retain(|name| now.contains(name));
        if left.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{left:?}");
}
