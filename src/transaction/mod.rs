//! Units of work: all or nothing.

mod open;
mod scope;

pub use crate::backend::{Isolation, TransactionOptions};
pub(crate) use open::Open;
pub use scope::Scope;

use crate::{Database, Result};
use std::{ops::Deref, sync::Arc};

/// A transaction: a [`Database`] whose calls all happen, or none of them.
///
/// It derefs to `Database`, so a service is built inside exactly as outside: `tx.repository::<E>()`. A handle that is kept
/// after the end is harmless: it answers `TransactionClosed`.
#[derive(Clone, Debug)]
pub struct Transaction {
    database: Database,
    open: Arc<Open>,
}

impl Transaction {
    pub(crate) fn new(database: Database, open: Arc<Open>) -> Self {
        Self { database, open }
    }

    /// Commits; `Ok` only if the server committed.
    ///
    /// # Errors
    /// `TransactionFailed` with the first cause where a call failed before, `CommitUnknown` where the answer was lost,
    /// `TransactionClosed` where it has ended.
    pub async fn commit(self) -> Result<()> {
        self.open.commit().await
    }

    /// Ends it without a trace.
    ///
    /// # Errors
    /// What the connection says; the transaction is gone all the same.
    pub async fn rollback(self) -> Result<()> {
        self.open.rollback().await
    }
}

impl Deref for Transaction {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.database
    }
}
