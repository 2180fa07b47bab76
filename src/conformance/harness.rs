//! How the suite gets an empty database: what the author of a backend writes.

use crate::{Config, Database, Result};
use futures::{FutureExt, future::BoxFuture};
use std::{fmt, time::Duration};

/// Gives every case a database of its own.
///
/// # Contract
/// - The database MUST be empty and private to the case: cases run side by side and use the same table names.
/// - One entity of the suite names the schema `seabed_placed`. Where the backend has schemas (or databases that can be named
///   in front of a table), it MUST be there; it is shared, and one case at a time uses it.
/// - A server that is not there is [`Opened::absent`], with the reason; an error is a failure.
pub trait Harness: Send + Sync + 'static {
    /// Opens an empty database for this case. `case` is unique in one run and a safe name (`a-z`, `0-9`, `_`), but long.
    ///
    /// # Errors
    /// Whatever fails: the case fails with it.
    fn open<'a>(&'a self, case: &'a str, stack: Stack) -> BoxFuture<'a, Result<Opened>>;

    /// The longest that one case may take; default 30 s. For a server that is slow by nature, such as an imitation.
    fn patience(&self) -> Duration {
        Duration::from_secs(30)
    }
}

/// Which layers stand around the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stack {
    /// The backend and the guard, where the contract's checks live.
    Plain,
    /// All standard layers.
    Layered,
}

impl Stack {
    /// Its name in the names of tests: `plain` or `layered`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Layered => "layered",
        }
    }

    /// Connects to the database `main` of the configuration with this stack.
    ///
    /// # Errors
    /// As [`Database::connect`].
    pub async fn connect(self, config: Config) -> Result<Database> {
        let builder = Database::builder(config);
        match self {
            Self::Plain => builder.plain().connect().await,
            Self::Layered => builder.connect().await,
        }
    }
}

/// What removes a case's database.
pub type Cleanup = Box<dyn FnOnce() -> BoxFuture<'static, Result<()>> + Send>;

/// A database for one case, or why there is none.
pub enum Opened {
    /// An empty database, and what removes it after the case, also after one that failed; the database is closed by then.
    Ready(Database, Cleanup),
    /// The server is not there: the case is skipped, which is a failure where `SEABED_TEST_REQUIRE` names the backend.
    Absent(String),
}

impl Opened {
    /// A database that leaves nothing behind when it is closed.
    #[must_use]
    pub fn ready(database: Database) -> Self {
        Self::Ready(database, Box::new(|| async { Ok(()) }.boxed()))
    }

    /// A database, and what removes it afterwards.
    #[must_use]
    pub fn with_cleanup<F>(database: Database, cleanup: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        Self::Ready(database, Box::new(|| cleanup().boxed()))
    }

    /// No database, and why.
    #[must_use]
    pub fn absent(reason: impl Into<String>) -> Self {
        Self::Absent(reason.into())
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(database, _) => f.debug_tuple("Ready").field(database).finish_non_exhaustive(),
            Self::Absent(reason) => f.debug_tuple("Absent").field(reason).finish(),
        }
    }
}
