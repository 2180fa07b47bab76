//! A deadline that the server keeps (law T7): `SET LOCAL` in the message of BEGIN holds though nobody is there to cancel.

use crate::{
    cancel::{fill, half, slow},
    support::Place,
};
use seabed::{Context, Isolation, TransactionOptions, prelude::*};
use std::time::{Duration, Instant};

/// Without the layer that would cancel.
async fn without_timers(place: &Place) -> Database {
    let config = Config::builder().url(place.url()).load().expect("a configuration");
    Database::builder(config).plain().connect().await.expect("a connection")
}

#[tokio::test]
async fn t7_postgres_ends_a_statement_by_the_deadline_of_its_transaction() {
    let Some(place) = Place::new("postgres", "t7_postgres").await else { return };
    let db = without_timers(&place).await;
    db.create_tables(&seabed::entities![half]).await.expect("a table");
    fill(&db).await;
    let options = [
        TransactionOptions::default(),
        TransactionOptions::default().isolation(Isolation::Snapshot).read_only(),
        TransactionOptions::default().isolation(Isolation::Serializable),
    ];
    for options in options {
        let since = Instant::now();
        let late = Context::current()
            .within(Duration::from_millis(300))
            .scope(async {
                let tx = db.begin(options).await.expect("a transaction");
                tx.repository::<half::Entity>().count(slow()).await
            })
            .await
            .expect_err("seconds of work");
        assert!(late.is(ErrorKind::Timeout), "{late}");
        assert!(since.elapsed() < Duration::from_millis(1_500), "the server cut it: {:?}", since.elapsed());
    }
    // The limit was the transaction's: the same connection has its ceiling again.
    let some = (1..900)
        .fold(col(half::COLUMN.text).contains("y0"), |all, n| all | col(half::COLUMN.text).contains(format!("y{n}")));
    let since = Instant::now();
    assert_eq!(db.repository::<half::Entity>().count(some).await.expect("no limit"), 0);
    println!("without a deadline it may take {:?}", since.elapsed());
    db.close().await.expect("closed");
    place.close().await;
}

#[tokio::test]
async fn t7_postgres_ends_a_transaction_whose_program_hangs() {
    let Some(place) = Place::new("postgres", "t7_postgres_hangs").await else { return };
    let db = without_timers(&place).await;
    db.create_tables(&seabed::entities![half]).await.expect("a table");
    let begun = db.begin(TransactionOptions::default().deadline(Duration::from_millis(200))).await;
    let tx = begun.expect("a transaction");
    let row = half::ActiveModel { unit: Set(1), text: Set("x".to_owned()), ..Default::default() };
    tx.repository::<half::Entity>().insert(row).await.expect("a row");
    assert_eq!(place.open_transactions().await, 1, "it is open");
    // The handle is held, and nothing is done with it: a second after its deadline its locks are free.
    tokio::time::sleep(Duration::from_millis(1_700)).await;
    assert_eq!(place.open_transactions().await, 0, "the server ended it");
    tx.commit().await.expect_err("it is over");
    assert_eq!(db.repository::<half::Entity>().count(all()).await.expect("a count"), 0, "nothing of it is kept");
    db.close().await.expect("closed");
    place.close().await;
}
