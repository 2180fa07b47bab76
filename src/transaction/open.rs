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
use tokio::sync::Mutex;

/// An open transaction, shared by the handles made from it.
#[derive(Debug)]
pub struct Open {
    state: Mutex<State>,
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
        Self { state: Mutex::new(State::Active(session)) }
    }

    pub async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        let mut state = self.state.lock().await;
        let mut session = take(&mut state)?;
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

    pub async fn commit(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        let session = take(&mut state)?;
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
            Err(Error::new(ErrorKind::TransactionClosed, "the transaction has ended"))
        }
    }
}
