//! SQLite through sqlx: what it has no type for is kept in a form of our own that sorts and compares rightly.
//!
//! Instants are UTC text of a fixed width, decimals whole numbers of their smallest unit, UUIDs blobs of 16 bytes.

use super::{Driver, Role, bind, foreign};
use crate::{
    ErrorKind, Result,
    backend::sql::{
        connection::{Connection, Endpoint, Raw},
        error::Classified,
    },
    config::SqlitePath,
    schema::{Flavor, Kind},
};
use rust_decimal::Decimal;
use sea_orm::{Value, prelude::Json};
use sqlx::{
    ConnectOptions, Connection as _, Executor, Row,
    error::DatabaseError,
    sqlite::{
        Sqlite, SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteQueryResult,
        SqliteRow, SqliteSynchronous,
    },
    types::chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

pub(in crate::backend::sql) struct Driving;

const INSTANT: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";
const DATE_TIME: &str = "%Y-%m-%dT%H:%M:%S%.6f";
const DATE: &str = "%Y-%m-%d";
const TIME: &str = "%H:%M:%S%.6f";

/// Virtual machine steps between two looks at whether the caller gave up: some tens of microseconds.
const STEPS: i32 = 2_000;

/// The options of one connection.
pub(in crate::backend::sql) fn options(config: &Endpoint, role: Role) -> SqliteConnectOptions {
    let parameter = |wanted: &str| config.url.parameters().iter().find(|(name, _)| name == wanted);
    let mode = parameter("mode").map(|(_, value)| value.as_str());
    let options = SqliteConnectOptions::new()
        .create_if_missing(!matches!(mode, Some("ro" | "rw")))
        .read_only(mode == Some("ro"))
        .busy_timeout(config.lock_timeout)
        .foreign_keys(true)
        .row_buffer_size(512)
        .log_statements(tracing::log::LevelFilter::Off)
        .log_slow_statements(tracing::log::LevelFilter::Off, std::time::Duration::ZERO);
    let options = match parameter("max_page_count") {
        Some((name, pages)) => options.pragma(name.clone(), pages.clone()),
        None => options,
    };
    let options = match config.url.path() {
        SqlitePath::File(path) => options.filename(path),
        // A name of its own in the shared cache, so that the anchor and the connection see one database (hazard H15).
        SqlitePath::Memory => options.filename(&config.memory).in_memory(true).shared_cache(true),
    };
    match role {
        Role::Read => options.pragma("query_only", "ON"),
        _ if mode == Some("ro") || matches!(config.url.path(), SqlitePath::Memory) => options,
        // NORMAL keeps every commit across a crash of the process, not the last ones across a loss of power (hazard H14).
        _ => options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal),
    }
}

impl Driver for Driving {
    type Db = Sqlite;

    async fn connect(config: &Endpoint, role: Role) -> Result<Connection, sqlx::Error> {
        let mut raw = SqliteConnection::connect_with(&options(config, role)).await?;
        let interrupt = Arc::new(AtomicBool::new(false));
        let look = Arc::clone(&interrupt);
        raw.lock_handle().await?.set_progress_handler(STEPS, move || !look.load(Ordering::Relaxed));
        let version = raw.fetch_one("SELECT sqlite_version()").await?.try_get::<String, _>(0)?;
        Ok(Connection::new(Raw::Sqlite(raw, interrupt), Flavor::Sqlite, 0, version))
    }

    fn arguments(values: Vec<Value>) -> Result<SqliteArguments, sqlx::Error> {
        let mut arguments = SqliteArguments::default();
        for value in values {
            match value {
                Value::Bool(v) => bind!(arguments, v),
                Value::SmallInt(v) => bind!(arguments, v),
                Value::Int(v) => bind!(arguments, v),
                Value::BigInt(v) => bind!(arguments, v),
                Value::Double(v) => bind!(arguments, v),
                Value::String(v) => bind!(arguments, v),
                Value::Bytes(v) => bind!(arguments, v),
                Value::Decimal(v) => bind!(arguments, v.map(units).transpose()?),
                Value::Json(v) => bind!(arguments, v.map(|json| json.to_string())),
                Value::Uuid(v) => bind!(arguments, v.map(|uuid| uuid.as_bytes().to_vec())),
                Value::ChronoDateTimeUtc(v) => bind!(arguments, v.map(|v| v.format(INSTANT).to_string())),
                Value::ChronoDateTime(v) => bind!(arguments, v.map(|v| v.format(DATE_TIME).to_string())),
                Value::ChronoDate(v) => bind!(arguments, v.map(|v| v.format(DATE).to_string())),
                Value::ChronoTime(v) => bind!(arguments, v.map(|v| v.format(TIME).to_string())),
                other => return Err(foreign(&other)),
            }
        }
        Ok(arguments)
    }

