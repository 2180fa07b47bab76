//! A transaction of MongoDB: one session of the driver, snapshot isolation, whatever weaker level was asked for.

use super::{Mongo, checkout::Checkout, keys::COUNTERS, losses::Losses, raw::Raw, schema::collection};
use crate::{
    Capability, Context, Error, ErrorKind, Result,
    backend::{Begin, Isolation, Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
    schema::Table,
};
use async_trait::async_trait;
use mongodb::bson::doc;
use std::{sync::Arc, time::Duration};
use tokio::{sync::OwnedMutexGuard, time::timeout};

/// An open transaction. Dropping it rolls back within a second, whatever was on its way.
#[derive(Debug)]
pub(super) struct MongoSession {
    checkout: Checkout,
    read_only: bool,
    doomed: bool,
    /// Nothing was read or written in it.
    fresh: bool,
    /// Its turn among those who read what they then write.
    turn: Option<OwnedMutexGuard<()>>,
}

/// The longest that a transaction waits for its turn. It may begin without: the server has the last word.
const TURN: Duration = Duration::from_millis(250);

impl MongoSession {
    pub async fn begin(mut checkout: Checkout, how: Begin) -> Result<Self> {
        if how.isolation == Isolation::Serializable {
            return Err(Error::unsupported(format!("MongoDB has no capability `{}`", Capability::Serializable)));
        }
        if !checkout.shared().transactions {
            return Err(Error::unsupported("the server is a standalone and has no transactions"));
        }
        checkout.begin().await?;
        if how.isolation == Isolation::Snapshot {
            // What it sees is settled by its first command: by this one.
            checkout.run(doc! { "find": COUNTERS, "filter": { "_id": "" }, "limit": 1, "singleBatch": true }).await?;
        }
        let fresh = how.isolation != Isolation::Snapshot;
        Ok(Self { checkout, read_only: how.read_only, doomed: false, fresh, turn: None })
    }

    /// Where others have just lost rows of this table, waits for those before it in line: a transaction that is run again meets the
    /// same others else. Its snapshot begins with its first command, which comes after.
    async fn queue(&mut self, table: &Table) {
        if let Some(line) = self.checkout.shared().contended(&collection(table)) {
            self.turn = timeout(TURN, line.lock_owned()).await.ok();
        }
    }

    /// The first write of a transaction that has read nothing: where it meets another, the transaction is begun anew, for nothing
    /// hangs on it yet. So it waits as it would for a lock.
    async fn first(&mut self, mut operation: Operation) -> Result<Outcome> {
        let mut losses = Losses::new(self.checkout.shared());
        loop {
            let again = operation.clone();
            match Mongo::dispatch(&mut self.checkout, operation).await {
                Err(error) if error.is(ErrorKind::Serialization) => {
                    losses.wait(again.table(), error).await?;
                    // The server has ended it, and says so.
                    let _ = self.checkout.rollback().await;
                    self.checkout.begin().await?;
                    operation = again;
                }
                outcome => return outcome,
            }
        }
    }
}

#[async_trait]
impl Session for MongoSession {
    async fn run(&mut self, _: &Context, operation: Operation) -> Result<Outcome> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        if self.read_only && operation.is_write() {
            self.doomed = true;
            let error = Error::new(ErrorKind::ReadOnly, "a write in a read-only transaction");
            return Err(error.entity(&operation.table().name));
        }
        // Unless it ends well the transaction is doomed, also where it is dropped half-way.
        self.doomed = true;
        let fresh = std::mem::take(&mut self.fresh);
        if fresh && operation.is_write() {
            let outcome = self.first(operation).await?;
            self.doomed = false;
            return Ok(outcome);
        }
        if fresh && !self.read_only {
            self.queue(operation.table()).await;
        }
        let table = operation.is_write().then(|| Arc::clone(operation.table()));
        let outcome = Mongo::dispatch(&mut self.checkout, operation).await;
        if let (Err(error), Some(table)) = (&outcome, table)
            && error.is(ErrorKind::Serialization)
        {
            self.checkout.shared().lost(&collection(&table));
        }
        self.doomed = outcome.is_err();
        outcome
    }

    async fn raw(&mut self, _: &Context, statement: RawStatement) -> Result<RawOutcome> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        let raw = Raw::of(statement)?;
        raw.may_stand_inside()?;
        self.doomed = true;
        if self.read_only && raw.writes() {
            return Err(Error::new(ErrorKind::ReadOnly, "a raw write in a read-only transaction"));
        }
        self.fresh = false;
        let outcome = raw.run(&mut self.checkout).await?;
        self.doomed = false;
        Ok(outcome)
    }

    async fn savepoint(&mut self, _: &Context, _: Savepoint) -> Result<()> {
        Err(Error::unsupported(format!("MongoDB has no capability `{}`", Capability::Savepoints)))
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
        if self.doomed {
            // The server has ended it where a command of it failed, and says so.
            let _ = self.checkout.rollback().await;
            return Ok(());
        }
        self.checkout.rollback().await
    }
}
