//! A consumer does once what it is handed over twice.

use crate::place::{Place, effect};
use sea_orm::Set;
use seabed::{
    Database, all,
    outbox::{Forgotten, Outbox},
};
use std::time::Duration;
use uuid::Uuid;

crate::on_each!(duplicates_at_the_same_time_have_one_effect, what_is_old_is_forgotten);

async fn consume(db: Database, id: Uuid, number: i64) -> seabed::Result<bool> {
    db.transact(|tx| async move {
        let first = tx.receive("consumer", id).await?;
        if first {
            tokio::task::yield_now().await;
            let row = effect::ActiveModel { key: Set("key".into()), position: Set(number), ..Default::default() };
            tx.repository::<effect::Entity>().insert(row).await?;
        }
        Ok(first)
    })
    .await
}

async fn duplicates_at_the_same_time_have_one_effect(place: &Place) {
    let (one, other) = (place.open().await, place.open().await);
    for number in 0..15 {
        let id = Uuid::now_v7();
        let again = [&one, &other, &one].map(|db| tokio::spawn(consume(db.clone(), id, number)));
        let mut first = 0;
        for each in again {
            first += usize::from(each.await.expect("no panic").expect("consumed"));
        }
        assert_eq!(first, 1, "one of three is the first");
    }
    assert_eq!(one.repository::<effect::Entity>().count(all()).await.expect("a count"), 15);
}

async fn what_is_old_is_forgotten(place: &Place) {
    let db = place.open().await;
    let old = Uuid::now_v7();
    assert!(consume(db.clone(), old, 1).await.expect("consumed"));
    place.later(Duration::from_mins(1));
    let (before, new) = (db.now(), Uuid::now_v7());
    assert!(consume(db.clone(), new, 2).await.expect("consumed"));
    let outbox = Outbox::new(&db);
    assert_eq!(outbox.forget(before).await.expect("forgotten").received, 1);
    assert_eq!(outbox.forget(before).await.expect("forgotten"), Forgotten::default());
    assert!(!consume(db.clone(), new, 2).await.expect("known"));
    assert!(consume(db, old, 1).await.expect("as if it were new"));
}
