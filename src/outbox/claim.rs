//! Who works on a lane. A claim outlives its relay by the lease and no longer; what a relay writes of a lane it writes only while
//! the claim is its own, in the same transaction.

use super::{
    RelayOptions,
    entity::{claim, lane, message},
};
use crate::{Capability, Database, Filter, Result, Transaction, col, repository::has};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// A lane that is ours until the lease ends. It has an id of its own, not its relay's: a lane that the same relay takes a second
/// time is not the first claim's.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    db: Database,
    pub lane: Arc<lane::Model>,
    holder: Uuid,
    lease: Duration,
}

/// What a look for lanes found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub claims: Vec<Claim>,
    /// The last lane in the order of the search: the next one begins after it, so that every lane gets its turn.
    pub last: Option<Uuid>,
}

/// Claims lanes that have messages and are nobody's, `most` of them, those after `cursor` first.
pub(super) async fn take(db: &Database, options: &RelayOptions, cursor: Uuid, most: usize) -> Result<Found> {
    let (now, most) = (db.now(), most as u64);
    let id = col(lane::COLUMN.id);
    let lanes = db.repository::<lane::Entity>();
    let after = |there: Filter<lane::Entity>, most| free(now).filter(there).order_by(id.asc()).limit(most);
    let mut found = lanes.find(after(id.gt(cursor), most)).await?;
    if (found.len() as u64) < most {
        found.extend(lanes.find(after(id.lte(cursor), most - found.len() as u64)).await?);
    }
    let Some(last) = found.last().map(|lane| lane.id) else { return Ok(Found::default()) };
    let holder = db.next_key();
    let until = later(now, options.lease);
    let ids: Vec<Uuid> = found.iter().map(|lane| lane.id).collect();
    let taken = db.transact(|tx| claim_each(tx, ids.clone(), holder, now, until)).await?;
    let ours = found.into_iter().filter(|lane| taken.contains(&lane.id));
    let claims = ours.map(|lane| Claim { db: db.clone(), lane: Arc::new(lane), holder, lease: options.lease });
    Ok(Found { claims: claims.collect(), last: Some(last) })
}

/// Lanes that have messages, and that nobody works on.
fn free(now: DateTime<Utc>) -> crate::Query<lane::Entity> {
    let taken = has(col(claim::COLUMN.until).gt(now));
    (col(lane::COLUMN.waiting).eq(true) & !taken).order_by(col(lane::COLUMN.id).asc())
}

/// Claims what of these lanes is free. Those that another relay claims at this moment are left out, where the backend can; and
/// what it claimed in between is no longer free: that the update itself asks.
pub(super) async fn claim_each(
    tx: Transaction,
    lanes: Vec<Uuid>,
    holder: Uuid,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let c = claim::COLUMN;
    let claims = tx.repository::<claim::Entity>();
    let lanes = if locks(&tx) {
        let free = col(c.lane_id).is_in(lanes) & col(c.until).lte(now);
        let free = claims.find(free.order_by(col(c.lane_id).asc()).for_update_skip_locked()).await?;
        free.into_iter().map(|claim| claim.lane_id).collect()
    } else {
        lanes
    };
    let mut taken = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let free = col(c.lane_id).eq(lane) & col(c.until).lte(now);
        if claims.update_many(free, [col(c.holder).set(holder), col(c.until).set(until)]).await? == 1 {
            taken.push(lane);
        }
    }
    Ok(taken)
}

fn locks(tx: &Transaction) -> bool {
    tx.info().capabilities.has(Capability::LockedReads)
}

