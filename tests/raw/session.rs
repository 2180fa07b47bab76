//! What a statement leaves behind in its connection is gone with it.

use crate::{
    entities::author,
    place::{Place, on_each},
};
use sea_orm::DbBackend;
use seabed::{Config, Database, Error, prelude::*, raw, raw::Raw};

on_each! {
    a_setting_does_not_reach_the_next_caller
    a_temporary_table_does_not_reach_the_next_caller
    a_setting_inside_a_transaction_holds_until_its_end
}

/// A setting of the session, and how to ask for it: as text.
fn setting(dialect: DbBackend) -> (&'static str, &'static str) {
    match dialect {
        DbBackend::Sqlite => ("pragma cache_size = 77", "select cast(cache_size as text) as it from pragma_cache_size"),
        DbBackend::Postgres => ("set application_name = '77'", "select current_setting('application_name') as it"),
        _ => ("set @it = '77'", "select coalesce(@it, 'none') as it"),
    }
}

/// Asked where writes go: SQLite reads from other connections.
async fn ask(db: &Database, text: &'static str) -> String {
    db.raw(Raw::new(text).writes()).rows().await.expect("rows")[0].get("it").expect("text")
}

async fn a_setting_does_not_reach_the_next_caller(place: &Place) {
    let db = place.open(1).await;
    let (set, get) = setting(place.dialect);
    let before = ask(&db, get).await;
    db.raw(Raw::new(set)).execute().await.expect("set");
    assert_eq!(ask(&db, get).await, before, "by a statement");
    db.raw_script(format!("select 1; {set}")).await.expect("set");
    assert_eq!(ask(&db, get).await, before, "by a script");
    let given_up = db.begin(TransactionOptions::default()).await.expect("begun");
    given_up.raw(Raw::new(set)).execute().await.expect("set");
    drop(given_up);
    assert_eq!(ask(&db, get).await, before, "by a transaction that was dropped");
}

async fn a_temporary_table_does_not_reach_the_next_caller(place: &Place) {
    let db = place.open(1).await;
    for _ in 0..2 {
        db.raw(raw!("create temporary table scratch (a integer)")).execute().await.expect("made anew");
    }
}

async fn a_setting_inside_a_transaction_holds_until_its_end(place: &Place) {
    let db = place.open(1).await;
    let (set, get) = setting(place.dialect);
    let before = ask(&db, get).await;
    db.transact(|tx| async move {
        tx.raw(Raw::new(set)).execute().await?;
        assert_eq!(ask(&tx, get).await, "77");
        tx.repository::<author::Entity>().insert(author::row("Ann")).await.map(drop)
    })
    .await
    .expect("committed");
    assert_eq!(ask(&db, get).await, before);
    assert_eq!(db.repository::<author::Entity>().count(all()).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_database_in_memory_outlives_a_setting() {
    let db = Database::connect(Config::from_url("sqlite::memory:").expect("a URL")).await.expect("a database");
    db.create_tables(&seabed::entities![author]).await.expect("a table");
    db.raw(raw!("insert into author (name) values ('Ann')")).execute().await.expect("inserted");
    for _ in 0..3 {
        db.raw(raw!("pragma cache_size = 77")).execute().await.expect("set");
        let left = db.transact(|tx| async move {
            tx.raw(raw!("pragma cache_size = 77")).execute().await?;
            tx.raw(raw!("insert into author (name) values ('Ben')")).execute().await?;
            Err::<(), _>(Error::rejected("no"))
        });
        assert!(left.await.is_err());
    }
    assert_eq!(db.repository::<author::Entity>().count(all()).await.expect("a count"), 1);
}
