//! Rows as the caller wants them.

use crate::{Error, ErrorKind, Result};
use sea_orm::{ColIdx, FromQueryResult, QueryResult, TryGetError, TryGetable};

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
pub(super) fn name(quoted: &str) -> String {
    quoted.trim_matches('"').to_owned()
}
