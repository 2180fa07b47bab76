//! Versioned migrations, run at deploy: the truth of what is deployed.
//!
//! Migrations are sea-orm-migration's own, so its books (`seaql_migrations`) and its command line stay usable. Three things are
//! done here that it does not do: tables are made by [our emitter](crate::schema::ddl), so that the laws of types and order
//! hold ([`create_tables`]); one deployer works at a time, the others wait (law S3); and a program that is older than the
//! database still starts, because an unknown newer migration is no fault of a rolling deploy.
//!
//! ```no_run
//! # use seabed::migration::prelude::*;
//! # struct Migrator;
//! # impl MigratorTrait for Migrator { fn migrations() -> Vec<Box<dyn MigrationTrait>> { vec![] } }
//! # async fn deploy(config: seabed::Config) -> seabed::Result<()> {
//! let db = seabed::Database::connect(config).await?;
//! let applied = seabed::migration::up::<Migrator>(&db).await?;
//! println!("{applied} migrations applied");
//! # Ok(()) }
//! ```
//!
//! PostgreSQL and SQLite run each migration in a transaction; MySQL ends a transaction at every DDL statement, so there a
//! migration that failed half-way has left what it did: [`create_tables`] and [`drop_tables`] can be run again.

mod books;
mod cli;
mod folder;
pub mod generate;
mod lock;
#[cfg(all(test, any(feature = "postgres", feature = "mysql")))]
mod server_tests;
mod stepwise;
mod tables;
#[cfg(all(test, feature = "sqlite"))]
mod tests;

pub use cli::{run, run_from};
pub use folder::Folder;
pub use generate::{GenerateOptions, Generated, generate};
#[doc(hidden)]
pub use stepwise::refused;
pub use stepwise::{Stepwise, stepwise};
pub use tables::{create_tables, drop_tables, execute, flavor};

use crate::{Database, Error, ErrorKind, Result};
use books::Books;
use lock::Lock;
use prelude::MigratorTrait;
use sea_orm::{DatabaseConnection, DbErr};

/// What a file with a migration needs: `use seabed::migration::prelude::*;`.
pub mod prelude {
    pub use super::{create_tables, drop_tables, execute};
    pub use crate::{
        Result,
        schema::{
            Kind, OnDelete, Step, Table, Words,
            build::table,
            constant,
            step::{
                Make, add_check, add_column, add_foreign_key, add_index, alter_column, backfill, boolean, bytes,
                column, comment_column, comment_table, create_table, date, datetime, decimal, double, drop_check,
                drop_column, drop_foreign_key, drop_index, drop_table, enumeration, index, instant, int8, int16, int32,
                int64, json, long_text, reference, rename_column, rename_index, rename_table, set_key, sql, text, time,
                uint8, uint16, uint32, uint64, uuid,
            },
        },
        steps,
    };
    pub use sea_orm::{ConnectionTrait, DbErr};
    pub use sea_orm_migration::{
        self, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait::async_trait,
    };
}

/// One migration and whether it was applied.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Status {
    /// Its name, such as `m20260101_000001_dataset`.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
    /// Whether this program has it: a newer program may have applied more.
    pub known: bool,
}

/// Applies what is pending, oldest first, and says how many it were. Where another deployer is at work it waits up to a minute.
///
/// # Errors
/// `Unsupported` on a backend without migrations; `LockTimeout` where the other deployer does not finish; `Migration` where one
/// failed, with its name and the server's words as detail, or where an older migration was applied that this program lacks.
pub async fn up<M: MigratorTrait>(db: &Database) -> Result<usize> {
    let connection = db.backend().migration_connection().await?;
    let applied = up_on::<M>(&connection, None).await;
    closed(connection, applied).await.map(|names| names.len())
}

