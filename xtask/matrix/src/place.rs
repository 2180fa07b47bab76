//! A schema, a database or a file for one case, gone afterwards.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use seabed::{
    Config, Database,
    backend::Deploy,
    schema::{Flavor, Words},
};
use std::path::{Path, PathBuf};

/// A family of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    Sqlite,
    Postgres,
    Mysql,
    Mongodb,
}

impl Backend {
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Postgres, Self::Mysql, Self::Mongodb];
}

/// A server, or a folder for files.
#[derive(Debug)]
pub struct Server {
    pub backend: Backend,
    /// None for MongoDB, which speaks no SQL.
    pub flavor: Option<Flavor>,
    url: String,
    folder: PathBuf,
    /// What makes and removes places.
    admin: Option<DatabaseConnection>,
}

impl Server {
    pub async fn new(backend: Backend, folder: &Path) -> Result<Self> {
        let folder = folder.to_owned();
        let (url, flavor, admin) = match backend {
            Backend::Sqlite => (String::new(), Some(Flavor::Sqlite), None),
            Backend::Postgres => {
                let url = url("SEABED_TEST_POSTGRES_URL")?;
                let admin = connect(&url).await?;
                (url, Some(Flavor::Postgres), Some(admin))
            }
            Backend::Mysql => {
                let url = url("SEABED_TEST_MYSQL_URL")?;
                let admin = connect(&url).await?;
                let version = cell(&admin, "SELECT VERSION()").await?;
                let flavor = if version.contains("MariaDB") { Flavor::MariaDb } else { Flavor::MySql };
                let file = cell(&admin, "SELECT CONCAT(@@datadir, '\n', @@socket)").await?;
                let (data, socket) = file.split_once('\n').context("no socket")?;
                let socket = Path::new(data).join(socket);
                // By its socket, where that is on this machine: see the differential test's servers.
                let mark = if url.contains('?') { '&' } else { '?' };
                let url = if socket.exists() { format!("{url}{mark}socket={}", socket.display()) } else { url };
                (url, Some(flavor), Some(admin))
            }
            Backend::Mongodb => (url("SEABED_TEST_MONGODB_URL")?, None, None),
        };
        Ok(Self { backend, flavor, url, folder, admin })
    }

    /// An empty place of this name.
    pub async fn place(&self, name: &str) -> Result<Place<'_>> {
        let config = match (self.backend, &self.admin) {
            (Backend::Postgres, Some(admin)) => {
                admin.execute_unprepared(&format!("CREATE SCHEMA {name}")).await?;
                Config::builder().url(self.url.as_str()).set("databases.main.schema", name).load()?
            }
            (Backend::Mysql, Some(admin)) => {
                admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
                Config::from_url(&with_database(&self.url, name))?
            }
            // MongoDB makes a database with its first collection.
            (Backend::Mongodb, _) => Config::from_url(&with_database(&self.url, name))?,
            _ => Config::from_url(&format!("sqlite://{}", self.folder.join(format!("{name}.db")).display()))?,
        };
        Ok(Place { server: self, name: name.to_owned(), config })
    }

    /// What is said for this server.
    pub fn said<'w>(&self, words: &'w Words) -> Option<&'w str> {
        self.flavor.map_or(words.mongodb.as_deref(), |flavor| words.on(flavor))
    }

    pub async fn close(self) -> Result<()> {
        if let Some(admin) = self.admin {
            admin.close().await?;
        }
        Ok(())
    }
}

/// Where one case plays.
#[derive(Debug)]
pub struct Place<'s> {
    pub server: &'s Server,
    name: String,
    config: Config,
}

impl Place<'_> {
    /// The database, as a program that has just started sees it.
    pub async fn open(&self) -> Result<Database> {
        Ok(Database::builder(self.config.clone()).connect().await?)
    }

    /// One session for a deploy, and the database that it came from.
    pub async fn deploy(&self) -> Result<(Database, Box<dyn Deploy>)> {
        let db = self.open().await?;
        let deploy = db.backend().deploy().await?;
        Ok((db, deploy))
    }

    pub async fn remove(self) -> Result<()> {
        if self.server.backend == Backend::Mongodb {
            let (db, mut deploy) = self.deploy().await?;
            deploy.run(r#"{"dropDatabase": 1}"#).await?;
            deploy.close().await?;
            return Ok(db.close().await?);
        }
        let Some(admin) = &self.server.admin else {
            // SQLite's file goes with the folder.
            return Ok(());
        };
        let what = if self.server.backend == Backend::Postgres { "SCHEMA" } else { "DATABASE" };
        let cascade = if self.server.backend == Backend::Postgres { " CASCADE" } else { "" };
        admin.execute_unprepared(&format!("DROP {what} {}{cascade}", self.name)).await?;
        Ok(())
    }
}

fn url(variable: &str) -> Result<String> {
    match std::env::var(variable) {
        Ok(url) if !url.is_empty() => Ok(url),
        _ => bail!("{variable} is not set: `cargo xtask schema-matrix` sets it"),
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection> {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options).await.context("the server does not answer")
}

async fn cell(connection: &DatabaseConnection, question: &str) -> Result<String> {
    let asked = Statement::from_string(connection.get_database_backend(), question);
    let row = connection.query_one_raw(asked).await?.context("no answer")?;
    Ok(row.try_get_by_index(0)?)
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').map_or((url, ""), |(base, parameters)| (base, parameters));
    let host = base.find("://").map_or(0, |at| at + 3);
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{}/{name}{mark}{parameters}", &base[..end])
}
