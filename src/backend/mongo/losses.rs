//! What a write does that met another: it waits for its turn and is run again.

use super::{pool::Shared, schema::collection};
use crate::{Error, ErrorKind, Result, schema::Table};
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::OwnedMutexGuard, time::timeout};

/// The first pause; each is up to twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(2);
/// The longest.
const LONGEST: Duration = Duration::from_millis(100);

/// How often one write has lost, and until when it tries.
pub(super) struct Losses {
    shared: Arc<Shared>,
    until: Instant,
    count: u32,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Losses {
    pub fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: Arc::clone(shared), until: Instant::now() + shared.lock_timeout, count: 0, turn: None }
    }

    /// Waits until it may be tried again. Those of this process that lost stand in one line, so that they do not meet each other
    /// again; who stands first waits for the others by pauses.
    ///
    /// # Errors
    /// `LockTimeout` where the bound is reached.
    pub async fn wait(&mut self, table: &Table, error: Error) -> Result<()> {
        self.wait_for(&collection(table), error).await.map_err(|error| error.entity(&table.name))
    }

    /// The same, of a collection that may be no entity's.
    ///
    /// # Errors
    /// `LockTimeout` where the bound is reached.
    pub async fn wait_for(&mut self, collection: &str, error: Error) -> Result<()> {
        self.count += 1;
        let left = self.until.saturating_duration_since(Instant::now());
        let pause = pause(self.count);
        if self.turn.is_none() {
            self.turn = timeout(left, self.shared.turn(collection).lock_owned()).await.ok();
        } else if pause < left {
            tokio::time::sleep(pause).await;
        } else {
            self.turn = None;
        }
        if self.turn.is_some() {
            return Ok(());
        }
        let why = "other transactions held the rows until the bound";
        Err(Error::new(ErrorKind::LockTimeout, why).with_source(error))
    }
}

/// A random pause after so many losses.
fn pause(losses: u32) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    let most = PAUSE.saturating_mul(1 << losses.min(8)).min(LONGEST);
    most.mul_f64(f64::from(now % 1_000) / 1_000.0)
}
