//! What an apply is told, and what it tells.

use crate::backend::deploy::State;
use std::{fmt, sync::Arc, time::Duration};

/// Hears how a deploy goes on.
pub type Told = Arc<dyn Fn(&Progress<'_>) + Send + Sync>;

/// How migrations are applied.
///
/// ```
/// use seabed::migration::ApplyOptions;
/// let options = ApplyOptions::default().steps(1).progress(|progress| println!("{progress}"));
/// assert_eq!(options.within.as_secs(), 60);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ApplyOptions {
    /// How long another deployer is waited for; a minute.
    pub within: Duration,
    /// At most so many migrations; all that are pending.
    pub steps: Option<u32>,
    /// How long a backfill rests after each batch, so that others get their turn; 10 ms. On SQLite it does not: there a migration
    /// is one transaction.
    pub pause: Duration,
    /// The tables as the newest migration leaves them, as JSON; they are noted in the books, for a later plan to know what is ours.
    pub tables: Option<String>,
    /// What may be lost on the way back, by the codes of `lint` (`drops-table`, `drops-column`); nothing. On the way forth a step says
    /// it itself.
    pub lose: Vec<String>,
    /// Hears how it goes on.
    pub progress: Option<Told>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            within: Duration::from_mins(1),
            steps: None,
            pause: Duration::from_millis(10),
            tables: None,
            lose: Vec::new(),
            progress: None,
        }
    }
}

impl fmt::Debug for ApplyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplyOptions").field("within", &self.within).field("steps", &self.steps).finish_non_exhaustive()
    }
}

impl ApplyOptions {
    /// How long another deployer is waited for.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// At most so many migrations.
    #[must_use]
    pub fn steps(mut self, steps: u32) -> Self {
        self.steps = Some(steps);
        self
    }

    /// How long a backfill rests after each batch.
    #[must_use]
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// The tables as the newest migration leaves them, as JSON.
    #[must_use]
    pub fn tables(mut self, tables: impl Into<String>) -> Self {
        self.tables = Some(tables.into());
        self
    }

    /// What may be lost on the way back, by the codes of `lint`.
    ///
    /// ```
    /// let options = seabed::migration::ApplyOptions::default().lose(["drops-table"]);
    /// ```
    #[must_use]
    pub fn lose<C: Into<String>>(mut self, codes: impl IntoIterator<Item = C>) -> Self {
        self.lose.extend(codes.into_iter().map(Into::into));
        self
    }

    /// Hears how it goes on.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(&Progress<'_>) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(told));
        self
    }

    pub(super) fn tell(&self, progress: &Progress<'_>) {
        if let Some(told) = &self.progress {
            told(progress);
        }
    }
}

/// What was applied, or taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Applied {
    /// The migrations, in the order in which it was done.
    pub names: Vec<String>,
}

/// How a deploy goes on. Each is told when it has happened, and what it tells is in the database then, but for `Ran`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// No other deployer works.
    Locked,
    /// A migration began, or goes on where it stopped.
    Migration {
        /// Its name.
        name: &'a str,
        /// How many steps it has; none where it is written by hand.
        steps: usize,
    },
    /// A step began.
    Step {
        /// Its migration.
        name: &'a str,
        /// Its place, from 1.
        step: usize,
        /// What it does, in a few words.
        what: &'a str,
    },
    /// A statement ran, and it is not noted yet.
    Ran {
        /// The statement.
        sql: &'a str,
    },
    /// How far a statement is was noted.
    Noted {
        /// The statement.
        sql: &'a str,
        /// How far it is.
        state: State,
    },
    /// A batch of a backfill was done.
    Batch {
        /// The table.
        table: &'a str,
        /// Rows so far, of all attempts.
        rows: u64,
        /// Rows that there were to change.
        total: u64,
    },
    /// A migration is done.
    Done {
        /// Its name.
        name: &'a str,
    },
}

impl fmt::Display for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked => f.write_str("no other deployer works"),
            Self::Migration { name, .. } => f.write_str(name),
            Self::Step { name, step, what } => write!(f, "{name}: step {step}: {what}"),
            Self::Ran { sql } => write!(f, "ran: {sql}"),
            Self::Noted { sql, state } => write!(f, "{state}: {sql}"),
            Self::Batch { table, rows, total } => write!(f, "{table}: {rows} of {total} rows"),
            Self::Done { name } => write!(f, "{name} is done"),
        }
    }
}
