//! What the contract applies, refuses and answers before anything is sent: the one place where operations come under the rules
//! of their tables, are checked and normalised.

use super::{Layer, forward};
use crate::{
    Capability, Context, Error, ErrorKind, Result,
    backend::{
        Backend, Begin, Filter, Info, Isolation, Operation, Outcome, RawOutcome, RawStatement, Rows, Savepoint, Select,
        Session, Update,
        rules::{self, Ruled},
    },
    key::{Clock, SystemClock},
    schema::Table,
};
use async_trait::async_trait;
use futures::future::BoxFuture;
use std::sync::Arc;

/// Applies the rules of tables (laws W8, W9, tenants, folded text), checks operations, refuses missing capabilities by name, keeps
/// writes out of read-only transactions (law T5), and answers what needs no question: an empty `in`, `limit(0)` (law Q6).
#[derive(Clone, Debug)]
pub struct GuardLayer {
    clock: Arc<dyn Clock>,
}

impl GuardLayer {
    /// With the clock that says when a row was created, changed or deleted.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

/// By the machine's clock.
impl Default for GuardLayer {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

impl Layer for GuardLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(Guard { inner, clock: Arc::clone(&self.clock) })
    }
}

#[derive(Debug)]
struct Guard {
    inner: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Backend for Guard {
    forward! { info pool ping create_tables verify migration_connection deploy close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        if locks(&operation) {
            let why = "rows are locked until a transaction ends: ask inside one";
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&operation.table().name));
        }
        run(Inner::Backend(&*self.inner), &*self.clock, context, operation).await
    }

    async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        has(self.info(), Capability::Raw)?;
        self.inner.raw(context, statement).await
    }

    async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        let info = self.info();
        match begin.isolation {
            Isolation::Serializable => has(info, Capability::Serializable)?,
            // What a later write would meet differs between the servers: one refuses it, another overwrites.
            Isolation::Snapshot if !begin.read_only => {
                return Err(Error::new(ErrorKind::InvalidQuery, "a snapshot only reads: say `read_only` too"));
            }
            _ => {}
        }
        let can = Can {
            locks: has(info, Capability::LockedReads),
            savepoints: has(info, Capability::Savepoints),
            raw: has(info, Capability::Raw),
        };
        let inner = self.inner.begin(context, begin).await?;
        let clock = Arc::clone(&self.clock);
        Ok(Box::new(GuardSession { inner, clock, read_only: begin.read_only, can, doomed: false }))
    }
}

#[derive(Debug)]
struct GuardSession {
    inner: Box<dyn Session>,
    clock: Arc<dyn Clock>,
    read_only: bool,
    /// The guard found what a server would have found: a conflict of versions, a parent that is not there (law T2).
    doomed: bool,
    can: Can,
}

/// What is said to a call that asks for a capability which the backend lacks.
#[derive(Debug)]
struct Can {
    locks: Result<()>,
    savepoints: Result<()>,
    raw: Result<()>,
}

#[async_trait]
impl Session for GuardSession {
    fn doomed(&self) -> bool {
        self.doomed || self.inner.doomed()
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        if self.read_only && operation.is_write() {
            let error = Error::new(ErrorKind::ReadOnly, "a write in a read-only transaction");
            return Err(error.entity(&operation.table().name));
        }
        if locks(&operation) {
            let refused = if self.read_only {
                Err(Error::new(ErrorKind::InvalidQuery, "a transaction that only reads locks no rows"))
            } else {
                self.can.locks.clone()
            };
            refused.map_err(|error| error.entity(&operation.table().name))?;
        }
        let ran = run(Inner::Session(&mut *self.inner), &*self.clock, context, operation).await;
        ran.inspect_err(|error| {
            self.doomed = matches!(error.kind(), ErrorKind::VersionConflict | ErrorKind::ForeignKeyViolation);
        })
    }

    async fn raw(&mut self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        self.can.raw.clone()?;
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        if self.read_only && !statement.reads() {
            return Err(Error::new(ErrorKind::ReadOnly, "a raw write in a read-only transaction"));
        }
        self.inner.raw(context, statement).await
    }

    async fn savepoint(&mut self, context: &Context, savepoint: Savepoint) -> Result<()> {
        self.can.savepoints.clone()?;
        if self.doomed && !matches!(savepoint, Savepoint::RollBack(_)) {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        self.inner.savepoint(context, savepoint).await?;
        self.doomed = false;
        Ok(())
    }

    async fn commit(self: Box<Self>, context: &Context) -> Result<()> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed; it was rolled back"));
        }
        self.inner.commit(context).await
    }

    async fn rollback(self: Box<Self>, context: &Context) -> Result<()> {
        self.inner.rollback(context).await
    }
}

