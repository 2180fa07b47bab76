//! One deployer at a time (law S3): without it a data migration was seen to run twice.
//!
//! The lock is held by the very session that runs the migration, so the server frees it when the session ends and never
//! before. It is asked for again and again: PostgreSQL's waiting form was seen to hang beside CREATE INDEX CONCURRENTLY,
//! and MariaDB's to return at once. SQLite has no such lock; there each migration is one IMMEDIATE transaction, which waits for the file.

use super::failed;
use crate::{Error, ErrorKind, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use std::time::{Duration, Instant};

/// How long another deployer is waited for.
const WITHIN: Duration = Duration::from_mins(1);
const EVERY: Duration = Duration::from_millis(200);
/// The name of the lock; on PostgreSQL a number, the ASCII of `seabed`. Each covers one database.
const POSTGRES: (&str, &str) =
    ("SELECT pg_try_advisory_lock(126879262729572)", "SELECT pg_advisory_unlock(126879262729572)");
/// MySQL's locks are the server's, so the database is part of the name, hashed because a name has at most 64 characters.
const MYSQL: (&str, &str) = (
    "SELECT GET_LOCK(CONCAT('seabed ', MD5(DATABASE())), 0) = 1",
    "SELECT RELEASE_LOCK(CONCAT('seabed ', MD5(DATABASE()))) = 1",
);

/// The right to migrate.
pub(super) struct Lock {
    release: Option<&'static str>,
}

impl Lock {
    pub(super) async fn acquire(connection: &DatabaseConnection) -> Result<Self> {
        let (ask, release) = match connection.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            DbBackend::MySql => MYSQL,
            _ => return Ok(Self { release: None }),
        };
        let began = Instant::now();
        loop {
            let got = scalar(connection, ask).await;
            if got.map_err(|error| failed("the lock could not be asked for", &error))? {
                return Ok(Self { release: Some(release) });
            }
            if began.elapsed() >= WITHIN {
                let why = "another deployer holds the lock of the migrations for more than a minute";
                return Err(Error::new(ErrorKind::LockTimeout, why));
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Begins what must be whole. On SQLite that is the lock too, unless the migration sees to its transaction itself: then the
    /// books' primary key is what stops the second deployer.
    pub(super) async fn begin(&self, connection: &DatabaseConnection, own: Option<bool>) -> Result<Whole> {
        let open = connection.get_database_backend() == DbBackend::Sqlite && own.is_none();
        if open {
            let began = connection.execute_unprepared("BEGIN IMMEDIATE").await;
            began.map_err(|error| failed("the file could not be locked", &error))?;
        }
        Ok(Whole { open })
    }

    /// A release that fails is a session that has ended, and its lock with it.
    pub(super) async fn release(self, connection: &DatabaseConnection) {
        if let Some(release) = self.release {
            let _ = scalar(connection, release).await;
        }
    }
}

/// One migration, all of it or nothing, where the server can.
pub(super) struct Whole {
    open: bool,
}

impl Whole {
    pub(super) async fn end(self, connection: &DatabaseConnection, done: Result<()>) -> Result<()> {
        if !self.open {
            return done;
        }
        if done.is_err() {
            // The cause is what the caller needs; the connection is closed next, which rolls back too.
            let _ = connection.execute_unprepared("ROLLBACK").await;
            return done;
        }
        let kept = connection.execute_unprepared("COMMIT").await;
        kept.map(|_| ()).map_err(|error| failed("the migration could not be committed", &error))
    }
}

/// A NULL, which MariaDB answers in place of an error, is a no.
async fn scalar(connection: &DatabaseConnection, sql: &str) -> Result<bool, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get_by_index::<Option<bool>>(0)).transpose()?.flatten().unwrap_or(false))
}
