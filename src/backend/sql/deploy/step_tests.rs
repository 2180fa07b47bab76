//! Every action on a file in memory and on the servers that `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL` name: a table
//! with rows, changed by a step, is the table that would have been made so, and the way back makes it what it was.

use super::{SqlDeploy, inspect};
use crate::{
    backend::deploy::DeploySession as _,
    migration::prelude::*,
    schema::{Action, Flavor, Picture, build::TableBuilder, ddl, picture::TablePicture},
};
use sea_orm::{ConnectOptions, DatabaseConnection};

mod cases;
mod others;

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
    /// None, with a word, where no server is named.
    async fn on(flavor: Flavor) -> Option<Self> {
        let variable = match flavor {
            Flavor::Sqlite => {
                let deploy = SqlDeploy::new(open("sqlite::memory:").await, flavor);
                // As a deploy's session does before it begins.
                let mut scratch = Self { admin: None, deploy };
                scratch.run("PRAGMA foreign_keys = OFF").await;
                return Some(scratch);
            }
            Flavor::Postgres => "SEABED_TEST_POSTGRES_URL",
            Flavor::MySql | Flavor::MariaDb => "SEABED_TEST_MYSQL_URL",
        };
        let Ok(url) = std::env::var(variable) else {
            eprintln!("skipped: {variable} names no server");
            return None;
        };
        let admin = open(&url).await;
        let name = format!("seabed_step_{}", uuid::Uuid::now_v7().simple());
        // A server's default of its own: what we say nothing of is not ours.
        let charset = if flavor.is_mysql() { " CHARACTER SET latin1" } else { "" };
        admin.execute_unprepared(&format!("CREATE DATABASE {name}{charset}")).await.expect("a database");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        let mut scratch = Self { admin: Some((admin, name)), deploy: SqlDeploy::new(open(own.as_str()).await, flavor) };
        if flavor.is_mysql() && !scratch.cell("SELECT VERSION()").await.contains("MariaDB") {
            scratch.deploy.flavor = Flavor::MySql;
        }
        Some(scratch)
    }

    async fn run(&mut self, sql: &str) {
        self.tried(sql).await.unwrap_or_else(|error| panic!("{sql}\n{error}: {:?}", error.detail()));
    }

    async fn tried(&mut self, sql: &str) -> Result<u64> {
        self.deploy.run(sql).await
    }

    async fn cell(&mut self, sql: &str) -> String {
        let rows = self.deploy.ask(sql).await.unwrap_or_else(|error| panic!("{sql}\n{error}: {:?}", error.detail()));
        rows.into_iter().flatten().next().flatten().unwrap_or_else(|| "null".to_owned())
    }

    async fn make(&mut self, tables: &[TableBuilder]) {
        for table in tables {
            let table = table.clone().build().expect("a table");
            for sql in ddl::create_table(&table, self.deploy.flavor, false).expect("emitted") {
                self.run(&sql).await;
            }
        }
    }

    async fn inspect(&mut self) -> Picture {
        inspect::inspect(&self.deploy, None).await.unwrap_or_else(|error| panic!("{error}: {:?}", error.detail()))
    }

    /// Runs the statements of a step. On a server that commits at each they must be the same when they are asked for again.
    async fn step(&mut self, action: &Action) {
        let have = self.inspect().await;
        let flavor = self.deploy.flavor;
        let statements = ddl::step::statements(action, &have, flavor).expect("statements");
        for statement in &statements {
            self.run(&statement.sql).await;
        }
        if flavor == Flavor::Sqlite {
            assert_eq!(self.cell("SELECT count(*) FROM pragma_foreign_key_check").await, "0");
        }
    }

    /// The error of a step, none of whose statements did anything.
    async fn refused(&mut self, action: &Action) -> crate::Error {
        let have = self.inspect().await;
        let statements = match ddl::step::statements(action, &have, self.deploy.flavor) {
            Ok(statements) => statements,
            Err(error) => return error,
        };
        let transaction = !self.deploy.flavor.is_mysql();
        if transaction {
            self.deploy.begin().await.expect("begun");
        }
        let mut refused = None;
        for statement in statements {
            if let Err(error) = self.tried(&statement.sql).await {
                refused = Some(error);
                break;
            }
        }
        if transaction {
            self.deploy.rollback().await.expect("undone");
        }
        let after = self.inspect().await;
        assert_eq!(after, have, "a step that fails leaves nothing");
        refused.expect("a refusal")
    }

    async fn drop(self) {
        let Self { admin, deploy } = self;
        deploy.connection.close().await.expect("closed");
        if let Some((admin, name)) = admin {
            admin.execute_unprepared(&format!("DROP DATABASE {name}")).await.expect("dropped");
            admin.close().await.expect("closed");
        }
    }
}

/// What is there without what does not count: names of keys, indexes and checks, and the order of columns.
fn bare(mut picture: Picture) -> Picture {
    for table in picture.tables.values_mut() {
        let TablePicture { columns, key, indexes, foreign_keys, checks, create, .. } = table;
        *create = None;
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(key) = key {
            key.name.clear();
        }
        indexes.iter_mut().for_each(|index| index.name.clear());
        indexes.sort_by_key(|index| format!("{index:?}"));
        foreign_keys.iter_mut().for_each(|key| key.name.clear());
        foreign_keys.sort_by_key(|key| format!("{key:?}"));
        checks.iter_mut().for_each(|check| check.name.clear());
        checks.sort_by(|a, b| a.condition.cmp(&b.condition));
    }
    picture
}
