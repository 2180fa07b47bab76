//! The pool: raw sqlx connections that we own.
//!
//! sqlx's own pool pings on every acquire and release, hides why it cannot connect and gives a connection no identity. Here a
//! [`Checkout`] knows what its connection is doing, and one dropped half-way never goes back as it is (hazard H1).

use super::{
    connection::{Connection, Endpoint, cancel},
    dialect::{Driver, Role},
    error::{self, Doing, breaks},
    statement::Statement,
};
use crate::{
    Error, ErrorKind, Result,
    backend::{PoolState, Row},
    config::Scheme,
    schema::{Flavor, Kind, Table},
};
use backon::{ExponentialBuilder, Retryable};
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult, TimeoutType};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, time::timeout};

/// How long the clean-up of an abandoned connection may take.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// Opens connections and tries idle ones.
pub(super) struct Opener {
    config: Arc<Endpoint>,
    role: Role,
}

impl Opener {
    /// Tries until the bound while trying can help: a wrong password is told at once.
    async fn open(&self) -> Result<Connection> {
        let bound = self.config.connect_timeout;
        let last: Mutex<Option<Error>> = Mutex::new(None);
        let remember = |error: &Error| *last.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        let retries = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(50))
            .with_max_delay(Duration::from_millis(500))
            .with_jitter()
            .without_max_times();
        let open = (|| open(&self.config, self.role)).retry(retries).when(|error| {
            tracing::debug!(target: "seabed", url = %self.config.url, error = ?error.kind(), "connection refused");
            remember(error);
            matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::ServerFull | ErrorKind::Starting)
        });
        timeout(bound, open).await.unwrap_or_else(|_| {
            let last = last.lock().unwrap_or_else(PoisonError::into_inner).take();
            Err(last.unwrap_or_else(|| {
                Error::new(ErrorKind::Unreachable, format!("no answer within {} ms", bound.as_millis()))
            }))
        })
    }
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

impl managed::Manager for Opener {
    type Type = Connection;
    type Error = Error;

    async fn create(&self) -> Result<Connection> {
        // Boxed: connecting is rare and its future large, and this one is part of every call's.
        Box::pin(self.open()).await
    }

    /// An idle connection is tried before it is used again, within a bound: a peer that vanished would hang (hazard H7).
    async fn recycle(&self, connection: &mut Connection, metrics: &Metrics) -> RecycleResult<Error> {
        if connection.flavor == Flavor::Sqlite {
            return Ok(());
        }
        if connection.opened.elapsed() > lifetime(&self.config, connection.session) {
            return Err(RecycleError::message("the connection is old"));
        }
        if metrics.last_used() < self.config.idle_check {
            return Ok(());
        }
        match timeout(self.config.idle_check_timeout, connection.ping()).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(RecycleError::message("the connection does not answer")),
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
        let opener = Opener { config: Arc::clone(&config), role };
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
        Ok(Checkout {
            flavor: object.flavor,
            object: Some(object),
            config: Arc::clone(&self.config),
            state: State::Idle,
            writing: false,
            runtime: Handle::current(),
        })
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
        let idle = self.inner.retain(|_, _| false).removed;
        self.inner.close();
        for connection in idle {
            let _ = timeout(CLEAN_UP, connection.close()).await;
        }
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

/// What a checked-out connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing: it may go back.
    Idle,
    /// A transaction is open and nothing runs.
    Open,
    /// A statement is on its way.
    InFlight,
    /// It is of no more use.
    Broken,
}

/// A connection on loan. Dropping it in any state is safe, at any await.
pub(super) struct Checkout {
    object: Option<Object<Opener>>,
    config: Arc<Endpoint>,
    flavor: Flavor,
    state: State,
    /// Whether what runs may change something: decides what a broken connection means.
    pub writing: bool,
    runtime: Handle,
}

impl Checkout {
    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    pub fn version(&self) -> String {
        self.object.as_ref().map(|connection| connection.version.clone()).unwrap_or_default()
    }

    /// Every row of a statement.
    pub async fn fetch(&mut self, statement: Statement, kinds: &[&Kind], table: &Table) -> Result<Vec<Row>> {
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.fetch(statement, kinds).await)
            .await
            .map_err(|failure| error::about(failure, table))
    }

