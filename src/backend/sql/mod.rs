//! SQLite, PostgreSQL and MySQL/MariaDB: one backend, three dialects.
//!
//! A call is a checkout from the `pool`, a `statement` written by `query` or `write`, and rows read by position. What truly
//! differs between the servers stands in `dialect`, in files of the same shape.

mod aggregate;
mod bound;
mod checkout;
mod condition;
mod connection;
mod deploy;
mod dialect;
mod error;
mod json;
mod migrate;
mod pool;
mod query;
mod raw;
mod related;
mod schema;
mod statement;
mod transaction;
mod upsert;
mod verify;
mod write;

use crate::{
    Capabilities, Capability, Context, Error, ErrorKind, Result,
    backend::{
        Backend, Begin, Deploy, Finding, Info, Operation, Outcome, PoolState, RawOutcome, RawStatement, Session,
    },
    config::{DatabaseConfig, Scheme, SqlitePath},
    schema::{Flavor, Table},
};
use async_trait::async_trait;
use checkout::Checkout;
use connection::Endpoint;
use dialect::Role;
use pool::Pool;
use raw::Raw;
use sea_orm::DbBackend;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use transaction::SqlSession;

/// A SQL database.
#[derive(Debug)]
pub(crate) struct Sql {
    info: Info,
    flavor: Flavor,
    config: Arc<Endpoint>,
    write: Pool,
    /// SQLite's readers: they run beside the one writer (hazard H14).
    read: Option<Pool>,
    /// Keeps a `:memory:` database alive when the pool discards its connection (hazard H15).
    _anchor: Option<Pool>,
}

impl Sql {
    /// Opens the first connection, and with it learns what the server is.
    pub(crate) async fn connect(config: &DatabaseConfig) -> Result<Arc<dyn Backend>> {
        let config = Arc::new(Endpoint::new(config.clone()));
        let size = config.max_connections as usize;
        let embedded = config.url.scheme() == Scheme::Sqlite;
        let in_memory = embedded && matches!(config.url.path(), SqlitePath::Memory);
        let write = Pool::new(Arc::clone(&config), Role::Write, if embedded { 1 } else { size })?;
        let first = write.get().await?;
        let (flavor, version) = (first.flavor(), first.version());
        drop(first);
        let anchor = if in_memory {
            let anchor = Pool::new(Arc::clone(&config), Role::Write, 1)?;
            drop(anchor.get().await?);
            Some(anchor)
        } else {
            None
        };
        let read = if embedded && !in_memory { Some(Pool::new(Arc::clone(&config), Role::Read, size)?) } else { None };
        let always = [Capability::Serializable, Capability::LockedReads, Capability::Savepoints, Capability::Raw];
        let file = [Capability::Durable, Capability::Migrations];
        let capabilities = Capabilities::new(always.into_iter().chain(file.into_iter().filter(|_| !in_memory)));
        let info = Info { product: product(flavor), version, dialect: Some(words(flavor)), capabilities };
        Ok(Arc::new(Self { info, flavor, config, write, read, _anchor: anchor }))
    }

    fn pool_for(&self, write: bool) -> &Pool {
        match &self.read {
            Some(read) if !write => read,
            _ => &self.write,
        }
    }

    async fn run_once(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let mut checkout = self.pool_for(operation.is_write()).get().await?;
        checkout.writing = operation.is_write();
        if !write::needs_transaction(checkout.flavor(), &operation) {
            return Self::dispatch(&mut checkout, operation).await;
        }
        let mut session = SqlSession::begin(checkout, Begin::default(), context).await?;
        let outcome = session.run(context, operation).await?;
        Box::new(session).commit(context).await?;
        Ok(outcome)
    }

    async fn raw_once(&self, statement: RawStatement) -> Result<RawOutcome> {
        let raw = Raw::of(self.flavor, statement)?;
        let mut checkout = self.pool_for(raw.writes()).get().await?;
        checkout.writing = raw.writes();
        raw.run(&mut checkout).await
    }

