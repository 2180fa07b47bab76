//! The pool: raw sqlx connections that we own.
//!
//! sqlx's own pool pings on every acquire and release, hides why it cannot connect and gives a connection no identity. This one
//! opens connections within a bound and says what is wrong, tries idle ones before they are used again, and lends them as
//! [`Checkout`]s.

use super::{
    checkout::Checkout,
    connection::{Connection, Endpoint},
    dialect::{Driver, Role},
    error::{self, Doing},
};
use crate::{Error, ErrorKind, Result, backend::PoolState, config::Scheme, schema::Flavor};
use backon::{ExponentialBuilder, Retryable};
use deadpool::managed::{self, Metrics, PoolError, RecycleError, RecycleResult, TimeoutType};
use futures::future::join_all;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::oneshot, time::timeout};
use tracing::{Instrument, instrument::WithSubscriber};

/// How long the clean-up of an abandoned connection may take.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(1);

/// Opens connections and tries idle ones.
pub(super) struct Opener {
    config: Arc<Endpoint>,
    role: Role,
    seen: Mutex<Seen>,
    /// Connections whose callers gave up while they were opened: the next caller takes one.
    spare: Arc<Mutex<Vec<Connection>>>,
}

/// What became of some connections, and concerns the others.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// When an idle one last failed to answer: what was last used before is not tried one by one.
    dead: Option<Instant>,
    /// When one last broke under a call: what was last used before is tried first, however short its rest was.
    broken: Option<Instant>,
    /// When a statement was last refused because a column had changed its type since it was prepared: what was opened before has
    /// prepared others (hazard H17).
    outdated: Option<Instant>,
}

/// Connections that may be kept for the next caller.
const SPARE: usize = 2;

/// What is behind a lock, also where a holder panicked: nothing here is left half-changed.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tries until the bound while trying can help: a wrong password is told at once.
async fn open_within(config: &Endpoint, role: Role) -> Result<Connection> {
    let bound = config.connect_timeout;
    let last: Mutex<Option<Error>> = Mutex::new(None);
    let retries = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_millis(500))
        .with_jitter()
        .without_max_times();
    let open = (|| open(config, role)).retry(retries).when(|error| {
        tracing::debug!(target: "seabed", url = %config.url, error = ?error.kind(), "connection refused");
        *locked(&last) = Some(error.clone());
        // A new SQLite file becomes WAL only while nobody else writes it, and does not wait for that by itself.
        matches!(
            error.kind(),
            ErrorKind::Unreachable | ErrorKind::ServerFull | ErrorKind::Starting | ErrorKind::LockTimeout
        )
    });
    timeout(bound, open).await.unwrap_or_else(|_| {
        Err(locked(&last).take().unwrap_or_else(|| {
            Error::new(ErrorKind::Unreachable, format!("no answer within {} ms", bound.as_millis()))
                .with("url", config.url.to_string())
        }))
    })
}

/// One attempt.
async fn open(config: &Endpoint, role: Role) -> Result<Connection> {
    let (opened, flavor) = match config.url.scheme() {
        #[cfg(feature = "sqlite")]
        Scheme::Sqlite => (super::dialect::sqlite::Driving::connect(config, role).await, Flavor::Sqlite),
        #[cfg(feature = "postgres")]
        Scheme::Postgres => (super::dialect::postgres::Driving::connect(config, role).await, Flavor::Postgres),
        #[cfg(feature = "mysql")]
        Scheme::MySql => (super::dialect::mysql::Driving::connect(config, role).await, Flavor::MySql),
        other => return Err(Error::unsupported(format!("`{other}:` is no SQL backend"))),
    };
    let connection = opened
        .map_err(|failure| error::error(flavor, Doing::Connecting, &failure).with("url", config.url.to_string()))?;
    tracing::debug!(target: "seabed", url = %config.url, version = connection.version, "connection opened");
    Ok(connection)
}

impl Opener {
    /// A connection broke under its call.
    pub fn broken(&self) {
        locked(&self.seen).broken = Some(Instant::now());
    }

    /// What connections have prepared is of tables that have changed since.
    pub fn outdated(&self) {
        locked(&self.seen).outdated = Some(Instant::now());
    }
}

impl managed::Manager for Opener {
    type Type = Connection;
    type Error = Error;

