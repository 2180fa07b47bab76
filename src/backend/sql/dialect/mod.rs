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

/// Prepared statements that a connection keeps. One that falls out is closed in the server, and over TCP the next answer of MySQL
/// then waits 40 ms for an acknowledgement that is delayed. Its servers hold 16,382 in all by default
/// (`max_prepared_stmt_count`): one pool fills half of that at most, unless it has more than 81 connections.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn statements(config: &Endpoint) -> usize {
    (8_192 / (config.max_connections as usize).max(1)).clamp(100, 512)
}

/// One driver.
pub(super) trait Driver {
    /// The driver's own marker.
    type Db: sqlx::Database;

    /// Opens a connection and sets it up for its role (hazard H12: a setting belongs to a physical connection).
    async fn connect(config: &Endpoint, role: Role) -> Result<Connection, sqlx::Error>;

    /// Values in the driver's own form.
    fn arguments(values: Vec<Value>) -> Result<<Self::Db as sqlx::Database>::Arguments, sqlx::Error>;

    /// The cell at a position, in the variant of its kind. It is `typed` where a cell of its column was read before that is no
    /// null: that one's type was compared with the kind's, and columns of servers have one type for all rows.
    fn cell(
        row: &<Self::Db as sqlx::Database>::Row,
        position: usize,
        kind: &Kind,
        typed: bool,
    ) -> Result<Value, sqlx::Error>;

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

/// The arguments of a driver that has a type of its own for every kind; only instants are bound differently.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! native_arguments {
    ($values:expr, |$v:ident| $instant:expr) => {{
        let mut arguments = <Self::Db as sqlx::Database>::Arguments::default();
        for value in $values {
            match value {
                Value::Bool(v) => bind!(arguments, v),
                Value::SmallInt(v) => bind!(arguments, v),
                Value::Int(v) => bind!(arguments, v),
                Value::BigInt(v) => bind!(arguments, v),
                Value::Double(v) => bind!(arguments, v),
                Value::Decimal(v) => bind!(arguments, v),
                Value::String(v) => bind!(arguments, v),
                Value::Bytes(v) => bind!(arguments, v),
                Value::Json(v) => bind!(arguments, v.map(|json| *json)),
                Value::Uuid(v) => bind!(arguments, v),
                Value::ChronoDateTimeUtc($v) => bind!(arguments, $instant),
                Value::ChronoDateTime(v) => bind!(arguments, v),
                Value::ChronoDate(v) => bind!(arguments, v),
                Value::ChronoTime(v) => bind!(arguments, v),
                other => return Err(foreign(&other)),
            }
        }
        Ok(arguments)
    }};
}
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) use native_arguments;

/// A cell of such a driver. To compare the types costs more than to read: only what is not `typed` yet is compared.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) fn native<'r, T, R>(row: &'r R, position: usize, typed: bool) -> Result<Option<T>, sqlx::Error>
where
    R: sqlx::Row,
    T: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    usize: sqlx::ColumnIndex<R>,
{
    if typed { row.try_get_unchecked(position) } else { row.try_get(position) }
}

/// A cell of such a driver in the variant of its kind.
#[cfg(any(feature = "postgres", feature = "mysql"))]
macro_rules! native_cell {
    ($row:ident, $at:ident, $kind:ident, $typed:ident, |$v:ident: $of:ty| $instant:expr) => {{
        use sea_orm::prelude::{Decimal, Json};
        Ok(match $kind {
            Kind::Bool => Value::Bool(native($row, $at, $typed)?),
            Kind::Int8 | Kind::UInt8 | Kind::Int16 => Value::SmallInt(native($row, $at, $typed)?),
            Kind::Int32 | Kind::UInt16 => Value::Int(native($row, $at, $typed)?),
            Kind::Int64 | Kind::UInt32 | Kind::UInt64 => Value::BigInt(native($row, $at, $typed)?),
            Kind::Double => Value::Double(native($row, $at, $typed)?),
            Kind::Decimal { scale, .. } => Value::Decimal(native::<Decimal, _>($row, $at, $typed)?.map(|mut v| {
                v.rescale(*scale);
                v
            })),
            Kind::Text { .. } | Kind::Enum { .. } => Value::String(native($row, $at, $typed)?),
            Kind::Bytes => Value::Bytes(native($row, $at, $typed)?),
            Kind::Json => Value::Json(native::<Json, _>($row, $at, $typed)?.map(Box::new)),
            Kind::Uuid => Value::Uuid(native($row, $at, $typed)?),
            Kind::Instant => Value::ChronoDateTimeUtc(native::<$of, _>($row, $at, $typed)?.map(|$v| $instant)),
            Kind::DateTime => Value::ChronoDateTime(native($row, $at, $typed)?),
            Kind::Date => Value::ChronoDate(native($row, $at, $typed)?),
            Kind::Time => Value::ChronoTime(native($row, $at, $typed)?),
        })
    }};
}
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) use native_cell;
