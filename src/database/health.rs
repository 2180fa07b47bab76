//! Whether the database answers, and how its pool stands.

use super::Database;
use crate::{Context, Error, backend::PoolState};
use std::time::{Duration, Instant};

/// The longest that the question may take.
const WITHIN: Duration = Duration::from_secs(5);

/// A report of one database, at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Health {
    /// The database's name in the configuration.
    pub name: String,
    /// The product, such as `MariaDB`.
    pub product: &'static str,
    /// The server's version, as it said at connect.
    pub version: String,
    /// Why it cannot be reached; `None` where it answered.
    pub error: Option<Error>,
    /// One round trip, a wait for a connection included.
    pub latency: Duration,
    /// The pool's state after the question.
    pub pool: PoolState,
}

impl Health {
    pub(super) async fn of(database: &Database) -> Self {
        let (backend, started) = (database.backend(), Instant::now());
        let ping = backend.ping(&Context::current().within(WITHIN)).await;
        let info = backend.info();
        Self {
            name: database.name().to_owned(),
            product: info.product,
            version: info.version.clone(),
            error: ping.err(),
            latency: started.elapsed(),
            pool: backend.pool(),
        }
    }

    /// Whether it answered.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.error.is_none()
    }
}
