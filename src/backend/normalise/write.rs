//! New rows and changes: whole, of the column's type, in the form that is stored.

use super::{at, filter::take};
use crate::{
    Error, ErrorKind, Result,
    backend::{Change, ChangeTo, value},
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

pub(super) fn changes(table: &Table, changes: &mut [Change]) -> Result<()> {
    let refuse = |why: &str, column: &str| Err(at(Error::new(ErrorKind::InvalidQuery, why), table, column));
    if changes.is_empty() {
        return Err(Error::new(ErrorKind::InvalidQuery, "an update without a change").entity(&table.name));
    }
    for (index, change) in changes.iter().enumerate() {
        if table.key.contains(&table.position(&change.column)?) {
            return refuse("a primary key does not change: insert the new row and delete the old", &change.column);
        }
        if changes[..index].iter().any(|earlier| earlier.column == change.column) {
            return refuse("the column is changed twice", &change.column);
        }
    }
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
