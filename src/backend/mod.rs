//! The erased plane: what the author of a database implements.
//!
//! A [`Backend`] runs [`Operation`]s on rows of [`Value`](sea_orm::Value)s. It knows tables and columns, never models. What
//! reaches it has passed the guard layer: names exist, values fit their columns and are normalised. The
//! laws are the cases of the conformance suite (feature `conformance`): run them on your own backend.

mod begin;
pub mod deploy;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "mongodb"))]
mod doing;
pub mod figure;
pub mod filter;
pub mod finding;
pub mod keyset;
pub mod normalise;
pub mod operation;
pub mod progress;
pub mod raw;
mod rows;
pub mod rules;
pub mod scalar;
pub mod value;

pub mod memory;
#[cfg(feature = "mongodb")]
pub(crate) mod mongo;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub mod sql;

use crate::{Capabilities, Context, Result, schema::Table};
use async_trait::async_trait;
pub use begin::{Begin, Isolation, Savepoint};
pub use deploy::Deploy;
pub use filter::{Comparison, Filter, FoldedMatch, JsonTest, Match, Related};
pub use finding::Finding;
pub use operation::{
    Aggregate, Change, ChangeTo, Delete, Deleted, Figure, GroupOrder, Insert, Lock, Must, Nulls, OnConflict, Only,
    Operation, Order, Outcome, Row, Select, Update,
};
pub use progress::Progress;
pub use raw::{RawOutcome, RawStatement, RawWant};
pub use rows::Rows;
use sea_orm::DbBackend;
use std::{fmt::Debug, sync::Arc, time::Duration};

/// What a backend says of itself.
#[derive(Clone, Debug)]
pub struct Info {
    /// The product that was found, such as `PostgreSQL` or `MariaDB`.
    pub product: &'static str,
    /// Its version, as it says.
    pub version: String,
    /// The words that raw statements are written in; none where there are no raw statements.
    pub dialect: Option<DbBackend>,
    /// What it can do beyond the laws.
    pub capabilities: Capabilities,
}

/// The state of the connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolState {
    /// The most connections that may be open.
    pub max: usize,
    /// Open connections.
    pub size: usize,
    /// Open connections that nobody uses.
    pub idle: usize,
    /// Connections in use.
    pub in_use: usize,
    /// Calls that wait for a connection.
    pub waiting: usize,
}

/// One family of databases.
///
/// # Contract
/// - `run` MUST be all or nothing for each operation, and MUST return what a later read would return.
/// - Dropping a future at any await MUST leave no open transaction and no connection that answers for another call.
/// - Every error MUST be classified here: callers branch on its kind.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// What this backend is and can do.
    fn info(&self) -> &Info;

    /// Runs one operation by itself: committed when it returns `Ok`.
    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome>;

    /// Runs a statement in the server's own words, committed by itself. `Unsupported` where there are none. A connection in
    /// which it leaves something behind (`RawStatement::changes_session`) MUST NOT serve another call.
    async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome>;

    /// Opens a transaction. Dropping the session rolls it back within a second.
    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>>;

    /// Creates tables that are not there, parents first; for tests and the memory backend. Deployed schemas come from
    /// migrations.
    async fn create_tables(&self, context: &Context, tables: &[Arc<Table>]) -> Result<()>;

    /// Every law that this server, its settings or these tables break, and what would mend each; nothing where all is well.
    /// Changes nothing.
    async fn verify(&self, context: &Context, tables: &[Arc<Table>]) -> Result<Vec<Finding>>;

    /// One round trip to the server.
    async fn ping(&self, context: &Context) -> Result<()>;

    /// The state of the connections, without asking the server.
    fn pool(&self) -> PoolState;

    /// A SeaORM connection for sea-orm-migration, over a pool of exactly one.
    async fn migration_connection(&self) -> Result<sea_orm::DatabaseConnection>;

    /// One session for a deploy; `Unsupported` on a backend without migrations.
    async fn deploy(&self) -> Result<Box<dyn Deploy>>;

    /// Refuses new calls, waits for running ones within the bound, closes the connections.
    async fn close(&self, within: Duration) -> Result<()>;
}

/// One open transaction of a backend.
#[async_trait]
pub trait Session: Debug + Send + 'static {
    /// Runs one operation inside the transaction.
    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome>;

    /// Runs a statement in the server's own words inside the transaction.
    async fn raw(&mut self, context: &Context, statement: RawStatement) -> Result<RawOutcome>;

    /// Sets a savepoint, forgets it, or goes back to it: then a session that a failed statement had doomed is none any more,
    /// unless the whole transaction is gone in the server.
    async fn savepoint(&mut self, context: &Context, savepoint: Savepoint) -> Result<()>;

    /// Whether it can no longer commit: a statement failed in the server, or a call was dropped half-way. What was refused
    /// before the server does not doom it (law T2).
    fn doomed(&self) -> bool;

    /// Ends it; `Ok` only if the server committed.
    async fn commit(self: Box<Self>, context: &Context) -> Result<()>;

    /// Ends it without a trace.
    async fn rollback(self: Box<Self>, context: &Context) -> Result<()>;
}