    /// Every cell has a type of its own here: each is compared.
    fn cell(row: &SqliteRow, at: usize, kind: &Kind, _: bool) -> Result<Value, sqlx::Error> {
        let broken = || sqlx::Error::Decode("the stored value is not in the form of its column".into());
        let text = || row.try_get::<Option<String>, _>(at);
        Ok(match kind {
            Kind::Bool => Value::Bool(row.try_get(at)?),
            Kind::Int8 | Kind::UInt8 | Kind::Int16 => Value::SmallInt(row.try_get(at)?),
            Kind::Int32 | Kind::UInt16 => Value::Int(row.try_get(at)?),
            Kind::Int64 | Kind::UInt32 | Kind::UInt64 => Value::BigInt(row.try_get(at)?),
            Kind::Double => Value::Double(row.try_get(at)?),
            Kind::Decimal { scale, .. } => {
                Value::Decimal(row.try_get_unchecked::<Option<i64>, _>(at)?.map(|v| Decimal::new(v, *scale)))
            }
            Kind::Text { .. } | Kind::Enum { .. } => Value::String(text()?),
            Kind::Bytes => Value::Bytes(row.try_get(at)?),
            Kind::Json => {
                Value::Json(text()?.map(|v| v.parse::<Json>().map_err(|_| broken())).transpose()?.map(Box::new))
            }
            Kind::Uuid => Value::Uuid(
                row.try_get_unchecked::<Option<&[u8]>, _>(at)?
                    .map(uuid::Uuid::from_slice)
                    .transpose()
                    .map_err(|_| broken())?,
            ),
            Kind::Instant => Value::ChronoDateTimeUtc(
                text()?
                    .map(|v| DateTime::parse_from_rfc3339(&v).map(|v| v.with_timezone(&Utc)))
                    .transpose()
                    .map_err(|_| broken())?,
            ),
            Kind::DateTime => Value::ChronoDateTime(
                text()?.map(|v| NaiveDateTime::parse_from_str(&v, DATE_TIME)).transpose().map_err(|_| broken())?,
            ),
            Kind::Date => Value::ChronoDate(
                text()?.map(|v| NaiveDate::parse_from_str(&v, DATE)).transpose().map_err(|_| broken())?,
            ),
            Kind::Time => Value::ChronoTime(
                text()?.map(|v| NaiveTime::parse_from_str(&v, TIME)).transpose().map_err(|_| broken())?,
            ),
        })
    }

    fn counts(result: &SqliteQueryResult) -> (u64, i64) {
        (result.rows_affected(), result.last_insert_rowid())
    }

    fn classify(error: &dyn DatabaseError) -> Classified {
        of_code(error.code().and_then(|code| code.parse().ok()).unwrap_or(0), error.message())
    }
}

/// By extended result code (sqlite.org/rescode.html).
fn of_code(code: u32, message: &str) -> Classified {
    let mut classified = Classified::of(match (code, code & 0xff) {
        (2067 | 1555 | 2579, _) => ErrorKind::UniqueViolation,
        (787 | 1811, _) => ErrorKind::ForeignKeyViolation,
        (1299, _) => ErrorKind::NotNullViolation,
        (275, _) => ErrorKind::CheckViolation,
        (517, _) => ErrorKind::Serialization,
        (_, 5 | 6) => ErrorKind::LockTimeout,
        (_, 8) => ErrorKind::ReadOnly,
        (_, 9) => ErrorKind::Timeout,
        (_, 13) => ErrorKind::StorageFull,
        (_, 14) => ErrorKind::DatabaseNotFound,
        (_, 18) => ErrorKind::TooLarge,
        (_, 11 | 26) => ErrorKind::CorruptData,
        (_, 10) => ErrorKind::ConnectionLost,
        (_, 1) if message.contains("no such table") => ErrorKind::TableNotFound,
        (_, 1) if message.contains("no such column") || message.contains("has no column") => ErrorKind::SchemaMismatch,
        (_, 1) if message.contains("syntax error") || message.contains("incomplete input") => ErrorKind::InvalidQuery,
        _ => ErrorKind::Other,
    });
    // "UNIQUE constraint failed: dataset.name, dataset.version"; "CHECK constraint failed: ck_name"
    if let Some((_, named)) = message.split_once("constraint failed: ") {
        if classified.kind == ErrorKind::CheckViolation {
            classified.constraint = Some(named.to_owned());
        } else {
            classified.fields =
                named.split(", ").map(|name| name.rsplit('.').next().unwrap_or(name).to_owned()).collect();
        }
    }
    classified
}

/// A decimal as a whole number of its smallest unit; it was brought to its column's scale before.
fn units(value: Decimal) -> Result<i64, sqlx::Error> {
    i64::try_from(value.mantissa()).map_err(|_| sqlx::Error::Encode("the decimal has more than 18 digits".into()))
}

#[cfg(test)]
mod tests {
    use super::of_code;
    use crate::ErrorKind;

    /// What our own transactions never meet, for they say at their beginning that they write, and what needs a broken disk.
    #[test]
    fn codes_have_the_kinds_of_the_manual() {
        for (code, kind) in [
            (5, ErrorKind::LockTimeout),
            (261, ErrorKind::LockTimeout),
            (6, ErrorKind::LockTimeout),
            (517, ErrorKind::Serialization),
            (10, ErrorKind::ConnectionLost),
            (266, ErrorKind::ConnectionLost),
            (11, ErrorKind::CorruptData),
            (13, ErrorKind::StorageFull),
            (0, ErrorKind::Other),
        ] {
            assert_eq!(of_code(code, "").kind, kind, "{code}");
        }
    }
}
