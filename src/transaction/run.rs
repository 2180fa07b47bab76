//! The work of a transaction, run until it is committed or can not be (law T6).

use super::{
    Open, Retry, Transaction, TransactionOptions, inside, key,
    retry::{Attempts, collided},
};
use crate::{Context, Database, Error, ErrorKind, Result, Status};
use std::{sync::Arc, time::Instant};

/// Runs `work` in transactions of `database` until one of them commits; `again` says whether its error lets it be run again.
pub(crate) async fn run<T, X, F>(
    database: &Database,
    options: TransactionOptions,
    work: impl Fn(Transaction) -> F + Send + Sync,
    again: impl Fn(&X) -> bool + Send + Sync,
) -> Result<T, X>
where
    T: Send,
    X: From<Error> + Send,
    F: Future<Output = Result<T, X>> + Send,
{
    let own = options.deadline.and_then(|within| Instant::now().checked_add(within));
    let until = own.into_iter().chain(Context::current().deadline()).min();
    let attempts = Attempts::new(options.retry);
    let run = Run { database, options, work, again, until, attempts };
    match until {
        Some(until) => Context::current().until(until).scope(run.all()).await,
        None => run.all().await,
    }
}

struct Run<'d, W, A> {
    database: &'d Database,
    options: TransactionOptions,
    work: W,
    again: A,
    until: Option<Instant>,
    attempts: Attempts,
}

/// How one attempt ended.
enum Ended<T, X> {
    Done(T),
    /// Nothing of it is kept, and the same again may succeed.
    Again(X),
    /// What the key names was done before.
    Before(Error),
    /// COMMIT was sent and not answered.
    Unknown(Unknown<T>),
    Failed(X),
}

/// What is known of an attempt whose COMMIT was not answered.
struct Unknown<T> {
    /// The answer, if it was done.
    value: T,
    open: Arc<Open>,
    lost: Error,
}

impl<W, A> Run<'_, W, A> {
    async fn all<T, X, F>(mut self) -> Result<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        W: Fn(Transaction) -> F + Send + Sync,
        A: Fn(&X) -> bool + Send + Sync,
        F: Future<Output = Result<T, X>> + Send,
    {
        let mut unknown: Option<Unknown<T>> = None;
        let mut more = Some(Retry::default());
        loop {
            match self.once(&mut unknown).await {
                Ended::Done(value) => return Ok(value),
                Ended::Failed(error) => return Err(unknown.map_or(error, |unknown| X::from(unknown.lost))),
                Ended::Before(refused) => {
                    let Some(Unknown { value, open, .. }) = unknown else { return Err(X::from(refused)) };
                    open.committed().await;
                    return Ok(value);
                }
                Ended::Again(error) => {
                    if !self.attempts.next().await {
                        return Err(unknown.map_or(error, |unknown| X::from(unknown.lost)));
                    }
                }
                // Who writes the same key waits until the lost COMMIT is settled: so the next attempt finds the key, or does all.
                Ended::Unknown(lost) if self.options.key.is_some() => {
                    // Once: a server that loses every COMMIT is not asked for ever.
                    if let Some(more) = more.take() {
                        self.attempts.allow(more);
                    }
                    if !self.attempts.next().await {
                        return Err(X::from(lost.lost));
                    }
                    unknown = Some(lost);
                }
                Ended::Unknown(unknown) => return Err(X::from(unknown.lost)),
            }
        }
    }

    async fn once<T, X, F>(&self, unknown: &mut Option<Unknown<T>>) -> Ended<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        W: Fn(Transaction) -> F + Send + Sync,
        A: Fn(&X) -> bool + Send + Sync,
        F: Future<Output = Result<T, X>> + Send,
    {
        let failed =
            |error: Error| if collided(&error) { Ended::Again(error.into()) } else { Ended::Failed(error.into()) };
        let transaction = match self.bounded(self.begin()).await.unwrap_or_else(|| Err(late())) {
            Ok(transaction) => transaction,
            Err(error) if error.is(ErrorKind::AlreadyDone) => return Ended::Before(error),
            Err(error) => return failed(error),
        };
        // Its key could be written here, so the COMMIT that was lost was not done.
        *unknown = None;
        let open = Arc::clone(&transaction.open);
        let work = inside::scope(self.database.backend(), (self.work)(transaction.clone()));
        let value = match self.bounded(work).await {
            Some(Ok(value)) => value,
            None => {
                // Not by a ROLLBACK that nobody may wait for: the drop guard of the connection has a time of its own.
                open.give_up();
                return Ended::Failed(late().into());
            }
            Some(Err(error)) => {
                // The cause is what the caller needs; a rollback that fails is told by the pool, which closes the connection.
                let _ = transaction.rollback().await;
                let again = open.cause().is_some_and(|cause| collided(&cause)) && (self.again)(&error);
                return if again { Ended::Again(error) } else { Ended::Failed(error) };
            }
        };
        match transaction.commit().await {
            Ok(()) => Ended::Done(value),
            Err(lost) if lost.status() == Status::Unknown => Ended::Unknown(Unknown { value, open, lost }),
            // Also where the work had swallowed the failure that doomed it.
            Err(error) if open.cause().is_some_and(|cause| collided(&cause)) => Ended::Again(error.into()),
            Err(error) => Ended::Failed(error.into()),
        }
    }

    /// One attempt's transaction; its key, where there is one, is written before anything else.
    async fn begin(&self) -> Result<Transaction> {
        let transaction = self.database.open(self.options.clone(), self.attempts.number, self.until).await?;
        if let Some(key) = &self.options.key {
            key::write(&transaction.open, key, self.database.now()).await?;
        }
        Ok(transaction)
    }

    /// The work, until the deadline: what it waits for beside the database counts too. None where the deadline came first.
    async fn bounded<V>(&self, work: impl Future<Output = V>) -> Option<V> {
        match self.until {
            Some(until) => tokio::time::timeout_at(until.into(), work).await.ok(),
            None => Some(work.await),
        }
    }
}

fn late() -> Error {
    Error::new(ErrorKind::Timeout, "the transaction's deadline passed; it was rolled back")
}
