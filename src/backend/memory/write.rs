//! Writes: each works on a copy of the state, so that one that fails leaves nothing behind.

use super::{
    compare::Key,
    constraint, error,
    query::matching,
    state::{Changed, Rows, State},
    upsert,
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Delete, Insert, Outcome, Row, Update,
        normalise::{changed::changed, restricts_itself, sequence::Sequence},
        progress::Counter,
        value,
    },
    schema::{OnDelete, Table},
};
use sea_orm::Value;
use std::sync::Arc;

/// Rows whose constraints are looked at together: as many as a statement of a server holds.
const CHUNK: usize = 500;

/// Adds rows, all or none, in an order in which a row's parent goes before it; a row whose key is there may change that one
/// instead.
///
/// # Errors
/// `UniqueViolation`, `ForeignKeyViolation`; `InvalidValue` where the integer keys are used up; what a condition of an upsert says.
pub(super) fn insert(state: &mut State, mut insert: Insert) -> Result<Outcome> {
    state.of(&insert.table)?;
    let table = Arc::clone(&insert.table);
    let sequence = Sequence::of(&insert);
    // As on the servers, where rows with a given key are one statement and those without one the next: a made key is above
    // every given one of the same insert, wherever it stands. Rows of an upsert keep their order.
    if let Some(auto) = table.auto_key().filter(|_| !sequence.related && insert.on_conflict.is_none()) {
        let rows = state.rows_mut(&table.name)?;
        let given = insert.rows.iter().filter_map(|cells| cells.get(auto)?.as_ref().and_then(value::whole_number));
        given.for_each(|key| rows.given(key));
    }
    let step = if sequence.singly { 1 } else { CHUNK };
    let mut counter = Counter::new(insert.progress.take(), insert.rows.len());
    let mut answers: Vec<Option<Arc<Row>>> = insert.rows.iter().map(|_| None).collect();
    for chunk in sequence.order.chunks(step) {
        for &at in chunk {
            let cells = std::mem::take(&mut insert.rows[at]);
            let met = match &insert.on_conflict {
                Some(on_conflict) => upsert::change(state, &table, on_conflict, &cells)?,
                None => None,
            };
            answers[at] = Some(match met {
                Some(row) => row,
                None => add(state.rows_mut(&table.name)?, cells)?,
            });
        }
        for foreign_key in &table.foreign_keys {
            constraint::parents(state, &table, foreign_key, chunk.iter().filter_map(|&at| answers[at].as_ref()))?;
        }
        counter.add(chunk.len());
    }
    Ok(Outcome::Rows(answers.into_iter().flatten().map(|row| Row::clone(&row)).collect()))
}

fn add(rows: &mut Rows, cells: Vec<Option<Value>>) -> Result<Arc<Row>> {
    let row = Arc::new(complete(rows, cells)?);
    rows.insert(Arc::clone(&row))?;
    Ok(row)
}

/// A whole row: the integer key is made where it is not given, above every one that was.
fn complete(rows: &mut Rows, cells: Vec<Option<Value>>) -> Result<Row> {
    let table = Arc::clone(&rows.table);
    let auto = table.auto_key();
    let mut row = Row::with_capacity(cells.len());
    for (position, cell) in cells.into_iter().enumerate() {
        let column = &table.columns[position];
        row.push(match cell {
            Some(value) => {
                if let Some(key) = value::whole_number(&value).filter(|_| auto == Some(position)) {
                    rows.given(key);
                }
                value
            }
            None if auto == Some(position) => {
                let used_up = || Error::new(ErrorKind::InvalidValue, "the integer keys are used up");
                let key = Value::BigInt(Some(rows.next().ok_or_else(|| at(used_up(), &table, position))?));
                value::stored(&column.kind, key).map_err(|_| at(used_up(), &table, position))?
            }
            None => column.default.clone().unwrap_or_else(|| column.kind.null()),
        });
    }
    Ok(row)
}

