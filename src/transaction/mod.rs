//! Units of work: all or nothing.

mod open;
mod scope;

pub use crate::backend::{Isolation, TransactionOptions};
use open::Owner;
pub(crate) use open::{Open, Part};
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
    /// `TransactionClosed` where it has ended.
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
