//! What is committed, whose turn it is to write, and whether the database is open.
//!
//! There are no connections: readers take a copy of what is committed and never wait, writers take turns.

use super::{error, state::State};
use crate::{Error, ErrorKind, Result};
use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, OwnedRwLockReadGuard, RwLock as Gate},
    time::timeout,
};

/// The committed state and the locks around it.
#[derive(Debug)]
pub(super) struct Pool {
    committed: RwLock<Committed>,
    /// How long a writer waits for its turn.
    turn_within: Duration,
    /// Held by the one writer.
    writer: Arc<Mutex<()>>,
    /// Held for reading by every writer and every session, for writing by `close`, which so waits for them.
    running: Arc<Gate<()>>,
}

#[derive(Debug, Default)]
struct Committed {
    state: State,
    life: Life,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Open,
    /// New calls are refused, running ones may end.
    Closing,
    Closed,
}

/// A copy of the state to work on, and the right to put it in place where it may write.
#[derive(Debug)]
pub(super) struct Work {
    /// The copy.
    pub(super) state: State,
    pool: Arc<Pool>,
    turn: Option<OwnedMutexGuard<()>>,
    _running: OwnedRwLockReadGuard<()>,
}

impl Pool {
    /// An empty database whose writers wait so long for their turn.
    pub(super) fn new(turn_within: Duration) -> Self {
        Self { committed: RwLock::default(), turn_within, writer: Arc::default(), running: Arc::default() }
    }

    // The state is replaced in one assignment, so a panic elsewhere leaves it whole and a poisoned lock is none.
    fn committed(&self) -> RwLockReadGuard<'_, Committed> {
        self.committed.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn committed_mut(&self) -> RwLockWriteGuard<'_, Committed> {
        self.committed.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is committed now.
    ///
    /// # Errors
    /// `Closed`.
    pub(super) fn snapshot(&self) -> Result<State> {
        let committed = self.committed();
        if committed.life == Life::Open { Ok(committed.state.clone()) } else { Err(error::closed()) }
    }

    /// A copy to read from until it is dropped.
    ///
    /// # Errors
    /// `Closed`.
    pub(super) fn reader(self: &Arc<Self>) -> Result<Work> {
        // The gate first: once it is held, `close` waits for this call.
        let running = Arc::clone(&self.running).try_read_owned().map_err(|_| error::closed())?;
        Ok(Work { state: self.snapshot()?, pool: Arc::clone(self), turn: None, _running: running })
    }

    /// A copy to write to, when it is this writer's turn.
    ///
    /// # Errors
    /// `Closed`; `LockTimeout` where the turn does not come in time.
    pub(super) async fn writer(self: &Arc<Self>) -> Result<Work> {
        let mut work = self.reader()?;
        let turn = match Arc::clone(&self.writer).try_lock_owned() {
            Ok(turn) => turn,
            Err(_) => timeout(self.turn_within, Arc::clone(&self.writer).lock_owned()).await.map_err(|_| {
                let why = format!("another transaction was writing for {} ms", self.turn_within.as_millis());
                Error::new(ErrorKind::LockTimeout, why)
            })?,
        };
        work.state = self.committed().state.clone();
        work.turn = Some(turn);
        Ok(work)
    }

    /// Refuses new calls, waits for running ones, and forgets everything.
    ///
    /// # Errors
    /// `Timeout` where calls were still running; they come to nothing.
    pub(super) async fn close(&self, within: Duration) -> Result<()> {
        {
            let mut committed = self.committed_mut();
            if committed.life == Life::Closed {
                return Ok(());
            }
            committed.life = Life::Closing;
        }
        let idle = match self.running.try_write() {
            Ok(_) => true,
            Err(_) => timeout(within, self.running.write()).await.is_ok(),
        };
        *self.committed_mut() = Committed { state: State::default(), life: Life::Closed };
        if idle { Ok(()) } else { Err(Error::new(ErrorKind::Timeout, "calls were still running when it was closed")) }
    }
}

impl Work {
    /// Whether it may write.
    pub(super) fn writes(&self) -> bool {
        self.turn.is_some()
    }

    /// Whether the database was closed under it.
    ///
    /// # Errors
    /// `Closed`.
    pub(super) fn check(&self) -> Result<()> {
        if self.pool.committed().life == Life::Closed { Err(error::closed()) } else { Ok(()) }
    }

    /// Puts the copy in the place of what was committed, where it may write.
    ///
    /// # Errors
    /// `Closed`.
    pub(super) fn commit(self) -> Result<()> {
        let mut committed = self.pool.committed_mut();
        if committed.life == Life::Closed {
            return Err(error::closed());
        }
        if self.turn.is_some() {
            committed.state = self.state.clone();
        }
        Ok(())
    }
}
