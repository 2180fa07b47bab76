//! One open transaction: its calls, its savepoints and its end.

use super::{
    TransactionOptions,
    hooks::{Hook, locked},
    state::{Active, Mark, State, busy, closed, ends_the_whole, take},
};
use crate::{
    Context, Error, ErrorKind, Result, Status,
    backend::{Operation, Outcome, RawOutcome, RawStatement, Savepoint, Session},
};
use futures::future::BoxFuture;
use std::{
    borrow::Cow,
    sync::{
        Mutex as Lock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::sync::Mutex;

/// An open transaction, shared by the handles made from it.
#[derive(Debug)]
pub struct Open {
    state: Mutex<State>,
    /// Nobody is left who could commit; what still holds a repository of it holds no lock of the database.
    abandoned: AtomicBool,
    /// Parts that failed or were given up half-way, each by the number of the savepoint that it stood in, 0 for none: what they
    /// wrote before must not be committed.
    pub(super) broken: Lock<Vec<u64>>,
    /// The number of the newest savepoint that is open, 0 for none.
    pub(super) newest: AtomicU64,
    /// The first failure that doomed it.
    cause: Lock<Option<Error>>,
    /// What is to happen after the commit.
    hooks: Lock<Vec<Hook>>,
    options: TransactionOptions,
    /// Which run of the same work this is, from 1.
    attempt: u32,
    /// When all of it must have ended.
    until: Option<Instant>,
}

impl Open {
    pub fn new(session: Box<dyn Session>, options: TransactionOptions, attempt: u32, until: Option<Instant>) -> Self {
        Self {
            state: Mutex::new(State::Active(Active { session, savepoints: Vec::new(), marks: 0 })),
            abandoned: AtomicBool::new(false),
            broken: Lock::default(),
            newest: AtomicU64::new(0),
            cause: Lock::default(),
            hooks: Lock::default(),
            options,
            attempt,
            until,
        }
    }

    pub fn options(&self) -> &TransactionOptions {
        &self.options
    }

    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The first failure that doomed it, where there was one.
    pub fn cause(&self) -> Option<Error> {
        locked(&self.cause).clone()
    }

    fn doomed_by(&self, error: &Error) {
        locked(&self.cause).get_or_insert_with(|| error.clone());
    }

    pub async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
        self.call(context, |session, context| session.run(context, operation)).await
    }

    pub async fn raw(&self, context: &Context, statement: RawStatement) -> Result<RawOutcome> {
        self.call(context, |session, context| session.raw(context, statement)).await
    }

    /// What a call is given: it ends when the transaction must have ended.
    fn bounded<'c>(&self, context: &'c Context) -> Cow<'c, Context> {
        self.until.map_or(Cow::Borrowed(context), |until| Cow::Owned(context.clone().until(until)))
    }

    async fn call<T>(
        &self,
        context: &Context,
        call: impl for<'s> FnOnce(&'s mut dyn Session, &'s Context) -> BoxFuture<'s, Result<T>> + Send,
    ) -> Result<T> {
        let ran = self.locked(&self.bounded(context), call).await;
        // The owner may have gone while this call held the lock.
        self.end_if_abandoned();
        ran
    }

    async fn locked<T>(
        &self,
        context: &Context,
        call: impl for<'s> FnOnce(&'s mut dyn Session, &'s Context) -> BoxFuture<'s, Result<T>> + Send,
    ) -> Result<T> {
        let mut state = self.state.lock().await;
        let mut active = self.take(&mut state)?;
        match call(&mut *active.session, context).await {
            Ok(value) => {
                *state = State::Active(active);
                Ok(value)
            }
            Err(error) if !active.session.doomed() => {
                *state = State::Active(active);
                Err(error)
            }
            Err(error) => {
                // Dropping the session rolls back: nothing more can be written, whatever the server thinks (laws T1, T2).
                self.doomed_by(&error);
                *state = State::Failed(error.clone(), active.kept());
                Err(error)
            }
        }
    }

    /// Sets a savepoint; its depth, from 1.
    pub async fn set(&self, context: &Context) -> Result<u32> {
        let mut state = self.state.lock().await;
        let mut active = self.take(&mut state)?;
        let depth = u32::try_from(active.savepoints.len() + 1).unwrap_or(u32::MAX);
        match active.session.savepoint(&self.bounded(context), Savepoint::Set(depth)).await {
            Ok(()) => {
                active.marks += 1;
                active.savepoints.push(Mark { number: active.marks, hooks: locked(&self.hooks).len() });
                self.newest.store(active.marks, Ordering::SeqCst);
                *state = State::Active(active);
                Ok(depth)
            }
            Err(error) if !active.session.doomed() => {
                *state = State::Active(active);
                Err(error)
            }
            Err(error) => {
                self.doomed_by(&error);
                *state = State::Failed(error.clone(), active.kept());
                Err(error)
            }
        }
    }

    /// Forgets the newest savepoint; what came after it stays.
    pub async fn release(&self, context: &Context, depth: u32) -> Result<()> {
        let mut state = self.state.lock().await;
        let mut active = self.take(&mut state)?;
        active = self.newest_is(depth, active, &mut state)?;
        let released = active.session.savepoint(&self.bounded(context), Savepoint::Release(depth)).await;
        match &released {
            Ok(()) => {
                active.savepoints.pop();
                self.newest.store(active.newest(), Ordering::SeqCst);
                *state = State::Active(active);
            }
            Err(error) => {
                self.doomed_by(error);
                *state = State::Failed(error.clone(), Some(active));
            }
        }
        released
    }

    /// Undoes what came after the newest savepoint. Where the server has ended the whole, so does this.
    pub async fn roll_back_to(&self, context: &Context, depth: u32) -> Result<()> {
        let mut state = self.state.lock().await;
        let (mut active, cause) = match std::mem::replace(&mut *state, State::InFlight) {
            State::Active(active) => (active, None),
            State::Failed(cause, Some(active)) if !ends_the_whole(&cause) => (active, Some(cause)),
            State::Failed(cause, _) => {
                *state = State::Failed(cause.clone(), None);
                return Err(cause);
            }
            other => {
                *state = other;
                return take(&mut state).map(drop);
            }
        };
        active = self.newest_is(depth, active, &mut state)?;
        match active.session.savepoint(&self.bounded(context), Savepoint::RollBack(depth)).await {
            Ok(()) => {
                if let Some(undone) = active.savepoints.pop() {
                    locked(&self.hooks).truncate(undone.hooks);
                    locked(&self.broken).retain(|within| *within < undone.number);
                }
                self.newest.store(active.newest(), Ordering::SeqCst);
                if cause.is_some() {
                    *locked(&self.cause) = None;
                }
                *state = State::Active(active);
                Ok(())
            }
            Err(error) => {
                let cause = cause.unwrap_or(error);
                self.doomed_by(&cause);
                *state = State::Failed(cause.clone(), None);
                Err(cause)
            }
        }
    }

    /// That the savepoint of this depth is the newest. One that was set beside it, or after it, would end with it: servers keep a
    /// stack of them, so the whole is over.
    fn newest_is(&self, depth: u32, active: Active, state: &mut State) -> Result<Active> {
        if usize::try_from(depth).is_ok_and(|depth| depth == active.savepoints.len()) {
            return Ok(active);
        }
        let error = busy("a savepoint that was set after this one is open");
        self.doomed_by(&error);
        *state = State::Failed(error.clone(), None);
        Err(error)
    }

    /// That it has not ended; one whose call is on its way has not.
    pub fn still_open(&self) -> Result<()> {
        match self.state.try_lock().as_deref() {
            Ok(State::InDoubt(error)) => return Err(error.clone()),
            Ok(State::Done) => return Err(closed()),
            _ => {}
        }
        if self.abandoned.load(Ordering::SeqCst) { Err(closed()) } else { Ok(()) }
    }

    fn take(&self, state: &mut State) -> Result<Active> {
        if self.abandoned.load(Ordering::SeqCst) && !matches!(state, State::InDoubt(_)) {
            *state = State::Done;
        }
        if !locked(&self.broken).is_empty() && matches!(state, State::Active(_) | State::InFlight) {
            let cause = Error::new(ErrorKind::TransactionFailed, "a part of it failed or was given up half-way");
            *state = match std::mem::replace(state, State::InFlight) {
                State::Active(active) => State::Failed(cause, active.kept()),
                _ => State::Failed(cause, None),
            };
        }
        if matches!(state, State::Active(_)) && self.until.is_some_and(|until| until <= Instant::now()) {
            return Err(self.too_late(state));
        }
        take(state)
    }

    fn too_late(&self, state: &mut State) -> Error {
        let late = Error::new(ErrorKind::Timeout, "the deadline passed; the transaction was rolled back");
        self.doomed_by(&late);
        *state = State::Failed(late.clone(), None);
        late
    }

    /// Drops the session, which rolls back. A call that is on its way does it when it ends.
    fn end_if_abandoned(&self) {
        if self.abandoned.load(Ordering::SeqCst)
            && let Ok(mut state) = self.state.try_lock()
            && !matches!(*state, State::InDoubt(_))
        {
            *state = State::Done;
        }
    }

    /// Ends it without waiting for the server; what is on its way ends it when it has ended.
    pub fn give_up(&self) {
        self.abandoned.store(true, Ordering::SeqCst);
        self.end_if_abandoned();
    }

    /// To be run when it has committed.
    pub fn after_commit(&self, hook: Hook) -> Result<()> {
        self.still_open()?;
        locked(&self.hooks).push(hook);
        Ok(())
    }

    /// Commits. It is refused, and nothing ends, while a call is on its way or a savepoint is open (hazard H3).
    pub async fn commit(&self) -> Result<()> {
        let committed = self.send_commit().await;
        if committed.is_ok() {
            self.committed().await;
        }
        committed
    }

    async fn send_commit(&self) -> Result<()> {
        let Ok(mut state) = self.state.try_lock() else { return Err(busy("a call inside is on its way")) };
        let active = self.take(&mut state)?;
        if !active.savepoints.is_empty() {
            *state = State::Active(active);
            return Err(busy("a savepoint is open"));
        }
        let context = Context::current();
        let context = self.bounded(&context);
        if context.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
            // Not sent, it is a definite no; sent and given up, nobody would know.
            return Err(self.too_late(&mut state));
        }
        // Dropped from here on, nobody knows.
        let lost = "its COMMIT was sent and not answered: look before trying again";
        *state = State::InDoubt(Error::new(ErrorKind::CommitUnknown, lost));
        let committed = active.session.commit(&context).await;
        *state = match &committed {
            Ok(()) => State::Done,
            Err(error) if error.status() == Status::Unknown => State::InDoubt(error.clone()),
            Err(error) => {
                self.doomed_by(error);
                State::Failed(error.clone(), None)
            }
        };
        committed
    }

    /// Runs what was to follow the commit, in the order in which it was asked for.
    pub async fn committed(&self) {
        let hooks = std::mem::take(&mut *locked(&self.hooks));
        for hook in hooks {
            hook.run().await;
        }
    }

    pub async fn rollback(&self) -> Result<()> {
        let mut state = self.state.lock().await;
        match std::mem::replace(&mut *state, State::Done) {
            State::Active(active) => active.session.rollback(&Context::current()).await,
            State::InDoubt(error) => {
                *state = State::InDoubt(error.clone());
                Err(error)
            }
            State::InFlight | State::Failed(..) | State::Done => Ok(()),
        }
    }
}
