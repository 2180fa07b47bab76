//! `SeaORM`'s own queries, where the library's calls run.

use super::call::dialect;
use crate::{
    Context, Error, Result,
    backend::{RawOutcome, RawStatement, RawWant},
    transaction::Scope,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// `SeaORM`'s connection over this database, by [`Database::sea_orm`](crate::Database::sea_orm): every query of `SeaORM`'s runs in
/// the same pool, and from a transaction in that transaction. What fails inside one dooms it, and it obeys the deadline, as every
/// other call does.
///
/// It is no `TransactionTrait`: a transaction is [`transact`](crate::Database::transact). A `DbErr` that comes back becomes the
/// library's [`Error`] by `?`.
#[derive(Clone, Debug)]
pub struct SeaOrm {
    scope: Scope,
    dialect: DbBackend,
}

impl SeaOrm {
    pub(crate) fn new(scope: Scope) -> Result<Self> {
        let dialect = dialect(&scope)?;
        Ok(Self { scope, dialect })
    }

    async fn run(&self, sql: String, values: Vec<sea_orm::Value>, want: RawWant) -> Result<RawOutcome> {
        let statement = RawStatement::new(self.dialect, sql, values, want)?;
        self.scope.raw(&Context::current(), statement).await
    }

    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>> {
        match self.run(statement.sql, values(statement.values), RawWant::Rows).await? {
            RawOutcome::Rows(rows) => Ok(rows),
            _ => Err(Error::unsupported("the backend answers no rows")),
        }
    }

    async fn count(&self, sql: String, values: Vec<sea_orm::Value>, want: RawWant) -> Result<ExecResult> {
        match self.run(sql, values, want).await? {
            RawOutcome::Count(counted) => Ok(counted),
            _ => Err(Error::unsupported("the backend does not count rows")),
        }
    }
}

fn values(values: Option<sea_orm::Values>) -> Vec<sea_orm::Value> {
    values.map(|values| values.0).unwrap_or_default()
}

#[async_trait::async_trait]
impl ConnectionTrait for SeaOrm {
    fn get_database_backend(&self) -> DbBackend {
        self.dialect
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        Ok(self.count(statement.sql, values(statement.values), RawWant::Count).await?)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        Ok(self.count(sql.to_owned(), Vec::new(), RawWant::Script).await?)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(self.query(statement).await?)
    }
}
