//! What waits, and what was given up.

use super::{
    DeadLetter, Outbox,
    entity::{lane, message},
};
use crate::{Result, col, repository::Filter};
use std::collections::HashMap;
use uuid::Uuid;

impl Outbox {
    /// How many messages wait to be delivered, those that are on their way among them; for health checks and alarms. It counts
    /// rows: with millions of them it takes as long as counting does.
    ///
    /// # Errors
    /// What the database says.
    pub async fn waiting(&self) -> Result<u64> {
        self.db.repository::<message::Entity>().count(col(message::COLUMN.dead_at).is_null()).await
    }

    /// How many messages were given up.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_dead(&self) -> Result<u64> {
        self.db.repository::<message::Entity>().count(dead()).await
    }

    /// The messages that were given up first, `most` of them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn dead(&self, most: u64) -> Result<Vec<DeadLetter>> {
        let first = dead().order_by(col(message::COLUMN.dead_at).asc()).limit(most);
        let rows = self.db.repository::<message::Entity>().find(first).await?;
        let lanes = col(lane::COLUMN.id).is_in(rows.iter().map(|row| row.lane_id).collect::<Vec<_>>());
        let lanes = self.db.repository::<lane::Entity>().find(lanes).await?;
        let lanes: HashMap<Uuid, lane::Model> = lanes.into_iter().map(|lane| (lane.id, lane)).collect();
        Ok(rows.into_iter().filter_map(|row| DeadLetter::new(lanes.get(&row.lane_id)?, row)).collect())
    }

    /// Puts a message that was given up back to its place, with all its attempts: it is handed over before what still waits behind
    /// it. Whether it was there. Like a publish to its topic and key it waits for whoever publishes to them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revive(&self, message: Uuid) -> Result<bool> {
        let (l, m) = (lane::COLUMN, message::COLUMN);
        let this = || col(m.id).eq(message) & dead();
        let work = async |tx: &crate::Database| {
            let messages = tx.repository::<message::Entity>();
            let Some(row) = messages.one(this()).await? else { return Ok(false) };
            // First the lane, as a publish does: who would say that nothing waits in it waits for this.
            let waiting = [col(l.waiting).set(true)];
            tx.repository::<lane::Entity>().update_many(col(l.id).eq(row.lane_id), waiting).await?;
            let again = [col(m.attempts).set(0), col(m.dead_at).set_null()];
            messages.update_many(this(), again).await.map(|rows| rows == 1)
        };
        self.db.transact(|tx| async move { work(&tx).await }).await
    }

    /// Takes a message that was given up away for good; whether it was there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn discard(&self, message: Uuid) -> Result<bool> {
        let this = col(message::COLUMN.id).eq(message) & dead();
        self.db.repository::<message::Entity>().delete_many(this).await.map(|rows| rows == 1)
    }
}

fn dead() -> Filter<message::Entity> {
    col(message::COLUMN.dead_at).is_not_null()
}
