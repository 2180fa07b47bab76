//! The last line of every run, the same everywhere, so that a machine can read it.

use anyhow::{Result, bail};
use std::fmt;

/// How many went well, wrong, or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

impl Summary {
    /// Prints the line, alone; an error where anything failed.
    pub fn finish(self, what: &str) -> Result<()> {
        println!("{self}");
        if self.failed > 0 {
            bail!("{what}: {} failed", self.failed);
        }
        Ok(())
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}
