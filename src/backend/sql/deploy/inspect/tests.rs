//! Inspection on a file in memory and on the servers that `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL` name, each test
//! in a database of its own that is dropped afterwards. Without a URL a test says that it did nothing.

mod chinook;
mod kinds;
mod names;
mod places;

use super::{super::session, *};
use crate::schema::{Table, build::table, ddl};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};

/// A database of its own, and a session in it.
struct Scratch {
    admin: Option<(DatabaseConnection, String)>,
    deploy: SqlDeploy,
}

async fn open(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.expect("the server that the variable names")
}

impl Scratch {
    async fn sqlite() -> Self {
        Self { admin: None, deploy: SqlDeploy::new(open("sqlite::memory:").await, Flavor::Sqlite) }
    }

    async fn postgres() -> Option<Self> {
        Self::on("SEABED_TEST_POSTGRES_URL", Flavor::Postgres).await
    }

    async fn mysql() -> Option<Self> {
        Self::on("SEABED_TEST_MYSQL_URL", Flavor::MariaDb).await
    }

    async fn on(variable: &str, flavor: Flavor) -> Option<Self> {
        let Ok(url) = std::env::var(variable) else {
            eprintln!("skipped: {variable} names no server");
            return None;
        };
        let admin = open(&url).await;
        let name = format!("seabed_inspect_{}", uuid::Uuid::now_v7().simple());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        let connection = open(own.as_str()).await;
        let mut scratch = Self { admin: Some((admin, name)), deploy: SqlDeploy::new(connection, flavor) };
        if flavor.is_mysql() && !scratch.cell("SELECT VERSION()").await.contains("MariaDB") {
            scratch.deploy.flavor = Flavor::MySql;
        }
        Some(scratch)
    }

    async fn run(&self, sql: &str) {
        session::run(&self.deploy, sql).await.unwrap_or_else(|error| panic!("{sql}: {error}: {:?}", error.detail()));
    }

    async fn cell(&self, sql: &str) -> String {
        let rows = session::ask(&self.deploy, sql).await.expect("an answer");
        rows.into_iter().flatten().flatten().next().unwrap_or_default()
    }

    async fn make(&self, tables: &[Table]) {
        for table in tables {
            for statement in ddl::create_table(table, self.deploy.flavor, false).expect("emitted") {
                self.run(&statement).await;
            }
        }
    }

    async fn inspect(&self, place: Option<&str>) -> Picture {
        inspect(&self.deploy, place)
            .await
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", error.detail(), std::error::Error::source(&error)))
    }

    async fn drop(self) {
        self.deploy.connection.close().await.expect("closed");
        if let Some((admin, name)) = self.admin {
            admin.execute_unprepared(&format!("DROP DATABASE {name}")).await.expect("dropped");
            admin.close().await.expect("closed");
        }
    }
}
