//! The statements of a step, with what is noted of them: after a crash at any point the next run goes on, or says what it cannot
//! know.
//!
//! On a server that can undo DDL, statements and their rows in the journal are one transaction. Elsewhere, and for a statement that
//! must stand alone, it is: noted as begun, run, noted as done; one that is found begun is asked for in the database itself, by its
//! [`Done`].

use super::{
    Progress,
    run::{Run, in_the_way, lost, pauses, what},
};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Noted, State},
    schema::{Action, Done, Flavor, Picture, Planned, Statement, Step, ddl, lint, picture::TablePicture},
};
use sha2::{Digest, Sha256};
use tokio::time::sleep;

/// How long an index that is built beside the writers waits for them.
const BESIDE: &str = "10min";

/// The statements of an action, on what the database has now. One of one's own needs no look.
pub(super) async fn statements(run: &mut Run<'_>, action: &Action) -> Result<Vec<Statement>> {
    let have = if let Action::Sql(_) = action { Picture::default() } else { run.deploy.inspect().await? };
    run.deploy.statements(action, &have)
}

/// The digest of a step.
pub(super) fn digest(action: &Action) -> Result<String> {
    let text = serde_json::to_string(action).map_err(|error| unwritable(&error))?;
    Ok(hex::encode(Sha256::digest(text)))
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::new(ErrorKind::Migration, "a step cannot be noted").with_detail(error.to_string())
}

/// What was noted of a step that began, which must be the same step now.
pub(super) fn begun(run: &Run<'_>, at: u32, action: &Action) -> Result<Vec<Noted>> {
    let rows: Vec<Noted> = run.noted.iter().filter(|noted| noted.step == at).cloned().collect();
    let hash = digest(action)?;
    if rows.iter().any(|row| row.hash != hash) {
        return Err(edited(run, &format!("step {} ({}) was edited", at + 1, what(action))));
    }
    Ok(rows)
}

/// Refuses a migration that lacks a step that began.
pub(super) fn none_is_gone(run: &Run<'_>, steps: usize) -> Result<()> {
    match run.noted.iter().map(|noted| noted.step as usize).max() {
        Some(last) if last >= steps => Err(edited(run, &format!("step {} was taken away", last + 1))),
        _ => Ok(()),
    }
}

fn edited(run: &Run<'_>, how: &str) -> Error {
    let (name, again) = (run.name, run.again());
    let why = format!(
        "`{name}`: {how} after it began. Put it back as it was and run `{again}` again; or undo by hand what the migration did, and run \
         `resolve {name} --rolled-back`"
    );
    Error::new(ErrorKind::HalfApplied, why)
}

/// Refuses a step that rows stand in the way of, before anything of it runs: some servers would cut what does not fit, and others
/// refuse it half-way. What its author has accepted is not counted, nor a step that began.
pub(super) async fn fits(run: &mut Run<'_>, at: u32, step: &Step) -> Result<()> {
    let own = matches!(step.action, Action::Sql(_) | Action::Backfill(_) | Action::CreateTable(_));
    if own || run.noted.iter().any(|noted| noted.step == at) {
        return Ok(());
    }
    let have = run.deploy.inspect().await?;
    let warnings = run.deploy.judge(std::slice::from_ref(step), &have).into_iter().flatten().collect();
    let warnings = lint::accept(step, warnings).standing;
    let mut planned = Planned { step: step.clone(), statements: Vec::new(), reverse: None, warnings };
    let counted = super::counted(run.deploy, &mut planned).await?;
    let Some((code, refusal)) = counted.iter().find_map(|it| Some((&*it.warning.code, it.refusal()?))) else {
        return Ok(());
    };
    // The kind that the server would answer with.
    let kind = match code {
        "unique-over-duplicates" => ErrorKind::UniqueViolation,
        "orphans" => ErrorKind::ForeignKeyViolation,
        "not-null-over-nulls" => ErrorKind::NotNullViolation,
        _ => ErrorKind::Migration,
    };
    let refusal = match refusal.detail() {
        Some(detail) => Error::new(kind, refusal.message().to_owned()).with_detail(detail.to_owned()),
        None => refusal,
    };
    Err(step.action.table().into_iter().fold(refusal, Error::entity))
}

/// Does a step inside the one transaction that the whole migration is.
pub(super) async fn inside(run: &mut Run<'_>, action: &Action) -> Result<()> {
    for statement in statements(run, action).await? {
        run.deploy.run(&statement.sql).await?;
        run.tell(&Progress::Ran { sql: &statement.sql });
    }
    Ok(())
}

