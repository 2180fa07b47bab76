//! Rows as the caller wants them, and `SeaORM`'s errors as ours and back.

use crate::{Error, ErrorKind, Result};
use sea_orm::{ColIdx, DbErr, FromQueryResult, QueryResult, TryGetError, TryGetable};
use std::sync::Arc;

/// One row of a raw statement: values by the names of its columns, or by their places.
#[derive(Debug)]
pub struct RawRow(QueryResult);

impl RawRow {
    pub(super) fn new(row: QueryResult) -> Self {
        Self(row)
    }

    /// The value of the column with this name; `Option<T>` where it may be null.
    ///
    /// # Errors
    /// `InvalidQuery` where there is no such column (`None` for an `Option<T>`), `CorruptData` for a null and for another type.
    pub fn get<T: TryGetable>(&self, column: &str) -> Result<T> {
        self.by(column)
    }

    /// The value of the column at this place, from 0.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn at<T: TryGetable>(&self, place: usize) -> Result<T> {
        self.by(place)
    }

    fn by<T: TryGetable>(&self, index: impl ColIdx) -> Result<T> {
        T::try_get_by(&self.0, index).map_err(|error| {
            let error = unread(error);
            if error.fields().is_empty() { error.field(name(&format!("{index:?}"))) } else { error }
        })
    }

    /// The names of the columns, in their order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        self.0.column_names()
    }
}

/// A row as a struct.
pub(super) fn read<T: FromQueryResult>(row: &QueryResult) -> Result<T> {
    T::from_query_result_nullable(row, "").map_err(unread)
}

fn unread(error: TryGetError) -> Error {
    match error {
        TryGetError::DbErr(error) => Error::from(error),
        TryGetError::Null(column) => {
            Error::new(ErrorKind::CorruptData, "the column is null, and the field is no Option").field(name(&column))
        }
    }
}

/// `SeaORM` and the driver quote the name of a column, and say a place as a number.
fn name(quoted: &str) -> String {
    quoted.trim_matches('"').to_owned()
}

/// Our error, where `SeaORM` carries it out of [`SeaOrm`](super::SeaOrm); else the kind that its own variant says.
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let said = |kind, why: &str| Self::new(kind, why).with_detail(error.to_string());
        match &error {
            DbErr::TryIntoErr { source, .. } => match source.downcast_ref::<Self>() {
                Some(ours) => ours.clone(),
                None => said(ErrorKind::CorruptData, "a value does not fit into its field"),
            },
            DbErr::ConnectionAcquire(_) => said(ErrorKind::PoolExhausted, "SeaORM got no connection"),
            DbErr::Conn(_) => said(ErrorKind::Unreachable, "SeaORM has no connection"),
            DbErr::Exec(error) | DbErr::Query(error) => {
                driver(error).unwrap_or_else(|| said(ErrorKind::Other, "SeaORM's query failed"))
            }
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => said(ErrorKind::NotFound, "no row has the key"),
            DbErr::AttrNotSet(field) => {
                Self::new(ErrorKind::InvalidValue, "the field is not set").field(field.as_str())
            }
            DbErr::UpdateGetPrimaryKey | DbErr::PrimaryKeyNotSet { .. } => {
                said(ErrorKind::InvalidValue, "the key is not set")
            }
            DbErr::Type(_) | DbErr::Json(_) | DbErr::ConvertFromU64(_) => {
                said(ErrorKind::CorruptData, "a stored value does not fit into its field")
            }
            DbErr::BackendNotSupported { db, ctx } => Self::unsupported(format!("SeaORM: {db} has no {ctx}")),
            DbErr::Migration(_) => said(ErrorKind::Migration, "SeaORM's migration failed"),
            _ => said(ErrorKind::Other, "SeaORM's call failed"),
        }
    }
}

/// What of the driver's errors comes from reading a row that the server sent.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn driver(error: &sea_orm::RuntimeErr) -> Option<Error> {
    use sea_orm::{RuntimeErr, SqlxError};
    let RuntimeErr::SqlxError(error) = error else { return None };
    Some(match &**error {
        SqlxError::ColumnNotFound(column) => {
            Error::new(ErrorKind::InvalidQuery, "the statement answers no such column").field(name(column))
        }
        SqlxError::ColumnIndexOutOfBounds { index, len } => {
            Error::new(ErrorKind::InvalidQuery, format!("the statement answers {len} columns")).field(index.to_string())
        }
        SqlxError::ColumnDecode { index, source } => {
            Error::new(ErrorKind::CorruptData, "the column holds another type than its field")
                .field(name(index))
                .with_detail(source.to_string())
        }
        _ => return None,
    })
}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn driver(_: &sea_orm::RuntimeErr) -> Option<Error> {
    None
}

/// Carried, so that [`Error::from`] gets it out again: also through the code of a library that only knows `DbErr`.
impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        Self::TryIntoErr { from: "a call", into: "its answer", source: Arc::new(error) }
    }
}
