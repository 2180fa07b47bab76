//! One physical connection, of any of the three drivers.

use super::{
    dialect::{self, Driver},
    statement::Statement,
};
use crate::{
    backend::{Rows, value::is_null},
    config::DatabaseConfig,
    schema::{Flavor, Kind},
};
use futures::TryStreamExt;
use sea_orm::{ExecResult, QueryResult};
use sqlx::{Connection as _, Database, Either, Executor, IntoArguments};
#[cfg(feature = "sqlite")]
use std::sync::{Arc, atomic::AtomicBool};
use std::{
    ops::Deref,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// Where connections go: the configuration, and the name that the connections of one `:memory:` database share.
#[derive(Debug)]
pub(super) struct Endpoint {
    config: DatabaseConfig,
    pub memory: String,
}

impl Endpoint {
    pub fn new(config: DatabaseConfig) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { config, memory: format!("file:seabed-{}", NEXT.fetch_add(1, Ordering::Relaxed)) }
    }
}

impl Deref for Endpoint {
    type Target = DatabaseConfig;
    fn deref(&self) -> &DatabaseConfig {
        &self.config
    }
}

/// A connection and what is known of it.
pub(super) struct Connection {
    raw: Raw,
    pub flavor: Flavor,
    /// The session's number in the server, to cancel it by.
    pub session: i64,
    pub version: String,
    /// The largest message that the server takes, where it has such a limit and hangs up beyond it.
    pub packet: Option<usize>,
    pub opened: Instant,
}

pub(super) enum Raw {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::SqliteConnection, Arc<AtomicBool>),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgConnection),
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlConnection),
}

/// Runs the same body on whichever connection it is, with its driver as a type where one is named.
macro_rules! each {
    ($raw:expr, $connection:ident => $body:expr) => {
        match $raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite($connection, _) => $body,
            #[cfg(feature = "postgres")]
            Raw::Postgres($connection) => $body,
            #[cfg(feature = "mysql")]
            Raw::MySql($connection) => $body,
        }
    };
    ($raw:expr, $connection:ident, $driver:ident => $body:expr) => {
        match $raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite($connection, _) => {
                type $driver = dialect::sqlite::Driving;
                $body
            }
            #[cfg(feature = "postgres")]
            Raw::Postgres($connection) => {
                type $driver = dialect::postgres::Driving;
                $body
            }
            #[cfg(feature = "mysql")]
            Raw::MySql($connection) => {
                type $driver = dialect::mysql::Driving;
                $body
            }
        }
    };
}

impl Connection {
    pub fn new(raw: Raw, flavor: Flavor, session: i64, version: String) -> Self {
        Self { raw, flavor, session, version, packet: None, opened: Instant::now() }
    }

    /// Every row of a statement, read to its end, cells by position.
    pub async fn fetch(&mut self, statement: Statement, kinds: &[&Kind]) -> Result<Rows, sqlx::Error> {
        each!(&mut self.raw, connection, D => fetch::<D>(connection, statement, kinds).await)
    }

    /// Rows affected, and the last key made.
    pub async fn execute(&mut self, statement: Statement) -> Result<(u64, i64), sqlx::Error> {
        each!(&mut self.raw, connection, D => {
            let arguments = D::arguments(statement.values)?;
            let query = sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), arguments);
            Ok(D::counts(&connection.execute(query).await?))
        })
    }

    /// Every row of a statement, as `SeaORM` reads them.
    pub async fn query(&mut self, statement: Statement) -> Result<Vec<QueryResult>, sqlx::Error> {
        each!(&mut self.raw, connection, D => {
            let arguments = D::arguments(statement.values)?;
            let query = sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), arguments);
            Ok(connection.fetch_all(query).await?.into_iter().map(QueryResult::from).collect())
        })
    }

    /// What the driver says of a statement that was run.
    pub async fn count(&mut self, statement: Statement) -> Result<ExecResult, sqlx::Error> {
        each!(&mut self.raw, connection, D => {
            let arguments = D::arguments(statement.values)?;
            let query = sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), arguments);
            Ok(ExecResult::from(connection.execute(query).await?))
        })
    }

    /// Statements without values, in one message.
    pub async fn batch(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        self.script(sql).await.map(drop)
    }

    /// The same, and what the driver says of them.
    pub async fn script(&mut self, sql: &str) -> Result<ExecResult, sqlx::Error> {
        each!(&mut self.raw, connection => {
            connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))).await.map(ExecResult::from)
        })
    }

    /// One round trip.
    pub async fn ping(&mut self) -> Result<(), sqlx::Error> {
        each!(&mut self.raw, connection => connection.ping().await)
    }

    /// Says goodbye and closes.
    pub async fn close(self) -> Result<(), sqlx::Error> {
        each!(self.raw, connection => connection.close().await)
    }

    /// Interrupts, or no longer interrupts, what runs on an embedded connection; whether it is one.
    pub fn interrupt(&self, on: bool) -> bool {
        match &self.raw {
            #[cfg(feature = "sqlite")]
            Raw::Sqlite(_, flag) => {
                flag.store(on, Ordering::Relaxed);
                true
            }
            #[allow(unreachable_patterns, reason = "the others may be compiled out")]
            _ => {
                let _ = on;
                false
            }
        }
    }
}

async fn fetch<D: Driver>(
    connection: &mut <D::Db as Database>::Connection,
    statement: Statement,
    kinds: &[&Kind],
) -> Result<Rows, sqlx::Error>
where
    for<'c> &'c mut <D::Db as Database>::Connection: Executor<'c, Database = D::Db>,
    <D::Db as Database>::Arguments: IntoArguments<D::Db>,
{
    let arguments = D::arguments(statement.values)?;
    // Not `fetch`, which is this stream in one more box.
    let mut stream = connection.fetch_many(sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), arguments));
    let mut typed = vec![false; kinds.len()];
    let mut rows = Rows::default();
    while let Some(step) = stream.try_next().await? {
        let Either::Right(row) = step else { continue };
        rows.push(kinds.iter().zip(&mut typed).enumerate().map(|(at, (kind, typed))| {
            let cell = D::cell(&row, at, kind, *typed)?;
            *typed = *typed || !is_null(&cell);
            Ok::<_, sqlx::Error>(cell)
        }))?;
    }
    Ok(rows)
}

/// Ends what a server's session runs, from a side connection.
pub(super) async fn cancel(endpoint: &Endpoint, flavor: Flavor, session: i64) -> Result<(), sqlx::Error> {
    match flavor {
        #[cfg(feature = "postgres")]
        Flavor::Postgres => dialect::postgres::cancel(endpoint, session).await,
        #[cfg(feature = "mysql")]
        Flavor::MySql | Flavor::MariaDb => dialect::mysql::cancel(endpoint, session).await,
        #[allow(unreachable_patterns, reason = "the others may be compiled out")]
        _ => {
            let _ = (endpoint, session);
            Ok(())
        }
    }
}
