//! Says in every error which backend and which operation it came from, once.

use super::{Layer, forward};
use crate::{
    Context, Error, Result,
    backend::{Backend, Begin, Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Adds backend, operation and entity to errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct ErrorContextLayer;

impl Layer for ErrorContextLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(ErrorContext { inner })
    }
}

#[derive(Debug)]
struct ErrorContext {
    inner: Arc<dyn Backend>,
}

#[async_trait]
impl Backend for ErrorContext {
    forward! { info pool ping create_tables verify migration_connection deploy close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let (table, name) = (Arc::clone(operation.table()), operation.name());
        let ran = self.inner.run(context, operation).await;
        ran.map_err(|error| add(error.entity(&table.name), self.info().product, name))
    }

    async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        self.inner.raw(context, statement).await.map_err(|error| add(error, self.info().product, "raw"))
    }

    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        let product = self.info().product;
        match self.inner.begin(context, begin).await {
            Ok(inner) => Ok(Box::new(ErrorContextSession { inner, product })),
            Err(error) => Err(add(error, product, "begin")),
        }
    }
}

#[derive(Debug)]
struct ErrorContextSession {
    inner: Box<dyn Session>,
    product: &'static str,
}

#[async_trait]
impl Session for ErrorContextSession {
    fn doomed(&self) -> bool {
        self.inner.doomed()
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome> {
        let (table, name) = (Arc::clone(operation.table()), operation.name());
        let ran = self.inner.run(context, operation).await;
        ran.map_err(|error| add(error.entity(&table.name), self.product, name))
    }

    async fn raw(&mut self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        self.inner.raw(context, statement).await.map_err(|error| add(error, self.product, "raw"))
    }

    async fn savepoint(&mut self, context: &Context, savepoint: Savepoint) -> Result<()> {
        self.inner.savepoint(context, savepoint).await.map_err(|error| add(error, self.product, "savepoint"))
    }

    async fn commit(self: Box<Self>, context: &Context) -> Result<()> {
        self.inner.commit(context).await.map_err(|error| add(error, self.product, "commit"))
    }

    async fn rollback(self: Box<Self>, context: &Context) -> Result<()> {
        self.inner.rollback(context).await.map_err(|error| add(error, self.product, "rollback"))
    }
}

fn add(error: Error, product: &'static str, operation: &'static str) -> Error {
    error.with("backend", product).with("operation", operation)
}