pub(super) fn later(now: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    now.checked_add_signed(chrono::Duration::from_std(by).unwrap_or(chrono::Duration::MAX))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Claim {
    /// The messages that wait, in their order.
    pub async fn messages(&self, most: u64) -> Result<Vec<message::Model>> {
        let m = message::COLUMN;
        let waiting = col(m.lane_id).eq(self.lane.id) & col(m.dead_at).is_null();
        self.db.repository().find(waiting.order_by(col(m.position).asc()).limit(most)).await
    }

    /// A message was delivered: it is taken away, and the lease begins anew. Not where the lane is no longer ours.
    pub async fn delivered(&self, message: Uuid) -> Result<bool> {
        self.fenced(|this, tx| async move {
            if !this.keep(&tx, this.lease).await? {
                return Ok(false);
            }
            tx.repository::<message::Entity>().delete(message).await?;
            Ok(true)
        })
        .await
    }

    /// A message failed: that is counted, and its lane is nobody's for the pause; or it is a dead letter, and the lane goes on. Not
    /// where the lane is no longer ours.
    pub async fn failed(&self, message: Uuid, failures: i32, error: String, then: Then) -> Result<bool> {
        let m = message::COLUMN;
        let dead_at = (then == Then::Bury).then(|| self.db.now());
        let error = error.as_str();
        self.fenced(|this, tx| async move {
            let ours = match then {
                Then::Bury => this.keep(&tx, this.lease).await?,
                Then::Pause(pause) => this.leave(&tx, pause).await?,
            };
            if !ours {
                return Ok(false);
            }
            let mut changes = vec![col(m.attempts).set(failures), col(m.last_error).set(error)];
            changes.extend(dead_at.map(|at| col(m.dead_at).set(at)));
            tx.repository::<message::Entity>().update_many(col(m.id).eq(message), changes).await?;
            Ok(true)
        })
        .await
    }

    /// Gives the lane up for others to take. Where nothing waits in it, it is no longer looked at until something is published;
    /// where that cannot be said because somebody publishes right now, it is looked at again after `pause`.
    pub async fn release(&self, drained: bool, pause: Duration) -> Result<()> {
        let released = self.fenced(|this, tx| async move {
            let idle = drained && this.idle(&tx).await?;
            let pause = if drained && !idle { pause } else { Duration::ZERO };
            this.leave(&tx, pause).await
        });
        released.await.map(drop)
    }

    /// Gives the lane up, for others to take after the pause.
    pub async fn give_up(&self, pause: Duration) -> Result<()> {
        self.fenced(|this, tx| async move { this.leave(&tx, pause).await }).await.map(drop)
    }

    /// Says that nothing waits, if that is so. The lane's row is held meanwhile: what is published later says the opposite again.
    /// Whoever publishes holds it, perhaps for long, and is not waited for.
    async fn idle(&self, tx: &Transaction) -> Result<bool> {
        let (l, m) = (lane::COLUMN, message::COLUMN);
        let lanes = tx.repository::<lane::Entity>();
        let own = col(l.id).eq(self.lane.id);
        let lane = if locks(tx) { lanes.one(own.for_update_skip_locked()).await? } else { lanes.one(own).await? };
        let Some(lane) = lane else { return Ok(false) };
        let waits = col(m.lane_id).eq(lane.id) & col(m.dead_at).is_null();
        if tx.repository::<message::Entity>().exists(waits).await? {
            return Ok(true);
        }
        let as_it_was = col(l.id).eq(lane.id) & col(l.position).eq(lane.position);
        lanes.update_many(as_it_was, [col(l.waiting).set(false)]).await.map(|lanes| lanes == 1)
    }

    /// Runs what is to be written only while the lane is ours.
    async fn fenced<F>(&self, work: impl Fn(Self, Transaction) -> F + Send + Sync) -> Result<bool>
    where
        F: Future<Output = Result<bool>> + Send,
    {
        self.db.transact(|tx| work(self.clone(), tx)).await
    }

    /// Begins the lease anew; whether the lane is still ours. Its claim is held until the transaction ends.
    async fn keep(&self, tx: &Transaction, lease: Duration) -> Result<bool> {
        let c = claim::COLUMN;
        let until = [col(c.until).set(later(self.db.now(), lease))];
        tx.repository::<claim::Entity>().update_many(self.ours(), until).await.map(|claims| claims == 1)
    }

    /// Makes the lane nobody's, for others to take after the pause; whether it was still ours.
    async fn leave(&self, tx: &Transaction, pause: Duration) -> Result<bool> {
        let c = claim::COLUMN;
        let nobody = [col(c.holder).set_null(), col(c.until).set(later(self.db.now(), pause))];
        tx.repository::<claim::Entity>().update_many(self.ours(), nobody).await.map(|claims| claims == 1)
    }

    fn ours(&self) -> Filter<claim::Entity> {
        let c = claim::COLUMN;
        col(c.lane_id).eq(self.lane.id) & col(c.holder).eq(self.holder)
    }
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The lane waits.
    Pause(Duration),
    /// The message is given up.
    Bury,
}
