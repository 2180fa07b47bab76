//! One deployer at a time (law S3): without it a data migration was seen to run twice.
//!
//! The lock is held by the very session that runs the migration, so the server frees it when the session ends and never
//! before. It is asked for again and again: PostgreSQL's waiting form was seen to hang beside CREATE INDEX CONCURRENTLY,
//! and MariaDB's to return at once. SQLite has no such lock; there what is to be whole is one IMMEDIATE transaction, which waits
//! for the file.

use super::{SqlDeploy, session};
use crate::{Error, ErrorKind, Result, schema::Flavor};
use std::{
    fs, process,
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_millis(200);
/// The number of PostgreSQL's lock, the ASCII of `seabed`; it covers one database.
const NUMBER: u64 = 126_879_262_729_572;
/// The name of MySQL's. Its locks are the server's, so the database is part of it, hashed because a name has at most 64 characters.
const NAME: &str = "CONCAT('seabed ', MD5(DATABASE()))";
/// How long a statement waits for a lock of the server: whoever comes after it waits behind it.
const SECONDS: u64 = 3;

pub(super) async fn lock(deploy: &mut SqlDeploy, within: Duration) -> Result<()> {
    let ask = match deploy.flavor {
        Flavor::Sqlite => {
            let within = format!("PRAGMA busy_timeout = {}", within.as_millis().min(i32::MAX.unsigned_abs().into()));
            return session::run(deploy, &within).await.map(drop);
        }
        Flavor::Postgres => {
            let who = session::literal(&who_asks(), deploy.flavor)?;
            let settings = format!("SET lock_timeout = '{SECONDS}s'; SET application_name = {who}");
            session::run(deploy, &settings).await?;
            format!("SELECT pg_try_advisory_lock({NUMBER})")
        }
        Flavor::MySql | Flavor::MariaDb => {
            let settings = format!("SET lock_wait_timeout = {SECONDS}, innodb_lock_wait_timeout = {SECONDS}");
            session::run(deploy, &settings).await?;
            format!("SELECT GET_LOCK({NAME}, 0)")
        }
    };
    let began = Instant::now();
    loop {
        match session::scalar(deploy, &ask).await?.as_deref() {
            Some("1") => {
                deploy.locked = true;
                return Ok(());
            }
            Some(_) => {}
            // MariaDB answers so in place of an error; taken for a yes it would be no lock at all.
            None => return Err(Error::new(ErrorKind::Migration, "the server cannot give the lock of the migrations")),
        }
        if began.elapsed() >= within {
            let who = holder(deploy).await?.unwrap_or_else(|| "the server does not say who".to_owned());
            let why = format!(
                "another deployer holds the lock of the migrations for more than {within:?}: {who}. Nothing was run: run it again once \
                 that one is done"
            );
            return Err(Error::new(ErrorKind::LockTimeout, why));
        }
        tokio::time::sleep(EVERY.min(within)).await;
    }
}

/// What the server's list of sessions tells of us, and so of who holds the lock.
fn who_asks() -> String {
    // PostgreSQL cuts a name at 63 bytes.
    let host: String = host().chars().filter(char::is_ascii).take(32).collect();
    format!("seabed on {host}, process {}", process::id())
}

/// The name of this machine, as far as it is known.
pub(super) fn host() -> String {
    let said = ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let host = said.or_else(|| fs::read_to_string("/proc/sys/kernel/hostname").ok()).unwrap_or_default();
    match host.trim() {
        "" => "an unknown host".to_owned(),
        host => host.to_owned(),
    }
}

async fn holder(deploy: &SqlDeploy) -> Result<Option<String>> {
    let ask = match deploy.flavor {
        Flavor::Sqlite => return Ok(None),
        Flavor::Postgres => format!(
            "SELECT concat(coalesce(nullif(a.application_name, ''), 'a session'), ', session ', a.pid, ' from ' || host(a.client_addr), \
             to_char(a.backend_start AT TIME ZONE 'UTC', '\", since\" YYYY-MM-DD HH24:MI:SS \"UTC\"')) \
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE {}",
            held()
        ),
        Flavor::MySql | Flavor::MariaDb => format!(
            "SELECT CONCAT(p.user, ' from ', p.host, ', session ', p.id, ', ', COALESCE(p.state, ''), ' for ', p.time, ' s') \
             FROM information_schema.processlist p WHERE p.id = IS_USED_LOCK({NAME})"
        ),
    };
    session::scalar(deploy, &ask).await
}

/// The row of our lock among PostgreSQL's.
fn held() -> String {
    let (high, low) = (NUMBER >> 32, NUMBER & u64::from(u32::MAX));
    format!(
        "l.locktype = 'advisory' AND l.granted AND l.classid::bigint = {high} AND l.objid::bigint = {low} AND l.objsubid = 1 \
         AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"
    )
}

pub(super) async fn holds(deploy: &SqlDeploy) -> Result<bool> {
    let ask = match deploy.flavor {
        Flavor::Sqlite => return Ok(true),
        Flavor::Postgres => {
            format!("SELECT count(*) FROM pg_locks l WHERE {} AND l.pid = pg_backend_pid()", held())
        }
        Flavor::MySql | Flavor::MariaDb => format!("SELECT COALESCE(IS_USED_LOCK({NAME}) = CONNECTION_ID(), 0)"),
    };
    Ok(deploy.locked && session::scalar(deploy, &ask).await?.as_deref() == Some("1"))
}

pub(super) async fn unlock(deploy: &mut SqlDeploy) -> Result<()> {
    let ask = match deploy.flavor {
        Flavor::Postgres if deploy.locked => format!("SELECT pg_advisory_unlock({NUMBER})"),
        Flavor::MySql | Flavor::MariaDb if deploy.locked => format!("SELECT RELEASE_LOCK({NAME})"),
        _ => return Ok(()),
    };
    deploy.locked = false;
    session::scalar(deploy, &ask).await.map(drop)
}
