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
//! On SQLite a migration is one transaction; on PostgreSQL each step of it is one, with its rows in the journal; MySQL keeps every
//! DDL statement at once, so there the journal notes each as begun and as done. Wherever a run stops, the next one goes on, or says
//! what nobody can know ([`resolve`]). One that is written by hand is a single step: on MySQL one that failed half-way has left what
//! it did, and a person says whether it may be run again.

mod apply;
mod backfill;
mod baseline;
mod books;
mod check;
mod cli;
mod counted;
mod down;
pub mod entities;
pub mod erd;
mod folder;
pub mod generate;
mod hand;
mod journal;
mod options;
mod pending;
pub mod plan;
mod resolve;
mod run;
#[cfg(all(test, any(feature = "postgres", feature = "mysql")))]
mod server_tests;
pub mod show;
mod stepwise;
pub(crate) mod sync;
mod tables;
#[cfg(all(test, feature = "sqlite"))]
mod tests;

pub use apply::apply;
pub use baseline::{Baselined, baseline};
pub use check::{Checked, check};
pub use cli::{run, run_from};
pub use counted::{Counted, counted};
pub use down::take_back;
pub use folder::Folder;
pub use generate::{GenerateOptions, Generated, generate};
pub use options::{Applied, ApplyOptions, Progress, Told};
pub use resolve::{Resolution, resolve};
#[doc(hidden)]
pub use stepwise::refused;
pub use stepwise::{Stepwise, merged, stepwise};
pub use tables::{create_tables, drop_tables, execute, flavor};

use crate::{Database, Error, ErrorKind, Result, backend::Deploy};
use books::Books;
use prelude::MigratorTrait;
use sea_orm::DbErr;

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
    apply::<M>(db, ApplyOptions::default()).await.map(|applied| applied.names.len())
}

/// Takes back the newest `steps` migrations that were applied, newest first, and says how many it were.
///
/// # Errors
/// As [`up`]; `NotAccepted` where what goes has rows ([`take_back`] takes a word for it); `Migration` also where the newest applied
/// migration is unknown to this program, or has no way back.
pub async fn down<M: MigratorTrait>(db: &Database, steps: u32) -> Result<usize> {
    take_back::<M>(db, ApplyOptions::default().steps(steps)).await.map(|taken| taken.names.len())
}

/// Every migration, oldest first, and whether it was applied. Changes nothing: a user who may only read can ask.
///
/// # Errors
/// `Unsupported` on a backend without migrations; `Migration` where the books cannot be read.
pub async fn status<M: MigratorTrait>(db: &Database) -> Result<Vec<Status>> {
    let mut deploy = db.backend().deploy().await?;
    let books = Books::read::<M>(&mut *deploy).await;
    closed(deploy, books).await.map(Books::into_rows)
}

/// Closes the session whatever the outcome; the outcome is what the caller needs.
async fn closed<T>(deploy: Box<dyn Deploy>, outcome: Result<T>) -> Result<T> {
    let closed = deploy.close().await;
    let value = outcome?;
    closed?;
    Ok(value)
}

#[cfg(test)]
/// As [`up`], in a session that is open.
#[cfg(test)]
async fn up_on<M: MigratorTrait>(deploy: &mut dyn Deploy, steps: Option<u32>) -> Result<Vec<String>> {
    let options = ApplyOptions { steps, ..ApplyOptions::default() };
    apply::apply_on::<M>(deploy, &options).await.map(|applied| applied.names)
}

#[cfg(test)]
/// As [`down`], in a session that is open.
#[cfg(test)]
async fn down_on<M: MigratorTrait>(deploy: &mut dyn Deploy, steps: u32) -> Result<Vec<String>> {
    down::down_on::<M>(deploy, &ApplyOptions::default().steps(steps)).await.map(|taken| taken.names)
}

/// What a migration's author or this crate wrote is the message; what a server said may quote rows, so it is the detail.
fn failed(what: impl Into<String>, error: &DbErr) -> Error {
    let what = what.into();
    match error {
        DbErr::Migration(why) | DbErr::Custom(why) => Error::new(ErrorKind::Migration, format!("{what}: {why}")),
        server => Error::new(ErrorKind::Migration, what).with_detail(server.to_string()),
    }
}
