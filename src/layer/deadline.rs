//! Ends every call by its deadline. Dropping the call is enough: the backend's drop guard cancels what runs in the server.

use super::{Layer, forward};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Backend, Begin, Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
};
use async_trait::async_trait;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Bounds each call by the context's deadline, and by `limit` where the context has none.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer {
    /// The longest that one call may take.
    pub limit: Duration,
}

impl Layer for DeadlineLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(Deadline { inner, limit: self.limit })
    }
}

#[derive(Debug)]
struct Deadline {
    inner: Arc<dyn Backend>,
    limit: Duration,
}

#[async_trait]
impl Backend for Deadline {
    forward! { info pool create_tables verify migration_connection deploy close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let write = operation.is_write();
        let ran = timed(context, self.limit, self.inner.run(context, operation)).await;
        ran.unwrap_or_else(|over| Err(over.of(write)))
    }

    async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        let write = !statement.reads();
        let ran = timed(context, self.limit, self.inner.raw(context, statement)).await;
        ran.unwrap_or_else(|over| Err(over.of(write)))
    }

    async fn ping(&self, context: &Context) -> Result<()> {
        bound(context, self.limit, self.inner.ping(context)).await
    }

    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        let inner = bound(context, self.limit, self.inner.begin(context, begin)).await?;
        Ok(Box::new(DeadlineSession { inner, limit: self.limit }))
    }
}

#[derive(Debug)]
struct DeadlineSession {
    inner: Box<dyn Session>,
    limit: Duration,
}

#[async_trait]
impl Session for DeadlineSession {
    fn doomed(&self) -> bool {
        self.inner.doomed()
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome> {
        bound(context, self.limit, self.inner.run(context, operation)).await
    }

    async fn raw(&mut self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        bound(context, self.limit, self.inner.raw(context, statement)).await
    }

    async fn savepoint(&mut self, context: &Context, savepoint: Savepoint) -> Result<()> {
        bound(context, self.limit, self.inner.savepoint(context, savepoint)).await
    }

    /// A commit that gets no answer in time may have happened.
    async fn commit(self: Box<Self>, context: &Context) -> Result<()> {
        let commit = timed(context, self.limit, self.inner.commit(context)).await;
        commit.unwrap_or_else(|over| Err(over.unknown(ErrorKind::CommitUnknown)))
    }

    async fn rollback(self: Box<Self>, context: &Context) -> Result<()> {
        bound(context, self.limit, self.inner.rollback(context)).await
    }
}

/// The time was over, after so long.
struct Over(Duration);

impl Over {
    fn timeout(&self) -> Error {
        Error::new(ErrorKind::Timeout, format!("no answer within {} ms", self.0.as_millis()))
    }

    /// A write that is given up on may have been done already.
    fn of(&self, write: bool) -> Error {
        if write { self.unknown(ErrorKind::WriteUnknown) } else { self.timeout() }
    }

    /// What was given up on may have been done.
    fn unknown(&self, kind: ErrorKind) -> Error {
        Error::new(kind, format!("no answer within {} ms: look before trying again", self.0.as_millis()))
            .with_source(self.timeout())
    }
}

async fn timed<T>(context: &Context, limit: Duration, work: impl Future<Output = T> + Send) -> Result<T, Over> {
    let left = |at: Instant| at.saturating_duration_since(Instant::now());
    let limit = context.deadline().map_or(limit, |at| left(at).min(limit));
    tokio::time::timeout(limit, work).await.map_err(|_| Over(limit))
}

async fn bound<T>(context: &Context, limit: Duration, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
    timed(context, limit, work).await.unwrap_or_else(|over| Err(over.timeout()))
}
