//! PostgreSQL through sqlx.

use super::{Driver, Role, bind, foreign, native, native_arguments, native_cell, statements};
use crate::{
    ErrorKind, Result,
    backend::sql::{
        connection::{Connection, Endpoint, Raw},
        error::Classified,
    },
    config::TlsMode,
    schema::{Flavor, Kind},
};
use sea_orm::Value;
use secrecy::ExposeSecret;
use sqlx::{
    ConnectOptions, Connection as _, Executor, Row,
    error::DatabaseError,
    postgres::{
        PgArguments, PgConnectOptions, PgConnection, PgDatabaseError, PgQueryResult, PgRow, PgSeverity, PgSslMode,
        Postgres,
    },
    types::chrono::{DateTime, Utc},
};

pub(in crate::backend::sql) struct Driving;

/// The options of one connection; the password is read anew each time.
pub(in crate::backend::sql) async fn options(config: &Endpoint) -> Result<PgConnectOptions, sqlx::Error> {
    let url = &config.url;
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(url.host())
        .port(url.port())
        .application_name("seabed")
        .ssl_mode(match config.tls.mode {
            TlsMode::Disable => PgSslMode::Disable,
            TlsMode::Prefer => PgSslMode::Prefer,
            TlsMode::Require => PgSslMode::Require,
            TlsMode::VerifyCa => PgSslMode::VerifyCa,
            TlsMode::VerifyFull => PgSslMode::VerifyFull,
        })
        .statement_cache_capacity(statements(config))
        .log_statements(tracing::log::LevelFilter::Off)
        .log_slow_statements(tracing::log::LevelFilter::Off, std::time::Duration::ZERO);
    if let Some(user) = url.user() {
        options = options.username(user);
    }
    if let Some(database) = url.database() {
        options = options.database(database);
    }
    if let Some(socket) = url.socket() {
        options = options.socket(socket);
    }
    if let Some(ca) = &config.tls.ca {
        options = options.ssl_root_cert(ca);
    }
    if let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) {
        options = options.ssl_client_cert(certificate).ssl_client_key(key);
    }
    for (name, value) in url.parameters() {
        if name == "application_name" {
            options = options.application_name(value);
        }
    }
    if let Some(password) = config.read_password().await.map_err(sqlx::Error::config)? {
        options = options.password(password.expose_secret());
    }
    Ok(options)
}

/// The session settings of a role, in one message.
pub(in crate::backend::sql) fn settings(config: &Endpoint, role: Role) -> String {
    let mut sql = "SET SESSION TIME ZONE 'UTC'; SET standard_conforming_strings = on; \
         SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning"
        .to_owned();
    if role != Role::Migrate {
        sql += &format!(
            "; SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}",
            config.timeout.as_millis(),
            config.lock_timeout.as_millis(),
            config.timeout.as_millis() * 2,
        );
    }
    if let Some(schema) = &config.schema {
        sql += &format!("; SET search_path = {}", Flavor::Postgres.quoted(schema));
    }
    sql
}

/// Ends what a session runs, from a side connection.
pub(in crate::backend::sql) async fn cancel(config: &Endpoint, session: i64) -> Result<(), sqlx::Error> {
    let mut side = PgConnection::connect_with(&options(config).await?).await?;
    let pid = i32::try_from(session).unwrap_or(i32::MAX);
    sqlx::query("SELECT pg_cancel_backend($1)").bind(pid).execute(&mut side).await?;
    side.close().await
}

impl Driver for Driving {
    type Db = Postgres;

    async fn connect(config: &Endpoint, role: Role) -> Result<Connection, sqlx::Error> {
        let mut raw = PgConnection::connect_with(&options(config).await?).await?;
        raw.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(settings(config, role)))).await?;
        let row = raw.fetch_one("SELECT pg_backend_pid(), current_setting('server_version')").await?;
        let (session, version) = (row.try_get::<i32, _>(0)?, row.try_get::<String, _>(1)?);
        Ok(Connection::new(Raw::Postgres(raw), Flavor::Postgres, i64::from(session), version))
    }

    fn arguments(values: Vec<Value>) -> Result<PgArguments, sqlx::Error> {
        native_arguments!(values, |v| v)
    }

    fn cell(row: &PgRow, at: usize, kind: &Kind, typed: bool) -> Result<Value, sqlx::Error> {
        native_cell!(row, at, kind, typed, |v: DateTime<Utc>| v)
    }

    fn counts(result: &PgQueryResult) -> (u64, i64) {
        (result.rows_affected(), 0)
    }

    fn classify(error: &dyn DatabaseError) -> Classified {
        let Some(error) = error.try_downcast_ref::<PgDatabaseError>() else { return Classified::of(ErrorKind::Other) };
        // Hazard H17: this connection would say so for ever. By the function that says it, for its words may be translated.
        let outdated = error.code() == "0A000" && error.routine() == Some("RevalidateCachedQuery");
        let kind = match of_code(error.code()) {
            _ if outdated => ErrorKind::ConnectionLost,
            // A FATAL error ends the session, whatever its reason.
            ErrorKind::Other if matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic) => {
                ErrorKind::ConnectionLost
            }
            kind => kind,
        };
        Classified {
            constraint: error.constraint().map(ToOwned::to_owned),
            fields: error.column().map(ToOwned::to_owned).into_iter().collect(),
            detail: error.detail().map(|detail| format!("{}: {detail}", error.message())),
            outdated,
            ..Classified::of(kind)
        }
    }
}

/// By SQLSTATE (PostgreSQL 15, appendix A).
fn of_code(code: &str) -> ErrorKind {
    match code {
        "23505" => ErrorKind::UniqueViolation,
        "23503" | "23001" => ErrorKind::ForeignKeyViolation,
        "23502" => ErrorKind::NotNullViolation,
        "23514" => ErrorKind::CheckViolation,
        "22001" | "22003" | "2200H" | "22021" | "22P05" | "22P02" | "22007" | "22008" => ErrorKind::InvalidValue,
        "42601" => ErrorKind::InvalidQuery,
        "42P01" | "3F000" => ErrorKind::TableNotFound,
        "42703" | "42804" | "42883" => ErrorKind::SchemaMismatch,
        "40001" => ErrorKind::Serialization,
        "40P01" => ErrorKind::Deadlock,
        "55P03" => ErrorKind::LockTimeout,
        "57014" => ErrorKind::Timeout,
        "57P03" => ErrorKind::Starting,
        "57P01" | "57P02" | "08006" | "08003" | "25P03" => ErrorKind::ConnectionLost,
        "53300" => ErrorKind::ServerFull,
        "28P01" | "28000" | "42501" => ErrorKind::Authentication,
        "3D000" => ErrorKind::DatabaseNotFound,
        "25006" => ErrorKind::ReadOnly,
        "53100" => ErrorKind::StorageFull,
        "54000" | "54001" | "54011" | "54023" => ErrorKind::TooLarge,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::of_code;
    use crate::ErrorKind;

    /// The codes that no test can make a server say, or only a broken one.
    #[test]
    fn codes_have_the_kinds_of_the_appendix() {
        for (code, kind) in [
            ("53100", ErrorKind::StorageFull),
            ("57P01", ErrorKind::ConnectionLost),
            ("57P02", ErrorKind::ConnectionLost),
            ("57P03", ErrorKind::Starting),
            ("53300", ErrorKind::ServerFull),
            ("54000", ErrorKind::TooLarge),
            ("40001", ErrorKind::Serialization),
            ("XX000", ErrorKind::Other),
        ] {
            assert_eq!(of_code(code), kind, "{code}");
        }
    }
}
