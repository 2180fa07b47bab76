//! MySQL and MariaDB through sqlx.

use super::{Driver, Role, bind, foreign, native, native_arguments, native_cell, statements};
use crate::{
    Error, ErrorKind, Result,
    backend::sql::{
        connection::{Connection, Endpoint, Raw},
        error::{Classified, between},
    },
    config::TlsMode,
    schema::{Flavor, Kind},
};
use sea_orm::Value;
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection as _, Executor, Row,
    error::DatabaseError,
    mysql::{
        MySql, MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlQueryResult, MySqlRow,
        MySqlSslMode,
    },
    types::chrono::NaiveDateTime,
};

pub(in crate::backend::sql) struct Driving;

/// The options of one connection; the password is read anew each time.
pub(in crate::backend::sql) async fn options(config: &Endpoint) -> Result<MySqlConnectOptions, sqlx::Error> {
    let url = &config.url;
    let mut options = MySqlConnectOptions::new()
        .host(url.host())
        .port(url.port())
        .charset("utf8mb4")
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .ssl_mode(match config.tls.mode {
            TlsMode::Disable => MySqlSslMode::Disabled,
            TlsMode::Prefer => MySqlSslMode::Preferred,
            TlsMode::Require => MySqlSslMode::Required,
            TlsMode::VerifyCa => MySqlSslMode::VerifyCa,
            TlsMode::VerifyFull => MySqlSslMode::VerifyIdentity,
        })
        .statement_cache_capacity(statements(config))
        .log_statements(tracing::log::LevelFilter::Off)
        .log_slow_statements(tracing::log::LevelFilter::Off, std::time::Duration::ZERO);
    if let Some(user) = url.user() {
        options = options.username(user);
    }
    // Without one the server takes the connection and refuses every statement; its locks of migrations have no name.
    let Some(database) = url.database() else {
        let unnamed = Error::new(ErrorKind::DatabaseNotFound, "the URL names none: write `mysql://user@host/database`");
        return Err(sqlx::Error::config(unnamed));
    };
    options = options.database(database);
    if let Some(socket) = url.socket() {
        options = options.socket(socket);
    }
    if let Some(ca) = &config.tls.ca {
        options = options.ssl_ca(ca);
    }
    if let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    if let Some(password) = config.read_password().await.map_err(sqlx::Error::config)? {
        options = options.password(password.expose_secret());
    }
    Ok(options)
}

/// The session settings of a role, in one message. Without `max_sort_length` texts are ordered by their first 1,024 bytes
/// (law V3); the sort buffer must hold fifteen keys of that length.
pub(in crate::backend::sql) fn settings(config: &Endpoint, role: Role, flavor: Flavor) -> String {
    let mut sql = "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
         ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,PIPES_AS_CONCAT', max_sort_length = 65536, sort_buffer_size = 16777216"
        .to_owned();
    if role != Role::Migrate {
        sql += &format!(", innodb_lock_wait_timeout = {}", config.lock_timeout.as_secs().max(1));
        sql += &match flavor {
            Flavor::MariaDb => format!(", max_statement_time = {}", config.timeout.as_secs_f64()),
            _ => format!(", max_execution_time = {}", config.timeout.as_millis()),
        };
    }
    sql + "; SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
}

/// MariaDB says its name in its version; MySQL does not.
pub(in crate::backend::sql) fn flavor(version: &str) -> Flavor {
    if version.contains("MariaDB") { Flavor::MariaDb } else { Flavor::MySql }
}

/// Ends a session and what it runs, from a side connection. The socket alone would not: the server does not look at it while
/// it runs a statement.
pub(in crate::backend::sql) async fn cancel(config: &Endpoint, session: i64) -> Result<(), sqlx::Error> {
    let mut side = MySqlConnection::connect_with(&options(config).await?).await?;
    side.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(format!("KILL {session}")))).await?;
    side.close().await
}

/// The name in "CONSTRAINT `…`", in which a backtick is doubled.
fn constraint(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("CONSTRAINT `")?;
    let (mut name, mut letters) = (String::new(), rest.chars());
    loop {
        match letters.next()? {
            '`' if !letters.as_str().starts_with('`') => return Some(name),
            '`' => drop(letters.next()),
            letter => {
                name.push(letter);
                continue;
            }
        }
        name.push('`');
    }
}

