//! What a server does with a transaction after a failed statement, and what we let it do (hazards H4, H5, H6).

use crate::support::Place;
use seabed::prelude::*;
use std::{error::Error as _, time::Duration};

mod slot {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "slot")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn slot(id: i64) -> slot::Model {
    slot::Model { id, text: "text".to_owned() }
}

async fn opened(place: &Place, lock_timeout: &str) -> Database {
    let config = Config::builder()
        .url(place.url())
        .set("databases.main.max_connections", 3)
        .set("databases.main.lock_timeout", lock_timeout);
    Database::connect(config.load().expect("a configuration")).await.expect("a connection")
}

/// With rows 1 and 2.
async fn with_two_rows(place: &Place, lock_timeout: &str) -> Database {
    let db = opened(place, lock_timeout).await;
    db.create_tables(&seabed::entities![slot]).await.expect("a table");
    db.repository::<slot::Entity>().insert_many([slot(1), slot(2)]).await.expect("two rows");
    db
}

async fn begun(db: &Database) -> Transaction {
    db.begin(TransactionOptions::default()).await.expect("a transaction")
}

async fn write(transaction: &Transaction, id: i64) -> Result<()> {
    transaction.repository::<slot::Entity>().insert(slot(id)).await.map(drop)
}

async fn change(transaction: &Transaction, id: i64) -> Result<()> {
    let changed = slot::ActiveModel { id: Set(id), text: Set("changed".to_owned()) };
    transaction.repository::<slot::Entity>().update(changed).await.map(drop)
}

/// It is over, and says why: neither a further call nor a commit gets through.
async fn nothing_gets_through(transaction: Transaction, further: i64, cause: ErrorKind) {
    let error = write(&transaction, further).await.expect_err("a call after the failure");
    assert_eq!(error.kind(), ErrorKind::TransactionFailed, "{error}");
    let error = transaction.commit().await.expect_err("a commit after the failure");
    assert_eq!(error.kind(), ErrorKind::TransactionFailed, "{error}");
    let first = error.source().and_then(|source| source.downcast_ref::<seabed::Error>());
    assert_eq!(first.map(seabed::Error::kind), Some(cause), "the first cause is told: {error}");
}

/// The keys that are there, seen from outside.
async fn seen(place: &Place) -> Vec<i64> {
    let other = place.open(1).await;
    let rows = other.repository::<slot::Entity>().find(all().order_by(col(slot::COLUMN.id).asc())).await;
    other.close().await.expect("closed");
    rows.expect("rows").into_iter().map(|row| row.id).collect()
}

async fn h4_a_commit_after_an_error_that_was_ignored_is_an_error(backend: &str) {
    let Some(place) = Place::new(backend, "h4_a_commit_after_an_error_that_was_ignored_is_an_error").await else {
        return;
    };
    let db = with_two_rows(&place, "1s").await;
    let transaction = begun(&db).await;
    write(&transaction, 10).await.expect("a row");
    let ignored = write(&transaction, 1).await.expect_err("a row with this key is there");
    assert_eq!(ignored.kind(), ErrorKind::UniqueViolation, "{ignored}");
    let error = transaction.commit().await.expect_err("the server rolled back, or would keep a half");
    assert_eq!(error.kind(), ErrorKind::TransactionFailed, "{error}");
    assert_eq!(seen(&place).await, [1, 2], "{backend}: nothing of it is there");

    let transaction = begun(&db).await;
    write(&transaction, 1).await.expect_err("a row with this key is there");
    nothing_gets_through(transaction, 11, ErrorKind::UniqueViolation).await;
    assert_eq!(seen(&place).await, [1, 2], "{backend}: nothing of it is there");
    db.close().await.expect("closed");
    place.close().await;
}

/// MariaDB rolls the whole back and goes on in autocommit: the next insert would stay for ever.
async fn h5_after_a_deadlock_nothing_of_the_loser_persists(backend: &str) {
    let Some(place) = Place::new(backend, "h5_after_a_deadlock_nothing_of_the_loser_persists").await else { return };
    // PostgreSQL looks for a deadlock after a second.
    let db = with_two_rows(&place, "5s").await;
    let (one, other) = (begun(&db).await, begun(&db).await);
    for (transaction, id) in [(&one, 1), (&other, 2)] {
        change(transaction, id).await.expect("a lock");
        write(transaction, id * 10).await.expect("a row");
    }
    let second = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        change(&other, 1).await
    };
    let ((loser, lost), (winner, won)) = match tokio::join!(change(&one, 2), second) {
        (Err(_), Ok(())) => ((one, 10), (other, 20)),
        (Ok(()), Err(_)) => ((other, 20), (one, 10)),
        both => panic!("one of the two must lose: {both:?}"),
    };
    nothing_gets_through(loser, 30, ErrorKind::Deadlock).await;
    winner.commit().await.expect("who won commits");
    assert_eq!(seen(&place).await, [1, 2, won], "{backend}: {lost} and what came after it are not there");
    db.close().await.expect("closed");
    place.close().await;
}

