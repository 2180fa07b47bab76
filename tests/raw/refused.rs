//! What would go round the fences is refused before it is sent.

use crate::{
    entities::author,
    place::{Place, on_each, refused},
};
use sea_orm::{ConnectionTrait, DbBackend};
use seabed::{Database, Error, ErrorKind, prelude::*, raw, raw::Raw};

on_each! {
    several_statements_are_refused_unless_asked_for
    what_controls_a_transaction_is_refused
    a_definition_inside_a_transaction_is_refused_where_it_would_commit
}

async fn count(db: &Database) -> u64 {
    db.repository::<author::Entity>().count(all()).await.expect("a count")
}

async fn several_statements_are_refused_unless_asked_for(place: &Place) {
    let db = place.open(1).await;
    let two = "insert into author (name) values ('a'); insert into author (name) values ('b')";
    let error = refused(db.raw(Raw::new(two)).execute().await, ErrorKind::InvalidQuery);
    assert!(error.message().contains("several statements"), "{error}");
    refused(db.raw(Raw::new(two)).rows().await, ErrorKind::InvalidQuery);
    assert_eq!(count(&db).await, 0, "not even the first");
    db.transact(|tx| async move {
        refused(tx.raw(Raw::new(two)).execute().await, ErrorKind::InvalidQuery);
        tx.raw_script(two).await
    })
    .await
    .expect("asked for, and not doomed by what was refused");
    assert_eq!(count(&db).await, 2);
}

async fn what_controls_a_transaction_is_refused(place: &Place) {
    let db = place.open(1).await;
    let text = ["commit", "/* now */ rollback", "begin", "savepoint a", "START TRANSACTION"];
    for text in text {
        refused(db.raw(Raw::new(text)).execute().await, ErrorKind::InvalidQuery);
        refused(db.raw_script(format!("select 1; {text}")).await, ErrorKind::InvalidQuery);
    }
    let ended = db.transact(|tx| async move {
        tx.raw(raw!("insert into author (name) values ('a')")).execute().await?;
        for text in text {
            let error = refused(tx.raw(Raw::new(text)).execute().await, ErrorKind::InvalidQuery);
            assert!(error.message().contains("transact"), "{error}");
            refused(tx.raw_script(text).await, ErrorKind::InvalidQuery);
            let through = tx.sea_orm()?.execute_unprepared(text).await.map_err(Error::from);
            refused(through, ErrorKind::InvalidQuery);
        }
        Err::<(), _>(Error::rejected("no"))
    });
    refused(ended.await, ErrorKind::Rejected);
    assert_eq!(count(&db).await, 0, "none of them committed");
}

async fn a_definition_inside_a_transaction_is_refused_where_it_would_commit(place: &Place) {
    let db = place.open(1).await;
    let ended = db.transact(|tx| async move {
        tx.raw(raw!("insert into author (name) values ('a')")).execute().await?;
        let made = tx.raw(raw!("create table made (a integer)")).execute().await;
        if tx.info().dialect == Some(DbBackend::MySql) {
            refused(made, ErrorKind::Unsupported);
            refused(tx.raw_script("select 1; drop table author").await, ErrorKind::Unsupported);
        } else {
            made.expect("a definition is a part of the transaction");
        }
        Err::<(), _>(Error::rejected("no"))
    });
    refused(ended.await, ErrorKind::Rejected);
    assert_eq!(count(&db).await, 0, "nothing was committed");
    refused(db.raw(raw!("select * from made")).rows().await, ErrorKind::TableNotFound);
    db.raw(raw!("create table made (a integer)")).execute().await.expect("outside it is as any statement");
}

#[tokio::test]
async fn memory_refuses_all_of_it_by_name() {
    let db = Database::memory();
    let named = |error: Error| assert!(error.message().contains("`raw`"), "{error}");
    named(refused(db.raw(raw!("select 1")).rows().await, ErrorKind::Unsupported));
    named(refused(db.raw_script("select 1").await, ErrorKind::Unsupported));
    named(refused(db.sea_orm(), ErrorKind::Unsupported));
    db.transact(|tx| async move {
        named(refused(tx.raw(raw!("select 1")).execute().await, ErrorKind::Unsupported));
        named(refused(tx.sea_orm(), ErrorKind::Unsupported));
        Ok(())
    })
    .await
    .expect("not doomed by what was refused");
}
