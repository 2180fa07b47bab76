//! Two processes on one SQLite file take turns (hazard H14): a transaction that reads first and writes then fails in most
//! cases where it did not say at its beginning that it would write.

use crate::support::Place;
use seabed::{Retry, prelude::*};

mod tally {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tally")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub count: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const TURNS: i64 = 40;

/// Reads, computes, writes, so often.
async fn count_up(db: Database) -> seabed::Result<()> {
    for _ in 0..TURNS {
        // Once: what collided would be run again, and nobody would see that it had.
        let once = TransactionOptions::default().retry(Retry::never());
        db.transact_with(once, |tx| async move {
            let tallies = tx.repository::<tally::Entity>();
            let row = tallies.get(1).await?.ok_or_else(|| seabed::Error::rejected("no row"))?;
            tokio::task::yield_now().await;
            tallies.update(tally::ActiveModel { id: Set(1), count: Set(row.count + 1) }).await
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn h14_transactions_of_two_processes_take_turns_on_one_file() {
    let place = Place::new("sqlite", "h14").await.expect("a folder");
    let (one, other) = (place.open(2).await, place.open(2).await);
    one.create_tables(&seabed::entities![tally]).await.expect("a table");
    one.repository::<tally::Entity>().insert(tally::Model { id: 1, count: 0 }).await.expect("a row");
    let ended = tokio::join!(tokio::spawn(count_up(one.clone())), tokio::spawn(count_up(other.clone())));
    for task in [ended.0, ended.1] {
        task.expect("no panic").expect("each waits for its turn");
    }
    let row = one.repository::<tally::Entity>().get(1).await.expect("an answer").expect("a row");
    assert_eq!(row.count, 2 * TURNS, "nothing is lost");
    one.close().await.expect("closed");
    other.close().await.expect("closed");
    place.close().await;
}