fn at(error: Error, table: &Table, column: usize) -> Error {
    error.entity(&table.name).field(&*table.columns[column].name)
}

/// Changes rows; constraints look at the end state of the whole update.
///
/// # Errors
/// `UniqueViolation`, `ForeignKeyViolation`; `InvalidValue` with entity and field where a sum is out of range.
pub(super) fn update(state: &mut State, update: &Update) -> Result<Outcome> {
    let rows = state.of(&update.table)?;
    let table = Arc::clone(&rows.table);
    let changed: Vec<Changed> = matching(state, rows, update.filter.as_ref())?
        .map(|(key, row)| Ok((key.clone(), Arc::clone(row), Arc::new(changed(&table, row, &update.changes)?))))
        .collect::<Result<_>>()?;
    constraint::replace(state, &table, &changed)?;
    Ok(if update.returning {
        Outcome::Rows(changed.iter().map(|(_, _, new)| Row::clone(new)).collect())
    } else {
        Outcome::Affected(changed.len() as u64)
    })
}

/// Takes rows away, and what their foreign keys say: first every cascade, then every `SET NULL`, then `RESTRICT` looks at what
/// is left. So a row and what restricts it can go in one delete; of one table they cannot (see [`restricts_itself`]).
///
/// # Errors
/// `ForeignKeyViolation` where a child restricts it, `NotNullViolation` where `SET NULL` meets a required field.
pub(super) fn delete(state: &mut State, delete: &Delete) -> Result<Outcome> {
    let rows = state.of(&delete.table)?;
    let matched: Vec<Key> = matching(state, rows, delete.filter.as_ref())?.map(|(key, _)| key.clone()).collect();
    let affected = matched.len() as u64;
    for row in matched.iter().filter_map(|key| rows.get(key)) {
        for reference in constraint::references(state, &delete.table, row.1)? {
            if restricts_itself(&delete.table, reference.foreign_key()) && reference.has_children(state)? {
                return Err(error::has_children(&delete.table.name, &reference.child, reference.foreign_key()));
            }
        }
    }
    let mut waiting: Vec<(Arc<Table>, Key)> = matched.into_iter().map(|key| (Arc::clone(&delete.table), key)).collect();
    let mut orphans = Vec::new();
    while let Some((table, key)) = waiting.pop() {
        // A row may be reached by two cascades, or be matched and reached: it goes once.
        let Some(row) = state.rows_mut(&table.name)?.remove(&key) else { continue };
        for reference in constraint::references(state, &table, &row)? {
            if reference.foreign_key().on_delete == OnDelete::Cascade {
                let found =
                    state.rows(&reference.child.name)?.find(&reference.foreign_key().columns, &reference.values);
                waiting.extend(found.into_iter().map(|key| (Arc::clone(&reference.child), key)));
            } else {
                orphans.push(reference);
            }
        }
    }
    for reference in orphans.iter().filter(|one| one.foreign_key().on_delete == OnDelete::SetNull) {
        set_null(state, reference)?;
    }
    for reference in &orphans {
        if reference.has_children(state)? {
            // Of the entity that was to be deleted, also where a cascade met the child: not every server tells more.
            return Err(error::has_children(&delete.table.name, &reference.child, reference.foreign_key()));
        }
    }
    Ok(Outcome::Affected(affected))
}

fn set_null(state: &mut State, reference: &constraint::Reference) -> Result<()> {
    let (table, foreign_key) = (&reference.child, reference.foreign_key());
    let rows = state.rows(&table.name)?;
    let mut changed = Vec::new();
    for key in rows.find(&foreign_key.columns, &reference.values) {
        let Some((_, old)) = rows.get(&key) else { continue };
        let mut new = Row::clone(old);
        for &column in &foreign_key.columns {
            if !table.columns[column].nullable {
                return Err(error::required(table, column, foreign_key));
            }
            new[column] = table.columns[column].kind.null();
        }
        changed.push((key, Arc::clone(old), Arc::new(new)));
    }
    constraint::replace(state, table, &changed)
}
