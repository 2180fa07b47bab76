//! The handle that a service is built from.

mod builder;
mod health;
mod registry;
mod start;

pub use builder::Builder;
pub use health::Health;

use crate::{
    Config, Context, Error, ErrorKind, Result,
    backend::{Backend, Finding, Info},
    context::Tenant,
    key::{Clock, KeyGenerator},
    raw::{self, Raw, RawCall, SeaOrm},
    repository::{Entity, EntityInfo, Repository, Tokens, bridge::Bridge},
    transaction::{self, Open, Part, Scope, Transaction, TransactionOptions},
};
use chrono::{DateTime, Utc};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

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

    /// Commits on `Ok`, rolls back on `Err`. Where it collided with another transaction, `work` is run again from its begin (see
    /// [`Retry`](crate::transaction::Retry)): it must be repeatable, and do nothing outside that it cannot do twice. Inside a
    /// transaction it joins it: an `Err` dooms the whole, and the whole is run again.
    ///
    /// ```
    /// use seabed::prelude::*;
    /// # mod account {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "account")]
    /// #     pub struct Model { #[sea_orm(primary_key, auto_increment = false)] pub id: i64, pub balance: i64 }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![account]).await?;
    /// # let accounts = db.repository::<account::Entity>();
    /// # for id in [1, 2] { accounts.insert(account::ActiveModel { id: Set(id), balance: Set(100) }).await?; }
    /// db.transact(|tx| async move {
    ///     let accounts = tx.repository::<account::Entity>();
    ///     for (id, by) in [(1, -30), (2, 30)] {
    ///         accounts.update_many(col(account::COLUMN.id).eq(id), [col(account::COLUMN.balance).increment(by)]).await?;
    ///     }
    ///     Ok(())
    /// })
    /// .await?;
    /// assert_eq!(accounts.get(2).await?.map(|it| it.balance), Some(130));
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// What `work` returns; what BEGIN and COMMIT say; `TransactionBusy` where `work` left a call on its way; `OutsideTransaction`
    /// where another transaction of this database encloses the caller.
    pub async fn transact<T, F>(&self, work: impl Fn(Transaction) -> F + Send + Sync) -> Result<T>
    where
        T: Send,
        F: Future<Output = Result<T>> + Send,
    {
        self.transact_with(TransactionOptions::default(), work).await
    }

    /// The same with an isolation level, a deadline, other retries or an idempotency key. A transaction that it joins must have
    /// what is asked for.
    ///
    /// # Errors
    /// As [`transact`](Self::transact); `Unsupported` for an option that this backend, or the transaction that is joined, lacks;
    /// `AlreadyDone` for an idempotency key that was committed before.
    pub async fn transact_with<T, F>(
        &self,
        options: TransactionOptions,
        work: impl Fn(Transaction) -> F + Send + Sync,
    ) -> Result<T>
    where
        T: Send,
        F: Future<Output = Result<T>> + Send,
    {
        // A service that says no means it, also where it was told of a collision.
        self.run(options, work, |error: &Error| !error.is(ErrorKind::Rejected)).await
    }

    /// [`transact`](Self::transact) for a service with its own error type.
    ///
    /// # Errors
    /// As [`transact`](Self::transact).
    pub async fn try_transact<T, X, F>(&self, work: impl Fn(Transaction) -> F + Send + Sync) -> Result<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        F: Future<Output = Result<T, X>> + Send,
    {
        self.try_transact_with(TransactionOptions::default(), work).await
    }

    /// [`transact_with`](Self::transact_with) for a service with its own error type.
    ///
    /// # Errors
    /// As [`transact_with`](Self::transact_with).
    pub async fn try_transact_with<T, X, F>(
        &self,
        options: TransactionOptions,
        work: impl Fn(Transaction) -> F + Send + Sync,
    ) -> Result<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        F: Future<Output = Result<T, X>> + Send,
    {
        self.run(options, work, |_: &X| true).await
    }

    async fn run<T, X, F>(
        &self,
        options: TransactionOptions,
        work: impl Fn(Transaction) -> F + Send + Sync,
        again: impl Fn(&X) -> bool + Send + Sync,
    ) -> Result<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        F: Future<Output = Result<T, X>> + Send,
    {
        let Some(open) = self.scope.open() else { return transaction::run(self, options, work, again).await };
        options.joins(open.options())?;
        let part = Part::of(open);
        let value = work(Transaction::joined(self.clone(), Arc::clone(open))).await?;
        part.done();
        Ok(value)
    }

    /// Opens a transaction that is held by hand. Dropping it rolls back. Inside a transaction it is refused: use
    /// [`transact`](Self::transact), which joins. It is run once: retries and idempotency keys are for `transact`.
    ///
    /// # Errors
    /// `Unsupported` for an option that this backend lacks; what the server says.
    pub async fn begin(&self, options: TransactionOptions) -> Result<Transaction> {
        if self.scope.open().is_some() {
            return Err(Error::unsupported("begin inside a transaction; transact joins it"));
        }
        if options.key.is_some() {
            return Err(Error::unsupported("an idempotency key is for transact, which looks it up"));
        }
        let until = options.deadline.and_then(|within| Instant::now().checked_add(within));
        self.open(options, 1, until).await
    }

    /// Opens one attempt.
    pub(crate) async fn open(
        &self,
        options: TransactionOptions,
        attempt: u32,
        until: Option<Instant>,
    ) -> Result<Transaction> {
        let context = until.map_or_else(Context::current, |until| Context::current().until(until));
        let session = self.scope.begin(&context, options.begin).await?;
        let open = Arc::new(Open::new(session, options, attempt, context.deadline()));
        let scope = self.scope.inside(Arc::clone(&open));
        Ok(Transaction::begun(Self { scope, shared: Arc::clone(&self.shared) }, open))
    }

    /// The same database beside any transaction: its writes are committed by themselves, also inside the work of `transact`,
    /// where a write through a handle from outside is refused with `OutsideTransaction`. For what must be kept though the
    /// transaction is rolled back, such as a log of attempts. SQLite has one writer: there such a write waits for the
    /// transaction that encloses it, and ends with `LockTimeout` or `PoolExhausted`.
    #[must_use]
    pub fn outside(&self) -> Self {
        Self { scope: self.scope.outside(), shared: Arc::clone(&self.shared) }
    }

    /// A statement in the server's own words, made by [`raw!`](crate::raw!): run it by `all`, `one`, `rows` or `execute` of what
    /// this gives. Rules of entities and the forms of values end here; `docs/raw.md` says what holds.
    pub fn raw(&self, statement: Raw) -> RawCall<'_> {
        RawCall::new(&self.scope, statement)
    }

    /// Several statements in the server's own words, one after the other, without values. Where one fails the later ones do not
    /// run; the earlier ones stay, unless this is a transaction (or PostgreSQL, which takes them as one).
    ///
    /// # Errors
    /// As [`RawCall`], with the first failure.
    pub async fn raw_script(&self, text: impl AsRef<str> + Send) -> Result<()> {
        raw::script(&self.scope, text.as_ref()).await
    }

    /// `SeaORM`'s own connection, so that its queries run in this pool, and in this transaction where it is one.
    ///
    /// ```
    /// use seabed::{prelude::*, sea_orm::EntityTrait};
    /// # mod note {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "note")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub text: String }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::connect(Config::from_url("sqlite::memory:")?).await?;
    /// # db.create_tables(&seabed::entities![note]).await?;
    /// db.transact(|tx| async move {
    ///     tx.repository::<note::Entity>().insert(note::ActiveModel { text: Set("hello".into()), ..Default::default() }).await?;
    ///     let notes = note::Entity::find().all(&tx.sea_orm()?).await?;
    ///     assert_eq!(notes.len(), 1);
    ///     Ok(())
    /// })
    /// .await?;
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unsupported` on memory.
    pub fn sea_orm(&self) -> Result<SeaOrm> {
        SeaOrm::new(self.scope.clone())
    }

    /// Creates the entities' tables where they are not there, parents first: for tests and for memory. What is deployed comes
    /// from migrations.
    ///
    /// # Errors
    /// `Unsupported` with entity and field for what is outside the portable types.
    pub async fn create_tables(&self, entities: &[EntityInfo]) -> Result<()> {
        let tables = entities.iter().map(EntityInfo::table).collect::<Result<Vec<_>>>()?;
        self.scope.may_write()?;
        self.scope.backend().create_tables(&Context::current(), &tables).await
    }

    /// The same database for one tenant: every call on an entity with a tenant rule is about that tenant's rows, whatever
    /// tenant the ambient [`Context`] names. Costs a clone.
    #[must_use]
    pub fn tenant(&self, id: impl Into<Tenant>) -> Self {
        Self { scope: self.scope.for_tenant(id.into()), shared: Arc::clone(&self.shared) }
    }

    /// Refuses entities that are outside the contract, or that this backend cannot hold: every fault of every entity. Nothing is
    /// asked of the server; [`verify`](Self::verify) looks at the tables.
    ///
    /// # Errors
    /// `Unsupported`, or the kind that all agree on: of one fault with entity and field, of several with a list.
    pub fn check(&self, entities: &[EntityInfo]) -> Result<()> {
        start::portable(entities, start::scheme(self))
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

    /// Where calls go.
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// A key that was never given before, by the injected generator.
    pub(crate) fn next_key(&self) -> Uuid {
        self.shared.keys.next()
    }

    /// The backend with its layers: the erased plane, for authors of layers and tests.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        self.scope.backend()
    }
}
