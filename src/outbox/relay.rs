//! From the outbox to a handler.

use super::{
    Message, RelayOptions,
    claim::{self, Claim, Found},
    turn::turn,
};
use crate::{Database, Error, Result, Status};
use futures::{
    StreamExt,
    future::BoxFuture,
    stream::{self, FuturesUnordered},
};
use std::{
    fmt::Display,
    ops::AddAssign,
    pin::pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// Before another look, where other relays were faster.
const SOON: Duration = Duration::from_millis(20);

/// Hands the messages of an outbox to a handler, at least once, in order per topic and key. As many relays as you like work on one
/// outbox, in one process or many: a lane (a topic and a key) is one relay's at a time.
///
/// See [`publish`](crate::Transaction::publish) for an example.
#[derive(Debug)]
pub struct Relay {
    db: Database,
    options: RelayOptions,
    /// Where the last look ended.
    cursor: Mutex<Uuid>,
}

/// What became of the messages that were handed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relayed {
    /// They are out of the outbox.
    pub delivered: u64,
    /// They failed, and come again after a pause.
    pub failed: u64,
    /// They failed for the last time: dead letters.
    pub dead: u64,
}

impl AddAssign for Relayed {
    fn add_assign(&mut self, more: Self) {
        self.delivered += more.delivered;
        self.failed += more.failed;
        self.dead += more.dead;
    }
}

/// What ended while a relay runs.
enum Event {
    Looked(Result<Found>),
    Turned(Result<Relayed>),
}

impl Relay {
    /// A relay of this database's outbox.
    #[must_use]
    pub fn new(db: &Database, options: RelayOptions) -> Self {
        Self { db: db.clone(), options, cursor: Mutex::new(Uuid::nil()) }
    }

    /// Claims the lanes that have messages, `lanes` of them at most, and hands over a batch of each, side by side. Where nothing
    /// waits it returns at once.
    ///
    /// The handler's `Err`, its panic, and its taking longer than `within` are failures: the message stays, its lane pauses, and after
    /// `attempts` of them it is a dead letter. What it says is kept, its first 1,000 characters. A handler may be given the same
    /// message again, also after it said `Ok` where the relay or the database failed right then: see
    /// [`receive`](crate::Transaction::receive).
    ///
    /// Dropped half-way it leaves what was not yet marked as delivered to be handed over again, after the lease.
    ///
    /// # Errors
    /// What the database says, when every lane has ended its turn; `Unsupported` inside a transaction.
    pub async fn run_once<H, F, E>(&self, handler: H) -> Result<Relayed>
    where
        H: Fn(Message) -> F + Send + Sync,
        F: Future<Output = Result<(), E>> + Send,
        E: Display + Send,
    {
        let claims = self.look(self.options.lanes).await?.claims;
        let turns = claims.into_iter().map(|claim| self.turn(claim, &handler, &NEVER)).collect::<Vec<_>>();
        let ended: Vec<_> = stream::iter(turns).buffer_unordered(self.options.lanes.max(1)).collect().await;
        let mut relayed = Relayed::default();
        for each in ended {
            relayed += each?;
        }
        Ok(relayed)
    }

    /// Hands messages over until `shutdown` is ready; then each lane ends the message in hand, and it returns. In a task of its
    /// own, or in a process of its own. What the handler is, [`run_once`](Self::run_once) says.
    ///
    /// # Errors
    /// What will be no better in a while: a table that is not there, a database that was closed (an error whose status is
    /// permanent). All else is told to the log, and it goes on after a pause that grows up to `most_pause`.
    pub async fn run<H, F, E>(&self, handler: H, shutdown: impl Future<Output = ()> + Send) -> Result<()>
    where
        H: Fn(Message) -> F + Send + Sync,
        F: Future<Output = Result<(), E>> + Send,
        E: Display + Send,
    {
        let stop = AtomicBool::new(false);
        let mut shutdown = pin!(shutdown);
        let mut under_way: FuturesUnordered<BoxFuture<'_, Event>> = FuturesUnordered::new();
        let (mut turns, mut looking, mut errors) = (0, false, 0);
        let mut look_at = Instant::now();
        loop {
            let stopped = stop.load(Ordering::Relaxed);
            if stopped && under_way.is_empty() {
                return Ok(());
            }
            let free = self.options.lanes.max(1) - turns;
            let look = !stopped && !looking && free > 0;
            if look && Instant::now() >= look_at {
                under_way.push(Box::pin(async move { Event::Looked(self.look(free).await) }));
                looking = true;
            }
            let event = tokio::select! {
                () = &mut shutdown, if !stopped => {
                    stop.store(true, Ordering::Relaxed);
                    continue;
                }
                Some(event) = under_way.next() => event,
                () = tokio::time::sleep_until(look_at), if look && !looking => continue,
            };
            let ended = match event {
                Event::Looked(Ok(found)) => {
                    looking = false;
                    let pause = match (found.claims.is_empty(), found.last) {
                        (false, _) => Duration::ZERO,
                        (true, Some(_)) => SOON,
                        (true, None) => self.options.poll,
                    };
                    look_at = Instant::now() + pause;
                    turns += found.claims.len();
                    for claim in found.claims {
                        let turn = self.turn(claim, &handler, &stop);
                        under_way.push(Box::pin(async move { Event::Turned(turn.await) }));
                    }
                    Ok(())
                }
                Event::Looked(Err(error)) => {
                    looking = false;
                    Err(error)
                }
                Event::Turned(ended) => {
                    turns -= 1;
                    if ended.as_ref().is_ok_and(|relayed| relayed.delivered + relayed.dead > 0) {
                        // There may be more of it than a batch.
                        look_at = Instant::now();
                    }
                    ended.map(drop)
                }
            };
            match ended {
                Ok(()) => errors = 0,
                Err(error) if error.status() == Status::Permanent => return Err(error),
                Err(error) => {
                    errors += 1;
                    tracing::warn!(target: "seabed", %error, "the relay of the outbox goes on after a pause");
                    look_at = Instant::now() + self.options.pause(errors);
                }
            }
        }
    }

    async fn look(&self, most: usize) -> Result<Found> {
        if self.db.scope().open().is_some() {
            return Err(Error::unsupported("a relay inside a transaction: others would not see its claims"));
        }
        let cursor = *self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        let found = claim::take(&self.db, &self.options, cursor, most).await?;
        if let Some(last) = found.last {
            *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = last;
        }
        Ok(found)
    }

    async fn turn<H, F, E>(&self, claim: Claim, handler: &H, stop: &AtomicBool) -> Result<Relayed>
    where
        H: Fn(Message) -> F + Send + Sync,
        F: Future<Output = Result<(), E>> + Send,
        E: Display + Send,
    {
        turn(&claim, &self.options, handler, || stop.load(Ordering::Relaxed)).await
    }
}

/// For a turn that is not stopped.
static NEVER: AtomicBool = AtomicBool::new(false);
