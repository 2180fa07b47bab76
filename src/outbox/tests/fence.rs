//! A relay that is gone, or that others take for gone.

use super::{Log, database, once, options, publish, relayed};
use crate::{
    all,
    outbox::{
        Message, Outbox, Relay,
        claim::claim_each,
        entity::{claim, lane},
    },
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use uuid::Uuid;

#[tokio::test]
async fn a_lane_of_a_relay_that_is_gone_is_taken_after_its_lease() {
    let (db, clock) = database().await;
    for number in 1..=3 {
        publish(&db, "topic", "key", number).await;
    }
    let (gone, other, log) = (Relay::new(&db, options()), Relay::new(&db, options()), Log::default());
    let handler = |message: Message| {
        log.note(&message);
        async move {
            if message.position == 2 {
                std::future::pending::<()>().await;
            }
            Ok::<_, crate::Error>(())
        }
    };
    tokio::time::timeout(Duration::from_millis(50), gone.run_once(&handler)).await.expect_err("it dies at the second");
    assert_eq!(log.take(), [("key".to_owned(), 1), ("key".to_owned(), 2)]);
    assert_eq!(once(&other, &log, |_| false).await, relayed(0, 0, 0), "it is the first relay's until its lease ends");
    clock.on(Duration::from_secs(59));
    assert_eq!(once(&other, &log, |_| false).await, relayed(0, 0, 0));
    clock.on(Duration::from_secs(1));
    assert_eq!(once(&other, &log, |_| false).await, relayed(2, 0, 0));
    assert_eq!(log.of("key"), [2, 3], "from where the first one was");
}

/// Lets another relay take the lane while the handler of the first is in a message; what the first says then changes nothing.
async fn overtaken(first_says: Result<(), &'static str>) {
    let (db, clock) = database().await;
    for number in 1..=2 {
        publish(&db, "topic", "key", number).await;
    }
    let (entered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = tokio::spawn({
        let (db, entered, go) = (db.clone(), Arc::clone(&entered), Arc::clone(&go));
        async move {
            let handler = move |_: Message| {
                let (entered, go) = (Arc::clone(&entered), Arc::clone(&go));
                async move {
                    entered.notify_one();
                    go.notified().await;
                    first_says
                }
            };
            Relay::new(&db, options()).run_once(&handler).await
        }
    });
    entered.notified().await;
    clock.on(Duration::from_secs(61));
    let (other, log) = (Relay::new(&db, options()), Log::default());
    assert_eq!(once(&other, &log, |_| true).await, relayed(0, 1, 0), "the other takes it, and fails with it");
    let claims = db.repository::<claim::Entity>();
    let before = claims.one(all()).await.expect("a row");
    go.notify_one();
    let ended = first.await.expect("no panic").expect("handed over");
    assert_eq!(ended, relayed(0, 0, 0), "what the first did does not count");
    assert_eq!(Outbox::new(&db).waiting().await.expect("a count"), 2, "and takes nothing out of the outbox");
    assert_eq!(claims.one(all()).await.expect("a row"), before, "nor the lane from the other");
    clock.on(Duration::from_secs(5));
    let attempts = |message: &Message| message.position == 1 && message.attempt != 2;
    assert_eq!(once(&other, &log, attempts).await, relayed(2, 0, 0), "nor does it count as an attempt");
}

#[tokio::test]
async fn a_relay_that_was_overtaken_delivers_nothing() {
    overtaken(Ok(())).await;
}

#[tokio::test]
async fn a_relay_that_was_overtaken_fails_nothing() {
    overtaken(Err("no")).await;
}

#[tokio::test]
async fn a_lane_is_one_relays_at_a_time() {
    let (db, clock) = database().await;
    for number in 1..=4 {
        publish(&db, "topic", "key", number).await;
    }
    let (one, other, log) = (Relay::new(&db, options()), Relay::new(&db, options()), Log::default());
    let handler = |message: Message| {
        let (other, log, clock) = (&other, &log, &clock);
        async move {
            log.note(&message);
            clock.on(Duration::from_secs(40));
            assert_eq!(once(other, log, |_| false).await, relayed(0, 0, 0));
            Ok::<_, crate::Error>(())
        }
    };
    assert_eq!(one.run_once(&handler).await.expect("handed over"), relayed(4, 0, 0));
    assert_eq!(log.of("key"), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_claim_asks_again_whether_the_lane_is_free() {
    let (db, _) = database().await;
    publish(&db, "topic", "key", 1).await;
    let lane = db.repository::<lane::Entity>().one(all()).await.expect("a row").expect("the lane").id;
    let (now, until) = (db.now(), db.now() + Duration::from_mins(1));
    let claim = || db.transact(|tx| claim_each(tx, vec![lane], Uuid::now_v7(), now, until));
    assert_eq!(claim().await.expect("claimed"), [lane]);
    assert!(claim().await.expect("asked").is_empty(), "both had seen that it is free, and one was faster");
}