    /// Whether a connection refuses what it prepared before a column changed its type (hazard H17). It was refused before it ran,
    /// so a write too is run once more, on a connection that was opened since.
    fn keeps_plans(&self) -> bool {
        self.info.dialect == Some(DbBackend::Postgres)
    }

    async fn dispatch(checkout: &mut Checkout, operation: Operation) -> Result<Outcome> {
        match operation {
            Operation::Select(select) => query::select(checkout, select).await,
            Operation::Aggregate(aggregate) => aggregate::aggregate(checkout, aggregate).await,
            Operation::Insert(insert) => write::insert(checkout, insert).await,
            Operation::Update(update) => write::update(checkout, update).await,
            Operation::Delete(delete) => write::delete(checkout, delete).await,
        }
    }
}

fn words(flavor: Flavor) -> DbBackend {
    match flavor {
        Flavor::Sqlite => DbBackend::Sqlite,
        Flavor::Postgres => DbBackend::Postgres,
        Flavor::MySql | Flavor::MariaDb => DbBackend::MySql,
    }
}

fn product(flavor: Flavor) -> &'static str {
    match flavor {
        Flavor::Sqlite => "SQLite",
        Flavor::Postgres => "PostgreSQL",
        Flavor::MySql => "MySQL",
        Flavor::MariaDb => "MariaDB",
    }
}

#[async_trait]
impl Backend for Sql {
    fn info(&self) -> &Info {
        &self.info
    }

    async fn run(&self, context: &Context, mut operation: Operation) -> Result<Outcome> {
        let (mut left, mut renew) = (upsert::tries(&operation), self.keeps_plans());
        loop {
            left -= 1;
            let again = (left > 0 || renew).then(|| operation.clone());
            match (self.run_once(context, operation).await, again) {
                // Nothing of it was written, and nobody else's work hangs on it.
                (Err(error), Some(again)) if left > 0 && error.is(ErrorKind::Deadlock) => {
                    upsert::wait(left).await;
                    operation = again;
                }
                (Err(error), Some(again)) if renew && error::outdated(&error) => {
                    (left, renew, operation) = (left + 1, false, again);
                }
                (outcome, _) => return outcome,
            }
        }
    }

    async fn raw(&self, _: &Context, statement: RawStatement) -> Result<RawOutcome> {
        let again = self.keeps_plans().then(|| statement.clone());
        match (self.raw_once(statement).await, again) {
            (Err(error), Some(again)) if error::outdated(&error) => self.raw_once(again).await,
            (outcome, _) => outcome,
        }
    }

    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        let checkout = self.pool_for(!begin.read_only).get().await?;
        Ok(Box::new(SqlSession::begin(checkout, begin, context).await?))
    }

    async fn create_tables(&self, _: &Context, tables: &[Arc<Table>]) -> Result<()> {
        schema::create_tables(&mut self.write.get().await?, tables).await
    }

    async fn verify(&self, _: &Context, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
        verify::verify(&mut self.pool_for(false).get().await?, tables).await
    }

    async fn ping(&self, _: &Context) -> Result<()> {
        self.pool_for(false).get().await?.ping().await
    }

    fn pool(&self) -> PoolState {
        let (write, read) = (self.write.state(), self.read.as_ref().map(Pool::state).unwrap_or_default());
        PoolState {
            max: write.max + read.max,
            size: write.size + read.size,
            idle: write.idle + read.idle,
            in_use: write.in_use + read.in_use,
            waiting: write.waiting + read.waiting,
        }
    }

    async fn migration_connection(&self) -> Result<sea_orm::DatabaseConnection> {
        if !self.info.capabilities.has(Capability::Migrations) {
            return Err(Error::new(ErrorKind::Unsupported, "SQLite in memory has no migrations; use create_tables"));
        }
        self.seaorm().await
    }

    async fn deploy(&self) -> Result<Box<dyn Deploy>> {
        Ok(Box::new(deploy::SqlDeploy::new(self.migration_connection().await?, self.flavor)))
    }

    async fn close(&self, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        let write = self.write.close(until).await;
        match &self.read {
            Some(read) => write.and(read.close(until).await),
            None => write,
        }
    }
}
