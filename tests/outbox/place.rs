//! A database of its own for each test, migrated, with a clock that can be pushed on.

use crate::server::{self, Server};
use chrono::{DateTime, Utc};
use seabed::{Config, Database, key::Clock, outbox};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// What a consumer does with a message: one row.
pub mod effect {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "effect")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub key: String,
        pub position: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The machine's clock, so much later.
#[derive(Clone, Debug, Default)]
pub struct Later(Arc<Mutex<Duration>>);

impl Clock for Later {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.lock().expect("a time")
    }
}

enum Kind {
    Memory(Database),
    Sqlite(tempfile::TempDir),
    Server { server: Server, name: String },
}

pub struct Place {
    kind: Kind,
    clock: Later,
}

impl Place {
    /// `None` where the backend's server is not there; that is said, and fails where it was required.
    pub async fn new(backend: &str, test: &str) -> Option<Self> {
        let clock = Later::default();
        let server = match backend {
            "postgres" => Some(Server::new("SEABED_TEST_POSTGRES_URL")),
            "mysql" => Some(Server::new("SEABED_TEST_MYSQL_URL")),
            _ => None,
        };
        let kind = match server {
            Some(server) if server.url().is_none() => {
                let required = std::env::var("SEABED_TEST_REQUIRE").unwrap_or_default();
                assert!(!required.split(',').any(|name| name == backend), "{}", server.absent());
                println!("SKIPPED {test}: {}", server.absent());
                return None;
            }
            Some(server) => {
                let name = server::unique("outbox_of_outbox");
                server.execute(vec![format!("CREATE DATABASE {name}")]).await.expect("a database");
                Kind::Server { server, name }
            }
            None if backend == "memory" => {
                let config = Config::from_url("memory:").expect("a URL");
                Kind::Memory(Database::builder(config).clock(clock.clone()).connect().await.expect("memory"))
            }
            None => Kind::Sqlite(tempfile::tempdir().expect("a folder")),
        };
        let place = Self { kind, clock };
        let db = place.open().await;
        if place.is_memory() {
            db.create_tables(&outbox::entities()).await.expect("tables");
        } else {
            seabed::migration::up::<migration::Migrator>(&db).await.expect("the migrations run");
        }
        db.create_tables(&seabed::entities![effect]).await.expect("a table");
        Some(place)
    }

    /// A handle as another process has one: with a pool of its own, but on memory.
    pub async fn open(&self) -> Database {
        let url = match &self.kind {
            Kind::Memory(db) => return db.clone(),
            Kind::Sqlite(folder) => format!("sqlite:{}", folder.path().join("test.db").display()),
            Kind::Server { server, name } => {
                let url = server.url().expect("it was there");
                format!("{}/{name}", url.rsplit_once('/').expect("a URL with a database").0)
            }
        };
        let config = Config::from_url(&url).expect("a URL");
        Database::builder(config).clock(self.clock.clone()).connect().await.expect("a connection")
    }

    /// Whether another runtime can open it too.
    pub fn is_memory(&self) -> bool {
        matches!(self.kind, Kind::Memory(_))
    }

    /// Pushes the clock of every handle on.
    pub fn later(&self, by: Duration) {
        *self.clock.0.lock().expect("a time") += by;
    }

    pub async fn end(self) {
        if let Kind::Server { server, name } = self.kind {
            let force = if server.url().is_some_and(|url| url.starts_with("postgres")) { " WITH (FORCE)" } else { "" };
            server.execute(vec![format!("DROP DATABASE {name}{force}")]).await.expect("dropped");
        }
    }
}
