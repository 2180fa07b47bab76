//! Asks a single read once more where its connection broke: nothing was written, and the next connection is another one.
//!
//! A write is never asked again: it may have been done. Nor is a raw statement, whose text may hide one, nor anything inside a
//! transaction, which went with its connection: `transact` runs the whole again.

use super::{Layer, forward};
use crate::{
    Context, ErrorKind, Result,
    backend::{Backend, Begin, Operation, Outcome, Session},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Runs a read outside a transaction once more where it failed with `ConnectionLost`, and with nothing else. Both runs share the
/// deadline of the layer around.
#[derive(Clone, Copy, Debug, Default)]
pub struct RetryLayer;

impl Layer for RetryLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(Retry { inner })
    }
}

#[derive(Debug)]
struct Retry {
    inner: Arc<dyn Backend>,
}

#[async_trait]
impl Backend for Retry {
    forward! { info pool ping raw create_tables verify migration_connection deploy close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        if operation.is_write() {
            return self.inner.run(context, operation).await;
        }
        let (name, table) = (operation.name(), Arc::clone(operation.table()));
        let again = operation.clone();
        match self.inner.run(context, operation).await {
            Err(error) if error.is(ErrorKind::ConnectionLost) => {
                tracing::debug!(target: "seabed", entity = table.name, operation = name, "a read is asked again");
                self.inner.run(context, again).await
            }
            ended => ended,
        }
    }

    /// Its session as it is: what breaks inside ended the whole.
    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        self.inner.begin(context, begin).await
    }
}
