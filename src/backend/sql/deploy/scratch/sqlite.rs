//! SQLite: memory, over a connection of its own.

use super::{Ear, Rehearsal, inspect, play, wanted::as_given};
use crate::{
    Error, ErrorKind, Result,
    backend::sql::deploy::{SqlDeploy, session},
    schema::{Flavor, Picture, Statement, Step, Table, Warning, lint},
};
use sea_orm::ConnectOptions;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

async fn memory() -> Result<SqlDeploy> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).min_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await;
    let connection = connection.map_err(|failure| {
        Error::new(ErrorKind::Migration, "SQLite gave no place in memory").with_detail(failure.to_string())
    })?;
    Ok(SqlDeploy::new(connection, Flavor::Sqlite))
}

async fn closed<T>(place: SqlDeploy, outcome: Result<T>) -> Result<T> {
    let closed = session::close(place.connection, Flavor::Sqlite).await;
    let value = outcome?;
    closed?;
    Ok(value)
}

pub(super) async fn want(tables: &[Arc<Table>]) -> Result<Picture> {
    let statements = as_given(tables)?;
    let place = memory().await?;
    let built = async {
        for statement in statements {
            session::run(&place, &statement).await?;
        }
        inspect::inspect(&place, None).await
    };
    let built = built.await;
    closed(place, built).await
}

pub(super) async fn rehearse(deploy: &SqlDeploy, steps: &[Step]) -> Result<Rehearsal> {
    // Tables first, then what is on them.
    let question = "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        ORDER BY type <> 'table', rowid";
    let texts = session::ask(deploy, question).await?;
    let place = memory().await?;
    let played = async {
        for row in texts {
            let (Some(kind), Some(sql)) = (row.first().cloned().flatten(), row.get(1).cloned().flatten()) else {
                continue;
            };
            let made = session::run(&place, &sql).await;
            // A view or a trigger may name what only the program brings, such as a function.
            if kind == "table" && !sql.to_uppercase().starts_with("CREATE VIRTUAL") {
                made?;
            }
        }
        let mut ear = Memory { place: &place };
        play(&mut ear, Flavor::Sqlite, None, steps).await
    };
    let played = played.await;
    closed(place, played).await
}

struct Memory<'a> {
    place: &'a SqlDeploy,
}

impl Memory<'_> {
    /// Where each table begins: another page is another table of that name.
    async fn pages(&self) -> Result<BTreeMap<String, String>> {
        let question = "SELECT name, CAST(rootpage AS TEXT) FROM sqlite_master WHERE type = 'table'";
        let rows = session::ask(self.place, question).await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.first()?.clone()?, row.get(1)?.clone()?))).collect())
    }
}

impl Ear for Memory<'_> {
    async fn run(&mut self, statement: &Statement, watched: &BTreeSet<String>) -> Result<Vec<Warning>> {
        let before = self.pages().await?;
        session::run(self.place, &statement.sql).await?;
        let after = self.pages().await?;
        // The last statement of a rebuild gives the new table the old one's name.
        let anew = watched.iter().find(|table| {
            let (before, after) = (before.get(*table), after.get(*table));
            after.is_some() && before != after && statement.sql.to_uppercase().contains("RENAME TO")
        });
        let why =
            |table: &String| format!("SQLite makes `{table}` anew and copies its rows; nobody else writes meanwhile");
        Ok(anew.map(|table| lint::REWRITES_TABLE.warn(why(table))).into_iter().collect())
    }

    async fn look(&mut self) -> Result<Picture> {
        inspect::inspect(self.place, None).await
    }
}
