//! All or nothing, isolation, turns, the end.

use super::{author, book, database, refused};
use crate::{Capability, Context, Isolation, TransactionOptions, backend::memory::Memory, prelude::*};
use std::{sync::Arc, time::Duration};

async fn authors(db: &Database) -> u64 {
    db.repository::<author::Entity>().count(all()).await.expect("a count")
}

#[tokio::test]
async fn a_transaction_is_seen_when_it_commits_and_not_before() {
    let db = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    super::author(&tx, "a").await;
    assert_eq!((authors(&tx).await, authors(&db).await), (1, 0));
    tx.commit().await.expect("committed");
    assert_eq!(authors(&db).await, 1);
}

#[tokio::test]
async fn rollback_drop_and_error_leave_no_trace() {
    let db = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    super::author(&tx, "a").await;
    tx.rollback().await.expect("rolled back");
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    super::author(&tx, "a").await;
    drop(tx);
    let failed: Result<()> = db
        .transact(|tx| async move {
            super::author(&tx, "a").await;
            Err(Error::rejected("no"))
        })
        .await;
    refused(failed, ErrorKind::Rejected);
    assert_eq!(authors(&db).await, 0);
}

#[tokio::test]
async fn a_failed_call_dooms_the_transaction() {
    let db = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    super::author(&tx, "a").await;
    refused(super::book(&tx, 99).await, ErrorKind::ForeignKeyViolation);
    refused(tx.repository::<author::Entity>().count(all()).await, ErrorKind::TransactionFailed);
    refused(tx.commit().await, ErrorKind::TransactionFailed);
    assert_eq!(authors(&db).await, 0);
}

#[tokio::test]
async fn a_doomed_session_neither_runs_nor_commits() {
    use crate::backend::{Delete, Insert, Operation};
    let db = database().await;
    let context = Context::default();
    let mut session = db.backend().begin(&context, crate::backend::Begin::default()).await.expect("a session");
    let table = crate::repository::describe::describe::<book::Entity>().expect("a table");
    let orphan = vec![None, Some(sea_orm::Value::Int(Some(7)))];
    let insert = Insert::of(table.clone(), vec![orphan]);
    refused(session.run(&context, Operation::Insert(insert)).await, ErrorKind::ForeignKeyViolation);
    assert!(session.doomed());
    let delete = Delete::all(table);
    refused(session.run(&context, Operation::Delete(delete)).await, ErrorKind::TransactionFailed);
    refused(session.commit(&context).await, ErrorKind::TransactionFailed);
}

#[tokio::test]
async fn a_read_only_transaction_writes_nothing_waits_for_nobody_and_stands_still() {
    let db = database().await;
    let writer = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let reader = db.begin(TransactionOptions::default().read_only()).await.expect("a transaction");
    super::author(&writer, "a").await;
    writer.commit().await.expect("committed");
    assert_eq!((authors(&reader).await, authors(&db).await), (0, 1));
    let row = author::ActiveModel { code: Set("b".into()), ..Default::default() };
    refused(reader.repository::<author::Entity>().insert(row).await, ErrorKind::ReadOnly);
    reader.commit().await.expect("ended");
    assert_eq!(authors(&db).await, 1);
}

#[tokio::test]
async fn a_writer_waits_for_its_turn_and_not_for_ever() {
    let db = Database::from_backend(Arc::new(Memory::with_lock_timeout(Duration::from_millis(200))));
    db.create_tables(&crate::entities![author]).await.expect("created");
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let row = || author::ActiveModel { code: Set("a".into()), ..Default::default() };
    let authors = db.repository::<author::Entity>();
    refused(authors.insert(row()).await, ErrorKind::LockTimeout);
    refused(db.begin(TransactionOptions::default()).await, ErrorKind::LockTimeout);
    let (inserted, ()) = tokio::join!(authors.insert(row()), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        tx.commit().await.expect("committed");
    });
    inserted.expect("its turn came");
}

#[tokio::test]
async fn a_given_up_wait_takes_no_turn() {
    let db = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let waiting = tokio::time::timeout(Duration::from_millis(5), db.begin(TransactionOptions::default())).await;
    assert!(waiting.is_err());
    drop(tx);
    super::author(&db, "a").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_transactions_lose_no_update() {
    let db = database().await;
    let id = super::author(&db, "0").await;
    let tasks = (0..50).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            db.transact(|tx| async move {
                let authors = tx.repository::<author::Entity>();
                let author = authors.get(id).await?.expect("the author");
                tokio::task::yield_now().await;
                let rank = Some(author.rank.unwrap_or(0) + 1);
                authors.update(author::ActiveModel { id: Set(id), rank: Set(rank), ..Default::default() }).await
            })
            .await
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("a task").expect("an update");
    }
    let author = db.repository::<author::Entity>().get(id).await.expect("an answer");
    assert_eq!(author.and_then(|author| author.rank), Some(50));
}

#[tokio::test]
async fn serializable_is_given_and_migrations_are_refused_by_name() {
    let db = database().await;
    let tx = db.begin(TransactionOptions::default().isolation(Isolation::Serializable)).await.expect("a transaction");
    tx.commit().await.expect("committed");
    let capabilities = &db.info().capabilities;
    assert!(!capabilities.has(Capability::Durable) && !capabilities.has(Capability::Migrations));
    let error = refused(db.backend().migration_connection().await, ErrorKind::Unsupported);
    assert!(error.message().contains("migrations"));
    assert_eq!((db.info().product, db.info().version.as_str()), ("memory", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_closed_database_refuses_every_call() {
    let db = database().await;
    let authors = db.repository::<author::Entity>();
    assert!(db.health().await.is_reachable());
    db.close().await.expect("closed");
    db.close().await.expect("closed before");
    refused(authors.find(all()).await, ErrorKind::Closed);
    refused(authors.delete(1).await, ErrorKind::Closed);
    refused(db.begin(TransactionOptions::default()).await, ErrorKind::Closed);
    refused(db.create_tables(&[]).await, ErrorKind::Closed);
    assert!(!db.health().await.is_reachable());
}

#[tokio::test]
async fn closing_waits_for_what_runs_and_then_ends_it() {
    let db = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let (closed, ()) = tokio::join!(db.close(), async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        refused(db.repository::<author::Entity>().find(all()).await, ErrorKind::Closed);
        super::author(&tx, "a").await;
        tx.commit().await.expect("in time");
    });
    closed.expect("waited");

    let db = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let reader = db.begin(TransactionOptions::default().read_only()).await.expect("a transaction");
    refused(db.backend().close(Duration::from_millis(20)).await, ErrorKind::Timeout);
    refused(reader.repository::<author::Entity>().find(all()).await, ErrorKind::Closed);
    refused(tx.commit().await, ErrorKind::Closed);
}
