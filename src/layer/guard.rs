//! Refuses what the contract refuses, before anything is sent: the one place where operations are checked and normalised.

use super::{Layer, forward};
use crate::{
    Capability, Context, Error, ErrorKind, Result,
    backend::{Backend, Info, Isolation, Operation, Outcome, Session, TransactionOptions},
};
use async_trait::async_trait;
use std::sync::Arc;

/// Checks operations, refuses missing capabilities by name, keeps writes out of read-only transactions (law T5), and answers
/// what needs no question: an empty `in`, `limit(0)` (law Q6).
#[derive(Clone, Copy, Debug, Default)]
pub struct GuardLayer;

impl Layer for GuardLayer {
    fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
        Arc::new(Guard { inner })
    }
}

#[derive(Debug)]
struct Guard {
    inner: Arc<dyn Backend>,
}

#[async_trait]
impl Backend for Guard {
    forward! { info pool ping create_tables verify migration_connection close }

    async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        if locks(&operation) {
            let why = "rows are locked until a transaction ends: ask inside one";
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&operation.table().name));
        }
        match check(operation)? {
            Checked::Answered(outcome) => Ok(outcome),
            Checked::Ask(operation) => self.inner.run(context, operation).await,
        }
    }

    async fn begin(&self, context: &Context, options: TransactionOptions) -> Result<Box<dyn Session>> {
        let info = self.info();
        if options.isolation == Isolation::Serializable {
            has(info, Capability::Serializable)?;
        }
        let locks = has(info, Capability::LockedReads);
        let inner = self.inner.begin(context, options).await?;
        Ok(Box::new(GuardSession { inner, read_only: options.read_only, locks }))
    }
}

#[derive(Debug)]
struct GuardSession {
    inner: Box<dyn Session>,
    read_only: bool,
    /// What is said to a locked read, where the backend has none.
    locks: Result<()>,
}

#[async_trait]
impl Session for GuardSession {
    fn doomed(&self) -> bool {
        self.inner.doomed()
    }

    async fn run(&mut self, context: &Context, operation: Operation) -> Result<Outcome> {
        if self.read_only && operation.is_write() {
            let error = Error::new(ErrorKind::ReadOnly, "a write in a read-only transaction");
            return Err(error.entity(&operation.table().name));
        }
        if locks(&operation) {
            let refused = if self.read_only {
                Err(Error::new(ErrorKind::InvalidQuery, "a transaction that only reads locks no rows"))
            } else {
                self.locks.clone()
            };
            refused.map_err(|error| error.entity(&operation.table().name))?;
        }
        match check(operation)? {
            Checked::Answered(outcome) => Ok(outcome),
            Checked::Ask(operation) => self.inner.run(context, operation).await,
        }
    }

    async fn commit(self: Box<Self>, context: &Context) -> Result<()> {
        self.inner.commit(context).await
    }

    async fn rollback(self: Box<Self>, context: &Context) -> Result<()> {
        self.inner.rollback(context).await
    }
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
    let nothing =
        |filter: &Option<crate::backend::Filter>| filter.as_ref().is_some_and(crate::backend::Filter::matches_nothing);
    Ok(match operation {
        Operation::Select(ref o) if o.limit == Some(0) || nothing(&o.filter) => {
            Checked::Answered(Outcome::Rows(Vec::new()))
        }
        Operation::Aggregate(ref o) if !o.group.is_empty() && (o.limit == Some(0) || nothing(&o.filter)) => {
            Checked::Answered(Outcome::Rows(Vec::new()))
        }
        Operation::Aggregate(ref o) if nothing(&o.filter) => {
            let row = o.figures.iter().map(|figure| figure.of_nothing(&o.table)).collect::<Result<_>>()?;
            Checked::Answered(Outcome::Rows(vec![row]))
        }
        Operation::Insert(ref o) if o.rows.is_empty() => Checked::Answered(Outcome::Rows(Vec::new())),
        Operation::Update(ref o) if nothing(&o.filter) => {
            Checked::Answered(if o.returning { Outcome::Rows(Vec::new()) } else { Outcome::Affected(0) })
        }
        Operation::Delete(ref o) if nothing(&o.filter) => Checked::Answered(Outcome::Affected(0)),
        operation => Checked::Ask(operation),
    })
}
