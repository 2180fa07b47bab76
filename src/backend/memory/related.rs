//! Rows of another table that belong to a row.

use super::{
    compare::Key,
    eval::Condition,
    lookup::values,
    state::{Rows, State},
};
use crate::{
    Result,
    backend::{Related, Row},
    schema::Table,
};
use std::collections::BTreeSet;

/// Whether a row has such a row in another table.
pub(super) struct Belonging<'f> {
    columns: Vec<usize>,
    found: Found<'f>,
}

enum Found<'f> {
    /// By the other table's key, an index or a foreign key, row by row.
    Lookup(&'f Rows, Vec<usize>, Option<Box<Condition<'f>>>),
    /// Among the values that the other table's rows have, gathered once: nothing there finds them.
    Among(BTreeSet<Key>),
}

impl<'f> Belonging<'f> {
    /// # Errors
    /// `TableNotFound`; `InvalidQuery` for an unknown column.
    pub(super) fn new(state: &'f State, table: &Table, related: &'f Related) -> Result<Self> {
        let rows = state.rows(&related.table.name)?;
        let columns = related.columns.iter().map(|column| table.position(column)).collect::<Result<_>>()?;
        let theirs: Vec<usize> =
            related.their_columns.iter().map(|column| rows.table.position(column)).collect::<Result<_>>()?;
        let filter = related.filter.as_ref();
        let filter = filter.map(|filter| Condition::new(state, &rows.table, filter)).transpose()?;
        let found = if rows.has_path(&theirs) {
            Found::Lookup(rows, theirs, filter.map(Box::new))
        } else {
            let matches = |row: &Row| filter.as_ref().is_none_or(|filter| filter.holds(row) == Some(true));
            let rows = rows.iter().map(|(_, row)| row).filter(|row| matches(row));
            Found::Among(rows.filter_map(|row| values(row, &theirs)).collect())
        };
        Ok(Self { columns, found })
    }

    /// Whether the row has one; a null belongs to nothing.
    pub(super) fn holds(&self, row: &Row) -> bool {
        let Some(values) = values(row, &self.columns) else { return false };
        match &self.found {
            Found::Among(all) => all.contains(&values),
            Found::Lookup(rows, theirs, filter) => rows.find(theirs, &values).iter().any(|key| {
                rows.get(key)
                    .is_some_and(|(_, row)| filter.as_ref().is_none_or(|filter| filter.holds(row) == Some(true)))
            }),
        }
    }
}
