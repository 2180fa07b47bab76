//! Statements and questions in the deploy's one session.

use super::SqlDeploy;
use crate::{
    Error, ErrorKind, Result,
    backend::{
        deploy::DeploySession,
        sql::error::{Doing, error},
    },
    schema::{Flavor, ddl},
};
use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, RuntimeErr, Statement, Value};

pub(super) async fn run(deploy: &SqlDeploy, sql: &str) -> Result<u64> {
    run_as(deploy, Doing::Writing, sql).await
}

async fn run_as(deploy: &SqlDeploy, doing: Doing, sql: &str) -> Result<u64> {
    let done = deploy.connection.execute_unprepared(sql).await;
    done.map(|done| done.rows_affected()).map_err(|failure| told(deploy.flavor, doing, failure))
}

/// Runs a statement with values in its places (`?`, in PostgreSQL's words `$1`).
pub(super) async fn run_with(deploy: &SqlDeploy, sql: &str, values: Vec<Value>) -> Result<u64> {
    let statement = Statement::from_sql_and_values(deploy.connection.get_database_backend(), sql, values);
    let done = deploy.connection.execute_raw(statement).await;
    done.map(|done| done.rows_affected()).map_err(|failure| told(deploy.flavor, Doing::Writing, failure))
}

pub(super) async fn ask(deploy: &SqlDeploy, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let question = Statement::from_string(deploy.connection.get_database_backend(), sql);
    let rows = deploy.connection.query_all_raw(question).await;
    let rows = rows.map_err(|failure| told(deploy.flavor, Doing::Reading, failure))?;
    let width = rows.first().map_or(0, |row| row.column_names().len());
    rows.iter().map(|row| (0..width).map(|at| cell(row, at)).collect()).collect()
}

/// The first cell of the first row.
pub(super) async fn scalar(deploy: &SqlDeploy, sql: &str) -> Result<Option<String>> {
    Ok(ask(deploy, sql).await?.into_iter().next().and_then(|row| row.into_iter().next()).flatten())
}

/// A text in a statement.
pub(super) fn literal(text: &str, flavor: Flavor) -> Result<String> {
    ddl::literal(text, flavor)
}

/// A cell as text: questions that matter say their columns as text; a count or a truth is made so here.
fn cell(row: &QueryResult, at: usize) -> Result<Option<String>> {
    if let Ok(text) = row.try_get_by_index::<Option<String>>(at) {
        return Ok(text);
    }
    if let Ok(number) = row.try_get_by_index::<Option<i64>>(at) {
        return Ok(number.map(|number| number.to_string()));
    }
    if let Ok(number) = row.try_get_by_index::<Option<i32>>(at) {
        return Ok(number.map(|number| number.to_string()));
    }
    if let Ok(truth) = row.try_get_by_index::<Option<bool>>(at) {
        return Ok(truth.map(|truth| u8::from(truth).to_string()));
    }
    let bytes = row.try_get_by_index::<Option<Vec<u8>>>(at);
    let bytes =
        bytes.map_err(|_| Error::new(ErrorKind::Migration, "a cell of the answer is neither text nor a number"))?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

#[async_trait]
impl DeploySession for SqlDeploy {
    /// With `foreign_keys` ON, dropping a table deletes its rows first, and with them the children of a cascade; inside a transaction
    /// the setting says nothing (hazard M6).
    async fn begin(&mut self) -> Result<()> {
        if self.flavor != Flavor::Sqlite {
            return run(self, "BEGIN").await.map(drop);
        }
        run(self, "PRAGMA foreign_keys = OFF").await?;
        if let Err(error) = run(self, "BEGIN IMMEDIATE").await {
            run(self, "PRAGMA foreign_keys = ON").await?;
            if !error.is(ErrorKind::LockTimeout) {
                return Err(error);
            }
            let why = "another process writes to the file and does not finish. What was to be done next was not begun: run it again \
                       once that one is done";
            return Err(Error::new(ErrorKind::LockTimeout, why).with_source(error));
        }
        // It refuses to look where a reference is to columns that are not unique; a migration may be about to mend that.
        self.broken = broken(self).await.ok();
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        let outcome = keep(self).await;
        match &outcome {
            Ok(()) => references_again(self).await?,
            Err(error) if lost(error) => {}
            // What failed is what the caller needs; of what is not open there is nothing to undo.
            Err(_) => drop(self.rollback().await),
        }
        outcome
    }

    async fn rollback(&mut self) -> Result<()> {
        let undone = run(self, "ROLLBACK").await.map(drop);
        references_again(self).await?;
        undone
    }

    async fn run(&mut self, sql: &str) -> Result<u64> {
        run(self, sql).await
    }

    async fn ask(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        ask(self, sql).await
    }
}

async fn keep(deploy: &SqlDeploy) -> Result<()> {
    if let Some(before) = &deploy.broken {
        let mut now = broken(deploy).await?;
        for before in before {
            if let Some(at) = now.iter().position(|one| one == before) {
                now.swap_remove(at);
            }
        }
        if let Some(one) = now.first() {
            let why = format!("{one}, and {} more references would be broken", now.len() - 1);
            return Err(Error::new(ErrorKind::ForeignKeyViolation, why));
        }
    }
    run_as(deploy, Doing::Committing, "COMMIT").await.map(drop)
}

async fn references_again(deploy: &mut SqlDeploy) -> Result<()> {
    deploy.broken = None;
    match deploy.flavor {
        Flavor::Sqlite => run(deploy, "PRAGMA foreign_keys = ON").await.map(drop),
        _ => Ok(()),
    }
}

/// What SQLite finds of rows without a parent, by their tables: a table that is made anew may give its rows other numbers.
async fn broken(deploy: &SqlDeploy) -> Result<Vec<String>> {
    let rows = ask(deploy, "SELECT \"table\", parent FROM pragma_foreign_key_check").await?;
    let name = |cell: Option<&Option<String>>| cell.cloned().flatten().unwrap_or_default();
    Ok(rows.iter().map(|row| format!("a row of `{}` has no `{}`", name(row.first()), name(row.get(1)))).collect())
}

/// Whether the session has ended.
pub(super) fn lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::WriteUnknown | ErrorKind::CommitUnknown)
}

pub(super) async fn close(connection: DatabaseConnection, flavor: Flavor) -> Result<()> {
    connection.close().await.map_err(|failure| told(flavor, Doing::Reading, failure))
}

/// The error that the server's means, with its words as detail: who deploys may read them.
fn told(flavor: Flavor, doing: Doing, failure: DbErr) -> Error {
    match failure {
        DbErr::Conn(RuntimeErr::SqlxError(failure))
        | DbErr::Exec(RuntimeErr::SqlxError(failure))
        | DbErr::Query(RuntimeErr::SqlxError(failure)) => {
            let told = error(flavor, doing, &failure);
            if told.detail().is_some() { told } else { told.with_detail(failure.to_string()) }
        }
        // The pool found no session any more.
        DbErr::ConnectionAcquire(failure) => {
            Error::new(ErrorKind::ConnectionLost, "the session of the deploy has ended")
                .with_detail(failure.to_string())
        }
        other => Error::new(ErrorKind::Migration, "the server did not do it").with_detail(other.to_string()),
    }
}
