//! One session for a deploy: the lock, the statements and the books are all its own.

use crate::{
    Error, Result,
    schema::{Action, Backfill, Flavor, Picture, Statement, Step, Table, Warning, lint, picture::TablePicture},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{
    fmt::{self, Debug},
    sync::Arc,
    time::Duration,
};

/// What a backend does for a deploy.
///
/// # Contract
/// - Everything MUST run in one session of the server, so that the lock ends when the work can no longer go on, and never before.
/// - A session that broke MUST NOT be followed by another one: every later call fails, or a COMMIT would keep nothing and say so
///   to nobody.
/// - A scratch place MUST be gone when the call returns, also when it fails.
/// - `inspect` MUST NOT change anything.
#[async_trait]
pub trait Deploy: Debug + Send {
    /// The words that statements are written in; none where the backend's are not SQL.
    fn flavor(&self) -> Option<Flavor>;

    /// What the database has.
    async fn inspect(&mut self) -> Result<Picture>;

    /// What it would have if these tables were made in an empty place: built there, read back, taken away.
    async fn want(&mut self, tables: &[Arc<Table>]) -> Result<Picture>;

    /// The statements of an action, on a database that has this.
    ///
    /// # Errors
    /// `Unsupported` with entity and field for what this server cannot do; `SchemaMismatch` where the database lacks what the action
    /// is about.
    fn statements(&self, action: &Action, have: &Picture) -> Result<Vec<Statement>>;

    /// What is to be known of steps that run one after the other, on a database that has this.
    fn judge(&self, steps: &[Step], have: &Picture) -> Vec<Vec<Warning>> {
        match self.flavor() {
            Some(flavor) => lint::judge_all(steps, have, flavor),
            None => vec![Vec::new(); steps.len()],
        }
    }

    /// How a backfill goes along a table, on a server that speaks no SQL.
    ///
    /// # Errors
    /// `SchemaMismatch` with entity and field for a table without a key, and for what says nothing for this server.
    fn way(&self, backfill: &Backfill, _: &TablePicture) -> Result<Box<dyn Way>> {
        Err(Error::unsupported("this backend has no backfills").entity(&backfill.table))
    }

    /// Plays steps on an empty copy of what the database has, and takes it away again. What the server says of each statement
    /// (locks, rewrites, refusals) is in its warnings.
    async fn rehearse(&mut self, have: &Picture, steps: &[Step]) -> Result<Rehearsal>;

    /// Waits for the right to deploy; `LockTimeout`, with who holds it where the server tells, when the time is over.
    async fn lock(&mut self, within: Duration) -> Result<()>;

    /// Whether the right is still this session's.
    async fn holds(&mut self) -> Result<bool>;

    /// Gives the right back.
    async fn unlock(&mut self) -> Result<()>;

    /// Begins what is to be whole. On SQLite it waits for the file as long as `lock` said, and references are looked at when it is
    /// kept and not before: a table that is made anew would take its children with it.
    async fn begin(&mut self) -> Result<()>;

    /// Keeps it; where that fails with anything but a lost connection, it is undone. `ForeignKeyViolation` on SQLite where a
    /// reference is broken that was not before.
    async fn commit(&mut self) -> Result<()>;

    /// Undoes it.
    async fn rollback(&mut self) -> Result<()>;

    /// Runs one statement, in the server's own words, and says how many rows it changed.
    async fn run(&mut self, sql: &str) -> Result<u64>;

    /// The rows of a question, each cell as text.
    async fn ask(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>>;

    /// What was noted; nothing where there are no books yet.
    async fn books(&mut self) -> Result<Books>;

    /// Makes the books where there are none.
    async fn open_books(&mut self) -> Result<()>;

    /// Notes a migration, in place of what was noted of it. Of one that is done no statements are kept.
    async fn note(&mut self, booked: &Booked) -> Result<()>;

    /// Notes a statement of a migration, in place of what was noted of it.
    async fn note_step(&mut self, noted: &Noted) -> Result<()>;

    /// Forgets a migration and its steps.
    async fn forget(&mut self, migration: &str) -> Result<()>;

    /// SeaORM's connection over the same session, for migrations that are written by hand.
    fn seaorm(&self) -> Option<&sea_orm::DatabaseConnection>;

    /// Ends the session, and its lock with it.
    async fn close(self: Box<Self>) -> Result<()>;
}

/// The way along a table, batch by batch in the key's order: its statements but for the places. A place is what `end` was answered.
pub trait Way: Debug + Send + Sync {
    /// Where a batch ends: a question for the key of its last row, which has no answer where fewer rows are left.
    fn end(&self, after: Option<&[String]>) -> String;

    /// What changes the rows behind a place, up to another.
    fn update(&self, after: Option<&[String]>, until: Option<&[String]>) -> String;

    /// How many rows there are to change behind a place.
    fn count(&self, after: Option<&[String]>) -> String;
}

/// What an empty copy told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rehearsal {
    /// Of each step.
    pub steps: Vec<Rehearsed>,
    /// What the copy had at the end.
    pub after: Picture,
}

/// What an empty copy told of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// What ran.
    pub statements: Vec<Statement>,
    /// What the server said of it.
    pub warnings: Vec<Warning>,
}

/// What is noted in the database of its migrations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// The migrations, by name.
    pub migrations: Vec<Booked>,
    /// The statements of migrations that are not done, in order.
    pub steps: Vec<Noted>,
    /// The names that sea-orm-migration's own book has.
    pub seaql: Vec<String>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is planned, and has not begun.
    Pending,
    /// It began, and nobody noted its end.
    Started,
    /// It is done.
    Done,
    /// It failed, and what it did is still there where the server cannot undo it.
    Failed,
    /// It was taken for done without being run.
    Baselined,
    /// It is being taken back.
    Undoing,
}

impl State {
    /// Every state.
    const ALL: [Self; 6] = [Self::Pending, Self::Started, Self::Done, Self::Failed, Self::Baselined, Self::Undoing];

    /// The word that the books have for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Started => "started",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Baselined => "baselined",
            Self::Undoing => "undoing",
        }
    }

    /// The state of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A migration in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// Its name.
    pub name: String,
    /// The digest of its source; empty for one without.
    pub checksum: String,
    /// How far it is.
    pub state: State,
    /// The tables as they are after it, as JSON; empty where it does not say.
    pub tables: String,
    /// When it began, UTC.
    pub started_at: String,
    /// When it ended, UTC; empty where it did not.
    pub finished_at: String,
    /// Who ran it: host, process and version.
    pub by: String,
}

/// A statement of a migration in the books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The migration.
    pub migration: String,
    /// The step's place, from 0.
    pub step: u32,
    /// The statement's place in the step, from 0.
    pub statement: u32,
    /// The digest of its step, which may not change once it has begun.
    pub hash: String,
    /// The statement as JSON ([`Statement`]): after a crash it is run or told as it was planned, for what was planned hangs on what
    /// the database had then.
    pub text: String,
    /// How far it is.
    pub state: State,
    /// Where the next batch begins, as JSON; empty where there is none.
    pub cursor: String,
    /// The rows that were changed so far.
    pub rows: i64,
    /// How often it was begun.
    pub attempts: i32,
    /// Why it failed, without data; empty where it did not.
    pub error: String,
}
