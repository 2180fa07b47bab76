//! The backends of a run, each with a database of its own that is gone afterwards.

use crate::clock::Steps;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use mongodb::bson::{Document, doc};
use seabed::{
    Config, Database,
    schema::{Flavor, Table, ddl},
    sea_orm::{ConnectionTrait, DatabaseConnection, Statement},
};
use std::{path::Path, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// A family of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Memory,
    Sqlite,
    Postgres,
    Mysql,
    Mongodb,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Mongodb => "mongodb",
        }
    }
}

/// How long the end of a round may take.
const BOUND: Duration = Duration::from_mins(1);

/// One backend, layers included.
#[derive(Debug)]
pub struct Opened {
    pub kind: Kind,
    pub database: Database,
    pub clock: Steps,
    beside: Beside,
}

/// For what the library does not do: dropping tables.
#[derive(Debug)]
enum Beside {
    /// In memory each round has a database of its own.
    Nothing,
    Sql(DatabaseConnection, Flavor),
    Mongo(mongodb::Database),
}

impl Opened {
    /// Opens an empty database on a server, or in the folder.
    ///
    /// # Errors
    /// The server does not answer, or its URL is not in the environment.
    pub async fn new(kind: Kind, name: &str, folder: &Path) -> Result<Self> {
        let config = match kind {
            Kind::Memory => Config::from_url("memory:")?,
            Kind::Sqlite => Config::from_url(&format!("sqlite://{}", folder.join(format!("{name}.db")).display()))?,
            Kind::Postgres => {
                let url = url("SEABED_TEST_POSTGRES_URL")?;
                execute(&url, &format!("CREATE SCHEMA {name}")).await?;
                Config::builder().url(url).set("databases.main.schema", name).load()?
            }
            Kind::Mysql => {
                let url = url("SEABED_TEST_MYSQL_URL")?;
                execute(&url, &format!("CREATE DATABASE {name}")).await?;
                let url = with_database(&url, name);
                Config::from_url(&socket(&url).await?.unwrap_or(url))?
            }
            Kind::Mongodb => Config::from_url(&with_database(&url("SEABED_TEST_MONGODB_URL")?, name))?,
        };
        let clock = Steps::default();
        let database = Database::builder(config).clock(clock.clone()).connect().await?;
        let beside = match kind {
            Kind::Memory => Beside::Nothing,
            Kind::Mongodb => {
                Beside::Mongo(mongodb::Client::with_uri_str(url("SEABED_TEST_MONGODB_URL")?).await?.database(name))
            }
            Kind::Sqlite | Kind::Postgres | Kind::Mysql => {
                let flavor = match database.info().product {
                    "PostgreSQL" => Flavor::Postgres,
                    "MySQL" => Flavor::MySql,
                    "MariaDB" => Flavor::MariaDb,
                    _ => Flavor::Sqlite,
                };
                Beside::Sql(database.backend().migration_connection().await?, flavor)
            }
        };
        if let (Kind::Sqlite, Beside::Sql(raw, _)) = (kind, &beside) {
            // Dropping a table is deleting its rows, which their own references may refuse.
            raw.execute_unprepared("PRAGMA foreign_keys = OFF").await?;
        }
        Ok(Self { kind, database, clock, beside })
    }

    /// Takes the tables away, children first.
    ///
    /// # Errors
    /// What the server says.
    pub async fn drop_tables(&self, tables: &[Arc<Table>]) -> Result<()> {
        timeout(BOUND, self.settled()).await.context("a transaction that was given up does not end")?;
        timeout(BOUND, self.dropped(tables))
            .await
            .with_context(|| format!("{}: no table is dropped", self.kind.name()))?
    }

    /// A transaction that was given up ends a moment later. A drop that comes before it keeps `SecantusDB` from ending it, and waits for
    /// it, for ever.
    async fn settled(&self) {
        while self.kind == Kind::Mongodb && self.database.backend().pool().in_use > 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }

    async fn dropped(&self, tables: &[Arc<Table>]) -> Result<()> {
        for table in tables.iter().rev() {
            match &self.beside {
                Beside::Nothing => {}
                Beside::Sql(raw, flavor) => {
                    raw.execute_unprepared(&ddl::drop_table(table, *flavor, true)).await?;
                }
                Beside::Mongo(raw) => {
                    raw.collection::<Document>(&table.name).drop().await?;
                    raw.collection::<Document>("_seabed.references").delete_many(doc! { "child": &table.name }).await?;
                    raw.collection::<Document>("_seabed.counters").delete_many(doc! { "_id": &table.name }).await?;
                }
            }
        }
        Ok(())
    }

    /// Closes it and removes its database.
    ///
    /// # Errors
    /// What the server says.
    pub async fn remove(self, name: &str) -> Result<()> {
        self.database.close().await?;
        match self.beside {
            Beside::Nothing => {}
            Beside::Sql(raw, _) => raw.close().await?,
            Beside::Mongo(raw) => raw.drop().await?,
        }
        match self.kind {
            Kind::Memory | Kind::Sqlite | Kind::Mongodb => Ok(()),
            Kind::Postgres => execute(&url("SEABED_TEST_POSTGRES_URL")?, &format!("DROP SCHEMA {name} CASCADE")).await,
            Kind::Mysql => execute(&url("SEABED_TEST_MYSQL_URL")?, &format!("DROP DATABASE {name}")).await,
        }
    }
}

fn url(variable: &str) -> Result<String> {
    match std::env::var(variable) {
        Ok(url) if !url.is_empty() => Ok(url),
        _ => bail!("{variable} is not set: `cargo xtask differential` sets it"),
    }
}

/// One statement on a connection of its own.
async fn execute(url: &str, statement: &str) -> Result<()> {
    let mut options = seabed::sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = seabed::sea_orm::Database::connect(options).await.context("the server does not answer")?;
    connection.execute_unprepared(statement).await?;
    connection.close().await?;
    Ok(())
}

/// The same by the server's socket, where its file is on this machine. sqlx leaves Nagle's algorithm on, and MySQL does not
/// answer when a statement is closed: over TCP each statement that leaves the cache costs the 40 ms of a delayed ACK, and here
/// hardly a statement comes twice.
async fn socket(url: &str) -> Result<Option<String>> {
    let connection = seabed::sea_orm::Database::connect(url).await.context("the server does not answer")?;
    let asked =
        Statement::from_string(connection.get_database_backend(), "SELECT @@datadir AS folder, @@socket AS file");
    let row = connection.query_one_raw(asked).await?.context("no settings")?;
    let file = Path::new(&row.try_get::<String>("", "folder")?).join(row.try_get::<String>("", "file")?);
    connection.close().await?;
    let mark = if url.contains('?') { '&' } else { '?' };
    Ok(file.exists().then(|| format!("{url}{mark}socket={}", file.display())))
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').map_or((url, ""), |(base, parameters)| (base, parameters));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{}/{name}{mark}{parameters}", &base[..end])
}
