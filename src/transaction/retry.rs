//! When a whole transaction is run again (law T6).

use crate::{Context, Error, ErrorKind};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::{Duration, Instant};

/// How often `transact` runs its work: again where it collided with another transaction (`Serialization`, `Deadlock`,
/// `LockTimeout`, `VersionConflict`) or lost its connection before COMMIT was sent, after a random pause that grows. Never after
/// COMMIT was sent, unless an idempotency key says what became of it: then up to ten times more, whatever stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often in all; 10 unless said. 1 is never again.
    pub attempts: u32,
    /// No new attempt begins after this time; 10 seconds unless said.
    pub within: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 10, within: Duration::from_secs(10) }
    }
}

impl Retry {
    /// Once, and never again.
    #[must_use]
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// How often in all.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// No new attempt begins after this time.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }
}

/// The attempts of one transaction.
#[derive(Debug)]
pub(super) struct Attempts {
    retry: Retry,
    /// From 1.
    pub number: u32,
    pauses: ExponentialBackoff,
    until: Option<Instant>,
}

impl Attempts {
    pub fn new(retry: Retry) -> Self {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(2))
            .with_max_delay(Duration::from_millis(250))
            .with_jitter()
            .without_max_times()
            .build();
        Self { retry, number: 1, pauses, until: Instant::now().checked_add(retry.within) }
    }

    /// As many attempts more as this says.
    pub fn allow(&mut self, more: Retry) {
        self.retry.attempts = self.number.saturating_add(more.attempts);
        self.until = Instant::now().checked_add(more.within);
    }

    /// Waits before the next attempt; whether there is one. None begins after the budget or the caller's deadline.
    pub async fn next(&mut self) -> bool {
        let pause = self.pauses.next().unwrap_or_default();
        let until = self.until.into_iter().chain(Context::current().deadline()).min();
        let over = until.is_some_and(|until| Instant::now() + pause >= until);
        if self.number >= self.retry.attempts || over {
            return false;
        }
        tokio::time::sleep(pause).await;
        self.number += 1;
        true
    }
}

/// Whether nothing of the transaction is kept and the same again may succeed.
pub(super) fn collided(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Serialization
            | ErrorKind::Deadlock
            | ErrorKind::LockTimeout
            | ErrorKind::VersionConflict
            | ErrorKind::ConnectionLost
    )
}
