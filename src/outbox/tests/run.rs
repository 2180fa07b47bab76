//! A relay that runs until it is told to end.

use super::{Log, database, options, publish};
use crate::{
    Database, ErrorKind,
    outbox::{Message, Outbox, Relay},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, oneshot};

#[tokio::test]
async fn it_runs_in_a_task_until_it_is_told_to_end() {
    let (db, _) = database().await;
    let (end, ended) = oneshot::channel::<()>();
    let (log, delivered) = (Log::default(), Arc::new(Notify::new()));
    let running = tokio::spawn({
        let (db, log, delivered) = (db.clone(), log.clone(), Arc::clone(&delivered));
        async move {
            let handler = |message: Message| {
                log.note(&message);
                delivered.notify_one();
                async { Ok::<_, crate::Error>(()) }
            };
            let relay = Relay::new(&db, options().poll(Duration::from_millis(5)));
            relay.run(handler, async move { drop(ended.await) }).await
        }
    });
    for number in 1..=3 {
        publish(&db, "topic", "key", number).await;
        delivered.notified().await;
    }
    end.send(()).expect("it listens");
    running.await.expect("no panic").expect("it ended well");
    assert_eq!(log.of("key"), [1, 2, 3]);
    assert_eq!(Outbox::new(&db).waiting().await.expect("a count"), 0, "the message in hand was ended");
}

#[tokio::test]
async fn told_to_end_it_ends_the_message_in_hand_and_gives_the_lane_up() {
    let (db, _) = database().await;
    for number in 1..=3 {
        publish(&db, "topic", "key", number).await;
    }
    let (log, entered, go) = (Log::default(), Notify::new(), Notify::new());
    let handler = |message: Message| {
        log.note(&message);
        let (entered, go) = (&entered, &go);
        async move {
            entered.notify_one();
            go.notified().await;
            Ok::<_, crate::Error>(())
        }
    };
    let relay = Relay::new(&db, options());
    let running = relay.run(handler, entered.notified());
    let release = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        go.notify_one();
    };
    tokio::join!(running, release).0.expect("it ended well");
    assert_eq!(log.take(), [("key".to_owned(), 1)]);
    let other = Relay::new(&db, options());
    assert_eq!(super::once(&other, &log, |_| false).await.delivered, 2, "without waiting for a lease");
}

#[tokio::test]
async fn a_slow_lane_does_not_hold_the_others() {
    let (db, _) = database().await;
    publish(&db, "topic", "slow", 0).await;
    let (log, end) = (Log::default(), Notify::new());
    let handler = |message: Message| {
        log.note(&message);
        let (db, end) = (db.clone(), &end);
        async move {
            match message.key.as_str() {
                "slow" => {
                    publish(&db, "topic", "quick", 0).await;
                    std::future::pending::<()>().await;
                }
                _ if message.position < 3 => drop(publish(&db, "topic", "quick", message.position).await),
                _ => end.notify_one(),
            }
            Ok::<_, crate::Error>(())
        }
    };
    let relay = Relay::new(&db, options().poll(Duration::from_millis(5)));
    tokio::select! {
        ended = relay.run(&handler, std::future::pending()) => panic!("it ended: {ended:?}"),
        () = end.notified() => {}
    }
    assert_eq!(log.of("quick"), [0, 1, 2]);
}

#[tokio::test]
async fn a_long_lane_waits_for_no_poll() {
    let (db, _) = database().await;
    for number in 1..=20 {
        publish(&db, "topic", "key", number).await;
    }
    let (log, end) = (Log::default(), Notify::new());
    let handler = |message: Message| {
        log.note(&message);
        if message.position == 20 {
            end.notify_one();
        }
        async {
            // Long enough for a look that finds nothing.
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok::<_, crate::Error>(())
        }
    };
    let relay = Relay::new(&db, options().batch(2).poll(Duration::from_hours(1)));
    let running = tokio::time::timeout(Duration::from_secs(20), relay.run(handler, end.notified()));
    running.await.expect("within the bound").expect("it ended well");
    assert_eq!(log.of("key"), (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_will_be_no_better_ends_it() {
    let db = Database::memory();
    let relay = Relay::new(&db, options());
    let handler = |_: Message| async { Ok::<_, crate::Error>(()) };
    let error = relay.run(handler, std::future::pending()).await.expect_err("there are no tables");
    assert_eq!(error.kind(), ErrorKind::TableNotFound);
}
