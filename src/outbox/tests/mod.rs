//! On memory, with a clock that stands until it is moved.

mod dead;
mod fence;
mod inbox;
mod publish;
mod relay;
mod run;

use super::{Message, Relay, RelayOptions, Relayed, entities};
use crate::{Config, Database, key::Clock};
use chrono::{DateTime, Utc};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use uuid::Uuid;

#[derive(Clone, Debug)]
struct Hand(Arc<Mutex<DateTime<Utc>>>);

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().expect("a clock")
    }
}

impl Hand {
    fn on(&self, by: Duration) {
        *self.0.lock().expect("a clock") += by;
    }
}

/// A database with the tables of the outbox, and its clock.
async fn database() -> (Database, Hand) {
    let clock = Hand(Arc::new(Mutex::new(DateTime::from_timestamp(1_700_000_000, 0).expect("an instant"))));
    let config = Config::from_url("memory:").expect("a URL");
    let db = Database::builder(config).clock(clock.clone()).connect().await.expect("memory");
    db.create_tables(&entities()).await.expect("tables");
    (db, clock)
}

/// Publishes a number, by itself.
async fn publish(db: &Database, topic: &str, key: &str, number: i64) -> Uuid {
    let (topic, key) = (topic.to_owned(), key.to_owned());
    db.transact(|tx| tx_publish(tx, topic.clone(), key.clone(), number)).await.expect("published")
}

async fn tx_publish(tx: crate::Transaction, topic: String, key: String, number: i64) -> crate::Result<Uuid> {
    tx.publish(topic, key, number).await
}

/// What a handler was given, in order: key and number.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<(String, i64)>>>);

impl Log {
    fn note(&self, message: &Message) {
        let number = message.read().expect("a number");
        self.0.lock().expect("a log").push((message.key.clone(), number));
    }

    fn take(&self) -> Vec<(String, i64)> {
        std::mem::take(&mut *self.0.lock().expect("a log"))
    }

    /// The numbers of one key.
    fn of(&self, key: &str) -> Vec<i64> {
        self.0.lock().expect("a log").iter().filter(|(of, _)| of == key).map(|(_, number)| *number).collect()
    }
}

/// Hands over once; the messages for which `fails` is true fail.
async fn once(relay: &Relay, log: &Log, fails: impl Fn(&Message) -> bool + Send + Sync) -> Relayed {
    let handler = |message: Message| {
        log.note(&message);
        let failed = fails(&message);
        async move { if failed { Err("no") } else { Ok(()) } }
    };
    relay.run_once(&handler).await.expect("handed over")
}

fn options() -> RelayOptions {
    RelayOptions::default()
}

fn relayed(delivered: u64, failed: u64, dead: u64) -> Relayed {
    Relayed { delivered, failed, dead }
}
