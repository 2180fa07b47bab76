//! Failures and slowness on demand, for tests of what a service does then.

use super::{Layer, forward};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Backend, Begin, Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
};
use async_trait::async_trait;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// What is to go wrong: a handle that a test keeps, shared by its clones and by every [`FaultLayer`] made of it.
///
/// Failures are used up one by one, in the order in which they were asked for, each by the first call that it is about. A call that
/// fails does not reach the backend: nothing of it is written.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Planned>>);

#[derive(Debug, Default)]
struct Planned {
    /// The next operation fails, or the next one on this table.
    operations: VecDeque<(Option<String>, ErrorKind)>,
    commits: VecDeque<Commit>,
    latency: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Commit {
    Fails(ErrorKind),
    /// It is done, and the answer is lost.
    IsLost,
}

impl Faults {
    /// Nothing goes wrong yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn planned(&self) -> MutexGuard<'_, Planned> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next operation fails with this kind, whatever it is about. Inside a transaction the whole is doomed by it, as by a
    /// server's failure (law T2).
    pub fn fail_next(&self, kind: ErrorKind) {
        self.planned().operations.push_back((None, kind));
    }

    /// The next operation on this entity, named by its table, fails with this kind; operations on others pass.
    pub fn fail_next_on(&self, table: impl Into<String>, kind: ErrorKind) {
        self.planned().operations.push_back((Some(table.into()), kind));
    }

    /// The next commit fails with this kind, and nothing of its transaction is kept. Of `CommitUnknown` that is one of the two
    /// things that may have happened; the other is [`lose_next_commit`](Self::lose_next_commit).
    pub fn fail_next_commit(&self, kind: ErrorKind) {
        self.planned().commits.push_back(Commit::Fails(kind));
    }

    /// The next commit is done, and answered with `CommitUnknown`: the answer was lost on its way.
    pub fn lose_next_commit(&self) {
        self.planned().commits.push_back(Commit::IsLost);
    }

    /// Every operation, `begin` and commit takes so much longer, until another time is said; zero to end it.
    pub fn latency(&self, latency: Duration) {
        self.planned().latency = latency;
    }

    /// Forgets what was asked for and has not happened yet.
    pub fn clear(&self) {
        *self.planned() = Planned::default();
    }

    /// How many failures were asked for and have not happened yet: a test that ends with one has not tested it.
    #[must_use]
    pub fn left(&self) -> usize {
        let planned = self.planned();
        planned.operations.len() + planned.commits.len()
    }

    async fn wait(&self) {
        let latency = self.planned().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }

    async fn operation(&self, operation: &Operation) -> Result<()> {
        self.wait().await;
        let table = &operation.table().name;
        let mut planned = self.planned();
        let about = |(of, _): &(Option<String>, ErrorKind)| of.as_ref().is_none_or(|of| of == table);
        let first = planned.operations.iter().position(about);
        match first.and_then(|first| planned.operations.remove(first)) {
            Some((_, kind)) => Err(asked_for(kind).entity(table)),
            None => Ok(()),
        }
    }

    /// A raw statement is about no table that is known.
    async fn statement(&self) -> Result<()> {
        self.wait().await;
        let mut planned = self.planned();
        let first = planned.operations.iter().position(|(of, _)| of.is_none());
        first.and_then(|first| planned.operations.remove(first)).map_or(Ok(()), |(_, kind)| Err(asked_for(kind)))
    }
}

fn asked_for(kind: ErrorKind) -> Error {
    Error::new(kind, "a fault that a test asked for")
}

/// Makes calls fail or take long as its [`Faults`] say, on any backend.
///
/// [`testing::MemoryDatabase`](crate::testing::MemoryDatabase) has one already. In front of a server:
///
/// ```no_run
/// use seabed::{layer::{FaultLayer, Faults}, prelude::*};
/// # async fn open() -> Result<()> {
/// let faults = Faults::new();
/// let db = Database::builder(Config::load()?).layer(FaultLayer(faults.clone())).connect().await?;
/// faults.fail_next(ErrorKind::ConnectionLost);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct FaultLayer(pub Faults);

impl Layer for FaultLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(Fault { inner, faults: self.0.clone() })
    }
}

#[derive(Debug)]
struct Fault {
    inner: Arc<dyn Backend>,
    faults: Faults,
}

#[async_trait]
impl Backend for Fault {
    forward! { info pool ping create_tables verify migration_connection deploy close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        self.faults.operation(&operation).await?;
        self.inner.run(context, operation).await
    }

    async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        self.faults.statement().await?;
        self.inner.raw(context, statement).await
    }

    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        self.faults.wait().await;
        let inner = self.inner.begin(context, begin).await?;
        Ok(Box::new(FaultSession { inner, faults: self.faults.clone(), failed: false }))
    }
}

#[derive(Debug)]
struct FaultSession {
    inner: Box<dyn Session>,
    faults: Faults,
    failed: bool,
}

impl FaultSession {
    fn check(&self) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed; nothing of it is kept"));
        }
        Ok(())
    }
}

#[async_trait]
impl Session for FaultSession {
    fn doomed(&self) -> bool {
        self.failed || self.inner.doomed()
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome> {
        self.check()?;
        self.faults.operation(&operation).await.inspect_err(|_| self.failed = true)?;
        self.inner.run(context, operation).await
    }

    async fn raw(&mut self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        self.check()?;
        self.faults.statement().await.inspect_err(|_| self.failed = true)?;
        self.inner.raw(context, statement).await
    }

    async fn savepoint(&mut self, context: &Context, savepoint: Savepoint) -> Result<()> {
        if !matches!(savepoint, Savepoint::RollBack(_)) {
            self.check()?;
        }
        self.faults.wait().await;
        self.inner.savepoint(context, savepoint).await?;
        self.failed = false;
        Ok(())
    }

    async fn commit(self: Box<Self>, context: &Context) -> Result<()> {
        self.check()?;
        self.faults.wait().await;
        let planned = self.faults.planned().commits.pop_front();
        match planned {
            None => self.inner.commit(context).await,
            Some(Commit::Fails(kind)) => self.inner.rollback(context).await.and(Err(asked_for(kind))),
            Some(Commit::IsLost) => {
                self.inner.commit(context).await?;
                Err(asked_for(ErrorKind::CommitUnknown))
            }
        }
    }

    async fn rollback(self: Box<Self>, context: &Context) -> Result<()> {
        self.inner.rollback(context).await
    }
}
