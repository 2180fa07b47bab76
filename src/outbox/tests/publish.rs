//! What is left in the outbox, and when.

use super::{database, publish};
use crate::{
    Database, Error, ErrorKind, Result, TransactionOptions, all, col,
    outbox::{
        Outbox,
        entity::{done, lane, message},
    },
    repository::describe::describe,
};
use std::time::Duration;

async fn rows(db: &Database) -> (u64, u64) {
    let lanes = db.repository::<lane::Entity>().count(all()).await.expect("a count");
    (lanes, Outbox::new(db).waiting().await.expect("a count"))
}

async fn positions(db: &Database) -> Vec<i64> {
    let m = message::COLUMN;
    let rows = db.repository::<message::Entity>().find(all().order_by(col(m.position).asc())).await.expect("rows");
    rows.iter().map(|row| row.position).collect()
}

#[tokio::test]
async fn a_message_is_there_only_with_its_transaction() {
    let (db, _) = database().await;
    let refused: Result<()> = db
        .transact(|tx| async move {
            tx.publish("topic", "key", 1).await?;
            Err(Error::rejected("no"))
        })
        .await;
    refused.expect_err("it was rolled back");
    assert_eq!(rows(&db).await, (0, 0));
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    tx.publish("topic", "key", 2).await.expect("published");
    assert_eq!(rows(&db).await, (0, 0), "nobody sees it yet");
    tx.commit().await.expect("committed");
    assert_eq!(rows(&db).await, (1, 1));
}

#[tokio::test]
async fn positions_are_counted_for_each_topic_and_key_without_a_gap() {
    let (db, _) = database().await;
    publish(&db, "a", "x", 1).await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    tx.publish("a", "x", 2).await.expect("published");
    tx.rollback().await.expect("and taken back");
    for (topic, key) in [("a", "x"), ("a", "y"), ("b", "x"), ("a", "X"), ("a", "x")] {
        publish(&db, topic, key, 3).await;
    }
    assert_eq!(positions(&db).await, [1, 1, 1, 1, 2, 3]);
    assert_eq!(rows(&db).await, (4, 6));
}

#[tokio::test]
async fn a_part_that_is_undone_takes_its_message_with_it() {
    let (db, _) = database().await;
    db.transact(|tx| async move {
        tx.publish("topic", "key", 1).await?;
        let undone: Result<()> = tx
            .savepoint(|part| async move {
                part.publish("topic", "key", 2).await?;
                Err(Error::rejected("no"))
            })
            .await;
        undone.expect_err("undone");
        tx.publish("topic", "key", 3).await
    })
    .await
    .expect("committed");
    assert_eq!(positions(&db).await, [1, 2]);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_field_and_dooms_nothing() {
    let (db, _) = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let long = "ß".repeat(256);
    for (topic, key, field) in [("", "k", "topic"), (&*long, "k", "topic"), ("t", &*long, "key"), ("t", "\0", "key")] {
        let error = tx.publish(topic, key, 1).await.expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert_eq!((error.entity_name(), error.fields()), (Some("seabed_lane"), &[field.to_owned()][..]));
    }
    let error = tx.publish("t", "k", "x".repeat(256 * 1024)).await.expect_err("refused");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::TooLarge, Some("seabed_outbox")));
    let no_text = std::collections::HashMap::from([(vec![1_u8], 1)]);
    let error = tx.publish("t", "k", no_text).await.expect_err("a key of JSON is text");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::InvalidValue, &["payload".to_owned()][..]));
    let deep = (0..40).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
    for payload in [deep, serde_json::json!("\0")] {
        let error = tx.publish("t", "k", payload).await.expect_err("no backend holds it");
        assert_eq!((error.kind(), error.fields()), (ErrorKind::InvalidValue, &["payload".to_owned()][..]), "{error}");
    }
    tx.publish(&long[2..], "", "x".repeat(256 * 1024 - 2)).await.expect("as long as can be");
    tx.commit().await.expect("nothing was doomed");
    assert_eq!(rows(&db).await, (1, 1));
    assert_eq!(positions(&db).await, [1]);
}

#[tokio::test]
async fn a_position_without_its_message_is_not_committed() {
    let (db, clock) = database().await;
    // No backend holds a time after the year 9999, and the guard says so before the server is asked.
    clock.on(Duration::from_hours(24 * 366 * 9_000));
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let error = tx.publish("topic", "key", 1).await.expect_err("the message is refused");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::InvalidValue, &["published_at".to_owned()][..]));
    tx.commit().await.expect_err("and its position with it");
    assert_eq!(rows(&db).await, (0, 0));
}

#[tokio::test]
async fn a_publish_can_be_moved_into_a_task() {
    let (db, _) = database().await;
    let of_a_task = db.clone();
    let published = tokio::spawn(async move {
        of_a_task.transact(|tx| async move { tx.publish("topic", "key", &["borrowed"]).await }).await
    });
    published.await.expect("no panic").expect("published");
    assert_eq!(rows(&db).await, (1, 1));
}

#[test]
fn the_keys_of_transactions_have_one_table() {
    let by_entity = describe::<done::Entity>().expect("a table");
    assert_eq!(by_entity, crate::transaction::key::table().expect("a table"));
}
