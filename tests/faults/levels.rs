//! SQLite takes an isolation level and READ ONLY for words, with a line in a log (hazard H18): here they hold.

use crate::support::Place;
use seabed::{
    Isolation, TransactionOptions,
    backend::{Begin, RawOutcome, RawStatement, RawWant},
    prelude::*,
    sea_orm::DbBackend,
};

mod mark {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mark")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn opened(place: &Place) -> Database {
    let db = place.open(2).await;
    db.create_tables(&seabed::entities![mark]).await.expect("a table");
    db
}

#[tokio::test]
async fn h18_a_snapshot_is_what_was_there_when_it_began() {
    let place = Place::new("sqlite", "h18").await.expect("a folder");
    let db = opened(&place).await;
    let options = TransactionOptions::default().isolation(Isolation::Snapshot).read_only();
    let snapshot = db.begin(options).await.expect("a snapshot");
    db.repository::<mark::Entity>().insert(mark::Model { id: 1 }).await.expect("a row that comes after it");
    let marks = snapshot.repository::<mark::Entity>();
    assert_eq!(marks.count(all()).await.expect("a count"), 0, "also where its first read comes after the write");
    db.repository::<mark::Entity>().insert(mark::Model { id: 2 }).await.expect("another");
    assert_eq!(marks.count(all()).await.expect("a count"), 0);
    snapshot.commit().await.expect("committed");
    assert_eq!(db.repository::<mark::Entity>().count(all()).await.expect("a count"), 2);
    db.close().await.expect("closed");
    place.close().await;
}

/// Two that both read and both write run one after the other: the second begins when the first has ended.
#[tokio::test]
async fn h18_serializable_transactions_take_turns() {
    let place = Place::new("sqlite", "h18").await.expect("a folder");
    let (db, other) = (opened(&place).await, place.open(1).await);
    let options = || TransactionOptions::default().isolation(Isolation::Serializable);
    let one = db.begin(options()).await.expect("a transaction");
    let second = tokio::spawn(async move {
        let second = other.begin(options()).await.expect("its turn");
        let count = second.repository::<mark::Entity>().count(all()).await.expect("a count");
        second.rollback().await.expect("rolled back");
        count
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    one.repository::<mark::Entity>().insert(mark::Model { id: 1 }).await.expect("a row");
    one.commit().await.expect("committed");
    assert_eq!(second.await.expect("no panic"), 1, "what it sees is what the first one left");
    db.close().await.expect("closed");
    place.close().await;
}

/// By the guard where a write is seen to be one, and by the connection where it hides in the server's own words.
#[tokio::test]
async fn h18_a_read_only_transaction_writes_nothing() {
    let place = Place::new("sqlite", "h18").await.expect("a folder");
    let db = opened(&place).await;
    let transaction = db.begin(TransactionOptions::default().read_only()).await.expect("a transaction");
    let error =
        transaction.repository::<mark::Entity>().insert(mark::Model { id: 1 }).await.expect_err("it only reads");
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
    transaction.commit().await.expect("what was refused before the server dooms nothing");

    let context = seabed::Context::default();
    let mut session = db.backend().begin(&context, Begin::default().read_only()).await.expect("a transaction");
    let raw = |sql: &str, want| RawStatement::new(DbBackend::Sqlite, sql, Vec::new(), want).expect("one statement");
    let error =
        session.raw(&context, raw("INSERT INTO mark VALUES (1)", RawWant::Count)).await.expect_err("it only reads");
    assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error}");
    // A connection that reads refuses by itself what the guard would let pass.
    let setting = session.raw(&context, raw("SELECT * FROM pragma_query_only", RawWant::Rows)).await.expect("a row");
    let RawOutcome::Rows(rows) = setting else { panic!("rows were wanted: {setting:?}") };
    assert_eq!(rows[0].try_get_by_index::<i64>(0).expect("a number"), 1);
    drop(session);
    assert_eq!(db.repository::<mark::Entity>().count(all()).await.expect("a count"), 0);
    db.close().await.expect("closed");
    place.close().await;
}
