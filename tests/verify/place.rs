//! A database of its own for each breakage, and a connection beside the library to break it by.

use crate::server::{self, Server};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use seabed::{Config, Database, repository::EntityInfo};

/// A private database on one backend.
pub struct Place {
    /// The library's handle.
    pub db: Database,
    beside: DatabaseConnection,
    cleanup: Option<(Server, String)>,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    /// A file.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("verify.db").display());
        let db = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("a file");
        Self { db, beside: beside(&url, None).await, cleanup: None, _folder: Some(folder) }
    }

    /// A schema on the server of `SEABED_TEST_POSTGRES_URL`; none where there is no server.
    #[cfg(feature = "postgres")]
    pub async fn postgres() -> Option<Self> {
        let (server, url) = there("SEABED_TEST_POSTGRES_URL")?;
        let schema = server::unique("verify_postgres_verify");
        server.execute(vec![format!("CREATE SCHEMA {schema}")]).await.expect("a schema");
        let config = Config::builder().url(&url).set("databases.main.schema", &schema).load().expect("a configuration");
        let db = Database::connect(config).await.expect("the server");
        let beside = beside(&url, Some(&schema)).await;
        Some(Self { db, beside, cleanup: Some((server, format!("DROP SCHEMA {schema} CASCADE"))), _folder: None })
    }

    /// A database on the server of `SEABED_TEST_MYSQL_URL`; none where there is no server.
    #[cfg(feature = "mysql")]
    pub async fn mysql() -> Option<Self> {
        let (server, url) = there("SEABED_TEST_MYSQL_URL")?;
        let name = server::unique("verify_mysql_verify");
        server.execute(vec![format!("CREATE DATABASE {name}")]).await.expect("a database");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        let db = Database::connect(Config::from_url(own.as_str()).expect("a URL")).await.expect("the server");
        let beside = beside(own.as_str(), None).await;
        Some(Self { db, beside, cleanup: Some((server, format!("DROP DATABASE {name}"))), _folder: None })
    }

    /// Runs statements beside the library.
    pub async fn run(&self, sql: &str) -> Result<(), String> {
        self.beside.execute_unprepared(sql).await.map(drop).map_err(|error| format!("{error}: {sql}"))
    }

    /// What `verify` finds, as `law entity.field: why`.
    pub async fn findings(&self, entities: &[EntityInfo]) -> Vec<String> {
        let findings = self.db.verify(entities).await.expect("a look");
        findings.iter().map(ToString::to_string).collect()
    }

    /// Closes and removes.
    pub async fn end(self) {
        self.db.close().await.expect("closed");
        self.beside.close().await.expect("closed");
        if let Some((server, sql)) = self.cleanup {
            server.execute(vec![sql]).await.expect("removed");
        }
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn there(variable: &'static str) -> Option<(Server, String)> {
    let server = Server::new(variable);
    let url = server.url();
    if url.is_none() {
        eprintln!("skipped: {}", server.absent());
    }
    Some((server, url?))
}

async fn beside(url: &str, schema: Option<&str>) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    if let Some(schema) = schema {
        options.set_schema_search_path(schema);
    }
    sea_orm::Database::connect(options).await.expect("a connection beside the library")
}
