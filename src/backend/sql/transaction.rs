//! A transaction of a SQL server.

use super::{Sql, checkout::Checkout};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Isolation, Operation, Outcome, Session, TransactionOptions},
    schema::Flavor,
};
use async_trait::async_trait;

/// An open transaction. Dropping it rolls back within a second, whatever was on its way.
pub(super) struct SqlSession {
    checkout: Checkout,
    doomed: bool,
}

impl SqlSession {
    pub async fn begin(mut checkout: Checkout, options: TransactionOptions) -> Result<Self> {
        checkout.begin(begin(checkout.flavor(), options)).await?;
        Ok(Self { checkout, doomed: false })
    }
}

/// The statement that opens a transaction. The isolation is always said (law T4): each server has another default.
fn begin(flavor: Flavor, options: TransactionOptions) -> &'static str {
    match (flavor, options.isolation, options.read_only) {
        // Without IMMEDIATE a transaction that reads first fails when it writes (hazard H14).
        (Flavor::Sqlite, _, false) => "BEGIN IMMEDIATE",
        (Flavor::Sqlite, _, true) => "BEGIN",
        (Flavor::Postgres, Isolation::ReadCommitted, false) => "BEGIN ISOLATION LEVEL READ COMMITTED",
        (Flavor::Postgres, Isolation::ReadCommitted, true) => "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        (Flavor::Postgres, Isolation::Serializable, false) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        (Flavor::Postgres, Isolation::Serializable, true) => "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY",
        (_, Isolation::ReadCommitted, false) => "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION",
        (_, Isolation::ReadCommitted, true) => {
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION READ ONLY"
        }
        (_, Isolation::Serializable, false) => "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION",
        (_, Isolation::Serializable, true) => {
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION READ ONLY"
        }
    }
}

impl std::fmt::Debug for SqlSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SqlSession({})", self.checkout.flavor())
    }
}

#[async_trait]
impl Session for SqlSession {
    async fn run(&mut self, _: &Context, operation: Operation) -> Result<Outcome> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        // Dropped half-way, the transaction stays doomed.
        self.doomed = true;
        // A connection that breaks here took the whole transaction with it: nothing of it can have been committed.
        self.checkout.writing = false;
        let outcome = Sql::dispatch(&mut self.checkout, operation).await?;
        self.doomed = false;
        Ok(outcome)
    }

    fn doomed(&self) -> bool {
        self.doomed
    }

    async fn commit(mut self: Box<Self>, _: &Context) -> Result<()> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed; it was rolled back"));
        }
        self.checkout.commit().await
    }

    async fn rollback(mut self: Box<Self>, _: &Context) -> Result<()> {
        self.checkout.rollback().await
    }
}
