//! MongoDB: a collection for each table, a document for each row.
//!
//! What the server has no word for is kept here: foreign keys are looked at in the transaction of the write (`constraint`),
//! integer keys are counted (`keys`), required values and types stand in a validator (`schema`). A write is a transaction of its
//! own, for MongoDB undoes nothing of an operation on many documents that fails half-way.

mod aggregate;
mod checkout;
mod condition;
mod constraint;
mod delete;
mod deploy;
mod error;
mod json;
mod keys;
mod lists;
mod losses;
mod pool;
mod query;
mod raw;
mod references;
mod related;
mod schema;
mod text;
mod transaction;
mod upsert;
mod value;
mod verify;
mod write;

use crate::{
    Capabilities, Capability, Context, Error, ErrorKind, Result,
    backend::{
        Backend, Begin, Deploy, Finding, Info, Operation, Outcome, PoolState, RawOutcome, RawStatement, Session,
    },
    config::DatabaseConfig,
    schema::Table,
};
use async_trait::async_trait;
use checkout::Checkout;
use deploy::MongoDeploy;
use losses::Losses;
use mongodb::bson::doc;
use pool::Pool;
use raw::Raw;
pub(crate) use schema::refused;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use transaction::MongoSession;

/// A database of MongoDB.
#[derive(Debug)]
pub(crate) struct Mongo {
    info: Info,
    pool: Pool,
}

impl Mongo {
    /// Opens the first connection, and with it learns what the server is.
    pub(crate) async fn connect(config: &DatabaseConfig) -> Result<Arc<dyn Backend>> {
        let pool = Pool::open(config).await?;
        let info = Info {
            product: "MongoDB",
            version: pool.version.clone(),
            dialect: None,
            capabilities: Capabilities::new([Capability::Durable, Capability::Migrations, Capability::Raw]),
        };
        Ok(Arc::new(Self { info, pool }))
    }

    async fn dispatch(checkout: &mut Checkout, operation: Operation) -> Result<Outcome> {
        references::known(&Arc::clone(checkout.shared()), &operation).await?;
        match operation {
            Operation::Select(select) => query::select(checkout, select).await,
            Operation::Aggregate(aggregate) => aggregate::aggregate(checkout, aggregate).await,
            Operation::Insert(insert) => write::insert(checkout, insert).await,
            Operation::Update(update) => write::update(checkout, update).await,
            Operation::Delete(delete) => delete::delete(checkout, delete).await,
        }
    }

    async fn run_once(&self, operation: Operation) -> Result<Outcome> {
        let mut checkout = self.pool.get().await?;
        if !operation.is_write() || !checkout.shared().transactions {
            return Self::dispatch(&mut checkout, operation).await;
        }
        references::known(self.pool.shared(), &operation).await?;
        checkout.begin().await?;
        let ran = Self::dispatch(&mut checkout, operation).await;
        Self::end(&mut checkout, ran).await
    }

    async fn raw_once(&self, raw: Raw) -> Result<RawOutcome> {
        let mut checkout = self.pool.get().await?;
        checkout.begin().await?;
        let ran = raw.run(&mut checkout).await;
        Self::end(&mut checkout, ran).await
    }

    /// Commits what ran by itself, or undoes it.
    async fn end<T>(checkout: &mut Checkout, ran: Result<T>) -> Result<T> {
        let outcome = match ran {
            Ok(outcome) => outcome,
            Err(error) => {
                // Before the caller hears of it: the next call would meet what is not undone yet.
                let _ = checkout.rollback().await;
                return Err(error);
            }
        };
        // A commit by itself that is not answered is a write that may be there.
        checkout.commit().await.map_err(|error| match error.kind() {
            ErrorKind::CommitUnknown => {
                Error::new(ErrorKind::WriteUnknown, error.message().to_owned()).with_source(error)
            }
            _ => error,
        })?;
        Ok(outcome)
    }
}

#[async_trait]
impl Backend for Mongo {
    fn info(&self) -> &Info {
        &self.info
    }

    /// MongoDB does not let a transaction wait for another: it ends the later one. So one operation by itself is run again until
    /// the bound for which the others wait for a lock; a read too, whose state the server may have no more.
    async fn run(&self, _: &Context, mut operation: Operation) -> Result<Outcome> {
        let mut losses = Losses::new(self.pool.shared());
        loop {
            let again = operation.clone();
            match self.run_once(operation).await {
                Err(error) if error.is(ErrorKind::Serialization) => {
                    let writes = again.is_write();
                    if writes { losses.wait(again.table(), error).await } else { losses.pause(error).await }?;
                    operation = again;
                }
                outcome => return outcome,
            }
        }
    }

    async fn raw(&self, _: &Context, statement: RawStatement) -> Result<RawOutcome> {
        let raw = Raw::of(statement)?;
        let mut losses = Losses::new(self.pool.shared());
        if !raw.is_change() || !self.pool.shared().transactions {
            loop {
                match raw.clone().run(&mut self.pool.get().await?).await {
                    Err(error) if error.is(ErrorKind::Serialization) && !raw.writes() => losses.pause(error).await?,
                    outcome => return outcome,
                }
            }
        }
        loop {
            match self.raw_once(raw.clone()).await {
                Err(error) if error.is(ErrorKind::Serialization) => losses.wait_for(raw.collection(), error).await?,
                outcome => return outcome,
            }
        }
    }

    async fn begin(&self, _: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        Ok(Box::new(MongoSession::begin(self.pool.get().await?, begin).await?))
    }

    async fn create_tables(&self, _: &Context, tables: &[Arc<Table>]) -> Result<()> {
        schema::create_tables(&mut self.pool.get().await?, tables).await
    }

    async fn verify(&self, _: &Context, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
        verify::verify(&mut self.pool.get().await?, tables).await
    }

    async fn ping(&self, _: &Context) -> Result<()> {
        self.pool.get().await?.run(doc! { "ping": 1 }).await.map(drop)
    }

    fn pool(&self) -> PoolState {
        self.pool.state()
    }

    async fn migration_connection(&self) -> Result<sea_orm::DatabaseConnection> {
        Err(Error::unsupported(
            "migrations that are written by hand for servers of SQL: MongoDB takes migrations made of steps",
        ))
    }

    async fn deploy(&self) -> Result<Box<dyn Deploy>> {
        Ok(Box::new(MongoDeploy::new(self.pool.get().await?)))
    }

    async fn close(&self, within: Duration) -> Result<()> {
        self.pool.close(Instant::now() + within).await
    }
}
