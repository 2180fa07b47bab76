//! A database of its own for each test, on each backend.

use crate::{
    entities::{author, book, sample},
    server::{self, Server},
};
use seabed::{Config, Database, Error, ErrorKind, Result, sea_orm::DbBackend};

/// A private database.
pub struct Place {
    url: String,
    pub dialect: DbBackend,
    cleanup: Option<(Server, String)>,
    _folder: Option<tempfile::TempDir>,
}

impl Place {
    /// A file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("raw.db").display());
        Self { url, dialect: DbBackend::Sqlite, cleanup: None, _folder: Some(folder) }
    }

    /// A database on this server; none where there is no server.
    pub async fn on(variable: &'static str) -> Option<Self> {
        let server = Server::new(variable);
        let Some(url) = server.url() else {
            eprintln!("skipped: {}", server.absent());
            return None;
        };
        let name = server::unique("raw_server_raw");
        server.execute(vec![format!("CREATE DATABASE {name}")]).await.expect("a database");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        let dialect = if own.scheme().starts_with("postgres") { DbBackend::Postgres } else { DbBackend::MySql };
        let drop = format!("DROP DATABASE {name}{}", if dialect == DbBackend::Postgres { " WITH (FORCE)" } else { "" });
        Some(Self { url: own.into(), dialect, cleanup: Some((server, drop)), _folder: None })
    }

    /// A database with so many connections and the tables.
    pub async fn open(&self, connections: u32) -> Database {
        let config = Config::builder().url(&self.url).set("databases.main.max_connections", connections);
        let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
        db.create_tables(&seabed::entities![author, book, sample]).await.expect("tables");
        db
    }

    pub async fn end(self) {
        if let Some((server, sql)) = self.cleanup {
            server.execute(vec![sql]).await.expect("removed");
        }
    }
}

/// Each of these as a test on each backend.
macro_rules! on_each {
    ($($name:ident)*) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let place = crate::place::Place::sqlite();
                super::$name(&place).await;
                place.end().await;
            }
        )* }
        $crate::place::on_each!(@ postgres "SEABED_TEST_POSTGRES_URL" $($name)*);
        $crate::place::on_each!(@ mysql "SEABED_TEST_MYSQL_URL" $($name)*);
    };
    (@ $backend:ident $variable:literal $($name:ident)*) => {
        mod $backend { $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                if let Some(place) = crate::place::Place::on($variable).await {
                    super::$name(&place).await;
                    place.end().await;
                }
            }
        )* }
    };
}
pub(crate) use on_each;

#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T>, kind: ErrorKind) -> Error {
    let error = answer.expect_err("it is refused");
    assert_eq!(error.kind(), kind, "{error} {:?}", error.detail());
    error
}
