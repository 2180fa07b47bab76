//! The states of a transaction.
//!
//! ```text
//! Active ──failed call──► Failed ──► Done         a savepoint's end leads from Failed back to Active
//!    ├─────COMMIT sent──► InDoubt ──answered──► Done
//!    └─────rollback─────► Done
//! ```

use crate::{Error, ErrorKind, Result, backend::Session};

#[derive(Debug)]
pub(super) enum State {
    Active(Active),
    /// A call is on its way. Found by the next one, it means that the future was dropped half-way.
    InFlight,
    /// A call failed. The session is kept while a savepoint is open that could be gone back to.
    Failed(Error, Option<Active>),
    /// COMMIT was sent, and nobody knows what became of it.
    InDoubt(Error),
    Done,
}

#[derive(Debug)]
pub(super) struct Active {
    pub session: Box<dyn Session>,
    pub savepoints: Vec<Mark>,
    /// How many savepoints were set so far.
    pub marks: u64,
}

/// An open savepoint.
#[derive(Debug)]
pub(super) struct Mark {
    pub number: u64,
    /// How many hooks there were when it was set.
    pub hooks: usize,
}

impl Active {
    /// The number of the newest savepoint, 0 for none.
    pub fn newest(&self) -> u64 {
        self.savepoints.last().map_or(0, |mark| mark.number)
    }

    /// Itself, where there is a savepoint to go back to.
    pub fn kept(self) -> Option<Self> {
        (!self.savepoints.is_empty()).then_some(self)
    }
}

/// After these the server has ended, or may have ended, the whole transaction: no savepoint is left to go back to, and one that is
/// would only meet the same again. The whole is to be run again.
pub(super) fn ends_the_whole(cause: &Error) -> bool {
    matches!(
        cause.kind(),
        ErrorKind::Serialization
            | ErrorKind::Deadlock
            | ErrorKind::ConnectionLost
            | ErrorKind::Timeout
            | ErrorKind::StorageFull
    )
}

/// The session, where the transaction is active; the state is `InFlight` until it is given back.
pub(super) fn take(state: &mut State) -> Result<Active> {
    match std::mem::replace(state, State::InFlight) {
        State::Active(active) => Ok(active),
        State::InFlight => {
            let cause =
                Error::new(ErrorKind::TransactionFailed, "a call inside was given up half-way; it was rolled back");
            *state = State::Failed(cause.clone(), None);
            Err(cause)
        }
        State::Failed(cause, kept) => {
            *state = State::Failed(cause.clone(), kept);
            Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed; it was rolled back")
                .with_source(cause))
        }
        State::InDoubt(error) => {
            *state = State::InDoubt(error.clone());
            Err(error)
        }
        State::Done => {
            *state = State::Done;
            Err(closed())
        }
    }
}

pub(super) fn busy(what: &str) -> Error {
    Error::new(ErrorKind::TransactionBusy, format!("{what}: await it first"))
}

pub(super) fn closed() -> Error {
    Error::new(ErrorKind::TransactionClosed, "the transaction has ended")
}
