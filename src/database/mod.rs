//! The handle that a service is built from.

mod builder;
mod health;
mod registry;
mod start;

pub use builder::Builder;
pub use health::Health;

use crate::{
    Config, Context, Error, Result,
    backend::{Backend, Finding, Info},
    context::Tenant,
    key::{Clock, KeyGenerator},
    repository::{Entity, EntityInfo, Repository, Tokens, bridge::Bridge},
    transaction::{Open, Part, Scope, Transaction, TransactionOptions},
};
use chrono::{DateTime, Utc};
use std::{sync::Arc, time::Duration};

/// One database: a cheap clone, safe to share between tasks.
///
/// ```
/// use seabed::prelude::*;
/// # mod note {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "note")]
/// #     pub struct Model { #[sea_orm(primary_key, auto_increment = false)] pub id: Uuid, pub text: String }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = Database::memory();
/// db.create_tables(&seabed::entities![note]).await?;
/// let notes = db.repository::<note::Entity>();
/// notes.insert(note::ActiveModel { text: Set("hello".into()), ..Default::default() }).await?;
/// assert_eq!(notes.count(all()).await?, 1);
/// # Ok::<_, seabed::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Database {
    scope: Scope,
    shared: Arc<Shared>,
}

/// What the handles of one database have in common.
#[derive(Debug)]
struct Shared {
    name: String,
    clock: Arc<dyn Clock>,
    keys: Arc<dyn KeyGenerator>,
    tokens: Tokens,
    close_within: Duration,
    detect_loops: bool,
}

impl Database {
    /// Connects to the database `main` of the configuration.
    ///
    /// # Errors
    /// Within 5 seconds (`connect_timeout`): `Unreachable`, `Authentication`, `DatabaseNotFound`, `ServerFull`, `Starting`,
    /// or `UnknownScheme` for a URL of no backend.
    pub async fn connect(config: Config) -> Result<Self> {
        Self::builder(config).connect().await
    }

    /// Connects with another clock, another key generator, other layers, or to another database of the configuration.
    #[must_use]
    pub fn builder(config: Config) -> Builder {
        Builder::new(config)
    }

    /// An empty database in memory, for unit tests: the contract as running code. Tables are made by
    /// [`create_tables`](Self::create_tables).
    #[must_use]
    pub fn memory() -> Self {
        Builder::memory()
    }

    /// A database over a backend of your own.
    #[must_use]
    pub fn from_backend(backend: Arc<dyn Backend>) -> Self {
        Builder::over(backend)
    }

    /// The repository of an entity; costs little, asks nothing.
    #[must_use]
    pub fn repository<E: Entity>(&self) -> Arc<dyn Repository<E>> {
        let bridge = Bridge::<E>::new(self.scope.clone(), Arc::clone(&self.shared.keys), &self.shared.tokens);
        Arc::new(bridge.detect_loops(self.shared.detect_loops))
    }

    /// Commits on `Ok`, rolls back on `Err`. Inside a transaction it joins it, and an `Err` dooms the whole. `work` is `Fn` because a later version may run
    /// it again: it must be repeatable. Until then the caller runs it again where it collided with another (`VersionConflict`,
    /// `Serialization`, `Deadlock`, `LockTimeout`): nothing of it was kept.
    ///
    /// # Errors
    /// What `work` returns; what BEGIN and COMMIT say.
    pub async fn transact<T, F>(&self, work: impl Fn(Transaction) -> F + Send + Sync) -> Result<T>
    where
        T: Send,
        F: Future<Output = Result<T>> + Send,
    {
        self.try_transact(work).await
    }

    /// The same for a service with its own error type.
    ///
    /// # Errors
    /// As [`transact`](Self::transact).
    pub async fn try_transact<T, X, F>(&self, work: impl Fn(Transaction) -> F + Send + Sync) -> Result<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        F: Future<Output = Result<T, X>> + Send,
    {
        if let Some(open) = self.scope.open() {
            let part = Part::of(open);
            let value = work(Transaction::joined(self.clone(), Arc::clone(open))).await?;
            part.done();
            return Ok(value);
        }
        let transaction = self.begin(TransactionOptions::default()).await?;
        match work(transaction.clone()).await {
            Ok(value) => {
                transaction.commit().await?;
                Ok(value)
            }
            Err(error) => {
                // The cause is what the caller needs; a rollback that fails is told by the pool, which closes the connection.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    /// Opens a transaction that is held by hand. Dropping it rolls back. Inside a transaction it is refused: use
    /// [`transact`](Self::transact), which joins.
    ///
    /// # Errors
    /// `Unsupported` for an option that this backend lacks; what the server says.
    pub async fn begin(&self, options: TransactionOptions) -> Result<Transaction> {
        if self.scope.open().is_some() {
            return Err(Error::unsupported("begin inside a transaction; transact joins it"));
        }
        let open = Arc::new(Open::new(self.backend().begin(&Context::current(), options).await?));
        let scope = self.scope.inside(Arc::clone(&open));
        Ok(Transaction::begun(Self { scope, shared: Arc::clone(&self.shared) }, open))
    }

    /// Creates the entities' tables where they are not there, parents first: for tests and for memory. What is deployed comes
    /// from migrations.
    ///
    /// # Errors
    /// `Unsupported` with entity and field for what is outside the portable types.
    pub async fn create_tables(&self, entities: &[EntityInfo]) -> Result<()> {
        let tables = entities.iter().map(EntityInfo::table).collect::<Result<Vec<_>>>()?;
        self.scope.backend().create_tables(&Context::current(), &tables).await
    }

    /// The same database for one tenant: every call on an entity with a tenant rule is about that tenant's rows, whatever
    /// tenant the ambient [`Context`] names. Costs a clone.
    #[must_use]
    pub fn tenant(&self, id: impl Into<Tenant>) -> Self {
        Self { scope: self.scope.for_tenant(id.into()), shared: Arc::clone(&self.shared) }
    }

    /// Every law that this server, its settings or these entities' tables break, and what would mend each; nothing where all
    /// is well. Changes nothing.
    ///
    /// # Errors
    /// `Unsupported` with entity and field for what is outside the portable types; what the server says.
    pub async fn verify(&self, entities: &[EntityInfo]) -> Result<Vec<Finding>> {
        let tables = entities.iter().map(EntityInfo::table).collect::<Result<Vec<_>>>()?;
        self.scope.backend().verify(&Context::current(), &tables).await
    }

    /// What the backend is and can do.
    #[must_use]
    pub fn info(&self) -> &Info {
        self.scope.backend().info()
    }

    /// The name in the configuration: `main` unless asked otherwise.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Now, by the injected clock, cut to the milliseconds that every backend keeps.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let now = self.shared.clock.now();
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    /// Asks the server once and reports; never an error.
    pub async fn health(&self) -> Health {
        Health::of(self).await
    }

    /// Refuses new calls, waits for the running ones within `close_timeout` (5 s), and closes the connections. Every clone is
    /// closed.
    ///
    /// # Errors
    /// `Timeout` where calls were still running at the bound; each of their connections is closed when its call ends.
    pub async fn close(&self) -> Result<()> {
        self.scope.backend().close(self.shared.close_within).await
    }

    /// The backend with its layers: the erased plane, for authors of layers and tests.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        self.scope.backend()
    }
}
