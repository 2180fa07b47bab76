//! Statements and questions in the deploy's one session.

use super::SqlDeploy;
use crate::{
    Error, ErrorKind, Result,
    backend::sql::error::{Doing, error},
    schema::Flavor,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, RuntimeErr, Statement};

pub(super) async fn run(deploy: &SqlDeploy, sql: &str) -> Result<u64> {
    let done = deploy.connection.execute_unprepared(sql).await;
    done.map(|done| done.rows_affected()).map_err(|failure| told(deploy.flavor, Doing::Writing, failure))
}

pub(super) async fn ask(deploy: &SqlDeploy, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let question = Statement::from_string(deploy.connection.get_database_backend(), sql);
    let rows = deploy.connection.query_all_raw(question).await;
    let rows = rows.map_err(|failure| told(deploy.flavor, Doing::Reading, failure))?;
    rows.iter().map(|row| (0..row.column_names().len()).map(|at| cell(row, at)).collect()).collect()
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
        other => Error::new(ErrorKind::Migration, "the server did not do it").with_detail(other.to_string()),
    }
}