    /// Rows affected, and the last key made.
    pub async fn execute(&mut self, statement: Statement, table: &Table) -> Result<(u64, i64)> {
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.execute(statement).await)
            .await
            .map_err(|failure| error::about(failure, table))
    }

    /// Statements of ours without values.
    pub async fn batch(&mut self, sql: &str) -> Result<()> {
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.batch(sql).await).await
    }

    /// One round trip.
    pub async fn ping(&mut self) -> Result<()> {
        self.tracked(Doing::Reading, async |connection| connection.ping().await).await
    }

    pub async fn begin(&mut self, sql: &str) -> Result<()> {
        self.tracked(Doing::Reading, async |connection| connection.batch(sql).await).await?;
        self.state = State::Open;
        Ok(())
    }

    /// Commits. A server's refusal is a definite no, and an answer that does not come is unknown (hazard H11).
    pub async fn commit(&mut self) -> Result<()> {
        self.tracked(Doing::Committing, async |connection| connection.batch("COMMIT").await).await?;
        self.state = State::Idle;
        Ok(())
    }

    pub async fn rollback(&mut self) -> Result<()> {
        self.tracked(Doing::Reading, async |connection| connection.batch("ROLLBACK").await).await?;
        self.state = State::Idle;
        Ok(())
    }

    fn doing(&self) -> Doing {
        if self.writing { Doing::Writing } else { Doing::Reading }
    }

    /// Runs something on the connection; dropped before its end, it leaves the state at `InFlight`.
    async fn tracked<T>(
        &mut self,
        doing: Doing,
        work: impl AsyncFnOnce(&mut Connection) -> Result<T, sqlx::Error>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.state, State::InFlight);
        let Some(connection) = self.object.as_mut().filter(|_| matches!(before, State::Idle | State::Open)) else {
            self.state = State::Broken;
            return Err(Error::new(ErrorKind::ConnectionLost, "the connection broke before"));
        };
        match work(connection).await {
            Ok(value) => {
                self.state = before;
                Ok(value)
            }
            Err(failure) => {
                let ours = error::error(self.flavor, doing, &failure);
                self.state = if breaks(&ours, &failure) { State::Broken } else { before };
                Err(ours)
            }
        }
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        match self.state {
            State::Idle => {}
            State::Broken => drop(Object::take(object)),
            State::Open => drop(self.runtime.spawn(roll_back(Doubtful(Some(object))))),
            State::InFlight if self.flavor == Flavor::Sqlite => {
                // The worker thread has the statement: interrupt it, roll back, keep the connection.
                object.interrupt(true);
                drop(self.runtime.spawn(roll_back(Doubtful(Some(object)))));
            }
            State::InFlight => drop(self.runtime.spawn(abandon(Arc::clone(&self.config), Object::take(object)))),
        }
    }
}

/// A connection that nobody has cleaned yet: dropped as it is, it leaves the pool. The task that cleans it may never run, for
/// a runtime that ends drops its tasks, and a later one would write into the open transaction (hazard H1).
struct Doubtful(Option<Object<Opener>>);

impl Drop for Doubtful {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

/// Ends the transaction that a dropped handle left open; the connection goes back, or is closed where it does not answer.
async fn roll_back(mut doubtful: Doubtful) {
    let Some(object) = doubtful.0.as_mut() else { return };
    let rolled_back = timeout(CLEAN_UP, object.batch("ROLLBACK")).await;
    let clean = if object.interrupt(false) {
        // On SQLite the interrupt may have met the ROLLBACK too, and none may be open: the second answer counts.
        timeout(CLEAN_UP, object.batch("ROLLBACK")).await.is_ok()
    } else {
        matches!(rolled_back, Ok(Ok(())))
    };
    if clean {
        drop(doubtful.0.take());
    }
}

/// Cancels in the server what was on its way, then closes: the server rolls back what was open (hazard H9).
async fn abandon(config: Arc<Endpoint>, connection: Connection) {
    let _ = timeout(config.connect_timeout, cancel(&config, connection.flavor, connection.session)).await;
    drop(connection);
}
