//! Tables are made here, and refused here: what no SQL server would take is not taken in memory either.

use super::{constraint, error, state::State};
use crate::{
    Error, Result,
    schema::{ForeignKey, Table},
};
use std::sync::Arc;

/// Adds the tables that are not there; parents may come after their children.
///
/// # Errors
/// `SchemaMismatch` for a table that is there and differs, and for a foreign key to columns that are not unique;
/// `TableNotFound` for a parent that is in neither place; `Unsupported` for a table without a key, or an index on JSON.
pub(super) fn create(state: &mut State, tables: &[Arc<Table>]) -> Result<()> {
    let mut added = Vec::new();
    for table in tables {
        if state.has(&table.name) {
            state.of(table)?;
        } else {
            portable(table)?;
            state.create(Arc::clone(table));
            added.push(table);
        }
    }
    for table in added {
        for (at, foreign_key) in table.foreign_keys.iter().enumerate() {
            refer(state, table, foreign_key).map_err(|error| error.constraint(&foreign_key.name))?;
            let children = &mut state.rows_mut(&foreign_key.parent)?.children;
            Arc::make_mut(children).push((table.name.clone(), at));
        }
    }
    Ok(())
}

fn portable(table: &Table) -> Result<()> {
    if table.key.is_empty() {
        return Err(Error::unsupported("a table without a primary key").entity(&table.name));
    }
    let mut indexed = table.key.iter().chain(table.indexes.iter().flat_map(|index| &index.columns));
    match indexed.find(|column| !table.columns[**column].kind.is_comparable()) {
        Some(&column) => {
            let error = Error::unsupported("an index on JSON, which is neither compared nor ordered");
            Err(error.entity(&table.name).field(&*table.columns[column].name))
        }
        None => Ok(()),
    }
}

/// Whether the parent is there, and unique in the columns that are referred to.
fn refer(state: &State, table: &Table, foreign_key: &ForeignKey) -> Result<()> {
    let parent = &state.rows(&foreign_key.parent)?.table;
    let mut columns = constraint::parent_columns(parent, foreign_key)?;
    columns.sort_unstable();
    let same = |unique: &[usize]| {
        let mut unique = unique.to_vec();
        unique.sort_unstable();
        unique == columns
    };
    let unique = parent.indexes.iter().filter(|index| index.unique).map(|index| &index.columns);
    let unique = std::iter::once(&parent.key).chain(unique).any(|columns| same(columns));
    if unique && foreign_key.columns.len() == columns.len() { Ok(()) } else { Err(error::no_key(table, foreign_key)) }
}
