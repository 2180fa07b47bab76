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
        if flavor == Flavor::MariaDb {
            // A client that vanished inside a transaction would keep its locks for eight hours; Oracle's MySQL has no bound for it.
            let seconds = config.timeout.saturating_mul(2).as_secs().clamp(1, 31_536_000);
            sql += &format!(", idle_transaction_timeout = {seconds}");
        }
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

    fn classify(error: &dyn DatabaseError) -> Classified {
        match error.try_downcast_ref::<MySqlDatabaseError>() {
            Some(error) => of_number(error.number(), error.message()),
            None => Classified::of(ErrorKind::Other),
        }
    }
}

/// By error number (MariaDB 10.11 "MariaDB Error Codes"; MySQL 8.0 Error Message Reference).
fn of_number(number: u16, message: &str) -> Classified {
    let quoted = |before: &str, quote: &str| between(message, before, quote).map(ToOwned::to_owned);
    let (kind, constraint, field) = match number {
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
        _ => (of_number_alone(number), None, None),
    };
    Classified { constraint, fields: field.into_iter().collect(), ..Classified::of(kind) }
}

/// Where the words add nothing.
fn of_number_alone(number: u16) -> ErrorKind {
    match number {
        167 | 1467 | 1690 => ErrorKind::InvalidValue,
        1064 | 1149 => ErrorKind::InvalidQuery,
        1146 => ErrorKind::TableNotFound,
        1054 => ErrorKind::SchemaMismatch,
        1213 => ErrorKind::Deadlock,
        1205 | 3572 => ErrorKind::LockTimeout,
        // A row changed since the snapshot (`innodb_snapshot_isolation`), a table since the transaction began, and a cluster that
        // gave another transaction the precedence at the commit (MySQL's group replication).
        1020 | 1412 | 3101 => ErrorKind::Serialization,
        1969 | 3024 | 1317 => ErrorKind::Timeout,
        1044 | 1045 | 1130 | 1142 | 1698 => ErrorKind::Authentication,
        1049 => ErrorKind::DatabaseNotFound,
        1129 => ErrorKind::Unreachable,
        1040 | 1203 | 1226 => ErrorKind::ServerFull,
        // 1047 is what a node of Galera says to every statement while it is not in the primary component.
        1047 | 1053 => ErrorKind::Starting,
        // 1615: a prepared statement that cannot be prepared anew on this connection.
        1927 | 1077 | 1152 | 1615 => ErrorKind::ConnectionLost,
        1290 | 1792 | 1836 => ErrorKind::ReadOnly,
        1021 | 1114 => ErrorKind::StorageFull,
        1153 | 1390 => ErrorKind::TooLarge,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::of_number;
    use crate::{ErrorKind, Status};

    /// What MySQL, a full disk and a cluster say, which the tests' MariaDB does not.
    #[test]
    fn numbers_have_the_kinds_of_the_reference() {
        for (number, kind, status) in [
            (1020, ErrorKind::Serialization, Status::Temporary),
            (1021, ErrorKind::StorageFull, Status::Temporary),
            (1040, ErrorKind::ServerFull, Status::Temporary),
            (1047, ErrorKind::Starting, Status::Temporary),
            (1053, ErrorKind::Starting, Status::Temporary),
            (1114, ErrorKind::StorageFull, Status::Temporary),
            (1213, ErrorKind::Deadlock, Status::Temporary),
            (1290, ErrorKind::ReadOnly, Status::Permanent),
            (1615, ErrorKind::ConnectionLost, Status::Temporary),
            (3024, ErrorKind::Timeout, Status::Temporary),
            (3101, ErrorKind::Serialization, Status::Temporary),
            (9999, ErrorKind::Other, Status::Permanent),
        ] {
            let kind_of = of_number(number, "").kind;
            assert_eq!((kind_of, kind_of.status()), (kind, status), "{number}");
        }
    }

    #[test]
    fn mysql_names_a_key_by_its_table_and_a_check_in_its_own_words() {
        let unique = of_number(1062, "Duplicate entry 'x' for key 'thing.ux_thing_name'");
        assert_eq!((unique.kind, unique.constraint.as_deref()), (ErrorKind::UniqueViolation, Some("ux_thing_name")));
        let check = of_number(3819, "Check constraint 'ck_thing' is violated.");
        assert_eq!((check.kind, check.constraint.as_deref()), (ErrorKind::CheckViolation, Some("ck_thing")));
    }
}
