//! Upserts: one key that is unique, changes that leave it alone, and no row that meets another of the same call.

use super::{at, identity::identity, write};
use crate::{
    Error, ErrorKind, Result,
    backend::{Insert, Must, OnConflict, Only, Row, value},
    schema::{Name, Table, name::bounded},
};
use sea_orm::Value;
use std::collections::HashSet;

pub(super) fn on_conflict(insert: &mut Insert) -> Result<()> {
    let Some(on_conflict) = &mut insert.on_conflict else { return Ok(()) };
    let table = &*insert.table;
    let key = key_positions(table, &on_conflict.key)?;
    named(table, &key)?;
    let mut written = Vec::with_capacity(on_conflict.take.len() + on_conflict.changes.len());
    for column in on_conflict.take.iter().chain(on_conflict.changes.iter().map(|change| &change.column)) {
        let position = table.position(column)?;
        let refuse = |why: &str| Err(at(Error::new(ErrorKind::InvalidQuery, why), table, column));
        if key.contains(&position) || table.key.contains(&position) {
            return refuse("an upsert changes neither the key by which it finds its row nor the primary key");
        }
        if written.contains(&position) {
            return refuse("the column is changed twice");
        }
        written.push(position);
    }
    write::each_change(table, &mut on_conflict.changes)?;
    for only in &mut on_conflict.only {
        let column = table.column(&only.column)?;
        if let Must::Equal(value) = &mut only.must {
            *value = value::stored(&column.kind, super::filter::take(value))
                .map_err(|error| at(error, table, &column.name))?;
        }
    }
    distinct(table, &key, &insert.rows)
}

/// The positions of the columns of an upsert's key.
///
/// # Errors
/// `InvalidQuery` for an unknown column.
pub fn key_positions(table: &Table, key: &[Name]) -> Result<Vec<usize>> {
    key.iter().map(|column| table.position(column)).collect()
}

/// What the schema calls this key.
fn named(table: &Table, key: &[usize]) -> Result<String> {
    let same = |columns: &[usize]| columns.len() == key.len() && columns.iter().all(|column| key.contains(column));
    if same(&table.key) {
        return Ok(bounded("pk", &table.name, &[]));
    }
    let index = table.indexes.iter().find(|index| index.unique && same(&index.columns));
    index.map(|index| index.name.clone()).ok_or_else(|| {
        let why = "an upsert finds its row by the primary key, or by all columns of one unique index";
        let error = Error::new(ErrorKind::InvalidQuery, why).entity(&table.name);
        table.names(key).into_iter().fold(error, Error::field)
    })
}

/// The values of an upsert's key in a new row; `None` where one is null or is yet to be made: such a row meets no other.
#[must_use]
pub fn sought(key: &[usize], row: &[Option<Value>]) -> Option<Vec<Value>> {
    key.iter().map(|&position| row[position].clone().filter(|value| !value::is_null(value))).collect()
}

/// Refuses two rows that have the same values in the key: which of them would win?
///
/// # Errors
/// `InvalidQuery` with entity and fields.
pub fn distinct(table: &Table, key: &[usize], rows: &[Vec<Option<Value>>]) -> Result<()> {
    let mut seen = HashSet::with_capacity(rows.len());
    let again = rows.iter().filter_map(|row| sought(key, row)).any(|values| !seen.insert(identity(&values)));
    if !again {
        return Ok(());
    }
    let why = "two rows of one upsert have the same key: which of them is to win?";
    let error = Error::new(ErrorKind::InvalidQuery, why).entity(&table.name);
    Err(table.names(key).into_iter().fold(error, Error::field))
}

impl OnConflict {
    /// The error of the first condition that the row which is there does not meet; `None` where it meets all.
    #[must_use]
    pub fn unmet(&self, table: &Table, new: &[Option<Value>], there: &Row) -> Option<Error> {
        let meets = |only: &Only| {
            let Ok(position) = table.position(&only.column) else { return false };
            match &only.must {
                Must::Never => false,
                Must::Equal(value) => identity([value]) == identity([&there[position]]),
                Must::EqualNew => {
                    new[position].as_ref().is_some_and(|new| identity([new]) == identity([&there[position]]))
                }
            }
        };
        self.only.iter().find(|only| !meets(only)).map(|only| self.refusal(table, only))
    }

    /// A key that is taken is told as any other; all else names the column that is not as it must be.
    fn refusal(&self, table: &Table, only: &Only) -> Error {
        let error = |why: &str| Error::new(only.otherwise, why).entity(&table.name);
        if only.otherwise != ErrorKind::UniqueViolation {
            let why = match (only.otherwise, &only.must) {
                (_, Must::Never) => "the row is there already",
                (ErrorKind::VersionConflict, _) => "the row was changed since it was read",
                _ => "the row that is there is not as it must be",
            };
            return error(why).field(&*only.column);
        }
        let error = self.key.iter().fold(error("another row has the same key"), |error, key| error.field(&**key));
        let name = key_positions(table, &self.key).and_then(|key| named(table, &key));
        match name {
            Ok(name) => error.constraint(name),
            Err(_) => error,
        }
    }
}
