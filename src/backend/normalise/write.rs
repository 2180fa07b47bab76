//! New rows and changes: whole, of the column's type, in the form that is stored.

use super::{at, filter::take};
use crate::{
    Error, ErrorKind, Result,
    backend::{Change, ChangeTo, Comparison, Filter, value},
    schema::{Column, Table},
};
use sea_orm::Value;

/// Fills in constants, so that all rows of a bulk insert have the same columns (hazard D3).
pub(super) fn new_row(table: &Table, row: &mut [Option<Value>]) -> Result<()> {
    if row.len() != table.columns.len() {
        return Err(Error::new(ErrorKind::InvalidQuery, "the row has not one value per column").entity(&table.name));
    }
    for (column, cell) in table.columns.iter().zip(row) {
        let given = match cell.take() {
            Some(value) => value,
            None if column.auto_increment => continue,
            None => column.default.clone().unwrap_or_else(|| column.kind.null()),
        };
        *cell = Some(new_value(table, column, given)?);
    }
    Ok(())
}

fn new_value(table: &Table, column: &Column, given: Value) -> Result<Value> {
    let value = value::stored(&column.kind, given).map_err(|error| at(error, table, &column.name))?;
    if value::is_null(&value) && !column.nullable {
        return Err(at(Error::new(ErrorKind::NotNullViolation, "the field is required"), table, &column.name));
    }
    Ok(value)
}

/// The changes of an update; `filter` says of which rows.
pub(super) fn changes(table: &Table, filter: Option<&Filter>, changes: &mut [Change]) -> Result<()> {
    let refuse = |why: &str, column: &str| Err(at(Error::new(ErrorKind::InvalidQuery, why), table, column));
    if changes.is_empty() {
        return Err(Error::new(ErrorKind::InvalidQuery, "an update without a change").entity(&table.name));
    }
    for (index, change) in changes.iter().enumerate() {
        let position = table.position(&change.column)?;
        if table.key.contains(&position) {
            return refuse("a primary key does not change: insert the new row and delete the old", &change.column);
        }
        if changes[..index].iter().any(|earlier| earlier.column == change.column) {
            return refuse("the column is changed twice", &change.column);
        }
        // Servers look after each row, in an order of their own: whether a row meets the one that is yet to move is luck.
        let unique = || table.indexes.iter().any(|index| index.unique && index.columns.contains(&position));
        if matches!(change.to, ChangeTo::Increment(_)) && unique() && !is_of_one_row(table, filter) {
            let why =
                "a unique column is incremented in one row, found by a unique key: in many, rows may meet half-way";
            return refuse(why, &change.column);
        }
    }
    each_change(table, changes)
}

/// Whether the filter gives every column of a unique key one value.
fn is_of_one_row(table: &Table, filter: Option<&Filter>) -> bool {
    let (mut given, mut left) = (Vec::new(), Vec::from_iter(filter));
    while let Some(part) = left.pop() {
        match part {
            Filter::And(parts) => left.extend(parts),
            Filter::Compare(column, Comparison::Eq, _) => given.extend(table.position(column)),
            _ => {}
        }
    }
    let pinned = |columns: &[usize]| columns.iter().all(|column| given.contains(column));
    pinned(&table.key) || table.indexes.iter().any(|index| index.unique && pinned(&index.columns))
}

/// Values and steps of the column's type.
pub(super) fn each_change(table: &Table, changes: &mut [Change]) -> Result<()> {
    let refuse = |why: &str, column: &str| Err(at(Error::new(ErrorKind::InvalidQuery, why), table, column));
    for change in changes {
        let column = table.column(&change.column)?;
        match &mut change.to {
            ChangeTo::Value(value) => *value = new_value(table, column, take(value))?,
            ChangeTo::Increment(_) if !column.kind.is_number() => {
                return refuse("only a number is incremented", &change.column);
            }
            ChangeTo::Increment(by) if value::is_null(by) => return refuse("an increment by null", &change.column),
            ChangeTo::Increment(by) => {
                // The sum may be in range where the step is not (a UInt32 goes down by a negative step), so the step is
                // only typed; what comes of it is checked where it is added.
                *by = value::step(&column.kind, take(by)).map_err(|error| at(error, table, &column.name))?;
            }
        }
    }
    Ok(())
}
