//! One migration on its way: the session, what the books have of it, and how its failures are told.

use super::{ApplyOptions, Progress, books::Books};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Deploy,
        deploy::{Booked, Noted, State, host},
    },
    schema::{Action, Flavor, Statement},
};
use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::{SecondsFormat, Utc};
use std::time::Duration;

/// A migration that is applied, or taken back.
pub(super) struct Run<'a> {
    pub deploy: &'a mut dyn Deploy,
    pub options: &'a ApplyOptions,
    pub name: &'a str,
    /// Its steps, in the order in which they are done.
    pub steps: usize,
    /// Whether it is taken back.
    pub back: bool,
    /// What the books have of its statements.
    pub noted: Vec<Noted>,
}

impl Run<'_> {
    pub fn tell(&self, progress: &Progress<'_>) {
        self.options.tell(progress);
    }

    /// The command that goes on.
    pub fn again(&self) -> &'static str {
        if self.back { "down" } else { "apply" }
    }

    /// Whether the server can undo DDL.
    pub fn undoes(&self) -> bool {
        matches!(self.deploy.flavor(), Some(Flavor::Sqlite | Flavor::Postgres))
    }

    /// The lock is still this session's: else another deployer may be at work.
    pub async fn sure(&mut self) -> Result<()> {
        sure(self.deploy).await
    }

    /// Notes how far a statement is.
    pub async fn note(&mut self, noted: &Noted, statement: &Statement) -> Result<()> {
        self.deploy.note_step(noted).await?;
        self.tell(&Progress::Noted { sql: &statement.sql, state: noted.state });
        Ok(())
    }

    /// An error with the place where it happened, what was done, and what goes on.
    pub fn failed(&self, step: u32, action: &Action, error: Error, kept: &str) -> Error {
        if matches!(error.kind(), ErrorKind::HalfApplied) {
            return error;
        }
        let (name, of, again, place) = (self.name, self.steps, self.again(), step + 1);
        let before = match step {
            0 => String::new(),
            1 => "; step 1 is done".to_owned(),
            many => format!("; steps 1 to {many} are done"),
        };
        // Inside one transaction the earlier steps went with this one.
        let before = if kept == NOTHING_OF_IT { String::new() } else { before };
        let on = match error.status() {
            crate::Status::Permanent => format!("mend what it says, then run `{again}` again"),
            _ => format!("run `{again}` again: it goes on from there"),
        };
        let what = what(action);
        let said = error.message();
        let why = format!("`{name}`: step {place} of {of} ({what}) stopped: {said}. {kept}{before}. To go on, {on}");
        let detail = error.detail().map(ToOwned::to_owned);
        let mut told = Error::new(error.kind(), why);
        if let Some(table) = error.entity_name() {
            told = told.entity(table);
        }
        for field in error.fields() {
            told = told.field(field.clone());
        }
        if let Some(constraint) = error.constraint_name() {
            told = told.constraint(constraint);
        }
        if let Some(detail) = detail {
            told = told.with_detail(detail);
        }
        told.with_source(error)
    }
}

/// The lock is still this session's: else another deployer may be at work.
pub(super) async fn sure(deploy: &mut dyn Deploy) -> Result<()> {
    if deploy.holds().await? {
        return Ok(());
    }
    let why = "the lock of the migrations is no longer this session's, so nothing more was run";
    Err(Error::new(ErrorKind::ConnectionLost, why))
}

/// What is left of a migration that is one transaction.
pub(super) const NOTHING_OF_IT: &str = "All of the migration was undone";

/// Whether the session has ended: then nothing can be noted, and nothing undone.
pub(super) fn lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::WriteUnknown | ErrorKind::CommitUnknown)
}

/// Whether it was refused for the sake of others, who will be gone in a moment.
pub(super) fn in_the_way(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::LockTimeout | ErrorKind::Deadlock | ErrorKind::Serialization)
}

/// The pauses between the attempts, random, so that two who met do not meet again.
pub(super) fn pauses() -> impl Iterator<Item = Duration> + Send {
    let pauses = ExponentialBuilder::default().with_min_delay(Duration::from_millis(100));
    pauses.with_max_delay(Duration::from_secs(5)).with_max_times(8).with_jitter().build()
}

pub(super) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A row of the books that begins now.
pub(super) fn begins(name: &str, checksum: String, state: State) -> Booked {
    let by = format!("{}, process {}, seabed {}", host(), std::process::id(), env!("CARGO_PKG_VERSION"));
    Booked {
        name: name.to_owned(),
        checksum,
        state,
        tables: String::new(),
        started_at: now(),
        finished_at: String::new(),
        by,
    }
}

/// What a step does, in a few words.
pub(super) fn what(action: &Action) -> String {
    let at = action.table().unwrap_or_default();
    match action {
        Action::CreateTable(_) => format!("create table {at}"),
        Action::DropTable(_) => format!("drop table {at}"),
        Action::RenameTable { to, .. } => format!("rename table {at} to {to}"),
        Action::AddColumn { column, .. } => format!("add column {at}.{}", column.name),
        Action::DropColumn { column, .. } => format!("drop column {at}.{}", column.name),
        Action::RenameColumn { from, to, .. } => format!("rename column {at}.{from} to {to}"),
        Action::AlterColumn { to, .. } => format!("alter column {at}.{}", to.name),
        Action::AddIndex { index, .. } => format!("add index {} on {at}", index.name),
        Action::DropIndex { index, .. } => format!("drop index {} on {at}", index.name),
        Action::RenameIndex { from, to, .. } => format!("rename index {from} on {at} to {to}"),
        Action::AddForeignKey { key, .. } => format!("add foreign key {} on {at}", key.name),
        Action::DropForeignKey { key, .. } => format!("drop foreign key {} on {at}", key.name),
        Action::AddCheck { check, .. } => format!("add check {} on {at}", check.name),
        Action::DropCheck { check, .. } => format!("drop check {} on {at}", check.name),
        Action::SetKey { to, .. } => format!("set the key of {at} to {}", to.join(", ")),
        Action::SetComment { .. } => format!("set a comment on {at}"),
        Action::Sql(sql) => sql.what.clone(),
        Action::Backfill(_) => format!("backfill {at}"),
    }
}

/// Whether it is this migration's turn.
pub(super) fn is_next(books: &Books, name: &str, back: bool) -> Result<bool> {
    let turn = if back { books.last()? } else { books.next()? };
    Ok(turn.as_deref() == Some(name))
}
