//! What fails too often is put aside, and kept.

use crate::place::Place;
use seabed::outbox::{Message, Outbox, Relay, RelayOptions, Relayed};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

crate::on_each!(a_dead_letter_is_kept_and_the_lane_goes_on);

async fn a_dead_letter_is_kept_and_the_lane_goes_on(place: &Place) {
    let db = place.open().await;
    let publish = |number: i64| db.transact(move |tx| async move { tx.publish("topic", "key", number).await });
    let bad = publish(1).await.expect("published");
    publish(2).await.expect("published");
    let seen: Arc<Mutex<Vec<i64>>> = Arc::default();
    let relay = Relay::new(&db, RelayOptions::default().attempts(3));
    let once = async |fails: bool| -> Relayed {
        let handler = |message: Message| {
            seen.lock().expect("a log").push(message.position);
            async move { if fails && message.position == 1 { Err("it is broken: 'ß'") } else { Ok(()) } }
        };
        let relayed = relay.run_once(&handler).await.expect("handed over");
        place.later(Duration::from_secs(10));
        relayed
    };
    for _ in 0..2 {
        let relayed = once(true).await;
        assert_eq!((relayed.delivered, relayed.failed, relayed.dead), (0, 1, 0));
    }
    let relayed = once(true).await;
    assert_eq!((relayed.delivered, relayed.failed, relayed.dead), (1, 0, 1));
    assert_eq!(*seen.lock().expect("a log"), [1, 1, 1, 2], "and it is not handed over again");
    assert_eq!(once(true).await, Relayed::default());

    let outbox = Outbox::new(&db);
    assert_eq!((outbox.waiting().await.expect("a count"), outbox.count_dead().await.expect("a count")), (0, 1));
    let dead = outbox.dead(5).await.expect("a list").pop().expect("it is kept");
    assert_eq!((dead.message.id, dead.message.attempt, &*dead.error), (bad, 3, "it is broken: 'ß'"));
    assert_eq!(dead.message.read::<i64>().expect("its payload"), 1);
    assert!(outbox.revive(bad).await.expect("put back"));
    assert_eq!(once(false).await.delivered, 1);
    assert_eq!((outbox.waiting().await.expect("a count"), outbox.count_dead().await.expect("a count")), (0, 0));
}
