//! In order per topic and key, whoever publishes and however many relays there are.

use crate::place::Place;
use seabed::outbox::{Message, Outbox, Relay, RelayOptions};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

crate::on_each!(order_holds_with_eight_publishers_and_two_relays);

const PUBLISHERS: i64 = 8;
const EACH: i64 = 15;
const KEYS: i64 = 3;

async fn order_holds_with_eight_publishers_and_two_relays(place: &Place) {
    let seen: Arc<Mutex<BTreeMap<String, Vec<Message>>>> = Arc::default();
    let mut relays = Vec::new();
    for _ in 0..2 {
        let (db, seen) = (place.open().await, Arc::clone(&seen));
        relays.push(tokio::spawn(async move {
            let handler = |message: Message| {
                let seen = Arc::clone(&seen);
                async move {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    seen.lock().expect("a log").entry(message.key.clone()).or_default().push(message);
                    Ok::<_, seabed::Error>(())
                }
            };
            let options = RelayOptions::default().batch(4).poll(Duration::from_millis(10));
            Relay::new(&db, options).run(handler, std::future::pending()).await
        }));
    }
    let mut publishers = Vec::new();
    for publisher in 0..PUBLISHERS {
        let db = place.open().await;
        publishers.push(tokio::spawn(async move {
            for number in 0..EACH {
                let key = format!("key {}", (publisher + number) % KEYS);
                let publish = |tx: seabed::Transaction| {
                    let key = key.clone();
                    async move {
                        let id = tx.publish("topic", key, (publisher, number)).await?;
                        tokio::task::yield_now().await;
                        Ok(id)
                    }
                };
                db.transact(publish).await?;
            }
            Ok::<_, seabed::Error>(())
        }));
    }
    for publisher in publishers {
        publisher.await.expect("no panic").expect("published");
    }
    let outbox = Outbox::new(&place.open().await);
    let until = Instant::now() + Duration::from_mins(1);
    while outbox.waiting().await.expect("a count") > 0 {
        assert!(Instant::now() < until && relays.iter().all(|relay| !relay.is_finished()), "the relays get it out");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for relay in relays {
        relay.abort();
        let _ = relay.await;
    }
    let seen = seen.lock().expect("a log");
    assert_eq!(seen.values().map(Vec::len).sum::<usize>(), usize::try_from(PUBLISHERS * EACH).expect("small"));
    for (key, messages) in &*seen {
        let positions: Vec<i64> = messages.iter().map(|message| message.position).collect();
        let expected: Vec<i64> = (1..=i64::try_from(messages.len()).expect("few")).collect();
        assert_eq!(positions, expected, "{key}: each once, in order, without a gap");
        // What one publisher committed first comes first.
        let mut last = BTreeMap::new();
        for message in messages {
            let (publisher, number): (i64, i64) = message.read().expect("what was published");
            assert!(last.insert(publisher, number).is_none_or(|before| before < number), "{key}: {messages:?}");
        }
    }
}
