//! The reference backend: the contract as running code.
//!
//! Every law that a database can keep is kept here in plain Rust, without SQL in between. So it serves three readers: a
//! service's unit tests and the doctests, which need no server; and the differential test, which compares the answers of the
//! other backends with its answers.
//!
//! The whole database is one persistent value (`state`): a transaction is a copy that takes the place of the original when
//! it commits. One writer at a time, readers never wait. Names follow the other backends; what has no file is not there:
//! no streams, no raw SQL, no health beyond [`ping`](Backend::ping).

mod aggregate;
mod compare;
mod constraint;
mod error;
mod eval;
mod json;
mod lookup;
mod pool;
mod query;
mod related;
mod scan;
mod schema;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;
mod transaction;
mod upsert;
mod verify;
mod write;

use super::{Backend, Begin, Deploy, Finding, Info, Operation, Outcome, PoolState, RawOutcome, RawStatement, Session};
use crate::{Capabilities, Capability, Context, Error, Result, schema::Table};
use async_trait::async_trait;
use pool::Pool;
pub use snapshot::Snapshot;
use state::State;
use std::{sync::Arc, time::Duration};
use transaction::MemorySession;

/// A database in memory: empty at first, gone with its last handle. Opened by
/// [`Database::memory`](crate::Database::memory), or by the URL `memory:`.
///
/// Transactions are serialisable: a second one that may write waits for the first, five seconds at most (`LockTimeout`).
/// Constraints look at the end state of each call, and of each 500 rows of an insert. Not for data that must last, or that does not fit into memory.
///
/// A service is tested without a server:
///
/// ```
/// use seabed::prelude::*;
/// use std::sync::Arc;
/// # mod dataset {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "dataset")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)] pub id: i64,
/// #         #[sea_orm(unique)] pub name: String,
/// #         pub downloads: i32,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
///
/// struct Catalogue {
///     datasets: Arc<dyn Repository<dataset::Entity>>,
/// }
///
/// impl Catalogue {
///     async fn publish(&self, name: &str) -> Result<i64> {
///         let row = dataset::ActiveModel { name: Set(name.into()), downloads: Set(0), ..Default::default() };
///         Ok(self.datasets.insert(row).await?.id)
///     }
///
///     async fn downloaded(&self, name: &str) -> Result<u64> {
///         let named = col(dataset::COLUMN.name).eq(name);
///         self.datasets.update_many(named, [col(dataset::COLUMN.downloads).increment(1)]).await
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// // In a test:
/// let db = Database::memory();
/// db.create_tables(&seabed::entities![dataset]).await?;
/// let catalogue = Catalogue { datasets: db.repository() };
///
/// assert_eq!(catalogue.publish("trees").await?, 1);
/// assert_eq!(catalogue.downloaded("trees").await?, 1);
/// let error = catalogue.publish("trees").await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::UniqueViolation);
/// assert_eq!(error.fields(), ["name"]);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Memory {
    info: Info,
    pool: Arc<Pool>,
}

/// How long a writer waits for its turn where nothing else is said.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

impl Memory {
    /// An empty database whose writers wait so long for their turn before `LockTimeout`; [`default`](Self::default) has 5
    /// seconds. A short time is for tests of what a service does then.
    #[must_use]
    pub fn with_lock_timeout(timeout: Duration) -> Self {
        let info = Info {
            product: "memory",
            version: env!("CARGO_PKG_VERSION").to_owned(),
            dialect: None,
            capabilities: Capabilities::new([
                Capability::Serializable,
                Capability::LockedReads,
                Capability::Savepoints,
            ]),
        };
        Self { info, pool: Arc::new(Pool::new(timeout)) }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::with_lock_timeout(LOCK_TIMEOUT)
    }
}

/// Runs one operation on a state; where it fails, the state is to be thrown away.
fn run(state: &mut State, operation: Operation) -> Result<Outcome> {
    match operation {
        Operation::Select(select) => query::select(state, &select),
        Operation::Aggregate(aggregate) => aggregate::aggregate(state, &aggregate),
        Operation::Insert(insert) => write::insert(state, insert),
        Operation::Update(update) => write::update(state, &update),
        Operation::Delete(delete) => write::delete(state, &delete),
    }
}

#[async_trait]
impl Backend for Memory {
    fn info(&self) -> &Info {
        &self.info
    }

    async fn run(&self, _: &Context, operation: Operation) -> Result<Outcome> {
        if !operation.is_write() {
            return run(&mut self.pool.snapshot()?, operation);
        }
        let mut work = self.pool.writer().await?;
        let outcome = run(&mut work.state, operation)?;
        work.commit()?;
        Ok(outcome)
    }

    async fn raw(&self, _: &Context, _: RawStatement) -> Result<RawOutcome> {
        Err(error::no_raw())
    }

    async fn begin(&self, _: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        let work = if begin.read_only { self.pool.reader()? } else { self.pool.writer().await? };
        Ok(Box::new(MemorySession::new(work)))
    }

    async fn create_tables(&self, _: &Context, tables: &[Arc<Table>]) -> Result<()> {
        let mut work = self.pool.writer().await?;
        schema::create(&mut work.state, tables)?;
        work.commit()
    }

    /// Tables that were never made, or made from another definition: what else a server may break is not here.
    async fn verify(&self, _: &Context, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
        Ok(verify::findings(&self.pool.snapshot()?, tables))
    }

    async fn ping(&self, _: &Context) -> Result<()> {
        self.pool.snapshot().map(drop)
    }

    /// Zeros: there are no connections.
    fn pool(&self) -> PoolState {
        PoolState::default()
    }

    async fn migration_connection(&self) -> Result<sea_orm::DatabaseConnection> {
        Err(Error::unsupported(format!("{} has no capability `{}`", self.info.product, Capability::Migrations)))
    }

    async fn deploy(&self) -> Result<Box<dyn Deploy>> {
        Err(Error::unsupported(format!("{} has no capability `{}`", self.info.product, Capability::Migrations)))
    }

    async fn close(&self, within: Duration) -> Result<()> {
        self.pool.close(within).await
    }
}
