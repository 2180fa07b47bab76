//! One open transaction: a copy of the state, and the writer's turn until it ends.

use super::{error, pool::Work, run, state::State};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
};
use async_trait::async_trait;

/// A session that sees what was committed when it began, and itself: serialisable, because writers take turns. Dropping it
/// rolls back at once.
#[derive(Debug)]
pub(super) struct MemorySession {
    work: Work,
    doomed: bool,
    /// What the state was at each open savepoint.
    savepoints: Vec<State>,
}

impl MemorySession {
    pub(super) fn new(work: Work) -> Self {
        Self { work, doomed: false, savepoints: Vec::new() }
    }

    fn try_run(&mut self, operation: Operation) -> Result<Outcome> {
        self.work.check()?;
        if operation.is_write() && !self.work.writes() {
            let error = Error::new(ErrorKind::ReadOnly, "a write in a read-only transaction");
            return Err(error.entity(&operation.table().name));
        }
        run(&mut self.work.state, operation)
    }
}

#[async_trait]
impl Session for MemorySession {
    async fn run(&mut self, _: &Context, operation: Operation) -> Result<Outcome> {
        if self.doomed {
            return Err(error::doomed());
        }
        // A write that fails may have changed half of the copy: nothing reads or commits it any more.
        self.try_run(operation).inspect_err(|_| self.doomed = true)
    }

    async fn raw(&mut self, _: &Context, _: RawStatement) -> Result<RawOutcome> {
        Err(error::no_raw())
    }

    async fn savepoint(&mut self, _: &Context, savepoint: Savepoint) -> Result<()> {
        self.work.check()?;
        match savepoint {
            _ if self.doomed && !matches!(savepoint, Savepoint::RollBack(_)) => return Err(error::doomed()),
            Savepoint::Set(_) => self.savepoints.push(self.work.state.clone()),
            Savepoint::Release(_) => drop(self.savepoints.pop()),
            Savepoint::RollBack(_) => {
                self.work.state = self.savepoints.pop().ok_or_else(error::doomed)?;
                self.doomed = false;
            }
        }
        Ok(())
    }

    fn doomed(&self) -> bool {
        self.doomed
    }

    async fn commit(self: Box<Self>, _: &Context) -> Result<()> {
        if self.doomed { Err(error::doomed()) } else { self.work.commit() }
    }

    async fn rollback(self: Box<Self>, _: &Context) -> Result<()> {
        Ok(())
    }
}
