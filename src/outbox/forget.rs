//! What need not be known any more.

use super::{
    Outbox,
    entity::{done, inbox},
};
use crate::{Result, col};
use chrono::{DateTime, Utc};

/// So many rows are taken away at a time, each time committed by itself: no lock is held for long.
const BATCH: u64 = 1_000;

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// Messages that consumers had received.
    pub received: u64,
    /// Idempotency keys of transactions.
    pub keys: u64,
}

impl Outbox {
    /// Forgets what consumers received before this time, and which idempotency keys were committed before it: so the tables do not
    /// grow without end. A message that is handed over again after that is received as if it were new, and a key works anew: go
    /// back further than any message waits and any caller tries again, days rather than minutes. 1,000 rows at a time; dropped
    /// half-way it has forgotten some.
    ///
    /// # Errors
    /// What the database says; what went before is forgotten.
    pub async fn forget(&self, before: DateTime<Utc>) -> Result<Forgotten> {
        let mut forgotten = Forgotten::default();
        let (i, d) = (inbox::COLUMN, done::COLUMN);
        let (received, keys) = (self.db.repository::<inbox::Entity>(), self.db.repository::<done::Entity>());
        loop {
            let old = col(i.received_at).lt(before);
            let rows = received.find(old.clone().order_by(col(i.received_at).asc()).limit(BATCH)).await?;
            if rows.is_empty() {
                break;
            }
            let ids: Vec<_> = rows.iter().map(|row| row.message_id).collect();
            forgotten.received += received.delete_many(col(i.message_id).is_in(ids) & old).await?;
        }
        loop {
            let old = col(d.done_at).lt(before);
            let rows = keys.find(old.order_by(col(d.done_at).asc()).limit(BATCH)).await?;
            if rows.is_empty() {
                return Ok(forgotten);
            }
            forgotten.keys += keys.delete_many(col(d.id).is_in(rows.into_iter().map(|row| row.id))).await?;
        }
    }
}
