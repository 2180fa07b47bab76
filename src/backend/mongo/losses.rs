//! What a call does that met another: it waits, a write for its turn, and is run again.

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

/// How often one call has lost, and until when it tries.
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
        if self.turn.is_some() {
            return self.pause(error).await;
        }
        self.count += 1;
        let left = self.left();
        // A free line would be taken without any time, and the whole run once more after it.
        if !left.is_zero() {
            self.turn = timeout(left, self.shared.turn(collection).lock_owned()).await.ok();
        }
        if self.turn.is_some() { Ok(()) } else { Err(over(error)) }
    }

    /// Waits a moment, and in no line: a read has nobody before it.
    ///
    /// # Errors
    /// `LockTimeout` where the bound is reached.
    pub async fn pause(&mut self, error: Error) -> Result<()> {
        self.count += 1;
        let pause = pause(self.count);
        if pause >= self.left() {
            self.turn = None;
            return Err(over(error));
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

/// The bound is reached.
fn over(error: Error) -> Error {
    Error::new(ErrorKind::LockTimeout, "other transactions held the rows until the bound").with_source(error)
}

/// A random pause after so many losses.
fn pause(losses: u32) -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
    let most = PAUSE.saturating_mul(1 << losses.min(8)).min(LONGEST);
    most.mul_f64(f64::from(now % 1_000) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost() -> Error {
        Error::new(ErrorKind::Serialization, "lost")
    }

    #[tokio::test]
    async fn t6_after_the_bound_nothing_is_run_again() {
        let shared = Arc::new(Shared::of_no_server(Duration::ZERO));
        let error =
            Losses::new(&shared).wait_for("t", lost()).await.expect_err("the line is free, and the time is over");
        assert!(error.is(ErrorKind::LockTimeout), "{error}");
        let error = Losses::new(&shared).pause(lost()).await.expect_err("over");
        assert!(error.is(ErrorKind::LockTimeout), "{error}");
    }

    #[tokio::test]
    async fn t6_a_read_waits_in_no_line() {
        let shared = Arc::new(Shared::of_no_server(Duration::from_millis(300)));
        let mut first = Losses::new(&shared);
        first.wait_for("t", lost()).await.expect("nobody is before it");
        Losses::new(&shared).pause(lost()).await.expect("a moment");
        let error = Losses::new(&shared).wait_for("t", lost()).await.expect_err("the first still stands there");
        assert!(error.is(ErrorKind::LockTimeout), "{error}");
    }
}
