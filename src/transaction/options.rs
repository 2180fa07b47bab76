//! How a transaction is to run, on the typed plane.

use super::Retry;
use crate::{
    Error, Result,
    backend::{Begin, Isolation},
};
use std::{sync::Arc, time::Duration};

/// How a transaction is to run: `TransactionOptions::default()`, and what is said to it.
///
/// ```
/// use seabed::prelude::*;
/// use std::time::Duration;
/// let monthly = TransactionOptions::default().isolation(Isolation::Serializable).deadline(Duration::from_secs(30));
/// # let _ = monthly;
/// ```
#[derive(Clone, Debug, Default)]
pub struct TransactionOptions {
    pub(crate) begin: Begin,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Retry,
    pub(crate) key: Option<Arc<str>>,
}

impl TransactionOptions {
    /// How much of other transactions it may see; `ReadCommitted` unless said. What a backend lacks, `begin` refuses with
    /// `Unsupported`. `Snapshot` only reads and asks for [`read_only`](Self::read_only).
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.begin = self.begin.isolation(isolation);
        self
    }

    /// Refuses every write with `ReadOnly`.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.begin = self.begin.read_only();
        self
    }

    /// The transaction, with all its attempts, must end within this time of its begin: a call inside is bounded by what is left,
    /// what runs in the server then is cancelled, and the answer is `Timeout`. What the work of `transact` waits for beside the
    /// database counts too. No bound of its own unless said; the deadline of the context in which it is begun
    /// ([`Context::within`](crate::Context::within)) holds as well, and the earlier one is the transaction's.
    #[must_use]
    pub fn deadline(mut self, within: Duration) -> Self {
        self.deadline = Some(within);
        self
    }

    /// When the whole is run again by `transact`; see [`Retry`].
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// That a transaction of these options has what one of `self` would have.
    ///
    /// # Errors
    /// `Unsupported` by the option's name.
    pub(crate) fn joins(&self, outer: &Self) -> Result<()> {
        let lacks = if self.begin.isolation > outer.begin.isolation {
            "a weaker isolation level"
        } else if self.begin.read_only && !outer.begin.read_only {
            "writes"
        } else if self.key.is_some() {
            "no idempotency key of this part"
        } else if self.deadline.is_some() {
            "a deadline of its own: set it with `Context::within`"
        } else {
            return Ok(());
        };
        Err(Error::unsupported(format!("the transaction that would be joined has {lacks}")))
    }

    /// A name for what this transaction does, 1 to 255 characters, never used for anything else. It is written with the rest, into
    /// the table `seabed_transaction`; so the answer of a COMMIT that was lost is found by it, and what was done once is not done
    /// again: a later transaction of the same key is `AlreadyDone`, and `work` is not run.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.key = Some(key.into());
        self
    }
}