/// Where the guard's calls go: what it asks by itself goes where the operation goes.
enum Inner<'i> {
    Backend(&'i dyn Backend),
    Session(&'i mut dyn Session),
}

impl Inner<'_> {
    fn run<'s>(&'s mut self, context: &'s Context, operation: Operation) -> BoxFuture<'s, Result<Outcome>> {
        match self {
            Self::Backend(backend) => backend.run(context, operation),
            Self::Session(session) => session.run(context, operation),
        }
    }
}

async fn run(mut inner: Inner<'_>, clock: &dyn Clock, context: &Context, operation: Operation) -> Result<Outcome> {
    let Ruled { operation, write, any_version } = rules::apply(operation, context, clock.now())?;
    let operation = match check(operation)? {
        Checked::Answered(outcome) => return Ok(outcome),
        Checked::Ask(operation) => operation,
    };
    rules::validate(&operation, write)?;
    let table = Arc::clone(operation.table());
    let outcome = match parents(&mut inner, context, &operation).await {
        Ok(()) => inner.run(context, operation).await?,
        Err(error) if error.is(ErrorKind::ForeignKeyViolation) => {
            without_rows(&mut inner, context, operation).await?.ok_or(error)?
        }
        Err(error) => return Err(error),
    };
    match any_version {
        Some(filter) if outcome.is_empty() => {
            conflict(&mut inner, context, &table, filter).await?;
            Ok(outcome)
        }
        _ => Ok(outcome),
    }
}

/// Asks for the parents that a write needs, where they belong to tenants.
async fn parents(inner: &mut Inner<'_>, context: &Context, operation: &Operation) -> Result<()> {
    for parents in rules::parents(operation, context)? {
        if let Outcome::Rows(found) = inner.run(context, parents.question()).await? {
            parents.check(&found.into_vec())?;
        }
    }
    Ok(())
}

/// What an update answers that changes no row: it needs no parent.
async fn without_rows(inner: &mut Inner<'_>, context: &Context, operation: Operation) -> Result<Option<Outcome>> {
    let Operation::Update(Update { table, filter, returning, .. }) = operation else { return Ok(None) };
    let one = Operation::Select(Select { filter, limit: Some(1), ..Select::all(table) });
    let none = inner.run(context, one).await?.is_empty();
    Ok(none.then(|| if returning { Outcome::Rows(Rows::default()) } else { Outcome::Affected(0) }))
}

/// No row of the version that was named: an error where the row is there with another one (law W8).
async fn conflict(inner: &mut Inner<'_>, context: &Context, table: &Arc<Table>, filter: Filter) -> Result<()> {
    let version = table.rules.version.and_then(|version| table.columns.get(version));
    let columns = Some(table.key.iter().map(|&key| table.columns[key].name.clone()).collect());
    let mut any = Operation::Select(Select { filter: Some(filter), columns, ..Select::all(Arc::clone(table)) });
    any.normalise()?;
    if inner.run(context, any).await?.is_empty() {
        return Ok(());
    }
    let error = Error::new(ErrorKind::VersionConflict, "the row was changed since it was read").entity(&table.name);
    Err(version.into_iter().fold(error, |error, column| error.field(&*column.name)))
}

fn has(info: &Info, capability: Capability) -> Result<()> {
    if info.capabilities.has(capability) {
        Ok(())
    } else {
        Err(Error::unsupported(format!("{} has no capability `{capability}`", info.product)))
    }
}

fn locks(operation: &Operation) -> bool {
    matches!(operation, Operation::Select(select) if select.lock.is_some())
}

enum Checked {
    Ask(Operation),
    Answered(Outcome),
}

fn check(mut operation: Operation) -> Result<Checked> {
    operation.normalise()?;
    let nothing = |filter: &Option<Filter>| filter.as_ref().is_some_and(Filter::matches_nothing);
    Ok(match operation {
        Operation::Select(ref o) if o.limit == Some(0) || nothing(&o.filter) => {
            Checked::Answered(Outcome::Rows(Rows::default()))
        }
        Operation::Aggregate(ref o) if !o.group.is_empty() && (o.limit == Some(0) || nothing(&o.filter)) => {
            Checked::Answered(Outcome::Rows(Rows::default()))
        }
        Operation::Aggregate(ref o) if nothing(&o.filter) => {
            let row = o.figures.iter().map(|figure| figure.of_nothing(&o.table)).collect::<Result<_>>()?;
            Checked::Answered(Outcome::Rows(vec![row].into()))
        }
        Operation::Insert(ref o) if o.rows.is_empty() => Checked::Answered(Outcome::Rows(Rows::default())),
        Operation::Update(ref o) if nothing(&o.filter) => {
            Checked::Answered(if o.returning { Outcome::Rows(Rows::default()) } else { Outcome::Affected(0) })
        }
        Operation::Delete(ref o) if nothing(&o.filter) => Checked::Answered(Outcome::Affected(0)),
        operation => Checked::Ask(operation),
    })
}
