//! A migration that is written by hand: one step, of which nobody knows what it does.
//!
//! Where it is one transaction with its row in sea-orm-migration's book, it is there or it is not. Elsewhere it is noted as begun;
//! one that is found begun may have done anything, so a person is asked.

use super::{
    MigratorTrait,
    books::Books,
    failed, run,
    run::{NOTHING_OF_IT, Run, lost},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Deploy,
        deploy::{Booked, State},
    },
    schema::{Flavor, ddl},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use sea_orm_migration::{MigrationTrait, SchemaManager};

/// How much of it the server undoes where it fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    /// We began a transaction, which on SQLite is the lock too.
    Ours,
    /// SeaORM did, so that the migration may set savepoints.
    SeaOrm,
    /// Nothing.
    No,
}

/// Applies it, or takes it back; `false` where another deployer was first.
pub(super) async fn migrate<M: MigratorTrait>(run: &mut Run<'_>, migration: &dyn MigrationTrait) -> Result<bool> {
    let whole = match (run.deploy.flavor(), migration.use_transaction()) {
        (Some(Flavor::Sqlite), None) => Whole::Ours,
        (Some(Flavor::Postgres), None) | (Some(Flavor::Sqlite | Flavor::Postgres), Some(true)) => Whole::SeaOrm,
        (Some(_), _) => Whole::No,
        (None, _) => {
            return Err(Error::unsupported(format!("`{}` is written by hand, for servers of SQL", run.name)));
        }
    };
    let done = match whole {
        Whole::Ours => ours::<M>(run, migration).await,
        Whole::SeaOrm => seaorm::<M>(run, migration).await,
        Whole::No => parts::<M>(run, migration).await,
    };
    let Err(error) = done else { return done };
    // SeaORM's error does not tell a session that ended from a server that said no.
    match run.deploy.holds().await {
        Err(gone) if lost(&gone) && !error.is(ErrorKind::HalfApplied) => {
            let again = run.again();
            let why = format!("{}: {}. Run `{again}` again: it goes on from there", error.message(), gone.message());
            Err(Error::new(gone.kind(), why).with_source(error))
        }
        _ if whole != Whole::No && error.is(ErrorKind::Migration) => {
            let why = format!(
                "{}. {NOTHING_OF_IT}. To go on, mend what it says, then run `{}` again",
                error.message(),
                run.again()
            );
            let told = Error::new(error.kind(), why);
            let told = if let Some(detail) = error.detail() { told.with_detail(detail) } else { told };
            Err(told.with_source(error))
        }
        _ => Err(error),
    }
}

fn connection(deploy: &dyn Deploy) -> Result<&DatabaseConnection> {
    let why = "a migration that is written by hand needs SeaORM's connection, which this backend does not have";
    deploy.seaorm().ok_or_else(|| Error::unsupported(why))
}

/// What it does, on whatever connection.
async fn body((name, back): (&str, bool), migration: &dyn MigrationTrait, manager: &SchemaManager<'_>) -> Result<()> {
    let done = if back { migration.down(manager).await } else { migration.up(manager).await };
    let what = if back { format!("`{name}` was not taken back") } else { format!("`{name}` failed") };
    done.map_err(|error| failed(what, &error))
}

async fn ours<M: MigratorTrait>(run: &mut Run<'_>, migration: &dyn MigrationTrait) -> Result<bool> {
    run.deploy.run("BEGIN IMMEDIATE").await?;
    let done = async {
        // The lock is the transaction, so another deployer may have been first until now.
        let books = Books::read::<M>(run.deploy).await?;
        if !run::is_next(&books, run.name, run.back)? {
            return Ok(false);
        }
        let connection = connection(&*run.deploy)?;
        body((run.name, run.back), migration, &SchemaManager::new(connection)).await?;
        finish::<M>(run.deploy, run.name, run.back).await?;
        Ok(true)
    };
    let done = done.await;
    // The cause is what the caller needs; the session is closed next, which rolls back too.
    let end = if matches!(done, Ok(true)) { run.deploy.run("COMMIT").await } else { Ok(0) };
    if end.is_err() || !matches!(done, Ok(true)) {
        let _ = run.deploy.run("ROLLBACK").await;
    }
    end.and(done)
}

