//! Those who hold a transaction, and what becomes of it when they go.

use super::{Open, hooks::locked};
use std::sync::{Arc, atomic::Ordering};

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
        self.0.give_up();
    }
}

/// A part that joined a transaction. Unless it is done, its end makes the whole fail.
#[derive(Debug)]
pub struct Part<'o> {
    open: Option<&'o Open>,
    within: u64,
}

impl<'o> Part<'o> {
    /// A part that joins: where a savepoint that encloses it is undone, so is all that it wrote.
    pub fn of(open: &'o Open) -> Self {
        Self { open: Some(open), within: open.newest.load(Ordering::SeqCst) }
    }

    /// A savepoint: given up half-way, nobody knows where it stands (hazard H2).
    pub fn savepoint(open: &'o Open) -> Self {
        Self { open: Some(open), within: 0 }
    }

    pub fn done(mut self) {
        self.open = None;
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.open {
            locked(&open.broken).push(self.within);
        }
    }
}
