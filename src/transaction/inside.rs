//! Which databases the running task has a transaction of (law T8).
//!
//! A write through a handle from outside would not be part of the transaction: PostgreSQL would write beside it, SQLite would wait
//! for its one writer and MySQL for the transaction's own locks.

use crate::{Error, ErrorKind, Result, backend::Backend};
use std::sync::Arc;

tokio::task_local! {
    /// The backends whose transactions enclose this task's work.
    static INSIDE: Vec<Arc<dyn Backend>>;
}

/// Runs the work of a transaction of this backend.
pub(super) fn scope<F: Future>(backend: &Arc<dyn Backend>, work: F) -> impl Future<Output = F::Output> {
    let mut inside = INSIDE.try_with(Clone::clone).unwrap_or_default();
    inside.push(Arc::clone(backend));
    INSIDE.scope(inside, work)
}

/// That no transaction of this backend encloses the caller.
///
/// # Errors
/// `OutsideTransaction`.
pub(super) fn refuse(backend: &Arc<dyn Backend>) -> Result<()> {
    let enclosed = INSIDE.try_with(|inside| inside.iter().any(|one| Arc::ptr_eq(one, backend))).unwrap_or(false);
    if enclosed {
        let why =
            "the work of `transact` writes through a handle from outside: use the one it was given, or `outside()`";
        return Err(Error::new(ErrorKind::OutsideTransaction, why));
    }
    Ok(())
}
