//! Throwaway servers: started on free ports, given a random password, stopped and removed afterwards.
//!
//! In this order of preference: a URL that the contributor has set · servers that `servers up` left running · the
//! server's own programs · those programs, installed by apt first · a container engine. Everything that is said here
//! goes to standard error, so that `servers up` can be evaluated by a shell.

mod compose;
mod install;
mod local;
mod mongodb;
mod mysql;
mod postgres;
mod record;

use crate::{shell, stop::Guard};
use anyhow::Result;
use clap::ValueEnum;
use record::Record;
use std::fmt;

/// A family of databases that the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Backend {
    /// The reference backend.
    Memory,
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
    /// A server: MariaDB.
    Mysql,
    /// A server: `mongod`, or one that speaks its protocol.
    Mongodb,
}

impl Backend {
    /// In the order of tables.
    pub const ALL: [Self; 5] = [Self::Memory, Self::Sqlite, Self::Postgres, Self::Mysql, Self::Mongodb];

    /// As the tests' names have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
        }
    }

    /// The environment variable with the URL of its server, where it has one.
    pub fn variable(self) -> Option<&'static str> {
        match self {
            Self::Memory | Self::Sqlite => None,
            Self::Postgres => Some("SEABED_TEST_POSTGRES_URL"),
            Self::Mysql => Some("SEABED_TEST_MYSQL_URL"),
            Self::Mongodb => Some("SEABED_TEST_MONGODB_URL"),
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A server that answers.
#[derive(Debug)]
struct Server {
    backend: Backend,
    url: String,
    /// What we started: stopped and removed with the guard.
    started: Option<(Record, Guard)>,
}

/// The servers of one run. Dropping them stops those that this run started.
#[derive(Debug)]
pub struct Servers(Vec<Server>);

impl Servers {
    /// Finds or starts a server for each backend that needs one.
    ///
    /// # Errors
    /// No server can be found, installed or started; the text says what was tried.
    pub fn start(backends: &[Backend], install: bool) -> Result<Self> {
        record::sweep()?;
        let mut servers = Vec::new();
        let mut missing = Vec::new();
        for &backend in backends {
            let Some(variable) = backend.variable() else { continue };
            let given = std::env::var(variable).ok().filter(|url| !url.is_empty());
            if let Some(url) = given {
                eprintln!("{backend}: the server of {variable}");
                servers.push(Server { backend, url, started: None });
            } else if let Some(record) = record::left_running(backend) {
                eprintln!("{backend}: the server that `servers up` left running");
                servers.push(Server { backend, url: record.url, started: None });
            } else {
                missing.push(backend);
            }
        }
        let by_container = install::prepare(&missing, install)?;
        for backend in missing {
            let (record, guard) = match backend {
                Backend::Mongodb => local::start(&mongodb::MongoDb)?,
                _ if by_container => compose::start(backend)?,
                Backend::Mysql => local::start(&mysql::MySql)?,
                Backend::Postgres => local::start(&postgres::Postgres)?,
                Backend::Memory | Backend::Sqlite => continue,
            };
            eprintln!("{backend}: {} on {}", record.product, record.address());
            servers.push(Server { backend, url: record.url.clone(), started: Some((record, guard)) });
        }
        Ok(Self(servers))
    }

    /// What the tests read.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let url = |server: &Server| Some((server.backend.variable()?, server.url.clone()));
        self.0.iter().filter_map(url).collect()
    }
}

/// The client of `PostgreSQL`.
pub fn psql() -> Option<std::path::PathBuf> {
    postgres::program("psql")
}

/// Starts servers that stay, and prints what to `export`.
pub fn up(install: bool) -> Result<()> {
    let servers = Servers::start(&[Backend::Postgres, Backend::Mysql, Backend::Mongodb], install)?;
    for (name, url) in servers.environment() {
        println!("export {name}='{url}'");
    }
    for (record, guard) in servers.0.into_iter().filter_map(|server| server.started) {
        record.leave_running()?;
        guard.release();
    }
    Ok(())
}

/// Stops what `up` started.
pub fn down() -> Result<()> {
    record::sweep()?;
    for backend in Backend::ALL {
        if let Some(record) = record::left_running(backend) {
            record.stop();
            eprintln!("{backend}: stopped");
        }
    }
    Ok(())
}

/// Sixteen random bytes in hexadecimal: nobody needs to know a test's password.
fn password() -> Result<String> {
    let mut bytes = [0; 16];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Where the records and, if the server's user can reach it, the data are.
fn folder() -> std::path::PathBuf {
    shell::target().join("servers")
}
