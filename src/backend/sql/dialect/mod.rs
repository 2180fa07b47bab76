//! The true differences between the three drivers, the same names in each file.

pub(super) mod json_list;
#[cfg(feature = "mysql")]
pub(super) mod mysql;
#[cfg(feature = "postgres")]
pub(super) mod postgres;
#[cfg(feature = "sqlite")]
pub(super) mod sqlite;

pub(super) use json_list::json_list;

use super::{
    connection::{Connection, Endpoint},
    error::Classified,
};
use crate::{Result, schema::Kind};
use sea_orm::Value;
use sqlx::error::DatabaseError;

/// What a connection of the pool is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Reads and writes.
    Write,
    /// Reads only: SQLite's readers beside its one writer.
    Read,
    /// One migration run: without the ceilings on statements and locks.
    Migrate,
}

/// One driver.
pub(super) trait Driver {
    /// The driver's own marker.
    type Db: sqlx::Database;

    /// Opens a connection and sets it up for its role (hazard H12: a setting belongs to a physical connection).
    async fn connect(config: &Endpoint, role: Role) -> Result<Connection, sqlx::Error>;

    /// Values in the driver's own form.
    fn arguments(values: Vec<Value>) -> Result<<Self::Db as sqlx::Database>::Arguments, sqlx::Error>;

    /// The cell at a position, in the variant of its kind.
    fn cell(row: &<Self::Db as sqlx::Database>::Row, position: usize, kind: &Kind) -> Result<Value, sqlx::Error>;

    /// Rows affected, and the last key made.
    fn counts(result: &<Self::Db as sqlx::Database>::QueryResult) -> (u64, i64);

    /// What a server's error means.
    fn classify(error: &dyn DatabaseError) -> Classified;
}

/// Adds the arguments one by one; one that cannot be encoded is an error, not a gap.
macro_rules! bind {
    ($arguments:ident, $value:expr) => {
        sqlx::Arguments::add(&mut $arguments, $value).map_err(sqlx::Error::Encode)?
    };
}
pub(super) use bind;

/// A value that no column has: rows were normalised before.
pub(super) fn foreign(value: &Value) -> sqlx::Error {
    sqlx::Error::Encode(format!("a value of a type outside the contract: {:?}", value.array_type()).into())
}
