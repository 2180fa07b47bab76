//! In order, at least once, lane by lane.

use super::{Log, database, once, options, publish, relayed};
use crate::{
    ErrorKind, TransactionOptions, all, col,
    outbox::{
        Message, Outbox, Relay, entities,
        entity::{lane, message},
    },
    testing::MemoryDatabase,
};
use std::time::Duration;

#[tokio::test]
async fn messages_come_in_order_and_are_gone_then() {
    let (db, _) = database().await;
    for number in 0..20 {
        publish(&db, "topic", if number % 2 == 0 { "even" } else { "odd" }, number).await;
    }
    let (relay, log) = (Relay::new(&db, options()), Log::default());
    assert_eq!(once(&relay, &log, |_| false).await, relayed(20, 0, 0));
    assert_eq!(log.of("even"), (0..20).step_by(2).collect::<Vec<_>>());
    assert_eq!(log.of("odd"), (1..20).step_by(2).collect::<Vec<_>>());
    assert_eq!(Outbox::new(&db).waiting().await.expect("a count"), 0);
    log.take();
    assert_eq!(once(&relay, &log, |_| false).await, relayed(0, 0, 0));
    assert!(log.take().is_empty(), "nothing comes twice");
}

#[tokio::test]
async fn a_message_says_what_it_is() {
    let (db, _) = database().await;
    let id = publish(&db, "topic", "key", 7).await;
    let relay = Relay::new(&db, options());
    let handler = |message: Message| {
        assert_eq!((message.id, &*message.topic, &*message.key), (id, "topic", "key"));
        assert_eq!((message.position, message.attempt), (1, 1));
        assert_eq!(message.published_at, db.now());
        let wrong = message.read::<String>().expect_err("it is a number");
        assert!(wrong.is(ErrorKind::CorruptData) && !wrong.to_string().contains('7'), "{wrong}");
        async { Ok::<_, crate::Error>(()) }
    };
    assert_eq!(relay.run_once(&handler).await.expect("handed over"), relayed(1, 0, 0));
}

#[tokio::test]
async fn a_failure_holds_its_lane_and_no_other() {
    let (db, clock) = database().await;
    for number in 1..=3 {
        publish(&db, "topic", "bad", number).await;
        publish(&db, "topic", "good", number).await;
    }
    let (relay, log) = (Relay::new(&db, options()), Log::default());
    let fails = |message: &Message| message.key == "bad" && message.attempt < 3;
    assert_eq!(once(&relay, &log, fails).await, relayed(3, 1, 0));
    assert_eq!((log.of("bad"), log.of("good")), (vec![1], vec![1, 2, 3]));
    assert_eq!(once(&relay, &log, fails).await, relayed(0, 0, 0), "the lane pauses");
    clock.on(Duration::from_secs(2));
    assert_eq!(once(&relay, &log, fails).await, relayed(0, 1, 0));
    clock.on(Duration::from_secs(4));
    // The two behind it fail each for themselves, and so hold the lane.
    assert_eq!(once(&relay, &log, fails).await, relayed(1, 1, 0));
    assert_eq!(log.of("bad"), [1, 1, 1, 2], "in order all the same");
}

#[tokio::test]
async fn a_lane_that_is_empty_is_not_looked_at_until_something_is_published() {
    let (db, _) = database().await;
    let (relay, log) = (Relay::new(&db, options()), Log::default());
    let waiting = || async { db.repository::<lane::Entity>().exists(col(lane::COLUMN.waiting).eq(true)).await };
    for number in 1..=3 {
        publish(&db, "topic", "key", number).await;
        assert!(waiting().await.expect("an answer"));
        assert_eq!(once(&relay, &log, |_| false).await, relayed(1, 0, 0));
        assert!(!waiting().await.expect("an answer"));
    }
    assert_eq!(log.of("key"), [1, 2, 3]);
}

#[tokio::test]
async fn what_is_published_while_the_lane_is_emptied_is_seen() {
    let (db, _) = database().await;
    publish(&db, "topic", "key", 1).await;
    let (relay, log) = (Relay::new(&db, options()), Log::default());
    let handler = |message: Message| {
        log.note(&message);
        let db = db.clone();
        async move {
            if message.position < 3 {
                publish(&db, "topic", "key", message.position + 1).await;
            }
            Ok::<_, crate::Error>(())
        }
    };
    for _ in 0..3 {
        assert_eq!(relay.run_once(&handler).await.expect("handed over"), relayed(1, 0, 0));
    }
    assert_eq!(log.of("key"), [1, 2, 3]);
}

#[tokio::test]
async fn a_long_lane_lets_the_others_have_their_turn() {
    let (db, _) = database().await;
    for number in 0..9 {
        publish(&db, "topic", "long", number).await;
    }
    for key in ["a", "b", "c"] {
        publish(&db, "topic", key, 0).await;
    }
    let (relay, log) = (Relay::new(&db, options().lanes(1).batch(3)), Log::default());
    for _ in 0..4 {
        once(&relay, &log, |_| false).await;
    }
    let seen: Vec<String> = log.take().into_iter().map(|(key, _)| key).collect();
    assert_eq!(seen, ["long", "long", "long", "a", "b", "c"]);
    for _ in 0..3 {
        once(&relay, &log, |_| false).await;
    }
    assert_eq!(log.take().len(), 6);
    assert_eq!(db.repository::<lane::Entity>().count(all()).await.expect("a count"), 4);
}

#[tokio::test]
async fn a_lane_on_which_the_database_failed_is_not_held_for_its_lease() {
    let db = MemoryDatabase::with_tables(&entities()).await.expect("tables");
    publish(&db, "topic", "key", 1).await;
    let (relay, log) = (Relay::new(&db, options().pauses(Duration::ZERO, Duration::ZERO)), Log::default());
    db.fail_next_on::<message::Entity>(ErrorKind::StorageFull);
    let handler = |_: Message| async { Ok::<_, crate::Error>(()) };
    assert!(relay.run_once(&handler).await.expect_err("the read fails").is(ErrorKind::StorageFull));
    assert_eq!(once(&relay, &log, |_| false).await, relayed(1, 0, 0));
}

#[tokio::test]
async fn a_relay_inside_a_transaction_is_refused() {
    let (db, _) = database().await;
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let relay = Relay::new(&tx, options());
    let error = relay.run_once(&|_| async { Ok::<_, crate::Error>(()) }).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn pauses_grow_to_their_bound() {
    let options = options().pauses(Duration::from_secs(1), Duration::from_mins(1));
    for (failures, least) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60)] {
        let pause = options.pause(failures);
        assert!(pause >= Duration::from_secs(least), "{failures}: {pause:?}");
        assert!(pause <= Duration::from_mins(1).min(Duration::from_secs(2 * least)), "{failures}: {pause:?}");
    }
}