async fn seaorm<M: MigratorTrait>(run: &mut Run<'_>, migration: &dyn MigrationTrait) -> Result<bool> {
    let flavor = run.deploy.flavor().unwrap_or(Flavor::Postgres);
    let mode = (flavor == Flavor::Sqlite).then_some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
    let begun = connection(&*run.deploy)?.begin_with_options(options).await;
    let transaction = begun.map_err(|error| failed("a transaction could not be begun", &error))?;
    // On SQLite it may have waited for another deployer; on PostgreSQL the lock keeps others out.
    let (noted, ask) = (seaql::<M>(run.name, run.back, flavor)?, there::<M>(run.name, flavor)?);
    let ask = sea_orm::Statement::from_string(transaction.get_database_backend(), ask);
    let there = transaction.query_one_raw(ask).await.map_err(|error| failed("the books could not be read", &error))?;
    if there.is_some() != run.back {
        drop(transaction.rollback().await);
        return Ok(false);
    }
    body((run.name, run.back), migration, &SchemaManager::new(&transaction)).await?;
    let noted = transaction.execute_unprepared(&noted).await;
    noted.map_err(|error| failed("the books could not be written", &error))?;
    let kept = transaction.commit().await;
    kept.map_err(|error| failed("the migration could not be committed", &error))?;
    note(run.deploy, run.name, run.back).await?;
    Ok(true)
}

async fn parts<M: MigratorTrait>(run: &mut Run<'_>, migration: &dyn MigrationTrait) -> Result<bool> {
    let (name, again) = (run.name, run.again());
    let began = if run.back { State::Undoing } else { State::Started };
    let books = Books::read::<M>(run.deploy).await?;
    if let Some(booked) = books.booked(name)
        && matches!(booked.state, State::Started | State::Failed | State::Undoing)
    {
        return Err(in_doubt(booked, again));
    }
    run.sure().await?;
    run.deploy.note(&run::begins(name, String::new(), began)).await?;
    let connection = connection(&*run.deploy)?;
    let done = async {
        if migration.use_transaction() == Some(true) {
            let begun = connection.begin().await;
            let transaction = begun.map_err(|error| failed("a transaction could not be begun", &error))?;
            body((run.name, run.back), migration, &SchemaManager::new(&transaction)).await?;
            return transaction.commit().await.map_err(|error| failed("it could not be committed", &error));
        }
        body((run.name, run.back), migration, &SchemaManager::new(connection)).await
    };
    if let Err(error) = done.await {
        if !run.back {
            let failed = run::begins(name, String::new(), State::Failed);
            let _ = run.deploy.note(&failed).await;
        }
        let why = format!(
            "{}. What it did before that is still there: undo it by hand, or make sure that it can be run again; then run `resolve {name} \
             --retry` and `{again}`",
            error.message()
        );
        let told = Error::new(error.kind(), why);
        let told = if let Some(detail) = error.detail() { told.with_detail(detail) } else { told };
        return Err(told.with_source(error));
    }
    run.sure().await?;
    run.deploy.begin().await?;
    if let Err(error) = finish::<M>(run.deploy, name, run.back).await {
        let _ = run.deploy.rollback().await;
        return Err(error);
    }
    run.deploy.commit().await?;
    Ok(true)
}

fn in_doubt(booked: &Booked, again: &str) -> Error {
    let name = &booked.name;
    let why = format!(
        "`{name}` began ({}, by {}) and did not end, and this server cannot undo what it did until then. It is written by hand, so only \
         you can tell how far it came. Look at the database, then run `resolve {name} --applied` where all of it is there, `--rolled-back` \
         once none of it is, or `--retry` where it can be run again as it is; then `{again}`",
        booked.started_at, booked.by
    );
    Error::new(ErrorKind::HalfApplied, why)
}

/// Notes its end in both books, inside the transaction that is open.
pub(super) async fn finish<M: MigratorTrait>(deploy: &mut dyn Deploy, name: &str, back: bool) -> Result<()> {
    if let Some(flavor) = deploy.flavor() {
        deploy.run(&seaql::<M>(name, back, flavor)?).await?;
    }
    note(deploy, name, back).await
}

async fn note(deploy: &mut dyn Deploy, name: &str, back: bool) -> Result<()> {
    if back {
        return deploy.forget(name).await;
    }
    let done = run::begins(name, String::new(), State::Done);
    deploy.note(&Booked { finished_at: done.started_at.clone(), ..done }).await
}

/// What sea-orm-migration's own book gets to know.
pub(super) fn seaql<M: MigratorTrait>(name: &str, back: bool, flavor: Flavor) -> Result<String> {
    let (book, name) = (flavor.quoted(&M::migration_table_name().to_string()), ddl::literal(name, flavor)?);
    let seconds = chrono::Utc::now().timestamp();
    Ok(if back {
        format!("DELETE FROM {book} WHERE version = {name}")
    } else {
        format!("INSERT INTO {book} (version, applied_at) VALUES ({name}, {seconds})")
    })
}

fn there<M: MigratorTrait>(name: &str, flavor: Flavor) -> Result<String> {
    let (book, name) = (flavor.quoted(&M::migration_table_name().to_string()), ddl::literal(name, flavor)?);
    Ok(format!("SELECT version FROM {book} WHERE version = {name}"))
}
