//! Relays that are dropped at any await, and one whose runtime ends with its claim.

use crate::{
    give_up::give_up_at,
    place::{Place, effect},
};
use sea_orm::Set;
use seabed::{
    Database, all, col,
    outbox::{Message, Outbox, Relay, RelayOptions},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

crate::on_each!(a_relay_dropped_at_any_await_loses_nothing, a_relay_that_crashed_is_followed_by_another);

const LEASE: Duration = Duration::from_mins(1);
/// So many turns end by themselves before the drops end.
const WHOLE: usize = 12;
const KEYS: [&str; 2] = ["a", "b"];

/// Which positions were handed over, by key.
type Log = Arc<Mutex<BTreeMap<String, Vec<i64>>>>;

async fn publish(db: &Database, key: &'static str) {
    db.transact(|tx| async move { tx.publish("topic", key, ()).await }).await.expect("published");
}

fn handed(log: &Log) -> usize {
    log.lock().expect("a log").values().map(Vec::len).sum()
}

/// A consumer: one row for each message, in a transaction of its own.
async fn consume(db: Database, log: Log, message: Message) -> seabed::Result<()> {
    log.lock().expect("a log").entry(message.key.clone()).or_default().push(message.position);
    tokio::task::yield_now().await;
    let consumed = db.transact(|tx| {
        let (id, key, position) = (message.id, message.key.clone(), message.position);
        async move {
            if tx.receive("consumer", id).await? {
                let row = effect::ActiveModel { key: Set(key), position: Set(position), ..Default::default() };
                tx.repository::<effect::Entity>().insert(row).await?;
            }
            Ok(())
        }
    });
    consumed.await?;
    tokio::task::yield_now().await;
    Ok(())
}

async fn a_relay_dropped_at_any_await_loses_nothing(place: &Place) {
    let db = place.open().await;
    let log = Log::default();
    let relay = Relay::new(&db, RelayOptions::default().lanes(2).batch(2).lease(LEASE));
    let handler = |message| consume(db.clone(), Arc::clone(&log), message);
    let (mut n, mut whole, mut published) = (0, 0, 0);
    while whole < WHOLE && n < 600 {
        for key in KEYS {
            publish(&db, key).await;
        }
        published += 1;
        let before = handed(&log);
        if let Some(ended) = give_up_at(n, relay.run_once(&handler)).await {
            ended.expect("handed over");
            // One that found the lanes still held by what was dropped before says nothing.
            whole += usize::from(handed(&log) > before);
        }
        n += 1;
        place.later(LEASE);
    }
    assert!(whole == WHOLE, "the drops reach to the end of a turn: {n} awaits");

    let until = Instant::now() + Duration::from_secs(30);
    let outbox = Outbox::new(&db);
    while outbox.waiting().await.expect("a count") > 0 {
        assert!(Instant::now() < until, "what was dropped is handed over by another");
        relay.run_once(&handler).await.expect("handed over");
        place.later(LEASE);
    }
    assert_eq!(outbox.count_dead().await.expect("a count"), 0, "nor is it given up");
    let log = log.lock().expect("a log").clone();
    for key in KEYS {
        let mut last = 0;
        for position in &log[key] {
            assert!(*position == last || *position == last + 1, "{key}: {position} after {last}: {:?}", log[key]);
            last = *position;
        }
        assert_eq!(last, published, "{key}: none is lost");
        let c = effect::COLUMN;
        let rows = db.repository::<effect::Entity>().find(col(c.key).eq(key).order_by(col(c.id).asc())).await;
        let effects: Vec<i64> = rows.expect("rows").iter().map(|row| row.position).collect();
        assert_eq!(effects, (1..=published).collect::<Vec<_>>(), "{key}: one effect each, in order");
    }
    let times: usize = log.values().map(Vec::len).sum();
    println!("{n} relays dropped, {} messages, {times} handed over", 2 * published);
}

async fn a_relay_that_crashed_is_followed_by_another(place: &Place) {
    if place.is_memory() {
        return; // gone with its process: src/outbox/tests/fence.rs drops one
    }
    let db = place.open().await;
    for _ in 0..3 {
        publish(&db, "a").await;
    }
    let lease = Duration::from_secs(3);
    let options = RelayOptions::default().lease(lease).poll(Duration::from_millis(20));
    let log = Log::default();
    let (entered, mut in_the_second) = tokio::sync::mpsc::unbounded_channel();
    let dies = {
        let (log, own) = (Arc::clone(&log), place.open().await);
        tokio::spawn(async move {
            let handler = |message: Message| {
                log.lock().expect("a log").entry(message.key.clone()).or_default().push(message.position);
                let second = message.position == 2;
                let entered = entered.clone();
                async move {
                    if second {
                        entered.send(()).expect("somebody listens");
                        std::future::pending::<()>().await;
                    }
                    Ok::<_, seabed::Error>(())
                }
            };
            Relay::new(&own, options).run(handler, std::future::pending()).await
        })
    };
    in_the_second.recv().await.expect("it comes to the second");
    dies.abort();
    assert!(dies.await.expect_err("it is gone").is_cancelled());

    let since = Instant::now();
    let first_again = Arc::new(Mutex::new(None));
    let done = tokio::sync::Notify::new();
    let handler = |message: Message| {
        first_again.lock().expect("a time").get_or_insert_with(|| since.elapsed());
        log.lock().expect("a log").entry(message.key.clone()).or_default().push(message.position);
        if message.position == 3 {
            done.notify_one();
        }
        async { Ok::<_, seabed::Error>(()) }
    };
    let relay = Relay::new(&db, options);
    relay.run(handler, done.notified()).await.expect("it ended well");
    assert_eq!(log.lock().expect("a log")["a"], [1, 2, 2, 3]);
    let waited = first_again.lock().expect("a time").expect("it was handed over");
    assert!(waited > lease / 2 && waited < lease * 3, "its lease was respected, and ended: {waited:?}");
    assert_eq!(Outbox::new(&db).waiting().await.expect("a count"), 0);
    assert_eq!(db.repository::<effect::Entity>().count(all()).await.expect("a count"), 0);
}
