//! What is pending is applied, in one session: lock, books, checksums, then each migration with its journal.
//!
//! On SQLite a migration is one transaction, which is the lock too. On PostgreSQL each step is one, with its rows in the journal, so
//! that a long backfill holds no locks of the steps before it. On MySQL every statement is kept at once, and the journal alone knows
//! how far it came.

use super::{
    Applied, ApplyOptions, MigratorTrait, Progress, Stepwise, backfill,
    books::{self, Books},
    failed, hand, journal, run,
    run::{NOTHING_OF_IT, Run, lost, what},
    stepwise,
};
use crate::{
    Database, Error, ErrorKind, Result,
    backend::{
        Deploy,
        deploy::{Booked, State},
    },
    schema::{Action, Flavor, Risk, Step, lint},
};

/// Applies what is pending, oldest first. Where another deployer is at work it waits; where nothing is pending it only reads.
///
/// A run that stops at any point, because it was killed or because the server was, is followed by another that goes on: nothing runs
/// twice, and what nobody can know is asked.
///
/// ```no_run
/// # use seabed::migration::{self, prelude::*, ApplyOptions};
/// # struct Migrator;
/// # impl MigratorTrait for Migrator { fn migrations() -> Vec<Box<dyn MigrationTrait>> { vec![] } }
/// # async fn deploy(db: &seabed::Database) -> seabed::Result<()> {
/// let options = ApplyOptions::default().progress(|progress| println!("{progress}"));
/// let applied = migration::apply::<Migrator>(db, options).await?;
/// println!("{} migrations", applied.names.len());
/// # Ok(()) }
/// ```
///
/// # Errors
/// `Unsupported` on a backend without migrations; `LockTimeout`, with who is at work, where another deployer does not finish;
/// `NotAccepted` where a step's risk is not accepted, before anything runs; `HalfApplied` where one stopped and nobody can know how
/// far it came; `Migration` where an applied one was edited (law S4), or an older one was applied that this program lacks; and what a
/// step met, with its place, what was done, and the command that goes on.
pub async fn apply<M: MigratorTrait>(db: &Database, options: ApplyOptions) -> Result<Applied> {
    let mut deploy = db.backend().deploy().await?;
    let applied = apply_on::<M>(&mut *deploy, &options).await;
    super::closed(deploy, applied).await
}

/// The same in a session that is open.
pub(super) async fn apply_on<M: MigratorTrait>(deploy: &mut dyn Deploy, options: &ApplyOptions) -> Result<Applied> {
    let books = Books::read::<M>(deploy).await?;
    books.sound(false)?;
    if books.next()?.is_none() && noted(&books, options).is_none() {
        return Ok(Applied::default());
    }
    lock::<M>(deploy, options).await?;
    let applied = pending::<M>(deploy, options).await;
    // A release that fails is a session that has ended, and its lock with it.
    let _ = deploy.unlock().await;
    applied
}

/// Waits until no other deployer works, and makes the books where there are none.
pub(super) async fn lock<M: MigratorTrait>(deploy: &mut dyn Deploy, options: &ApplyOptions) -> Result<()> {
    deploy.lock(options.within).await?;
    options.tell(&Progress::Locked);
    let opened = open::<M>(deploy).await;
    if opened.is_err() {
        let _ = deploy.unlock().await;
    }
    opened
}

async fn open<M: MigratorTrait>(deploy: &mut dyn Deploy) -> Result<()> {
    deploy.open_books().await?;
    match deploy.seaorm() {
        Some(connection) => {
            M::install(connection).await.map_err(|error| failed("the books could not be opened", &error))
        }
        None => Ok(()),
    }
}

async fn pending<M: MigratorTrait>(deploy: &mut dyn Deploy, options: &ApplyOptions) -> Result<Applied> {
    let mut applied = Applied::default();
    let books = Books::read::<M>(deploy).await?;
    books.sound(false)?;
    let limit = options.steps.map_or(usize::MAX, |steps| steps as usize);
    accepted(deploy, &books.pending()?[..]).await?;
    while applied.names.len() < limit {
        let books = Books::read::<M>(deploy).await?;
        books.sound(false)?;
        let Some(name) = books.next()? else {
            note(deploy, &books, options).await?;
            break;
        };
        if one::<M>(deploy, options, &books, &name).await? {
            options.tell(&Progress::Done { name: &name });
            applied.names.push(name);
        }
    }
    Ok(applied)
}