/// MariaDB undoes the statement alone: what came before it would be committed.
async fn h5_after_a_lock_timeout_nothing_of_the_transaction_persists(backend: &str) {
    let test = "h5_after_a_lock_timeout_nothing_of_the_transaction_persists";
    let Some(place) = Place::new(backend, test).await else { return };
    let db = with_two_rows(&place, "1s").await;
    let holder = begun(&db).await;
    change(&holder, 1).await.expect("a lock");
    let transaction = begun(&db).await;
    write(&transaction, 10).await.expect("a row");
    let error = change(&transaction, 1).await.expect_err("the row is locked");
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{error}");
    nothing_gets_through(transaction, 20, ErrorKind::LockTimeout).await;
    holder.rollback().await.expect("rolled back");
    assert_eq!(seen(&place).await, [1, 2], "{backend}: nothing of it is there");
    db.close().await.expect("closed");
    place.close().await;
}

/// SQLite rolls the whole back without a word and goes on in autocommit.
#[tokio::test]
async fn h6_a_full_disk_ends_the_transaction_and_the_connection() {
    let place = Place::new("sqlite", "h6").await.expect("a folder");
    with_two_rows(&place, "1s").await.close().await.expect("closed");
    let small = Config::builder().url(format!("{}?max_page_count=40", place.url())).load().expect("a configuration");
    let db = Database::connect(small).await.expect("a small file");
    let large = |id| slot::Model { id, text: "x".repeat(400_000) };

    let transaction = begun(&db).await;
    write(&transaction, 10).await.expect("a row");
    let error = transaction.repository::<slot::Entity>().insert(large(11)).await.expect_err("the disk is full");
    assert_eq!((error.kind(), error.status()), (ErrorKind::StorageFull, seabed::Status::Temporary), "{error}");
    nothing_gets_through(transaction, 12, ErrorKind::StorageFull).await;
    assert_eq!(seen(&place).await, [1, 2], "nothing of it is there");
    assert_eq!(db.backend().pool().size, 0, "its connection has left the pool");

    let other = opened(&place, "200ms").await;
    let transaction = begun(&db).await;
    let error =
        other.repository::<slot::Entity>().insert(slot(20)).await.expect_err("the one writer is this transaction");
    assert_eq!(error.kind(), ErrorKind::LockTimeout, "{error}");
    write(&transaction, 21).await.expect("there is space for it");
    transaction.commit().await.expect("committed");
    assert_eq!(seen(&place).await, [1, 2, 21]);

    // By itself, too, a write that met the full disk takes its connection with it.
    let error = db.repository::<slot::Entity>().insert(large(22)).await.expect_err("the disk is full");
    assert_eq!((error.kind(), db.backend().pool().size), (ErrorKind::StorageFull, 0), "{error}");
    db.repository::<slot::Entity>().insert(slot(23)).await.expect("there is space for it");
    assert_eq!(seen(&place).await, [1, 2, 21, 23]);
    for db in [db, other] {
        db.close().await.expect("closed");
    }
    place.close().await;
}

mod sqlite {
    #[tokio::test]
    async fn h4_a_commit_after_an_error_that_was_ignored_is_an_error() {
        super::h4_a_commit_after_an_error_that_was_ignored_is_an_error("sqlite").await;
    }
}

#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test]
    async fn h4_a_commit_after_an_error_that_was_ignored_is_an_error() {
        super::h4_a_commit_after_an_error_that_was_ignored_is_an_error("mongodb").await;
    }
}

macro_rules! on_servers {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test]
            async fn h4_a_commit_after_an_error_that_was_ignored_is_an_error() {
                super::h4_a_commit_after_an_error_that_was_ignored_is_an_error(stringify!($backend)).await;
            }

            #[tokio::test]
            async fn h5_after_a_deadlock_nothing_of_the_loser_persists() {
                super::h5_after_a_deadlock_nothing_of_the_loser_persists(stringify!($backend)).await;
            }

            #[tokio::test]
            async fn h5_after_a_lock_timeout_nothing_of_the_transaction_persists() {
                super::h5_after_a_lock_timeout_nothing_of_the_transaction_persists(stringify!($backend)).await;
            }
        }
    )* };
}
on_servers! { postgres mysql }
