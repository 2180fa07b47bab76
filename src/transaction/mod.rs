//! Units of work: all or nothing.

mod hooks;
mod inside;
pub mod key;
mod open;
mod options;
mod part;
mod retry;
mod run;
mod savepoint;
mod scope;
mod state;

pub use crate::backend::Isolation;
use hooks::Hook;
pub(crate) use open::Open;
pub use options::TransactionOptions;
use part::Owner;
pub(crate) use part::Part;
pub use retry::Retry;
pub(crate) use run::run;
pub use scope::Scope;

use crate::{Database, Error, Result};
use std::{ops::Deref, sync::Arc};

/// A transaction: a [`Database`] whose calls all happen, or none of them.
///
/// It derefs to `Database`, so a service is built inside exactly as outside: `tx.repository::<E>()`. It ends with the last
/// clone of this handle, also where a repository of it is still held: a handle that is kept after the end is harmless, it
/// answers `TransactionClosed`.
#[derive(Clone, Debug)]
pub struct Transaction {
    database: Database,
    open: Arc<Open>,
    /// The last one dropped ends the transaction. None where it joined: another handle began it.
    owner: Option<Arc<Owner>>,
}

impl Transaction {
    /// The handle of who began it: when it and its clones are gone, the transaction is over.
    pub(crate) fn begun(database: Database, open: Arc<Open>) -> Self {
        let owner = Some(Arc::new(Owner::of(&open)));
        Self { database, open, owner }
    }

    /// A handle of who joined it: the transaction goes on when it is gone.
    pub(crate) fn joined(database: Database, open: Arc<Open>) -> Self {
        Self { database, open, owner: None }
    }

    /// Commits; `Ok` only if the server committed.
    ///
    /// # Errors
    /// `TransactionFailed` with the first cause where a call failed before, `CommitUnknown` where the answer was lost,
    /// `TransactionBusy` while a call is on its way or a savepoint is open: then nothing has ended yet. `Timeout` where its deadline
    /// has passed: COMMIT is not sent then. `TransactionClosed` where it has ended.
    pub async fn commit(self) -> Result<()> {
        self.begun_here()?;
        self.open.commit().await
    }

    /// Ends it without a trace.
    ///
    /// # Errors
    /// What the connection says; the transaction is gone all the same.
    pub async fn rollback(self) -> Result<()> {
        self.begun_here()?;
        self.open.rollback().await
    }

    /// Which run of the same work this is, from 1: `transact` runs it again where it collided with another transaction.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.open.attempt()
    }

    /// Does this when the outermost transaction has committed, and never where it has not: to tell others, to forget what was
    /// cached. It runs before `transact` answers, in the order in which it was asked for, and is lost with the process: what must
    /// happen belongs into the transaction. What a savepoint asked for goes with the savepoint.
    ///
    /// # Errors
    /// `TransactionClosed` where it has ended.
    pub fn after_commit<F>(&self, work: impl FnOnce() -> F + Send + 'static) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.open.after_commit(Hook::new(work))
    }

    fn begun_here(&self) -> Result<()> {
        match self.owner {
            Some(_) => Ok(()),
            None => Err(Error::unsupported("a transaction that was joined is ended by who began it")),
        }
    }
}

impl Deref for Transaction {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}

/// The page's programs are compiled and run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../docs/transactions.md")]
struct Page;
