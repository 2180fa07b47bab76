//! A connection on loan, and what becomes of it when its caller goes.
//!
//! A [`Checkout`] knows what its connection is doing. Dropped with nothing on its way it goes back; dropped half-way it never
//! goes back as it is (hazard H1).

use super::{
    connection::{Connection, Endpoint, cancel},
    error::{self, Doing, breaks},
    pool::{CLEAN_UP, Opener},
    statement::{Statement, parameters, size},
};
use crate::{
    Error, ErrorKind, Result,
    backend::Rows,
    schema::{Flavor, Kind, Table},
};
use deadpool::managed::Object;
use sea_orm::{ExecResult, QueryResult};
use std::{sync::Arc, time::Duration};
use tokio::{runtime::Handle, time::timeout};

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
    /// Something was left behind in the session: it serves nobody else.
    pub spoiled: bool,
    runtime: Handle,
}

impl Checkout {
    /// A connection that was just got.
    pub fn of(object: Object<Opener>, config: Arc<Endpoint>) -> Self {
        let flavor = object.flavor;
        Self {
            object: Some(object),
            config,
            flavor,
            state: State::Idle,
            writing: false,
            spoiled: false,
            runtime: Handle::current(),
        }
    }

    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// The longest that the server lets a statement of this session run.
    pub fn ceiling(&self) -> Duration {
        self.config.timeout
    }

    pub fn version(&self) -> String {
        self.object.as_ref().map(|connection| connection.version.clone()).unwrap_or_default()
    }

    /// Every row of a statement.
    pub async fn fetch(&mut self, statement: Statement, kinds: &[&Kind], table: &Table) -> Result<Rows> {
        self.fits(&statement).map_err(|error| error.entity(&table.name))?;
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.fetch(statement, kinds).await)
            .await
            .map_err(|failure| error::about(failure, table))
    }

    /// Every row of a question that is about no entity's rows.
    pub async fn ask(&mut self, statement: Statement, kinds: &[&Kind]) -> Result<Rows> {
        self.tracked(Doing::Reading, async |connection| connection.fetch(statement, kinds).await).await
    }

    /// Every row of a raw statement.
    pub async fn query(&mut self, statement: Statement) -> Result<Vec<QueryResult>> {
        self.fits(&statement)?;
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.query(statement).await).await
    }

    /// What became of a raw statement.
    pub async fn count(&mut self, statement: Statement) -> Result<ExecResult> {
        self.fits(&statement)?;
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.count(statement).await).await
    }

    /// What became of raw statements in one message.
    pub async fn script(&mut self, sql: &str) -> Result<ExecResult> {
        let doing = self.doing();
        self.tracked(doing, async |connection| connection.script(sql).await).await
    }

    /// The session's number in the server, and its version.
    pub fn session(&self) -> (i64, String) {
        self.object.as_ref().map(|it| (it.session, it.version.clone())).unwrap_or_default()
    }

    /// Rows affected, and the last key made.
    pub async fn execute(&mut self, statement: Statement, table: &Table) -> Result<(u64, i64)> {
        self.fits(&statement).map_err(|error| error.entity(&table.name))?;
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

    /// Refuses what the server would refuse by hanging up, before it is sent.
    fn fits(&self, statement: &Statement) -> Result<()> {
        let (values, most) = (statement.values.len(), parameters(self.flavor));
        if values > most {
            return Err(Error::new(
                ErrorKind::TooLarge,
                format!("{values} values in one statement; {} takes {most}", self.flavor),
            ));
        }
        let packet = self.object.as_ref().and_then(|connection| connection.packet);
        let bytes = || statement.sql.len() + statement.values.iter().map(size).sum::<usize>();
        match packet {
            Some(packet) if bytes() > packet => Err(Error::new(
                ErrorKind::TooLarge,
                format!("the statement is larger than the server takes (max_allowed_packet is {packet} bytes)"),
            )),
            _ => Ok(()),
        }
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
                if self.state == State::Broken {
                    self.tell_the_pool(&ours);
                }
                Err(ours)
            }
        }
    }

    /// What broke this connection may have broken others.
    fn tell_the_pool(&self, error: &Error) {
        let Some(pool) = self.object.as_ref().and_then(Object::pool) else { return };
        if error::outdated(error) {
            pool.manager().outdated();
        } else {
            pool.manager().broken();
        }
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        match self.state {
            State::Idle if !self.spoiled => {}
            State::Idle | State::Broken => drop(Object::take(object)),
            State::Open => drop(self.runtime.spawn(roll_back(Unclean(Some(object)), !self.spoiled))),
            State::InFlight if self.flavor == Flavor::Sqlite => {
                // The worker thread has the statement: interrupt it, roll back, keep the connection.
                object.interrupt(true);
                drop(self.runtime.spawn(roll_back(Unclean(Some(object)), !self.spoiled)));
            }
            State::InFlight => drop(self.runtime.spawn(abandon(Arc::clone(&self.config), Object::take(object)))),
        }
    }
}

/// A connection that may not go back as it is: dropped, it leaves the pool. A runtime that ends drops the task that cleans up,
/// and the pool outlives it.
struct Unclean(Option<Object<Opener>>);

impl Drop for Unclean {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

/// Ends the transaction that a dropped handle left open. The connection goes back, where it may be kept, only when that is proven.
async fn roll_back(mut unclean: Unclean, keep: bool) {
    let Some(object) = unclean.0.as_mut() else { return };
    let mut rolled_back = timeout(CLEAN_UP, object.batch("ROLLBACK")).await;
    if rolled_back.is_ok() && object.interrupt(false) {
        // On SQLite the interrupt may have met the ROLLBACK too, and none may be open: the second answer counts. One that did
        // not come in time leaves the interrupt on, for the statement may wait for a lock and go on later.
        rolled_back = timeout(CLEAN_UP, object.batch("ROLLBACK")).await;
    }
    let clean = match rolled_back {
        Ok(Ok(())) => true,
        Ok(Err(sqlx::Error::Database(error))) => error.message().contains("no transaction is active"),
        _ => false,
    };
    if clean && keep {
        drop(unclean.0.take());
    }
}

/// Cancels in the server what was on its way, then closes: the server rolls back what was open (hazard H9).
async fn abandon(config: Arc<Endpoint>, connection: Connection) {
    let _ = timeout(config.connect_timeout, cancel(&config, connection.flavor, connection.session)).await;
    drop(connection);
}