/// Refuses what would lose something and is not said to be right, before anything runs.
async fn accepted(deploy: &mut dyn Deploy, pending: &[String]) -> Result<()> {
    let mut steps = Vec::new();
    for name in pending {
        let Some(stepwise) = stepwise(name) else { continue };
        let own = (stepwise.steps)()?;
        steps.extend(own.into_iter().enumerate().map(|(at, step)| (name, at + 1, step)));
    }
    if steps.is_empty() {
        return Ok(());
    }
    let have = deploy.inspect().await?;
    let all: Vec<Step> = steps.iter().map(|(_, _, step)| step.clone()).collect();
    let mut refused = Vec::new();
    for ((name, at, step), warnings) in steps.iter().zip(deploy.judge(&all, &have)) {
        let standing = lint::accept(step, warnings).standing;
        for warning in standing.iter().filter(|it| it.risk >= Risk::Destructive) {
            refused.push(format!(
                "\n  `{name}`, step {at} ({}): {} ({}): {}",
                what(&step.action),
                warning.code,
                warning.risk,
                warning.why
            ));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let why = format!(
        "nothing was run, for what a step would lose is not accepted:{}\nWhere it is right, say so behind the step, \
         `.allow(\"its-code\", \"why it is no danger here\")`, and run `apply` again",
        refused.concat()
    );
    Err(Error::new(ErrorKind::NotAccepted, why))
}

/// One migration; `false` where another deployer was first.
async fn one<M: MigratorTrait>(
    deploy: &mut dyn Deploy,
    options: &ApplyOptions,
    books: &Books,
    name: &str,
) -> Result<bool> {
    let migrations = M::migrations();
    let Some(migration) = migrations.iter().find(|migration| migration.name() == name) else { return Ok(false) };
    let Some(stepwise) = stepwise(name) else {
        options.tell(&Progress::Migration { name, steps: 0 });
        let mut run = Run { deploy, options, name, steps: 1, back: false, noted: Vec::new() };
        return hand::migrate::<M>(&mut run, &**migration).await;
    };
    let steps = (stepwise.steps)()?;
    options.tell(&Progress::Migration { name, steps: steps.len() });
    let noted = books.steps(name);
    let mut run = Run { deploy, options, name, steps: steps.len(), back: false, noted };
    if is_one(&run, &steps) {
        return whole::<M>(&mut run, &steps, done(stepwise)).await;
    }
    let begun = books.booked(name).filter(|booked| matches!(booked.state, State::Started | State::Failed));
    let digest = books::digest(stepwise.source);
    let mut booked = run::begins(name, digest, State::Started);
    if let Some(begun) = begun {
        booked.started_at.clone_from(&begun.started_at);
    }
    run.sure().await?;
    run.deploy.note(&booked).await?;
    if let Err(error) = journaled(&mut run, &steps).await {
        if !lost(&error) {
            booked.state = State::Failed;
            let _ = run.deploy.note(&booked).await;
        }
        return Err(error);
    }
    booked.state = State::Done;
    booked.finished_at = run::now();
    end::<M>(&mut run, Some(booked)).await?;
    Ok(true)
}

/// Whether all of it is one transaction.
pub(super) fn is_one(run: &Run<'_>, steps: &[Step]) -> bool {
    let file = Flavor::Sqlite;
    let alone = |step: &Step| matches!(&step.action, Action::Sql(sql) if sql.alone && sql.up.on(file).is_some());
    run.deploy.flavor() == Some(file) && run.noted.is_empty() && !steps.iter().any(alone)
}

fn done(stepwise: &Stepwise) -> Booked {
    run::begins(stepwise.name, books::digest(stepwise.source), State::Done)
}

/// The steps with their journal.
pub(super) async fn journaled(run: &mut Run<'_>, steps: &[Step]) -> Result<()> {
    journal::none_is_gone(run, steps.len())?;
    for (at, step) in steps.iter().enumerate() {
        let what = what(&step.action);
        run.tell(&Progress::Step { name: run.name, step: at + 1, what: &what });
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        let done = match &step.action {
            action @ Action::Backfill(_) => backfill::step(run, place, action, true).await,
            _ => match journal::fits(run, place, step).await {
                Ok(()) => journal::step(run, place, step).await,
                refused => refused,
            },
        };
        let kept = match &step.action {
            Action::Backfill(_) => "The batches until then are kept",
            _ if run.undoes() => "Nothing of this step was kept",
            _ => "What of this step was done before is noted",
        };
        done.map_err(|error| run.failed(place, &step.action, error, kept))?;
    }
    Ok(())
}

/// All of a migration in one transaction, which is the lock too.
pub(super) async fn whole<M: MigratorTrait>(run: &mut Run<'_>, steps: &[Step], mut booked: Booked) -> Result<bool> {
    run.deploy.begin().await?;
    let done = async {
        // Another deployer may have been first until now.
        let books = Books::read::<M>(run.deploy).await?;
        if !run::is_next(&books, run.name, run.back)? {
            return Ok(false);
        }
        for (at, step) in steps.iter().enumerate() {
            let what = what(&step.action);
            run.tell(&Progress::Step { name: run.name, step: at + 1, what: &what });
            let place = u32::try_from(at).unwrap_or(u32::MAX);
            let done = match &step.action {
                action @ Action::Backfill(_) => backfill::step(run, place, action, false).await,
                action => match journal::fits(run, place, step).await {
                    Ok(()) => journal::inside(run, action).await,
                    refused => refused,
                },
            };
            done.map_err(|error| run.failed(place, &step.action, error, NOTHING_OF_IT))?;
        }
        booked.finished_at = run::now();
        both::<M>(run, (!run.back).then_some(&booked)).await?;
        Ok(true)
    };
    match done.await {
        Ok(true) => {
            let (name, again) = (run.name, run.again());
            run.deploy.commit().await.map_err(|error| {
                let why = format!(
                    "`{name}` was not kept: {}. All of it was undone; mend what it says, then run `{again}` again",
                    error.message()
                );
                let told = Error::new(error.kind(), why);
                let told = if let Some(detail) = error.detail() { told.with_detail(detail) } else { told };
                told.with_source(error)
            })?;
            Ok(true)
        }
        outcome => {
            let _ = run.deploy.rollback().await;
            outcome
        }
    }
}

/// Notes the end in both books, at once; without a row, that it was taken back.
pub(super) async fn end<M: MigratorTrait>(run: &mut Run<'_>, booked: Option<Booked>) -> Result<()> {
    run.sure().await?;
    run.deploy.begin().await?;
    if let Err(error) = both::<M>(run, booked.as_ref()).await {
        if !lost(&error) {
            let _ = run.deploy.rollback().await;
        }
        return Err(error);
    }
    run.deploy.commit().await
}

async fn both<M: MigratorTrait>(run: &mut Run<'_>, booked: Option<&Booked>) -> Result<()> {
    if let Some(flavor) = run.deploy.flavor() {
        run.deploy.run(&hand::seaql::<M>(run.name, booked.is_none(), flavor)?).await?;
    }
    match booked {
        Some(booked) => run.deploy.note(booked).await,
        None => run.deploy.forget(run.name).await,
    }
}

/// The newest migration with the tables that it leaves, where the books do not say them yet.
fn noted(books: &Books, options: &ApplyOptions) -> Option<Booked> {
    let tables = options.tables.as_ref()?;
    let name = books.newest()?;
    let booked = books.booked(name).cloned().unwrap_or_else(|| {
        let digest = stepwise(name).map(|stepwise| books::digest(stepwise.source)).unwrap_or_default();
        run::begins(name, digest, State::Baselined)
    });
    (booked.tables != *tables).then(|| Booked { tables: tables.clone(), ..booked })
}

async fn note(deploy: &mut dyn Deploy, books: &Books, options: &ApplyOptions) -> Result<()> {
    match noted(books, options) {
        Some(booked) => deploy.note(&booked).await,
        None => Ok(()),
    }
}
