//! What is published is there with its transaction, and only with it.

use crate::place::{Place, effect};
use seabed::{Error, ErrorKind, Result, Retry, TransactionOptions, all, outbox::Outbox};
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

crate::on_each!(a_rollback_leaves_no_message, two_lanes_in_two_orders_are_both_published);

async fn a_rollback_leaves_no_message(place: &Place) {
    let db = place.open().await;
    let refused: Result<()> = db
        .transact(|tx| async move {
            tx.publish("topic", "key", 1).await?;
            Err(Error::rejected("no"))
        })
        .await;
    assert!(refused.expect_err("refused").is(ErrorKind::Rejected));
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    tx.publish("topic", "key", 1).await.expect("published");
    drop(tx);
    let failed: Result<()> = db
        .transact(|tx| async move {
            tx.publish("topic", "key", 1).await?;
            let twice = || effect::Model { id: 1, key: String::new(), position: 1 };
            tx.repository::<effect::Entity>().insert_many([twice(), twice()]).await?;
            Ok(())
        })
        .await;
    assert!(failed.expect_err("one key twice").is(ErrorKind::UniqueViolation));
    let other = place.open().await;
    assert_eq!(Outbox::new(&other).waiting().await.expect("a count"), 0);
    assert_eq!(other.repository::<effect::Entity>().count(all()).await.expect("a count"), 0);
}

/// One of two that deadlock is run again.
async fn two_lanes_in_two_orders_are_both_published(place: &Place) {
    let db = place.open().await;
    let tasks = (0..4).map(|task| {
        let db = db.clone();
        tokio::spawn(async move {
            for number in 0..4 {
                let keys = if task % 2 == 0 { ["a", "b"] } else { ["b", "a"] };
                // A deadlock of PostgreSQL lasts a second.
                let options = TransactionOptions::default().retry(Retry::default().attempts(60).within(MINUTE));
                db.transact_with(options, |tx| async move {
                    for key in keys {
                        tx.publish("topic", key, number).await?;
                        tokio::task::yield_now().await;
                    }
                    Ok(())
                })
                .await?;
            }
            Ok::<_, Error>(())
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no panic").expect("published in the end");
    }
    assert_eq!(Outbox::new(&db).waiting().await.expect("a count"), 32);
}