/// Does a step, or what is left of it.
pub(super) async fn step(run: &mut Run<'_>, at: u32, step: &Step) -> Result<()> {
    let mut rows = begun(run, at, &step.action)?;
    let planned = if rows.is_empty() {
        let planned = statements(run, &step.action).await?;
        let hash = digest(&step.action)?;
        for (place, statement) in planned.iter().enumerate() {
            rows.push(Noted {
                migration: run.name.to_owned(),
                step: at,
                statement: u32::try_from(place).unwrap_or(u32::MAX),
                hash: hash.clone(),
                text: serde_json::to_string(statement).map_err(|error| unwritable(&error))?,
                state: State::Pending,
                cursor: String::new(),
                rows: 0,
                attempts: 0,
                error: String::new(),
            });
        }
        let together = together(run, &planned);
        // What is one transaction is there or is not; only what has parts must be known by them.
        if together.len() > 1 || together.iter().any(|group| !group.whole) {
            plan(run, &rows).await?;
        }
        planned
    } else {
        let read = |row: &Noted| serde_json::from_str(&row.text).map_err(|error| unwritable(&error));
        rows.iter().map(read).collect::<Result<Vec<Statement>>>()?
    };
    for group in together(run, &planned) {
        let (from, until) = (group.from, group.until);
        if rows[from..until].iter().all(|row| row.state == State::Done) {
            continue;
        }
        if group.whole {
            whole(run, &mut rows[from..until], &planned[from..until]).await?;
        } else {
            alone(run, &mut rows[from], &planned, from, &step.action).await?;
        }
    }
    Ok(())
}

/// Statements that are done together.
struct Group {
    from: usize,
    until: usize,
    /// Whether they and their rows are one transaction.
    whole: bool,
}

fn together(run: &Run<'_>, statements: &[Statement]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        let whole = run.undoes() && !statement.alone;
        match groups.last_mut() {
            Some(last) if whole && last.whole => last.until = at + 1,
            _ => groups.push(Group { from: at, until: at + 1, whole }),
        }
    }
    groups
}

/// Notes what will be run before any of it is.
async fn plan(run: &mut Run<'_>, rows: &[Noted]) -> Result<()> {
    run.sure().await?;
    run.deploy.begin().await?;
    for row in rows {
        if let Err(error) = run.deploy.note_step(row).await {
            if !lost(&error) {
                run.deploy.rollback().await?;
            }
            return Err(error);
        }
    }
    run.deploy.commit().await
}

async fn whole(run: &mut Run<'_>, rows: &mut [Noted], statements: &[Statement]) -> Result<()> {
    let mut pauses = pauses();
    loop {
        match once(run, rows, statements).await {
            Err(error) if in_the_way(&error) => match pauses.next() {
                Some(pause) => sleep(pause).await,
                None => return Err(error),
            },
            outcome => return outcome,
        }
    }
}

async fn once(run: &mut Run<'_>, rows: &mut [Noted], statements: &[Statement]) -> Result<()> {
    run.sure().await?;
    run.deploy.begin().await?;
    let done = async {
        for (row, statement) in rows.iter_mut().zip(statements) {
            run.sure().await?;
            run.deploy.run(&statement.sql).await?;
            run.tell(&Progress::Ran { sql: &statement.sql });
            let done = Noted { state: State::Done, attempts: row.attempts + 1, ..row.clone() };
            run.deploy.note_step(&done).await?;
        }
        Ok(())
    };
    if let Err(error) = done.await {
        if !lost(&error) {
            // The first failure is what the caller needs.
            let _ = run.deploy.rollback().await;
        }
        return Err(error);
    }
    run.deploy.commit().await?;
    for (row, statement) in rows.iter_mut().zip(statements) {
        row.state = State::Done;
        run.tell(&Progress::Noted { sql: &statement.sql, state: State::Done });
    }
    Ok(())
}

/// One statement that nothing undoes.
async fn alone(run: &mut Run<'_>, row: &mut Noted, statements: &[Statement], at: usize, action: &Action) -> Result<()> {
    let statement = &statements[at];
    if row.state == State::Started {
        run.sure().await?;
        match was_done(run, &statement.done).await {
            Ok(Some(true)) => {
                row.state = State::Done;
                return run.note(row, statement).await;
            }
            Ok(Some(false)) => {}
            Ok(None) => return Err(unknown(run, row, &statements[at..], action, None)),
            Err(error) if lost(&error) => return Err(error),
            Err(error) => return Err(unknown(run, row, &statements[at..], action, Some(error))),
        }
    }
    let mut pauses = pauses();
    let mut left = row.attempts > 0;
    row.state = State::Started;
    row.attempts += 1;
    row.error.clear();
    run.sure().await?;
    run.note(row, statement).await?;
    loop {
        run.sure().await?;
        let Err(error) = attempt(run, statement, left).await else { break };
        if in_parts(run, statement) && !lost(&error) {
            return Err(unknown(run, row, &statements[at..], action, Some(error)));
        }
        if in_the_way(&error)
            && let Some(pause) = pauses.next()
        {
            sleep(pause).await;
            left = true;
            continue;
        }
        // A server that refused did nothing of it; of one that is gone nobody knows, and the row says so.
        if !lost(&error) {
            row.state = State::Failed;
            row.error = error.to_string();
            let _ = run.note(row, statement).await;
        }
        return Err(error);
    }
    run.tell(&Progress::Ran { sql: &statement.sql });
    row.state = State::Done;
    run.note(row, statement).await
}

/// Whether a part of it may have been done where it failed, and nobody can ask which: MongoDB undoes nothing.
fn in_parts(run: &Run<'_>, statement: &Statement) -> bool {
    run.deploy.flavor().is_none() && statement.done == Done::Unknown
}

