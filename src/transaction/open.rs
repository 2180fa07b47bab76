//! The state of one transaction.
//!
//! ```text
//! Active ──failed call──► Failed ──► Done
//!    └──────commit / rollback──────► Done
//! ```

use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Operation, Outcome, Session},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Mutex;

/// An open transaction, shared by the handles made from it.
#[derive(Debug)]
pub struct Open {
    state: Mutex<State>,
    /// Nobody is left who could commit; what still holds a repository of it holds no lock of the database.
    abandoned: AtomicBool,
    /// A part that joined failed: what it wrote before must not be committed.
    broken: AtomicBool,
}

/// Those who can commit or roll back. The last of them to go ends the transaction, though repositories of it may be kept.
#[derive(Debug)]
pub struct Owner(Arc<Open>);

impl Owner {
    pub fn of(open: &Arc<Open>) -> Self {
        Self(Arc::clone(open))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::SeqCst);
        self.0.end_if_abandoned();
    }
}

/// A part that joined a transaction. Unless it is done, its end makes the whole fail.
#[derive(Debug)]
pub struct Part<'o>(Option<&'o Open>);

impl<'o> Part<'o> {
    pub fn of(open: &'o Open) -> Self {
        Self(Some(open))
    }

    pub fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.0 {
            open.fail();
        }
    }
}

#[derive(Debug)]
enum State {
    Active(Box<dyn Session>),
    /// A call is on its way. Found by the next one, it means that the future was dropped half-way.
    InFlight,
    Failed(Error),
    Done,
}

impl Open {
    pub fn new(session: Box<dyn Session>) -> Self {
        Self {
            state: Mutex::new(State::Active(session)),
            abandoned: AtomicBool::new(false),
            broken: AtomicBool::new(false),
        }
    }

    pub async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let ran = self.run_locked(context, operation).await;
        // The owner may have gone while this call held the lock.
        self.end_if_abandoned();
        ran
    }

    async fn run_locked(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let mut state = self.state.lock().await;
        let mut session = self.take(&mut state)?;
        match session.run(context, operation).await {
            Ok(outcome) => {
                *state = State::Active(session);
                Ok(outcome)
            }
            Err(error) if !session.doomed() => {
                *state = State::Active(session);
                Err(error)
            }
            Err(error) => {
                // Dropping the session rolls back: nothing more can be written, whatever the server thinks (laws T1, T2).
                drop(session);
                *state = State::Failed(error.clone());
                Err(error)
            }
        }
    }

    /// A part that joined failed or was given up half-way: the whole can no longer be committed (law T1).
    pub fn fail(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    /// That it has not ended; one whose call is on its way has not.
    pub fn still_open(&self) -> Result<()> {
        let done = self.state.try_lock().is_ok_and(|state| matches!(*state, State::Done));
        if done || self.abandoned.load(Ordering::SeqCst) { Err(closed()) } else { Ok(()) }
    }

    fn take(&self, state: &mut State) -> Result<Box<dyn Session>> {
        if self.abandoned.load(Ordering::SeqCst) {
            *state = State::Done;
        }
        if self.broken.load(Ordering::SeqCst) && matches!(state, State::Active(_) | State::InFlight) {
            *state = State::Failed(Error::new(ErrorKind::TransactionFailed, "a part that joined it failed"));
        }
        take(state)
    }

    /// Drops the session, which rolls back. A call that is on its way does it when it ends.
    fn end_if_abandoned(&self) {
        if self.abandoned.load(Ordering::SeqCst)
            && let Ok(mut state) = self.state.try_lock()
        {
            *state = State::Done;
        }
    }

    pub async fn commit(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        let session = self.take(&mut state)?;
        *state = State::Done;
        session.commit(&Context::current()).await
    }

    pub async fn rollback(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        match std::mem::replace(&mut *state, State::Done) {
            State::Active(session) => session.rollback(&Context::current()).await,
            State::InFlight | State::Failed(_) | State::Done => Ok(()),
        }
    }
}

/// The session, where the transaction is active; the state is `InFlight` until it is given back.
fn take(state: &mut State) -> Result<Box<dyn Session>> {
    match std::mem::replace(state, State::InFlight) {
        State::Active(session) => Ok(session),
        State::InFlight => {
            let cause =
                Error::new(ErrorKind::TransactionFailed, "a call inside was given up half-way; it was rolled back");
            *state = State::Failed(cause.clone());
            Err(cause)
        }
        State::Failed(cause) => {
            *state = State::Failed(cause.clone());
            Err(Error::new(ErrorKind::TransactionFailed, "an earlier call failed; it was rolled back")
                .with_source(cause))
        }
        State::Done => {
            *state = State::Done;
            Err(closed())
        }
    }
}

fn closed() -> Error {
    Error::new(ErrorKind::TransactionClosed, "the transaction has ended")
}
