//! A span and a debug event per operation; a warning for a slow one.

use super::{Layer, forward};
use crate::{
    Context, Result,
    backend::{Backend, Begin, Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
};
use async_trait::async_trait;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tracing::{Instrument, Span, field::Empty};

/// Emits, with target `seabed`, a span `operation` and one event per call: backend, entity, operation, rows, elapsed and the
/// error's kind. Values are shown only where `values` is set.
#[derive(Clone, Copy, Debug)]
pub struct TelemetryLayer {
    /// Calls that take longer are events of level `WARN`.
    pub slow: Duration,
    /// Whether the event carries the operation with its values. They are user data.
    pub values: bool,
}

impl Layer for TelemetryLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(Telemetry { inner, config: *self })
    }
}

#[derive(Debug)]
struct Telemetry {
    inner: Arc<dyn Backend>,
    config: TelemetryLayer,
}

#[async_trait]
impl Backend for Telemetry {
    forward! { info pool ping create_tables verify migration_connection deploy close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let call = self.config.call(self.inner.info().product, operation.name(), Some(&operation));
        let span = call.span();
        call.end(self.inner.run(context, operation).instrument(span).await, Outcome::len)
    }

    async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        let call = self.config.call(self.inner.info().product, "raw", None).statement(&statement);
        let span = call.span();
        call.end(self.inner.raw(context, statement).instrument(span).await, RawOutcome::len)
    }

    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        let product = self.inner.info().product;
        let call = self.config.call(product, "begin", None);
        let span = call.span();
        let inner = call.end(self.inner.begin(context, begin).instrument(span).await, |_| 0)?;
        Ok(Box::new(TelemetrySession { inner, config: self.config, product }))
    }
}

#[derive(Debug)]
struct TelemetrySession {
    inner: Box<dyn Session>,
    config: TelemetryLayer,
    product: &'static str,
}

#[async_trait]
impl Session for TelemetrySession {
    fn doomed(&self) -> bool {
        self.inner.doomed()
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome> {
        let call = self.config.call(self.product, operation.name(), Some(&operation));
        let span = call.span();
        call.end(self.inner.run(context, operation).instrument(span).await, Outcome::len)
    }

    async fn raw(&mut self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        let call = self.config.call(self.product, "raw", None).statement(&statement);
        let span = call.span();
        call.end(self.inner.raw(context, statement).instrument(span).await, RawOutcome::len)
    }

    async fn savepoint(&mut self, context: &Context, savepoint: Savepoint) -> Result<()> {
        let call = self.config.call(self.product, "savepoint", None);
        let span = call.span();
        call.end(self.inner.savepoint(context, savepoint).instrument(span).await, |()| 0)
    }

    async fn commit(self: Box<Self>, context: &Context) -> Result<()> {
        let call = self.config.call(self.product, "commit", None);
        let span = call.span();
        call.end(self.inner.commit(context).instrument(span).await, |()| 0)
    }

    async fn rollback(self: Box<Self>, context: &Context) -> Result<()> {
        let call = self.config.call(self.product, "rollback", None);
        let span = call.span();
        call.end(self.inner.rollback(context).instrument(span).await, |()| 0)
    }
}

/// One call under observation.
struct Call {
    config: TelemetryLayer,
    product: &'static str,
    operation: &'static str,
    entity: Option<Arc<crate::schema::Table>>,
    values: Option<String>,
    span: Span,
    started: Instant,
}

/// An entity's name; empty for what is about none.
fn named(entity: Option<&Arc<crate::schema::Table>>) -> &str {
    entity.map_or("", |table| table.name.as_str())
}

impl TelemetryLayer {
    fn call(&self, product: &'static str, name: &'static str, operation: Option<&Operation>) -> Call {
        let entity = operation.map(|operation| Arc::clone(operation.table()));
        let span = tracing::debug_span!(
            target: "seabed", "operation",
            backend = product, entity = named(entity.as_ref()), operation = name, rows = Empty,
        );
        let values = operation.filter(|_| self.values).map(|operation| format!("{operation:?}"));
        Call { config: *self, product, operation: name, entity, values, span, started: Instant::now() }
    }
}

impl Call {
    /// With the text of a raw statement where values are shown: a text may hold literals.
    fn statement(mut self, statement: &RawStatement) -> Self {
        self.values = self.config.values.then(|| format!("{statement:?}"));
        self
    }

    fn span(&self) -> Span {
        self.span.clone()
    }

    fn end<T>(self, ended: Result<T>, rows: impl FnOnce(&T) -> u64) -> Result<T> {
        let elapsed = self.started.elapsed();
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let (rows, error) = match &ended {
            Ok(outcome) => (Some(rows(outcome)), None),
            Err(error) => (None, Some(tracing::field::debug(error.kind()))),
        };
        self.span.record("rows", rows);
        macro_rules! event {
            ($level:ident, $message:literal) => {
                tracing::$level!(
                    target: "seabed",
                    backend = self.product, entity = named(self.entity.as_ref()), operation = self.operation,
                    rows, elapsed_us, error, values = self.values, $message,
                )
            };
        }
        if elapsed >= self.config.slow {
            event!(warn, "slow operation");
        } else {
            event!(debug, "operation");
        }
        ended
    }
}
