//! Where calls go: straight to the backend, or into an open transaction.

use super::{Open, Part, TransactionOptions};
use crate::{
    Context, Result,
    backend::{Backend, Operation, Outcome},
};
use std::sync::Arc;

/// Where the calls of a repository go.
#[derive(Clone, Debug)]
pub enum Scope {
    /// To the backend; each call is committed by itself.
    Root(Arc<dyn Backend>),
    /// Into this transaction.
    Transaction(Arc<dyn Backend>, Arc<Open>),
}

impl Scope {
    /// The backend, layers included.
    #[must_use]
    pub fn backend(&self) -> &Arc<dyn Backend> {
        match self {
            Self::Root(backend) | Self::Transaction(backend, _) => backend,
        }
    }

    /// Runs one operation.
    ///
    /// # Errors
    /// What the backend says.
    pub async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        match self {
            Self::Root(backend) => backend.run(context, operation).await,
            Self::Transaction(_, open) => open.run(context, operation).await,
        }
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
        let (open, own) = match self {
            Self::Root(backend) => {
                (Arc::new(Open::new(backend.begin(context, TransactionOptions::default()).await?)), true)
            }
            Self::Transaction(_, open) => (Arc::clone(open), false),
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
