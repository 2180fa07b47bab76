//! One deployer at a time (law S3): without it a data migration was seen to run twice.
//!
//! The lock is held by the very session that runs the migration, so the server frees it when the session ends and never
//! before. SQLite has no such lock: a transaction keeps others out as long as it lasts, and a deploy may be several. There it is a file
//! beside the database that the operating system locks, and frees with the process.

use super::{SqlDeploy, beside, session};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{DeployLock, host},
    schema::Flavor,
};
use async_trait::async_trait;
use std::{process, time::Duration};

/// The number of PostgreSQL's lock, the ASCII of `seabed`; it covers one database.
const NUMBER: u64 = 126_879_262_729_572;
/// The name of MySQL's. Its locks are the server's, so the database is part of it, hashed because a name has at most 64 characters.
const NAME: &str = "CONCAT('seabed ', MD5(DATABASE()))";
/// How long a statement waits for a lock of the server: whoever comes after it waits behind it.
const SECONDS: u64 = 3;

#[async_trait]
impl DeployLock for SqlDeploy {
    async fn before_lock(&mut self, within: Duration) -> Result<()> {
        let settings = match self.flavor {
            Flavor::Sqlite => {
                format!("PRAGMA busy_timeout = {}", within.as_millis().min(i32::MAX.unsigned_abs().into()))
            }
            Flavor::Postgres => {
                let who = session::literal(&who_asks(), self.flavor)?;
                format!("SET lock_timeout = '{SECONDS}s'; SET application_name = {who}")
            }
            Flavor::MySql | Flavor::MariaDb => {
                format!("SET lock_wait_timeout = {SECONDS}, innodb_lock_wait_timeout = {SECONDS}")
            }
        };
        session::run(self, &settings).await.map(drop)
    }

    async fn take(&mut self) -> Result<bool> {
        let ask = match self.flavor {
            Flavor::Sqlite => return beside::take(self).await,
            Flavor::Postgres => format!("SELECT pg_try_advisory_lock({NUMBER})"),
            Flavor::MySql | Flavor::MariaDb => format!("SELECT GET_LOCK({NAME}, 0)"),
        };
        match session::scalar(self, &ask).await?.as_deref() {
            Some(answer) => self.locked = answer == "1",
            // MariaDB answers so in place of an error; taken for a yes it would be no lock at all.
            None => return Err(Error::new(ErrorKind::Migration, "the server cannot give the lock of the migrations")),
        }
        Ok(self.locked)
    }

    async fn holder(&mut self) -> Result<Option<String>> {
        let ask = match self.flavor {
            Flavor::Sqlite => return beside::holder(self).await,
            Flavor::Postgres => format!(
                "SELECT concat(coalesce(nullif(a.application_name, ''), 'a session'), ', session ', a.pid, \
                 ' from ' || host(a.client_addr), to_char(a.backend_start AT TIME ZONE 'UTC', '\", since\" YYYY-MM-DD HH24:MI:SS \"UTC\"')) \
                 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE {}",
                our_row()
            ),
            Flavor::MySql | Flavor::MariaDb => format!(
                "SELECT CONCAT(p.user, ' from ', p.host, ', session ', p.id, ', ', COALESCE(p.state, ''), ' for ', p.time, ' s') \
                 FROM information_schema.processlist p WHERE p.id = IS_USED_LOCK({NAME})"
            ),
        };
        session::scalar(self, &ask).await
    }

    async fn holds(&mut self) -> Result<bool> {
        let ask = match self.flavor {
            Flavor::Sqlite => return beside::holds(self).await,
            Flavor::Postgres => {
                format!("SELECT count(*) FROM pg_locks l WHERE {} AND l.pid = pg_backend_pid()", our_row())
            }
            Flavor::MySql | Flavor::MariaDb => format!("SELECT COALESCE(IS_USED_LOCK({NAME}) = CONNECTION_ID(), 0)"),
        };
        Ok(self.locked && session::scalar(self, &ask).await?.as_deref() == Some("1"))
    }

    async fn unlock(&mut self) -> Result<()> {
        self.beside = None;
        let ask = match self.flavor {
            Flavor::Postgres if self.locked => format!("SELECT pg_advisory_unlock({NUMBER})"),
            Flavor::MySql | Flavor::MariaDb if self.locked => format!("SELECT RELEASE_LOCK({NAME})"),
            _ => return Ok(()),
        };
        self.locked = false;
        session::scalar(self, &ask).await.map(drop)
    }
}

/// What the server's list of sessions tells of us, and so of who holds the lock.
fn who_asks() -> String {
    // PostgreSQL cuts a name at 63 bytes.
    let host: String = host().chars().filter(char::is_ascii).take(32).collect();
    format!("seabed on {host}, process {}", process::id())
}

/// The row of our lock among PostgreSQL's.
fn our_row() -> String {
    let (high, low) = (NUMBER >> 32, NUMBER & u64::from(u32::MAX));
    format!(
        "l.locktype = 'advisory' AND l.granted AND l.classid::bigint = {high} AND l.objid::bigint = {low} AND l.objsubid = 1 \
         AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"
    )
}
