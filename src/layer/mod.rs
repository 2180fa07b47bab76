//! Decorators of a backend, written once for all entities.
//!
//! ```text
//! call ──► telemetry ──► error context ──► guard ──► deadline ──► retry ──► backend
//! ```
//!
//! Outermost first: what the guard refuses is logged too. Each layer is a config type ([`Layer`]) and a thin wrapper that is a
//! [`Backend`] again. The guard is always there: it is where the contract's checks live. In `begin` each layer says whether it
//! follows into the transaction; all do but retry.

mod deadline;
mod error_context;
mod fault;
mod guard;
mod retry;
mod telemetry;

pub use deadline::DeadlineLayer;
pub use error_context::ErrorContextLayer;
pub use fault::{FaultLayer, Faults};
pub use guard::GuardLayer;
pub use retry::RetryLayer;
pub use telemetry::TelemetryLayer;

use crate::backend::Backend;
use std::{fmt::Debug, sync::Arc};

/// Wraps a backend in one more decorator.
pub trait Layer: Debug + Send + Sync {
    /// The wrapped backend.
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend>;
}

/// Wraps `backend` in `layers`, the first one outermost.
#[must_use]
pub fn stack(backend: Arc<dyn Backend>, layers: &[&dyn Layer]) -> Arc<dyn Backend> {
    layers.iter().rev().fold(backend, |inner, layer| layer.layer(inner))
}

/// Forwards what a layer does not change to its field `inner`. Written out as `async_trait` would expand it: an attribute does
/// not see into a macro, and the inner future needs no second box.
macro_rules! forward {
    ($($method:ident)*) => { $( $crate::layer::forward!(@ $method); )* };
    (@ info) => {
        fn info(&self) -> &$crate::backend::Info { self.inner.info() }
    };
    (@ pool) => {
        fn pool(&self) -> $crate::backend::PoolState { self.inner.pool() }
    };
    (@ ping) => {
        fn ping<'a, 'b, 'f>(&'a self, context: &'b $crate::Context) -> futures::future::BoxFuture<'f, $crate::Result<()>>
        where 'a: 'f, 'b: 'f, Self: 'f { self.inner.ping(context) }
    };
    (@ raw) => {
        fn raw<'a, 'b, 'f>(
            &'a self, context: &'b $crate::Context, statement: $crate::backend::RawStatement,
        ) -> futures::future::BoxFuture<'f, $crate::Result<$crate::backend::RawOutcome>>
        where 'a: 'f, 'b: 'f, Self: 'f { self.inner.raw(context, statement) }
    };
    (@ create_tables) => {
        fn create_tables<'a, 'b, 'c, 'f>(
            &'a self, context: &'b $crate::Context, tables: &'c [std::sync::Arc<$crate::schema::Table>],
        ) -> futures::future::BoxFuture<'f, $crate::Result<()>>
        where 'a: 'f, 'b: 'f, 'c: 'f, Self: 'f { self.inner.create_tables(context, tables) }
    };
    (@ verify) => {
        fn verify<'a, 'b, 'c, 'f>(
            &'a self, context: &'b $crate::Context, tables: &'c [std::sync::Arc<$crate::schema::Table>],
        ) -> futures::future::BoxFuture<'f, $crate::Result<Vec<$crate::backend::Finding>>>
        where 'a: 'f, 'b: 'f, 'c: 'f, Self: 'f { self.inner.verify(context, tables) }
    };
    (@ migration_connection) => {
        fn migration_connection<'a, 'f>(
            &'a self,
        ) -> futures::future::BoxFuture<'f, $crate::Result<sea_orm::DatabaseConnection>>
        where 'a: 'f, Self: 'f { self.inner.migration_connection() }
    };
    (@ deploy) => {
        fn deploy<'a, 'f>(
            &'a self,
        ) -> futures::future::BoxFuture<'f, $crate::Result<Box<dyn $crate::backend::Deploy>>>
        where 'a: 'f, Self: 'f { self.inner.deploy() }
    };
    (@ close) => {
        fn close<'a, 'f>(
            &'a self, within: std::time::Duration,
        ) -> futures::future::BoxFuture<'f, $crate::Result<()>>
        where 'a: 'f, Self: 'f { self.inner.close(within) }
    };
}
pub(crate) use forward;
