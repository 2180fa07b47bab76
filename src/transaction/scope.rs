//! Where calls go: straight to the backend, or into an open transaction.

use super::{Open, Part, TransactionOptions, inside};
use crate::{
    Context, Result,
    backend::{Backend, Begin, Operation, Outcome, RawOutcome, RawStatement, Session},
    context::Tenant,
};
use std::{borrow::Cow, sync::Arc};

/// Where the calls of a repository go, and for whom.
#[derive(Clone, Debug)]
pub struct Scope {
    backend: Arc<dyn Backend>,
    /// Into this transaction; without one, each call is committed by itself.
    open: Option<Arc<Open>>,
    /// Whose rows they are about, whatever the context says.
    tenant: Option<Tenant>,
    /// Whether it may write beside a transaction that encloses the caller (law T8).
    outside: bool,
}

impl Scope {
    /// To the backend; each call is committed by itself.
    #[must_use]
    pub fn root(backend: Arc<dyn Backend>) -> Self {
        Self { backend, open: None, tenant: None, outside: false }
    }

    /// The same, into this transaction.
    #[must_use]
    pub(crate) fn inside(&self, open: Arc<Open>) -> Self {
        Self { open: Some(open), ..self.clone() }
    }

    /// The same, to the backend, also where a transaction encloses the caller.
    #[must_use]
    pub(crate) fn outside(&self) -> Self {
        Self { open: None, outside: true, ..self.clone() }
    }

    /// The same, for this tenant.
    #[must_use]
    pub fn for_tenant(&self, tenant: Tenant) -> Self {
        Self { tenant: Some(tenant), ..self.clone() }
    }

    /// The backend, layers included.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// The transaction that calls go into.
    #[must_use]
    pub(crate) fn open(&self) -> Option<&Arc<Open>> {
        self.open.as_ref()
    }

    /// Whose rows calls are about, where it was said to the handle.
    #[must_use]
    pub(crate) fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// That the transaction, where calls go into one, has not ended.
    ///
    /// # Errors
    /// `TransactionClosed`.
    pub(crate) fn still_open(&self) -> Result<()> {
        self.open.as_ref().map_or(Ok(()), |open| open.still_open())
    }

    /// The context of a call: what was said to the handle goes before what is ambient.
    fn context<'c>(&self, context: &'c Context) -> Cow<'c, Context> {
        match &self.tenant {
            Some(tenant) => Cow::Owned(context.clone().for_tenant(tenant.clone())),
            None => Cow::Borrowed(context),
        }
    }

    /// Runs one operation.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let context = &*self.context(context);
        match &self.open {
            None if operation.is_write() => {
                self.may_write()?;
                self.backend.run(context, operation).await
            }
            None => self.backend.run(context, operation).await,
            Some(open) => open.run(context, operation).await,
        }
    }

    /// Runs a statement in the server's own words.
    ///
    /// # Errors
    /// What the backend says.
    pub(crate) async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        match &self.open {
            None => {
                if !statement.reads() {
                    self.may_write()?;
                }
                self.backend.raw(context, statement).await
            }
            Some(open) => open.raw(context, statement).await,
        }
    }

    /// Opens a transaction of the backend.
    ///
    /// # Errors
    /// `OutsideTransaction` where one encloses the caller and this one may write; what the backend says.
    pub(crate) async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
        if !begin.read_only {
            self.may_write()?;
        }
        self.backend.begin(context, begin).await
    }

    /// That no transaction encloses the caller, or that it is meant to write beside it.
    ///
    /// # Errors
    /// `OutsideTransaction`.
    pub(crate) fn may_write(&self) -> Result<()> {
        if self.outside { Ok(()) } else { inside::refuse(&self.backend) }
    }

    /// Runs operations one after the other, all or none; each outcome must pass `check`.
    ///
    /// # Errors
    /// The first failure; nothing is written then.
    pub async fn run_all<T: Send>(
        &self,
        context: &Context,
        operations: Vec<Operation>,
        check: impl Fn(Outcome) -> Result<T> + Send + Sync,
    ) -> Result<Vec<T>> {
        let context = &*self.context(context);
        let (open, own) = match &self.open {
            None => {
                let session = self.begin(context, Begin::default()).await?;
                (Arc::new(Open::new(session, TransactionOptions::default(), 1, None)), true)
            }
            Some(open) => (Arc::clone(open), false),
        };
        // Where it joined, a failure in the middle must not leave the first half to be committed.
        let part = Part::of(&open);
        let mut answers = Vec::with_capacity(operations.len());
        for operation in operations {
            answers.push(check(open.run(context, operation).await?)?);
        }
        part.done();
        if own {
            open.commit().await?;
        }
        Ok(answers)
    }
}
