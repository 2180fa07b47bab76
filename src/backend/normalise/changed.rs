//! What a row is after an update, for backends that read it and write it back.

use super::at;
use crate::{
    Error, ErrorKind, Result,
    backend::{Change, ChangeTo, Row, value},
    schema::{Kind, Table},
};
use sea_orm::Value;

/// A row after these changes.
///
/// # Errors
/// `InvalidValue` with entity and field where a sum is out of range; `InvalidQuery` for an unknown column.
pub fn changed(table: &Table, row: &Row, changes: &[Change]) -> Result<Row> {
    let mut row = row.clone();
    for change in changes {
        let position = table.position(&change.column)?;
        let cell = &mut row[position];
        match &change.to {
            ChangeTo::Value(value) => cell.clone_from(value),
            ChangeTo::Increment(_) if value::is_null(cell) => {}
            ChangeTo::Increment(by) => {
                *cell =
                    sum(&table.columns[position].kind, cell, by).map_err(|error| at(error, table, &change.column))?;
            }
        }
    }
    Ok(row)
}

/// An exact sum, in the range of its kind.
fn sum(kind: &Kind, value: &Value, by: &Value) -> Result<Value> {
    let sum = match (value, by) {
        (Value::Double(Some(a)), Value::Double(Some(b))) => Some(Value::from(a + b)),
        (Value::Decimal(Some(a)), Value::Decimal(Some(b))) => a.checked_add(*b).map(Value::from),
        (a, b) => {
            value::whole_number(a).zip(value::whole_number(b)).and_then(|(a, b)| a.checked_add(b)).map(Value::from)
        }
    };
    let sum = sum.ok_or_else(|| Error::new(ErrorKind::InvalidValue, "the sum is out of the column's range"))?;
    value::stored(kind, sum)
}
