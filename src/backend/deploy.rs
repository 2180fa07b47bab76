//! One session for a deploy: the lock, the statements and the books are all its own.

use crate::{
    Error, ErrorKind, Result,
    schema::{Action, Backfill, Flavor, Picture, Statement, Step, Table, Warning, lint, picture::TablePicture},
};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::{
    fmt::{self, Debug},
    fs,
    sync::Arc,
    time::{Duration, Instant},
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
pub trait Deploy: DeployLock + DeploySession + DeployBooks + Debug + Send {
    /// The words that statements are written in; none where the backend's are not SQL.
    fn flavor(&self) -> Option<Flavor>;

    /// What the database has.
    async fn inspect(&mut self) -> Result<Picture>;

    /// What it would have if these tables were made in an empty place: built there, read back, taken away.
    async fn want(&mut self, tables: &[Arc<Table>]) -> Result<Picture>;

    /// Says in both pictures what this server keeps no word of, so that it is compared too: of what is there, as those said it who made
    /// it last (`owned`).
    fn completed(&self, _have: &mut Picture, _want: &mut Picture, _tables: &[Arc<Table>], _owned: &[Table]) {}

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

    /// SeaORM's connection over the same session, for migrations that are written by hand.
    fn seaorm(&self) -> Option<&sea_orm::DatabaseConnection>;

    /// Ends the session, and its lock with it.
    async fn close(self: Box<Self>) -> Result<()>;
}

/// The name of this machine, as far as it is known, for those who ask who is at work.
pub(crate) fn host() -> String {
    let said = ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let host = said.or_else(|| fs::read_to_string("/proc/sys/kernel/hostname").ok()).unwrap_or_default();
    match host.trim() {
        "" => "an unknown host".to_owned(),
        host => host.chars().take(100).collect(),
    }
}

/// One deployer at a time (law S3): the right to deploy, which ends with the session.
#[async_trait]
pub trait DeployLock: Send {
    /// Makes the session one that waits as long as it should, before the right is asked for.
    async fn before_lock(&mut self, within: Duration) -> Result<()>;

    /// Takes the right where it is free, and says whether it was.
    async fn take(&mut self) -> Result<bool>;

    /// Who has it, where the server tells.
    async fn holder(&mut self) -> Result<Option<String>>;

    /// Waits for the right to deploy; `LockTimeout`, with who holds it where the server tells, when the time is over. It is asked for
    /// again and again: PostgreSQL's waiting form was seen to hang beside CREATE INDEX CONCURRENTLY, and MariaDB's to return at once.
    async fn lock(&mut self, within: Duration) -> Result<()> {
        self.before_lock(within).await?;
        let began = Instant::now();
        while !self.take().await? {
            if began.elapsed() >= within {
                let who = self.holder().await?.unwrap_or_else(|| "the server does not say who".to_owned());
                let why = format!(
                    "another deployer holds the lock of the migrations for more than {within:?}: {who}. Nothing was run: run it again \
                     once that one is done"
                );
                return Err(Error::new(ErrorKind::LockTimeout, why));
            }
            tokio::time::sleep(EVERY.min(within)).await;
        }
        Ok(())
    }

    /// Whether the right is still this session's.
    async fn holds(&mut self) -> Result<bool>;

    /// Gives the right back.
    async fn unlock(&mut self) -> Result<()>;
}

/// How often the right to deploy is asked for.
const EVERY: Duration = Duration::from_millis(200);

/// What runs and asks, all in one session.
#[async_trait]
pub trait DeploySession: Send {
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
}

/// What is noted in the database of its migrations.
#[async_trait]
pub trait DeployBooks: Send {
    /// What was noted; nothing where there are no books yet.
    async fn books(&mut self) -> Result<Books>;

    /// Makes the books where there are none.
    async fn open_books(&mut self) -> Result<()>;

    /// Notes a migration, in place of what was noted of it. Of one that is done no statements are kept.
    async fn note(&mut self, booked: &Booked) -> Result<()> {
        self.put_migration(booked).await?;
        match booked.state {
            State::Done | State::Baselined => self.forget_steps(&booked.name).await,
            _ => Ok(()),
        }
    }

    /// Notes a statement of a migration, in place of what was noted of it.
    async fn note_step(&mut self, noted: &Noted) -> Result<()>;

    /// Forgets a migration and its steps.
    async fn forget(&mut self, migration: &str) -> Result<()> {
        self.forget_steps(migration).await?;
        self.forget_migration(migration).await
    }

    /// Writes the row of a migration, in place of the one that has its name.
    async fn put_migration(&mut self, booked: &Booked) -> Result<()>;

    /// Takes away the row of a migration.
    async fn forget_migration(&mut self, migration: &str) -> Result<()>;

    /// Takes away the rows of its statements.
    async fn forget_steps(&mut self, migration: &str) -> Result<()>;
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

impl Rehearsal {
    /// Notes a step; whether the next of `all` can be played too: what follows may need what was refused.
    pub(crate) fn heard(&mut self, mut heard: Rehearsed, refused: Option<&Error>, all: usize) -> bool {
        if let Some(error) = refused {
            let said = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
            heard.warnings.push(lint::REFUSED.warn(format!("{error}{said}")));
        }
        self.steps.push(heard);
        if refused.is_some() {
            self.steps.resize_with(all, Rehearsed::default);
        }
        refused.is_none()
    }
}

/// That this user may not make a scratch place, and what allows it; with the server's words.
pub(crate) fn no_scratch(error: &Error, right: &str) -> Error {
    let why = format!("this user may not make a scratch place, where a plan is made and rehearsed: {right}");
    let lacking = Error::new(ErrorKind::Migration, why);
    match error.detail() {
        Some(detail) => lacking.with_detail(detail.to_owned()),
        None => lacking,
    }
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