/// Runs it. `left`: an earlier attempt may have left something.
async fn attempt(run: &mut Run<'_>, statement: &Statement, left: bool) -> Result<()> {
    let beside = run.deploy.flavor() == Some(Flavor::Postgres) && ddl::step::concurrently(&statement.sql).is_some();
    if !beside {
        return run.deploy.run(&statement.sql).await.map(drop);
    }
    // It waits for every transaction that was there before it, and nobody waits for it.
    let before = run.deploy.ask("SHOW lock_timeout").await?.into_iter().flatten().flatten().next().unwrap_or_default();
    run.deploy.run(&format!("SET lock_timeout = '{BESIDE}'")).await?;
    let done = async {
        if left {
            clean(run, &statement.done).await?;
        }
        run.deploy.run(&statement.sql).await?;
        // IF NOT EXISTS takes one that is of no use for one.
        match was_done(run, &statement.done).await? {
            Some(false) => Err(Error::new(
                ErrorKind::Migration,
                "there is an index of this name that is not valid, and another made it",
            )),
            _ => Ok(()),
        }
    };
    let done = done.await;
    if done.as_ref().is_err_and(lost) {
        return done;
    }
    let restored = run.deploy.run(&format!("SET lock_timeout = '{before}'")).await.map(drop);
    done.and(restored)
}

/// CREATE INDEX CONCURRENTLY that failed leaves an index that is of no use and has the name.
async fn clean(run: &mut Run<'_>, done: &Done) -> Result<()> {
    let Done::Index(table, index) = done else { return Ok(()) };
    let have = run.deploy.inspect().await?;
    if have.table(table).and_then(|it| it.index(index)).is_none_or(|index| index.valid) {
        return Ok(());
    }
    let mut sql = "DROP INDEX CONCURRENTLY IF EXISTS ".to_owned();
    Flavor::Postgres.qualified(&mut sql, table.split_once('.').map(|(schema, _)| schema), index);
    run.deploy.run(&sql).await.map(drop)
}

/// Whether a statement that began was done, as far as that can be known.
async fn was_done(run: &mut Run<'_>, done: &Done) -> Result<Option<bool>> {
    match done {
        Done::Again => return Ok(Some(false)),
        Done::Unknown => return Ok(None),
        Done::Asked(question) => {
            let rows = run.deploy.ask(question).await?;
            let cell = rows.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
            return Ok(Some(cell.is_some_and(|cell| matches!(&*cell.to_ascii_lowercase(), "1" | "t" | "true"))));
        }
        _ => {}
    }
    let have = run.deploy.inspect().await?;
    let index = |table: &TablePicture, name: &String| table.index(name).is_some_and(|index| index.valid);
    let constraint = |table: &TablePicture, name: &String| {
        table.foreign_keys.iter().any(|key| key.name == *name)
            || table.checks.iter().any(|check| check.name == *name)
            || table.index(name).is_some()
            || table.key.as_ref().is_some_and(|key| key.name == *name)
    };
    // Of another schema there is no picture.
    if let Done::Index(table, _) = done
        && table.contains('.')
        && have.table(table).is_none()
    {
        return Ok(None);
    }
    Ok(Some(match done {
        Done::Table(table) => have.table(table).is_some(),
        Done::NoTable(table) => have.table(table).is_none(),
        Done::Column(table, name) => have.table(table).is_some_and(|table| table.column(name).is_some()),
        Done::NoColumn(table, name) => have.table(table).is_none_or(|table| table.column(name).is_none()),
        Done::Index(table, name) => have.table(table).is_some_and(|table| index(table, name)),
        Done::NoIndex(table, name) => have.table(table).is_none_or(|table| table.index(name).is_none()),
        Done::Constraint(table, name) => have.table(table).is_some_and(|table| constraint(table, name)),
        Done::NoConstraint(table, name) => have.table(table).is_none_or(|table| !constraint(table, name)),
        Done::Again | Done::Unknown | Done::Asked(_) => return Ok(None),
    }))
}

/// A statement that began and whose end nobody knows.
fn unknown(run: &Run<'_>, row: &Noted, left: &[Statement], action: &Action, cause: Option<Error>) -> Error {
    let (name, of, place) = (run.name, run.steps, row.step + 1);
    let left: Vec<String> = left.iter().map(|statement| format!("\n  {};", statement.sql)).collect();
    let more = if place as usize == of { String::new() } else { format!(", and after it steps {} to {of}", place + 1) };
    let why = format!(
        "`{name}` is half applied: in step {place} of {of} ({}) a statement began, and whether it was done nobody can tell but you. \
         Left of this step, the first of them in doubt{more}:{}\nLook at the database, then run `resolve {name} --done` where the \
         first was done, `--retry` where it was not, `--applied` once you did by hand all that is left, or `--rolled-back` once you \
         undid all of the migration",
        what(action),
        left.concat()
    );
    let error = Error::new(ErrorKind::HalfApplied, why);
    match cause {
        Some(cause) => error.with_detail(cause.detail().unwrap_or(cause.message())).with_source(cause.clone()),
        None => error,
    }
}
