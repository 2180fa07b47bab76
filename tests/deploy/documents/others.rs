//! What is there beside us: the program of the last release, and what somebody put into a validator by hand.

use super::{
    migrators::{First, Later, Renamed},
    place::{by_hand, open, property, rows, run, session, validator},
};
use crate::{on_each, support::Place};
use ::mongodb::bson::{Bson, Document, doc};
use seabed::{
    ErrorKind,
    migration::{ApplyOptions, apply, plan},
};

on_each! { @ mongodb
    s2_a_program_of_the_last_release_inserts_without_a_column_that_may_be_null
    s1_what_others_put_into_a_validator_stays
    s1_a_column_that_a_condition_by_hand_names_stays_under_its_name
}

/// A row as the program of the last release writes it.
fn old(id: i64) -> Document {
    let row = doc! { "id": id, "shelf_id": Bson::Null, "n": 0_i64, "price": "1", "name": format!("row {id}") };
    doc! { "insert": "item", "documents": [row] }
}

async fn s2_a_program_of_the_last_release_inserts_without_a_column_that_may_be_null(place: &Place) {
    let db = open(place).await;
    apply::<Later>(&db, ApplyOptions::default()).await.expect("applied");
    for id in [101, 102] {
        let written = run(place, old(id)).await;
        assert!(!written.contains_key("writeErrors"), "{written}");
    }
    assert!(rows(place, "item").await.iter().all(|row| row.get("late").is_none_or(|it| *it == Bson::Null)));
    let (_db, mut deploy) = session(place).await;
    let left = plan::against(&mut *deploy, &super::tables(&["n1_shop", "n3_late"]), &[]).await.expect("a plan");
    assert!(left.is_empty() && left.drift.is_empty(), "{left:#?}");
    deploy.close().await.expect("closed");
}

async fn s1_what_others_put_into_a_validator_stays(place: &Place) {
    let db = open(place).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    by_hand(place, "item", |validator| {
        validator.insert("id", doc! { "$lt": 1_000_000_i64 });
        property(validator, "name").insert("minLength", 2);
        property(validator, "own").insert("bsonType", "string");
    })
    .await;
    apply::<Later>(&db, ApplyOptions::default()).await.expect("applied");
    let mut after = validator(place, "item").await;
    assert!(after.contains_key("id"), "{after}");
    assert!(property(&mut after, "name").contains_key("minLength"), "{after}");
    assert_eq!(property(&mut after, "own").get_str("bsonType").ok(), Some("string"));
    let (_db, mut deploy) = session(place).await;
    let left = plan::against(&mut *deploy, &super::tables(&["n1_shop", "n3_late"]), &[]).await.expect("a plan");
    assert!(left.is_empty(), "{left:#?}");
    let told: Vec<&str> = left.drift.iter().map(|drift| &*drift.what).collect();
    assert_eq!(told.iter().filter(|what| what.starts_with("check (")).count(), 2, "{told:?}");
    assert!(told.contains(&"column own"), "{told:?}");
    deploy.close().await.expect("closed");
}

async fn s1_a_column_that_a_condition_by_hand_names_stays_under_its_name(place: &Place) {
    let db = open(place).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    by_hand(place, "item", |validator| {
        validator.insert("$expr", doc! { "$gte": ["$n", 0] });
    })
    .await;
    let error = apply::<Renamed>(&db, ApplyOptions::default()).await.expect_err("a condition names it");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::SchemaMismatch, &["n".to_owned()][..]), "{error}");
    let mut after = validator(place, "item").await;
    assert!(property(&mut after, "n").contains_key("bsonType"), "{after}");
}
