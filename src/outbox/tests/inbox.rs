//! Handed over twice, done once.

use super::{database, publish};
use crate::{
    Error, ErrorKind, Result, TransactionOptions,
    outbox::{Forgotten, Outbox},
};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test]
async fn a_message_is_received_once_by_each_consumer() {
    let (db, _) = database().await;
    let id = publish(&db, "topic", "key", 1).await;
    let receive = |consumer: &'static str, id| db.transact(move |tx| async move { tx.receive(consumer, id).await });
    assert!(receive("mailer", id).await.expect("received"));
    assert!(!receive("mailer", id).await.expect("not again"));
    assert!(receive("ledger", id).await.expect("another consumer's"));
    assert!(receive("mailer", Uuid::now_v7()).await.expect("another message"));
}

#[tokio::test]
async fn what_was_rolled_back_was_not_received() {
    let (db, _) = database().await;
    let id = Uuid::now_v7();
    let refused: Result<()> = db
        .transact(|tx| async move {
            assert!(tx.receive("mailer", id).await?);
            assert!(!tx.receive("mailer", id).await?, "twice in one transaction, too");
            Err(Error::rejected("no"))
        })
        .await;
    refused.expect_err("rolled back");
    assert!(db.transact(|tx| async move { tx.receive("mailer", id).await }).await.expect("received"));
}

#[tokio::test]
async fn a_consumer_has_a_name() {
    let (db, _) = database().await;
    for name in [String::new(), "x".repeat(256)] {
        let name = name.as_str();
        let error = db.transact(|tx| async move { tx.receive(name, Uuid::nil()).await }).await.expect_err("refused");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::InvalidValue, Some("seabed_inbox")));
        assert_eq!(error.fields(), ["consumer"]);
    }
}

#[tokio::test]
async fn what_is_old_is_forgotten_in_batches() {
    let (db, clock) = database().await;
    let receive = |id| db.transact(move |tx| async move { tx.receive("mailer", id).await });
    let keyed = |key: &'static str| {
        let options = TransactionOptions::default().idempotency_key(key);
        db.transact_with(options, |_| async { Ok(()) })
    };
    let ids: Vec<Uuid> = (0..1_100).map(|_| Uuid::now_v7()).collect();
    for id in &ids {
        receive(*id).await.expect("received");
    }
    keyed("old").await.expect("done");
    clock.on(Duration::from_mins(1));
    let (then, new) = (db.now(), Uuid::now_v7());
    receive(new).await.expect("received");
    keyed("new").await.expect("done");
    let outbox = Outbox::new(&db);
    assert_eq!(outbox.forget(then).await.expect("forgotten"), Forgotten { received: 1_100, keys: 1 });
    assert_eq!(outbox.forget(then).await.expect("forgotten"), Forgotten::default());
    assert!(!receive(new).await.expect("known"));
    assert!(keyed("new").await.expect_err("known").is(ErrorKind::AlreadyDone));
    assert!(receive(ids[0]).await.expect("as if it were new"));
    keyed("old").await.expect("as if it were new");
}
