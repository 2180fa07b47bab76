//! Upserts: a new row that meets one by the named key changes that one.

use super::{constraint, state::State};
use crate::{
    Result,
    backend::{
        OnConflict, Row,
        normalise::{
            changed::changed,
            upsert::{key_positions, sought},
        },
    },
    schema::Table,
};
use sea_orm::Value;
use std::sync::Arc;

/// Changes the row that has the new one's key, where there is one.
///
/// # Errors
/// What a condition says that the row does not meet; the constraint errors of an update.
pub(super) fn change(
    state: &mut State,
    table: &Table,
    on_conflict: &OnConflict,
    new: &[Option<Value>],
) -> Result<Option<Arc<Row>>> {
    let key = key_positions(table, &on_conflict.key)?;
    let Some(values) = sought(&key, new) else { return Ok(None) };
    let rows = state.rows(&table.name)?;
    let found = rows.find(&key, &values.into_iter().collect());
    let Some((key, there)) = found.first().and_then(|key| rows.get(key)) else { return Ok(None) };
    if let Some(error) = on_conflict.unmet(table, new, there) {
        return Err(error);
    }
    let mut row = changed(table, there, &on_conflict.changes)?;
    for column in &on_conflict.take {
        let position = table.position(column)?;
        if let Some(value) = &new[position] {
            row[position].clone_from(value);
        }
    }
    let row = Arc::new(row);
    let one = [(key.clone(), Arc::clone(there), Arc::clone(&row))];
    constraint::replace(state, table, &one)?;
    Ok(Some(row))
}