impl Driver for Driving {
    type Db = MySql;

    async fn connect(config: &Endpoint, role: Role) -> Result<Connection, sqlx::Error> {
        let mut raw = MySqlConnection::connect_with(&options(config).await?).await?;
        let row = raw
            .fetch_one(
                "SELECT CAST(CONNECTION_ID() AS SIGNED), CAST(VERSION() AS CHAR), CAST(@@max_allowed_packet AS SIGNED)",
            )
            .await?;
        let (session, version) = (row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?);
        let flavor = flavor(&version);
        let packet = usize::try_from(row.try_get::<i64, _>(2)?).ok();
        raw.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(settings(config, role, flavor)))).await?;
        let mut connection = Connection::new(Raw::MySql(raw), flavor, session, version);
        connection.packet = packet;
        Ok(connection)
    }

    fn arguments(values: Vec<Value>) -> Result<MySqlArguments, sqlx::Error> {
        // As DATETIME: sqlx binds an instant as TIMESTAMP, which the server makes null before 1970.
        native_arguments!(values, |v| v.map(|v| v.naive_utc()))
    }

    fn cell(row: &MySqlRow, at: usize, kind: &Kind, typed: bool) -> Result<Value, sqlx::Error> {
        native_cell!(row, at, kind, typed, |v: NaiveDateTime| v.and_utc())
    }

    fn counts(result: &MySqlQueryResult) -> (u64, i64) {
        (result.rows_affected(), i64::try_from(result.last_insert_id()).unwrap_or(i64::MAX))
    }

    /// By error number (MariaDB 10.11 "MariaDB Error Codes"; MySQL 8.0 Error Message Reference).
    fn classify(error: &dyn DatabaseError) -> Classified {
        let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() else {
            return Classified::of(ErrorKind::Other);
        };
        let message = error.message();
        let quoted = |before: &str, quote: &str| between(message, before, quote).map(ToOwned::to_owned);
        let (kind, constraint, field) = match error.number() {
            // "Duplicate entry '…' for key 'ux'"; MySQL 8 puts the table before the name.
            1062 | 1586 => {
                let key = message.rsplit("for key '").next().and_then(|rest| rest.strip_suffix('\''));
                let key = key.map(|key| key.rsplit('.').next().unwrap_or(key).to_owned());
                (ErrorKind::UniqueViolation, key, None)
            }
            1451 | 1452 | 1216 | 1217 => (ErrorKind::ForeignKeyViolation, constraint(message), None),
            1048 => (ErrorKind::NotNullViolation, None, quoted("Column '", "'")),
            1364 => (ErrorKind::NotNullViolation, None, quoted("Field '", "'")),
            4025 => (ErrorKind::CheckViolation, constraint(message), None),
            3819 => (ErrorKind::CheckViolation, quoted("constraint '", "'"), None),
            1264 | 1265 | 1292 | 1366 | 1406 => {
                (ErrorKind::InvalidValue, None, quoted("column '", "'").or_else(|| quoted(".`", "` at row")))
            }
            167 | 1467 | 1690 => (ErrorKind::InvalidValue, None, None),
            1146 => (ErrorKind::TableNotFound, None, None),
            1054 => (ErrorKind::SchemaMismatch, None, None),
            1213 => (ErrorKind::Deadlock, None, None),
            1205 => (ErrorKind::LockTimeout, None, None),
            1969 | 3024 | 1317 => (ErrorKind::Timeout, None, None),
            1044 | 1045 | 1130 | 1142 | 1698 => (ErrorKind::Authentication, None, None),
            1049 => (ErrorKind::DatabaseNotFound, None, None),
            1129 => (ErrorKind::Unreachable, None, None),
            1040 | 1203 | 1226 => (ErrorKind::ServerFull, None, None),
            1053 => (ErrorKind::Starting, None, None),
            1927 | 1077 | 1152 => (ErrorKind::ConnectionLost, None, None),
            1290 | 1792 | 1836 => (ErrorKind::ReadOnly, None, None),
            1021 | 1114 => (ErrorKind::StorageFull, None, None),
            1153 | 1390 => (ErrorKind::TooLarge, None, None),
            _ => (ErrorKind::Other, None, None),
        };
        Classified { constraint, fields: field.into_iter().collect(), ..Classified::of(kind) }
    }
}
