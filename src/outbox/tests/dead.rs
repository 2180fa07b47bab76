//! What fails again and again.

use super::{Log, database, once, options, publish, relayed};
use crate::outbox::{Message, Outbox, Relay};
use std::time::Duration;

#[tokio::test]
async fn after_so_many_failures_it_is_a_dead_letter_and_the_lane_goes_on() {
    let (db, clock) = database().await;
    let bad = publish(&db, "topic", "key", 1).await;
    publish(&db, "topic", "key", 2).await;
    let (relay, log) = (Relay::new(&db, options().attempts(3)), Log::default());
    let fails = |message: &Message| message.position == 1;
    for _ in 0..2 {
        assert_eq!(once(&relay, &log, fails).await, relayed(0, 1, 0));
        clock.on(Duration::from_secs(10));
    }
    assert_eq!(once(&relay, &log, fails).await, relayed(1, 0, 1), "the one behind it is delivered at once");
    assert_eq!(log.take().into_iter().map(|(_, number)| number).collect::<Vec<_>>(), [1, 1, 1, 2]);

    let outbox = Outbox::new(&db);
    assert_eq!((outbox.waiting().await.expect("a count"), outbox.count_dead().await.expect("a count")), (0, 1));
    let dead = outbox.dead(10).await.expect("a list");
    let letter = dead.first().expect("it is kept");
    assert_eq!((letter.message.id, &*letter.message.topic, &*letter.message.key), (bad, "topic", "key"));
    assert_eq!((letter.message.attempt, &*letter.error, letter.dead_at), (3, "no", db.now()));
    assert_eq!(letter.message.read::<i64>().expect("its payload"), 1);

    assert!(outbox.revive(bad).await.expect("put back"));
    assert!(!outbox.revive(bad).await.expect("nothing to be put back"));
    assert!(!outbox.discard(bad).await.expect("it waits"), "what waits is not taken away");
    assert_eq!(once(&relay, &log, |message| message.attempt != 1).await, relayed(1, 0, 0), "with all its attempts");
    assert_eq!((outbox.waiting().await.expect("a count"), outbox.count_dead().await.expect("a count")), (0, 0));
}

#[tokio::test]
async fn a_dead_letter_comes_back_before_what_is_behind_it_and_can_be_discarded() {
    let (db, _) = database().await;
    let relay = Relay::new(&db, options().attempts(1));
    let log = Log::default();
    let (first, second) = (publish(&db, "topic", "key", 1).await, publish(&db, "topic", "key", 2).await);
    assert_eq!(once(&relay, &log, |_| true).await, relayed(0, 0, 2));
    publish(&db, "topic", "key", 3).await;
    let outbox = Outbox::new(&db);
    assert!(outbox.revive(first).await.expect("put back"));
    assert!(outbox.discard(second).await.expect("taken away"));
    log.take();
    assert_eq!(once(&relay, &log, |_| false).await, relayed(2, 0, 0));
    assert_eq!(log.of("key"), [1, 3]);
    assert!(outbox.dead(10).await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_panic_and_a_handler_without_end_are_failures_of_the_message() {
    let (db, _) = database().await;
    publish(&db, "topic", "panics", 1).await;
    publish(&db, "topic", "hangs", 1).await;
    publish(&db, "topic", "speaks", 1).await;
    publish(&db, "topic", "works", 1).await;
    let relay = Relay::new(&db, options().attempts(1).within(Duration::from_millis(50)));
    let handler = |message: Message| async move {
        match &*message.key {
            "panics" => panic!("on purpose"),
            "hangs" => std::future::pending().await,
            "speaks" => Err("\0ß".repeat(2_000)),
            _ => Ok(()),
        }
    };
    assert_eq!(relay.run_once(&handler).await.expect("handed over"), relayed(1, 0, 3));
    let dead = Outbox::new(&db).dead(10).await.expect("a list");
    let error = |key| dead.iter().find(|letter| letter.message.key == key).expect("it is there").error.clone();
    assert_eq!(error("panics"), "the handler panicked");
    assert_eq!(error("hangs"), "the handler took longer than 50ms");
    assert_eq!(error("speaks"), "ß".repeat(1_000));
}
