//! How far an insert of many rows is.

use std::sync::Arc;

/// Rows between two reports, on every backend.
pub const STEP: u64 = 500;

/// Is told how many rows of an insert are written, of how many; after every
/// 500 and at the end, from whichever task writes. The rows are not
/// committed before the call returns.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(u64, u64) + Send + Sync>);

impl Progress {
    /// Calls this with the rows written and the rows in all.
    #[must_use]
    pub fn new(told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Arc::new(told))
    }

    /// So many rows are written, of so many.
    pub fn tell(&self, written: u64, all: u64) {
        (self.0)(written, all);
    }
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Progress")
    }
}

/// Counts the rows that are written, and tells after every 500 and at the end, however large the statements are.
#[derive(Debug)]
pub struct Counter {
    progress: Option<Progress>,
    written: u64,
    told: u64,
    all: u64,
}

impl Counter {
    /// None of so many rows is written.
    #[must_use]
    pub fn new(progress: Option<Progress>, all: usize) -> Self {
        Self { progress, written: 0, told: 0, all: all as u64 }
    }

    /// So many more rows are written.
    pub fn add(&mut self, rows: usize) {
        let Some(progress) = &self.progress else { return };
        self.written += rows as u64;
        while self.told + STEP <= self.written {
            self.told += STEP;
            progress.tell(self.told, self.all);
        }
        if self.written == self.all && self.told < self.all {
            self.told = self.all;
            progress.tell(self.all, self.all);
        }
    }
}
