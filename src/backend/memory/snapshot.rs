//! The whole database at one moment, to come back to.

use super::{Memory, state::State};
use crate::Result;

/// Everything that was committed at one moment, tables and rows. It costs nothing to take and to keep: what does not change is
/// shared with the database.
#[derive(Clone, Debug)]
pub struct Snapshot(State);

impl Memory {
    /// What is committed now.
    ///
    /// # Errors
    /// `Closed`.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.pool.snapshot().map(Snapshot)
    }

    /// Makes the database what it was then, whatever its size: rows, tables and the integer keys that come next. Waits for the
    /// transaction that is writing; one that is open keeps what it sees, and a snapshot may be restored many times.
    ///
    /// # Errors
    /// `Closed`; `LockTimeout` where a transaction goes on writing.
    pub async fn restore(&self, snapshot: &Snapshot) -> Result<()> {
        let mut work = self.pool.writer().await?;
        work.state = snapshot.0.clone();
        work.commit()
    }
}
