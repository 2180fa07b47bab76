//! Raw statements inside a transaction, beside one, and after their time.

use crate::{
    entities::author,
    place::{Place, on_each, refused},
};
use sea_orm::DbBackend;
use seabed::{Context, Database, Error, ErrorKind, prelude::*, raw, raw::Raw};
use std::time::{Duration, Instant};

on_each! {
    what_is_written_raw_is_a_part_of_the_transaction
    t2_a_raw_statement_that_fails_dooms_the_transaction
    t5_a_read_only_transaction_refuses_a_raw_write
    t8_a_raw_write_through_a_handle_from_outside_is_refused
    t7_a_raw_statement_ends_by_its_deadline
}

async fn count(db: &Database) -> u64 {
    db.repository::<author::Entity>().count(all()).await.expect("a count")
}

async fn what_is_written_raw_is_a_part_of_the_transaction(place: &Place) {
    let db = place.open(3).await;
    let seen = db.clone();
    let ended = db.transact(|tx| {
        let seen = seen.clone();
        async move {
            tx.repository::<author::Entity>().insert(author::row("Ann")).await?;
            let names = tx.raw(raw!("select name from author")).rows().await?;
            assert_eq!(names[0].get::<String>("name")?, "Ann", "what it wrote before");
            tx.raw(raw!("insert into author (name) values ('Ben')")).execute().await?;
            assert_eq!(count(&tx).await, 2, "and the repository sees what was written raw");
            assert_eq!(seen.raw(raw!("select * from author")).rows().await?.len(), 0, "and nobody else");
            Err::<(), _>(Error::rejected("no"))
        }
    });
    refused(ended.await, ErrorKind::Rejected);
    assert_eq!(count(&db).await, 0);
    db.transact(|tx| async move {
        tx.raw_script("insert into author (name) values ('a'); insert into author (name) values ('b')").await
    })
    .await
    .expect("committed");
    assert_eq!(count(&db).await, 2);
}

async fn t2_a_raw_statement_that_fails_dooms_the_transaction(place: &Place) {
    let db = place.open(1).await;
    let ended = db.transact(|tx| async move {
        tx.raw(raw!("insert into author (name) values ('Ann')")).execute().await?;
        let twice = tx.raw(raw!("insert into author (name) values ('Ann')")).execute().await;
        refused(twice, ErrorKind::UniqueViolation);
        Ok(())
    });
    let ended = refused(ended.await, ErrorKind::TransactionFailed);
    assert!(std::error::Error::source(&ended).is_some_and(|cause| cause.to_string().contains("unique")), "{ended}");
    assert_eq!(count(&db).await, 0);
}

async fn t5_a_read_only_transaction_refuses_a_raw_write(place: &Place) {
    let db = place.open(1).await;
    let reading = TransactionOptions::default().read_only();
    db.transact_with(reading, |tx| async move {
        for text in [
            "insert into author (name) values ('Ann')",
            "with a as (select 1) delete from author",
            "create table made (a integer)",
        ] {
            refused(tx.raw(Raw::new(text)).execute().await, ErrorKind::ReadOnly);
        }
        refused(tx.raw_script("select 1; delete from author").await, ErrorKind::ReadOnly);
        tx.raw(raw!("with a as (select 1 as b) select b from a")).rows().await.map(drop)
    })
    .await
    .expect("refused before the server, so it goes on");
    assert_eq!(count(&db).await, 0);
}

async fn t8_a_raw_write_through_a_handle_from_outside_is_refused(place: &Place) {
    let db = place.open(3).await;
    let outer = db.clone();
    db.transact(|tx| {
        let outer = outer.clone();
        async move {
            let insert = || raw!("insert into author (name) values ('Ann')");
            refused(outer.raw(insert()).execute().await, ErrorKind::OutsideTransaction);
            refused(outer.raw_script("delete from author").await, ErrorKind::OutsideTransaction);
            outer.raw(raw!("select * from author")).rows().await?;
            tx.raw(insert()).execute().await.map(drop)
        }
    })
    .await
    .expect("committed");
    assert_eq!(count(&db).await, 1);
}

async fn t7_a_raw_statement_ends_by_its_deadline(place: &Place) {
    let db = place.open(1).await;
    let slow = match place.dialect {
        DbBackend::Sqlite => "with recursive n(a) as (select 1 union all select a + 1 from n) select count(*) from n",
        DbBackend::Postgres => "select pg_sleep(20)",
        _ => "select sleep(20)",
    };
    let (begin, short) = (Instant::now(), Context::current().within(Duration::from_millis(200)));
    refused(short.scope(async { db.raw(Raw::new(slow)).rows().await }).await, ErrorKind::Timeout);
    let ended = db
        .transact_with(TransactionOptions::default().deadline(Duration::from_millis(300)), |tx| async move {
            tx.raw(Raw::new(slow)).rows().await.map(drop)
        })
        .await;
    refused(ended, ErrorKind::Timeout);
    assert!(begin.elapsed() < Duration::from_secs(10), "it was given up");
    assert_eq!(count(&db).await, 0, "and its connection serves again");
}
