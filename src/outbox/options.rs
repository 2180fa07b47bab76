//! How a relay works.

use backon::{BackoffBuilder, ExponentialBuilder};
use std::time::Duration;

/// How a relay works: `RelayOptions::default()`, and what is said to it.
///
/// ```
/// use seabed::outbox::RelayOptions;
/// use std::time::Duration;
/// let patient = RelayOptions::default().attempts(30).within(Duration::from_secs(120)).lease(Duration::from_secs(300));
/// # let _ = patient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayOptions {
    /// So many lanes (topic and key) are worked on side by side; 8 unless said, 1 at least.
    pub lanes: usize,
    /// So many messages of one lane are read and handed over before other lanes get their turn; 32 unless said, 1 at least.
    /// `lanes` × `batch` payloads are in memory at most.
    pub batch: u64,
    /// A handler that takes longer than this has failed, and its future is dropped; 30 seconds unless said, and never more than half
    /// of `lease`.
    pub within: Duration,
    /// So long after its last sign a relay that is gone keeps its lanes from others; 60 seconds unless said. It is measured by the
    /// clocks of the relays' machines: make it much longer than they differ.
    pub lease: Duration,
    /// After so many failures a message is a dead letter; 10 unless said, 1 at least.
    pub attempts: u32,
    /// The pause of a lane after the first failure of a message; 1 second unless said. It doubles with each failure, and a random
    /// part of it is added.
    pub first_pause: Duration,
    /// The longest pause of a lane; 5 minutes unless said.
    pub most_pause: Duration,
    /// How long [`run`](super::Relay::run) waits before it looks again where nothing was to be done; half a second unless said.
    pub poll: Duration,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            lanes: 8,
            batch: 32,
            within: Duration::from_secs(30),
            lease: Duration::from_mins(1),
            attempts: 10,
            first_pause: Duration::from_secs(1),
            most_pause: Duration::from_mins(5),
            poll: Duration::from_millis(500),
        }
    }
}

impl RelayOptions {
    /// So many lanes side by side.
    #[must_use]
    pub fn lanes(mut self, lanes: usize) -> Self {
        self.lanes = lanes.max(1);
        self
    }

    /// So many messages of one lane at a time.
    #[must_use]
    pub fn batch(mut self, messages: u64) -> Self {
        self.batch = messages.max(1);
        self
    }

    /// The most time of one call of the handler.
    #[must_use]
    pub fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }

    /// How long a relay that is gone keeps its lanes from others.
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// How many failures make a dead letter.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The first and the longest pause of a lane after a failure.
    #[must_use]
    pub fn pauses(mut self, first: Duration, most: Duration) -> Self {
        (self.first_pause, self.most_pause) = (first, most);
        self
    }

    /// The time between two looks where nothing was to be done.
    #[must_use]
    pub fn poll(mut self, time: Duration) -> Self {
        self.poll = time;
        self
    }

    /// What a handler may take.
    pub(super) fn limit(&self) -> Duration {
        self.within.min(self.lease / 2)
    }

    /// The pause after the n-th failure in a row, from 1.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(self.first_pause)
            .with_max_delay(self.most_pause)
            .with_jitter()
            .without_max_times();
        let nth = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX).min(64);
        pauses.build().nth(nth).unwrap_or(self.most_pause).min(self.most_pause)
    }
}
