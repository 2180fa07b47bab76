//! A raw statement and where it runs.

use super::{Raw, RawRow, answer};
use crate::{
    Capability, Context, Error, ErrorKind, Result,
    backend::{RawOutcome, RawStatement, RawWant},
    transaction::Scope,
};
use sea_orm::{DbBackend, FromQueryResult, QueryResult};
use serde::de::DeserializeOwned;

/// A raw statement that waits to be run: by [`Database::raw`](crate::Database::raw).
///
/// # Errors
/// Every way to run it says: `Unsupported` where the backend has no words of its own (memory), where there is no text for the
/// connected server, and for a definition inside a transaction on MySQL and MariaDB; `InvalidQuery` for several statements in one
/// text and for what controls a transaction; `InvalidValue` for a value that cannot be bound; `ReadOnly` for a write in a
/// transaction that only reads; `OutsideTransaction` for one through a handle from outside; and what the server says.
#[derive(Debug)]
#[must_use = "nothing is asked until it is run"]
pub struct RawCall<'d> {
    scope: &'d Scope,
    raw: Raw,
}

impl<'d> RawCall<'d> {
    pub(crate) fn new(scope: &'d Scope, raw: Raw) -> Self {
        Self { scope, raw }
    }

    /// Every row, as a struct that derives `SeaORM`'s `FromQueryResult`, or as an entity's model.
    ///
    /// # Errors
    /// As [above](RawCall#errors); `InvalidQuery` with the column's name where one is missing (a field that is an `Option` is
    /// `None` then), `CorruptData` where one holds null or another type than its field.
    pub async fn all<T: FromQueryResult>(self) -> Result<Vec<T>> {
        self.query().await?.iter().map(answer::read).collect()
    }

    /// The first row; `None` where there is none. Say `limit 1`: every row that the server sends is read.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub async fn one<T: FromQueryResult>(self) -> Result<Option<T>> {
        self.query().await?.first().map(answer::read).transpose()
    }

    /// Every row, its values by name or place.
    ///
    /// # Errors
    /// As [above](RawCall#errors).
    pub async fn rows(self) -> Result<Vec<RawRow>> {
        Ok(self.query().await?.into_iter().map(RawRow::new).collect())
    }

    /// Every document that MongoDB answers, as a struct that derives serde's `Deserialize` or as `serde_json::Value`; of a command
    /// without a cursor its one answer. Numbers fit into any field that can hold them; decimals, UUIDs and instants are text, as
    /// their crates read it.
    ///
    /// # Errors
    /// As [above](RawCall#errors); `Unsupported` on servers of SQL, which answer rows; `CorruptData` for a document that does not
    /// fit.
    pub async fn documents<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        let RawOutcome::Documents(documents) = self.run(RawWant::Documents).await? else { return Ok(Vec::new()) };
        let read = |document| {
            serde_json::from_value(document).map_err(|error| {
                Error::new(ErrorKind::CorruptData, "a document does not fit into its struct")
                    .with_detail(error.to_string())
            })
        };
        documents.into_iter().map(read).collect()
    }

    /// Runs it; how many rows it changed, as the server counts them.
    ///
    /// # Errors
    /// As [above](RawCall#errors).
    pub async fn execute(self) -> Result<u64> {
        Ok(self.run(RawWant::Count).await?.len())
    }

    async fn query(self) -> Result<Vec<QueryResult>> {
        Ok(match self.run(RawWant::Rows).await? {
            RawOutcome::Rows(rows) => rows,
            _ => Vec::new(),
        })
    }

    async fn run(self, want: RawWant) -> Result<RawOutcome> {
        let statement = self.raw.statement(server(self.scope)?, want)?;
        self.scope.raw(&Context::current(), statement).await
    }
}

/// Runs several statements without values.
pub(crate) async fn script(scope: &Scope, text: &str) -> Result<()> {
    let statement = match server(scope)? {
        Some(dialect) => RawStatement::new(dialect, text, Vec::new(), RawWant::Script)?,
        None => RawStatement::document(text, Vec::new(), RawWant::Script)?,
    };
    scope.raw(&Context::current(), statement).await.map(drop)
}

/// Whose SQL the connected server speaks; none where it is MongoDB.
fn server(scope: &Scope) -> Result<Option<DbBackend>> {
    let info = scope.backend().info();
    if info.capabilities.has(Capability::Raw) {
        return Ok(info.dialect);
    }
    Err(Error::unsupported(format!("{} has no capability `{}`", info.product, Capability::Raw)))
}

/// Whose SQL `SeaORM` is to write.
pub(super) fn dialect(scope: &Scope) -> Result<DbBackend> {
    let why = || Error::unsupported(format!("SeaORM has no words for {}", scope.backend().info().product));
    server(scope)?.ok_or_else(why)
}
