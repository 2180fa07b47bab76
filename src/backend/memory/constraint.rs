//! Foreign keys, from both ends: a child needs its parent, and a parent's values stay while a child has them.

use super::{
    compare::Key,
    error,
    lookup::{differs, values},
    state::{Changed, State},
};
use crate::{
    Result,
    backend::Row,
    schema::{ForeignKey, Table},
};
use std::sync::Arc;

/// One way in which children may refer to a row.
pub(super) struct Reference {
    /// The child's table.
    pub(super) child: Arc<Table>,
    /// The position of its foreign key.
    at: usize,
    /// What the row had in the parent's columns, in the foreign key's order.
    pub(super) values: Key,
}

impl Reference {
    pub(super) fn foreign_key(&self) -> &ForeignKey {
        &self.child.foreign_keys[self.at]
    }

    /// Whether a child has these values.
    pub(super) fn has_children(&self, state: &State) -> Result<bool> {
        Ok(!state.rows(&self.child.name)?.find(&self.foreign_key().columns, &self.values).is_empty())
    }
}

/// How children may refer to this row; a null is referred to by nobody.
pub(super) fn references(state: &State, table: &Table, row: &Row) -> Result<Vec<Reference>> {
    let mut references = Vec::new();
    for (child, at) in state.rows(&table.name)?.children.iter() {
        let child = Arc::clone(&state.rows(child)?.table);
        let columns = parent_columns(table, &child.foreign_keys[*at])?;
        if let Some(values) = values(row, &columns) {
            references.push(Reference { child, at: *at, values });
        }
    }
    Ok(references)
}

/// The positions of the parent's columns.
///
/// # Errors
/// `InvalidQuery` with entity and field for a column that the parent does not have.
pub(super) fn parent_columns(parent: &Table, foreign_key: &ForeignKey) -> Result<Vec<usize>> {
    foreign_key.parent_columns.iter().map(|column| parent.position(column)).collect()
}

/// Checks that each row's parent is there; a row with a null among the columns has none and needs none.
///
/// # Errors
/// `ForeignKeyViolation` with entity, fields and constraint.
pub(super) fn parents<'r>(
    state: &State,
    table: &Table,
    foreign_key: &ForeignKey,
    mut children: impl Iterator<Item = &'r Arc<Row>>,
) -> Result<()> {
    let parent = state.rows(&foreign_key.parent)?;
    let columns = parent_columns(&parent.table, foreign_key)?;
    let missing = children
        .any(|row| values(row, &foreign_key.columns).is_some_and(|values| parent.find(&columns, &values).is_empty()));
    if missing { Err(error::no_parent(table, foreign_key)) } else { Ok(()) }
}

/// Changes rows of one table and checks every constraint on what comes of all of them.
///
/// # Errors
/// `UniqueViolation`; `ForeignKeyViolation` where a parent is missing now, or a child is left behind.
pub(super) fn replace(state: &mut State, table: &Table, changed: &[Changed]) -> Result<()> {
    state.rows_mut(&table.name)?.replace(changed)?;
    for foreign_key in &table.foreign_keys {
        let moved = changed.iter().filter(|(_, old, new)| differs(old, new, &foreign_key.columns));
        parents(state, table, foreign_key, moved.map(|(_, _, new)| new))?;
    }
    if state.rows(&table.name)?.children.is_empty() {
        return Ok(());
    }
    for (_, old, new) in changed {
        for reference in references(state, table, old)? {
            let columns = parent_columns(table, reference.foreign_key())?;
            if differs(old, new, &columns)
                // Another row may have taken the values over in the same update.
                && state.rows(&table.name)?.find(&columns, &reference.values).is_empty()
                && reference.has_children(state)?
            {
                return Err(error::has_children(&table.name, &reference.child, reference.foreign_key()));
            }
        }
    }
    Ok(())
}
