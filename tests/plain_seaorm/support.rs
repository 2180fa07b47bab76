//! A place of its own for each test, made and opened by SeaORM alone.

use crate::server::{self, Server};
use futures::FutureExt;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait, Schema, Statement};
use std::{any::type_name, panic::AssertUnwindSafe};

/// Where a law is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
    Mariadb,
}

pub const SERVERS: [On; 2] = [On::Postgres, On::Mariadb];
pub const EVERYWHERE: [On; 3] = [On::Sqlite, On::Postgres, On::Mariadb];

/// An empty database, with the connection that SeaORM gives by default.
pub struct Place {
    pub on: On,
    pub db: DatabaseConnection,
    url: String,
    schema: Option<String>,
}

/// Runs a proof on each of these, and takes its place away, whatever came of it.
pub async fn on<F: AsyncFn(&Place)>(wanted: &[On], proof: F) {
    // The proof is a closure in its test, and is called after it.
    let test = type_name::<F>().trim_start_matches("plain_seaorm::").replace("::{{closure}}", "");
    let (mut ran, mut absent) = (false, Vec::new());
    for &on in wanted {
        match Spot::new(on, &test).await {
            Ok(spot) => {
                let place = spot.open().await;
                let outcome = AssertUnwindSafe(proof(&place)).catch_unwind().await;
                place.db.close().await.expect("closed");
                spot.clear().await;
                ran = true;
                outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
            Err(why) => absent.push(why),
        }
    }
    // A test that ran somewhere has shown something and is no skip.
    let said = if ran { "not everywhere:" } else { "SKIPPED" };
    if !absent.is_empty() {
        println!("{said} {test}: {}", absent.join(", "));
    }
}

/// What a place needs before SeaORM connects to it, and what takes it away.
enum Spot {
    File(tempfile::TempDir),
    Schema { server: Server, name: String },
    Database { server: Server, name: String },
}

impl Spot {
    /// `Err` says why there is none; where the server was required, that is a failure.
    async fn new(on: On, test: &str) -> Result<Self, String> {
        let (variable, backend) = match on {
            On::Sqlite => return Ok(Self::File(tempfile::tempdir().expect("a folder"))),
            On::Postgres => ("SEABED_TEST_POSTGRES_URL", "postgres"),
            On::Mariadb => ("SEABED_TEST_MYSQL_URL", "mysql"),
        };
        let server = Server::new(variable);
        let Some(url) = server.url() else {
            let required = std::env::var("SEABED_TEST_REQUIRE").unwrap_or_default();
            let required = required.split(',').any(|name| name == backend);
            assert!(!required, "{test}: {backend} is required, and {}", server.absent());
            return Err(server.absent());
        };
        let name = server::unique("plain_seaorm_plain");
        if on == On::Postgres {
            server.execute(vec![format!("CREATE SCHEMA {name}")]).await.expect("a schema");
            return Ok(Self::Schema { server, name });
        }
        let direct = connect(&url, None, 1).await;
        let version: String = one(&direct, "SELECT VERSION()").await;
        direct.close().await.expect("closed");
        if !version.contains("MariaDB") {
            return Err(format!("these faults are MariaDB's, and {variable} is MySQL {version}"));
        }
        // The charset is given, so that a server whose own is latin1 is not the reason of what follows.
        let create = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
        server.execute(vec![create]).await.expect("a database");
        Ok(Self::Database { server, name })
    }

    async fn open(&self) -> Place {
        let (on, url, schema) = match self {
            Self::File(folder) => {
                (On::Sqlite, format!("sqlite://{}?mode=rwc", folder.path().join("plain.db").display()), None)
            }
            Self::Schema { server, name } => (On::Postgres, server.url().expect("a URL"), Some(name.clone())),
            Self::Database { server, name } => {
                let url = server.url().expect("a URL");
                let (base, _) = url.rsplit_once('/').expect("a URL with a database");
                (On::Mariadb, format!("{base}/{name}"), None)
            }
        };
        // SeaORM's own default on SQLite is one connection.
        let db = connect(&url, schema.as_deref(), if on == On::Sqlite { 1 } else { 4 }).await;
        Place { on, db, url, schema }
    }

    async fn clear(self) {
        match self {
            Self::File(folder) => folder.close().expect("the folder can be removed"),
            Self::Schema { server, name } => {
                server.execute(vec![format!("DROP SCHEMA {name} CASCADE")]).await.expect("dropped");
            }
            Self::Database { server, name } => {
                server.execute(vec![format!("DROP DATABASE {name}")]).await.expect("dropped");
            }
        }
    }
}

async fn connect(url: &str, schema: Option<&str>, connections: u32) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).sqlx_logging(false);
    if let Some(schema) = schema {
        options.set_schema_search_path(schema);
    }
    Database::connect(options).await.expect("a connection")
}

impl Place {
    /// The table of this entity, as SeaORM makes it.
    pub async fn table<E: EntityTrait>(&self, entity: E) {
        self.try_table(entity).await.expect("a table");
    }

    /// The same, where that may fail.
    pub async fn try_table<E: EntityTrait>(&self, entity: E) -> Result<(), DbErr> {
        let schema = Schema::new(self.db.get_database_backend());
        for kind in schema.create_enum_from_entity(entity) {
            self.db.execute(&kind).await?;
        }
        self.db.execute(&schema.create_table_from_entity(entity)).await.map(drop)
    }

    /// Another pool on the same place: one that is looked through from outside, or has a single connection.
    pub async fn pool(&self, connections: u32) -> DatabaseConnection {
        connect(&self.url, self.schema.as_deref(), connections).await
    }

    pub async fn run(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.expect("a statement of the test's own");
    }
}

/// The first column of the first row.
pub async fn one<T: sea_orm::TryGetable>(db: &impl ConnectionTrait, sql: &str) -> T {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(statement).await.expect("an answer").expect("a row");
    row.try_get_by_index(0).expect("a value")
}

/// What this panics with, where it does; in a task of its own, as a service would meet it.
pub async fn panic_of<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Option<String> {
    let panic = tokio::spawn(future).await.err()?.try_into_panic().ok()?;
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
}