/// Takes back the newest `steps` migrations that were applied, newest first, and says how many it were.
///
/// # Errors
/// As [`up`]; `Migration` also where the newest applied migration is unknown to this program, or has no way back.
pub async fn down<M: MigratorTrait>(db: &Database, steps: u32) -> Result<usize> {
    let connection = db.backend().migration_connection().await?;
    let reverted = down_on::<M>(&connection, steps).await;
    closed(connection, reverted).await.map(|names| names.len())
}

/// Every migration, oldest first, and whether it was applied. Changes nothing: a user who may only read can ask.
///
/// # Errors
/// `Unsupported` on a backend without migrations; `Migration` where the books cannot be read.
pub async fn status<M: MigratorTrait>(db: &Database) -> Result<Vec<Status>> {
    let connection = db.backend().migration_connection().await?;
    let books = Books::read::<M>(&connection).await;
    closed(connection, books).await.map(Books::into_rows)
}

/// Closes the connection whatever the outcome; the outcome is what the caller needs.
async fn closed<T>(connection: DatabaseConnection, outcome: Result<T>) -> Result<T> {
    let closed = connection.close().await;
    let value = outcome?;
    closed.map_err(|error| failed("the connection could not be closed", &error))?;
    Ok(value)
}

async fn up_on<M: MigratorTrait>(connection: &DatabaseConnection, steps: Option<u32>) -> Result<Vec<String>> {
    let steps = steps.map_or(usize::MAX, |steps| steps as usize);
    let mut applied = Vec::new();
    let lock = Lock::acquire(connection).await?;
    let outcome = async {
        M::install(connection).await.map_err(|error| failed("the books could not be opened", &error))?;
        while applied.len() < steps {
            let Some(name) = Books::read::<M>(connection).await?.next()? else { break };
            let whole = lock.begin(connection, in_transaction::<M>(&name)).await?;
            // On SQLite the lock is the transaction, so another deployer may have been first until now.
            if Books::read::<M>(connection).await?.next()?.as_ref() == Some(&name) {
                let done = M::up(connection, Some(1)).await;
                whole.end(connection, done.map_err(|error| failed(format!("`{name}` failed"), &error))).await?;
                applied.push(name);
            } else {
                whole.end(connection, Ok(())).await?;
            }
        }
        Ok(())
    };
    let outcome = outcome.await;
    lock.release(connection).await;
    outcome.map(|()| applied)
}

async fn down_on<M: MigratorTrait>(connection: &DatabaseConnection, steps: u32) -> Result<Vec<String>> {
    let mut reverted = Vec::new();
    let lock = Lock::acquire(connection).await?;
    let outcome = async {
        for _ in 0..steps {
            let Some(name) = Books::read::<M>(connection).await?.last()? else { break };
            let whole = lock.begin(connection, in_transaction::<M>(&name)).await?;
            if Books::read::<M>(connection).await?.last()?.as_ref() == Some(&name) {
                let done = M::down(connection, Some(1)).await;
                whole
                    .end(connection, done.map_err(|error| failed(format!("`{name}` was not taken back"), &error)))
                    .await?;
                reverted.push(name);
            } else {
                whole.end(connection, Ok(())).await?;
            }
        }
        Ok(())
    };
    let outcome = outcome.await;
    lock.release(connection).await;
    outcome.map(|()| reverted)
}

/// What the migration itself says of transactions.
fn in_transaction<M: MigratorTrait>(name: &str) -> Option<bool> {
    M::migrations().iter().find(|migration| migration.name() == name).and_then(|migration| migration.use_transaction())
}

/// What a migration's author or this crate wrote is the message; what a server said may quote rows, so it is the detail.
fn failed(what: impl Into<String>, error: &DbErr) -> Error {
    let what = what.into();
    match error {
        DbErr::Migration(why) | DbErr::Custom(why) => Error::new(ErrorKind::Migration, format!("{what}: {why}")),
        server => Error::new(ErrorKind::Migration, what).with_detail(server.to_string()),
    }
}
