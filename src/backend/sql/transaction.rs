//! A transaction of a SQL server.

use super::{Sql, checkout::Checkout, raw::Raw};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Begin, Isolation, Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
    schema::Flavor,
};
use async_trait::async_trait;
use std::time::{Duration, Instant};

/// How much later than its deadline the server ends a transaction whose caller does nothing.
const GRACE: Duration = Duration::from_secs(1);

/// An open transaction. Dropping it rolls back within a second, whatever was on its way.
pub(super) struct SqlSession {
    checkout: Checkout,
    doomed: bool,
}

impl SqlSession {
    pub async fn begin(mut checkout: Checkout, how: Begin, context: &Context) -> Result<Self> {
        let left = context.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let sql = begin(checkout.flavor(), how, left.filter(|left| *left < checkout.ceiling()));
        checkout.begin(&sql).await?;
        Ok(Self { checkout, doomed: false })
    }

    /// Runs something inside. Unless it ends well the transaction is doomed, also where it is dropped half-way.
    async fn tracked<T>(&mut self, work: impl AsyncFnOnce(&mut Checkout) -> Result<T>) -> Result<T> {
        if self.doomed {
            return Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed"));
        }
        self.doomed = true;
        // A connection that breaks here took the whole transaction with it: nothing of it can have been committed.
        self.checkout.writing = false;
        let value = work(&mut self.checkout).await?;
        self.doomed = false;
        Ok(value)
    }
}

/// The statement that opens a transaction. The isolation is always said (law T4): each server has another default. So is the time
/// that is left, where the server can be told for one transaction, and in the same message (law T7): it holds also where the caller
/// is no longer there to cancel.
fn begin(flavor: Flavor, how: Begin, left: Option<Duration>) -> String {
    let begin = opening(flavor, how);
    match left {
        Some(left) if flavor == Flavor::Postgres => {
            // Zero would be no limit. Who only waits is ended later than its own timer does it, for that loses the connection.
            let (running, waiting) = (left.as_millis().max(1), (left + GRACE).as_millis());
            format!(
                "{begin}; SET LOCAL statement_timeout = {running}; \
                 SET LOCAL idle_in_transaction_session_timeout = {waiting}"
            )
        }
        _ => begin,
    }
}

fn opening(flavor: Flavor, begin: Begin) -> String {
    let level = match begin.isolation {
        Isolation::ReadCommitted => "READ COMMITTED",
        Isolation::Snapshot => "REPEATABLE READ",
        Isolation::Serializable => "SERIALIZABLE",
    };
    match (flavor, begin.read_only) {
        // Without IMMEDIATE a transaction that reads first fails when it writes (hazard H14).
        (Flavor::Sqlite, false) => "BEGIN IMMEDIATE".to_owned(),
        // What it sees is settled by its first read: by this one.
        (Flavor::Sqlite, true) => "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1".to_owned(),
        (Flavor::Postgres, false) => format!("BEGIN ISOLATION LEVEL {level}"),
        // The first statement settles what it sees, and nothing is one.
        (Flavor::Postgres, true) if begin.isolation == Isolation::Snapshot => {
            format!("BEGIN ISOLATION LEVEL {level} READ ONLY; SELECT 1")
        }
        (Flavor::Postgres, true) => format!("BEGIN ISOLATION LEVEL {level} READ ONLY"),
        (_, read_only) => {
            let snapshot = if begin.isolation == Isolation::Snapshot { " WITH CONSISTENT SNAPSHOT," } else { "" };
            let access = if read_only { " READ ONLY" } else { " READ WRITE" };
            format!("SET TRANSACTION ISOLATION LEVEL {level}; START TRANSACTION{snapshot}{access}")
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
        self.tracked(async |checkout| Sql::dispatch(checkout, operation).await).await
    }

    async fn raw(&mut self, _: &Context, statement: RawStatement) -> Result<RawOutcome> {
        // What is refused here never reached the server, and dooms nothing (law T2).
        let raw = Raw::of(self.checkout.flavor(), statement)?;
        raw.may_stand_inside()?;
        self.tracked(async |checkout| raw.run(checkout).await).await
    }

    /// Going back ends the doom of a failed statement, unless the server has ended the whole: then there is no savepoint any more.
    async fn savepoint(&mut self, _: &Context, savepoint: Savepoint) -> Result<()> {
        let sql = match savepoint {
            Savepoint::Set(depth) => format!("SAVEPOINT seabed_{depth}"),
            Savepoint::Release(depth) => format!("RELEASE SAVEPOINT seabed_{depth}"),
            Savepoint::RollBack(depth) => {
                self.doomed = false;
                format!("ROLLBACK TO SAVEPOINT seabed_{depth}; RELEASE SAVEPOINT seabed_{depth}")
            }
        };
        self.tracked(async |checkout| checkout.batch(&sql).await).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t7_the_time_that_is_left_goes_in_the_message_of_begin() {
        let left = Some(Duration::from_millis(1_500));
        let how = Begin::default();
        assert_eq!(
            begin(Flavor::Postgres, how, left),
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 1500; \
             SET LOCAL idle_in_transaction_session_timeout = 2500"
        );
        assert!(begin(Flavor::Postgres, how, Some(Duration::ZERO)).contains("statement_timeout = 1;"), "0 is no limit");
        let snapshot = Begin::default().isolation(Isolation::Snapshot).read_only();
        for (flavor, how) in [(Flavor::Postgres, how), (Flavor::Postgres, snapshot)] {
            assert!(begin(flavor, how, left).starts_with(&begin(flavor, how, None)), "what is sent is not changed");
        }
        for flavor in [Flavor::Sqlite, Flavor::MySql, Flavor::MariaDb] {
            assert_eq!(begin(flavor, how, left), begin(flavor, how, None), "{flavor} has no limit of one transaction");
        }
    }
}