    /// Opens in a task of its own: a caller with less time than a connection takes would never get one, and neither would
    /// those after it.
    async fn create(&self) -> Result<Connection> {
        if let Some(connection) = locked(&self.spare).pop() {
            return Ok(connection);
        }
        let (config, role, spare) = (Arc::clone(&self.config), self.role, Arc::clone(&self.spare));
        let (give, take) = oneshot::channel();
        let open = async move {
            let opened = open_within(&config, role).await;
            if let Err(Ok(connection)) = give.send(opened) {
                let mut spare = locked(&spare);
                if spare.len() < SPARE {
                    spare.push(connection);
                }
            }
        };
        tokio::spawn(open.in_current_span().with_current_subscriber());
        take.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Closed, "the runtime has ended")))
    }

    /// An idle connection is tried before it is used again, within a bound: a peer that vanished would hang (hazard H7).
    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<Error> {
        if connection.flavor == Flavor::Sqlite {
            return Ok(());
        }
        if connection.opened.elapsed() > lifetime(&self.config, connection.session) {
            return Err(RecycleError::message("the connection is old"));
        }
        let (idle, seen) = (metrics.last_used(), *locked(&self.seen));
        let since = |at: Option<Instant>| at.is_some_and(|at| at.elapsed() < idle);
        if seen.outdated.is_some_and(|at| connection.opened <= at) {
            return Err(RecycleError::message("what it has prepared is of tables that have changed"));
        }
        if idle < self.config.idle_check && !since(seen.broken) {
            return Ok(());
        }
        // The peer that vanished for one vanished for all that were used before: trying each would take its timeout each.
        if since(seen.dead) {
            return Err(RecycleError::message("another connection of its time does not answer"));
        }
        match timeout(self.config.idle_check_timeout, connection.ping()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(RecycleError::message("the connection is closed")),
            Err(_) => {
                locked(&self.seen).dead = Some(Instant::now());
                Err(RecycleError::message("the connection does not answer"))
            }
        }
    }
}

/// Up to a tenth less than configured, by session, so that a pool is not renewed all at once.
fn lifetime(config: &Endpoint, session: i64) -> Duration {
    config.max_lifetime.mul_f64(match session.rem_euclid(4) {
        0 => 1.0,
        1 => 0.97,
        2 => 0.94,
        _ => 0.91,
    })
}

/// A bounded set of connections.
pub(super) struct Pool {
    inner: managed::Pool<Opener>,
    config: Arc<Endpoint>,
}

impl Pool {
    pub fn new(config: Arc<Endpoint>, role: Role, size: usize) -> Result<Self> {
        let spare = Arc::new(Mutex::new(Vec::new()));
        let opener = Opener { config: Arc::clone(&config), role, seen: Mutex::default(), spare };
        let inner = managed::Pool::builder(opener)
            .max_size(size)
            .wait_timeout(Some(config.acquire_timeout))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|failure| Error::new(ErrorKind::Config, failure.to_string()))?;
        Ok(Self { inner, config })
    }

    /// A connection, within the bounds of the configuration.
    pub async fn get(&self) -> Result<Checkout> {
        let object = self.inner.get().await.map_err(|failure| match failure {
            PoolError::Backend(error) => error,
            PoolError::Timeout(TimeoutType::Wait) => {
                let state = self.state();
                let bound = self.config.acquire_timeout.as_millis();
                Error::new(
                    ErrorKind::PoolExhausted,
                    format!("all {} connections stayed in use for {bound} ms, {} calls wait", state.max, state.waiting),
                )
            }
            PoolError::Closed => Error::new(ErrorKind::Closed, "the database was closed"),
            other => Error::new(ErrorKind::Unreachable, other.to_string()),
        })?;
        Ok(Checkout::of(object, Arc::clone(&self.config)))
    }

    pub fn state(&self) -> PoolState {
        let status = self.inner.status();
        PoolState {
            max: status.max_size,
            size: status.size,
            idle: status.available,
            in_use: status.size.saturating_sub(status.available),
            waiting: status.waiting,
        }
    }

    /// Refuses new checkouts, waits for running ones, closes the idle connections politely.
    pub async fn close(&self, until: Instant) -> Result<()> {
        let mut idle = self.inner.retain(|_, _| false).removed;
        self.inner.close();
        idle.append(&mut locked(&self.inner.manager().spare));
        let goodbyes = join_all(idle.into_iter().map(Connection::close));
        let _ = timeout(until.saturating_duration_since(Instant::now()).min(CLEAN_UP), goodbyes).await;
        while self.state().size > 0 {
            if Instant::now() >= until {
                let running = self.state().size;
                return Err(Error::new(ErrorKind::Timeout, format!("{running} calls were still running at the bound")));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({}, {:?})", self.config.url, self.state())
    }
}
