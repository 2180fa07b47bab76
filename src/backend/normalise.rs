//! An operation made ready for a backend: names checked, values normalised, orders made total.
//!
//! The guard layer calls it for every operation, so a backend never meets an unknown column, text against a number or a NaN,
//! and every backend meets the same values.

use super::{Change, ChangeTo, Comparison, Filter, Nulls, Operation, Order, Row, value};
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, Name, Table},
};
use sea_orm::Value;

impl Operation {
    /// Checks the operation against its table and normalises its values.
    ///
    /// # Errors
    /// `InvalidQuery`, `InvalidValue` or `NotNullViolation`, with entity and field.
    pub fn normalise(&mut self) -> Result<()> {
        match self {
            Self::Select(o) => {
                condition(&o.table, &mut o.filter)?;
                order(&o.table, &mut o.order, o.limit.is_some() || o.offset > 0)
            }
            Self::Aggregate(o) => condition(&o.table, &mut o.filter),
            Self::Insert(o) => o.rows.iter_mut().try_for_each(|row| new_row(&o.table, row)),
            Self::Update(o) => {
                condition(&o.table, &mut o.filter)?;
                changes(&o.table, &mut o.changes)
            }
            Self::Delete(o) => condition(&o.table, &mut o.filter),
        }
    }
}

fn at(error: Error, table: &Table, column: &str) -> Error {
    error.entity(&table.name).field(column)
}

/// The deepest filter that is asked: far beyond what is written by hand, and far above what a stack holds.
const DEPTH: usize = 200;

fn condition(table: &Table, condition: &mut Option<Filter>) -> Result<()> {
    let Some(condition) = condition else { return Ok(()) };
    // Not by recursion, which is what it guards.
    let mut left = vec![(&*condition, 1)];
    while let Some((part, depth)) = left.pop() {
        if depth > DEPTH {
            let why = format!("the filter is nested deeper than {DEPTH} levels");
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
        }
        match part {
            Filter::And(parts) | Filter::Or(parts) => left.extend(parts.iter().map(|part| (part, depth + 1))),
            Filter::Not(inner) => left.push((inner, depth + 1)),
            _ => {}
        }
    }
    filter(table, condition)
}

fn filter(table: &Table, condition: &mut Filter) -> Result<()> {
    match condition {
        Filter::And(all) | Filter::Or(all) => return all.iter_mut().try_for_each(|one| filter(table, one)),
        Filter::Not(inner) => return filter(table, inner),
        Filter::IsNull(column) | Filter::IsNotNull(column) => {
            table.position(column)?;
        }
        Filter::Text(name, _, needle) => {
            if !table.column(name)?.kind.is_text() {
                return Err(at(
                    Error::new(ErrorKind::InvalidQuery, "a text is looked for in a column without text"),
                    table,
                    name,
                ));
            }
            if needle.contains('\0') {
                return Err(at(
                    Error::new(ErrorKind::InvalidValue, "text must not contain the NUL character"),
                    table,
                    name,
                ));
            }
        }
        Filter::Compare(name, comparison, value) => {
            let (floor, exact) = operand(table, name, value)?;
            if let Some(other) = inexact(name, *comparison, floor, exact, value) {
                *condition = other;
            }
        }
        Filter::DistinctFrom(name, value) => {
            let column = comparable(table, name)?;
            let (floor, exact) = value::compared(&column.kind, take(value)).map_err(|error| at(error, table, name))?;
            if exact {
                *value = floor;
            } else {
                // Nothing that is stored equals it: every row is distinct from it.
                *condition = Filter::And(Vec::new());
            }
        }
        Filter::In(name, values) | Filter::NotIn(name, values) => {
            let mut kept = Vec::with_capacity(values.len());
            for mut value in values.drain(..) {
                let (floor, exact) = operand(table, name, &mut value)?;
                if exact {
                    kept.push(floor);
                }
            }
            *values = kept;
        }
        Filter::Between(name, low, high) => {
            let mut both = Filter::And(vec![
                Filter::Compare(name.clone(), Comparison::Gte, take(low)),
                Filter::Compare(name.clone(), Comparison::Lte, take(high)),
            ]);
            filter(table, &mut both)?;
            *condition = both;
        }
    }
    Ok(())
}

/// What a comparison with a value means that the column cannot hold exactly: `floor < value < floor + one unit`.
fn inexact(column: &Name, comparison: Comparison, floor: Value, exact: bool, value: &mut Value) -> Option<Filter> {
    if exact {
        *value = floor;
        return None;
    }
    Some(match comparison {
        Comparison::Eq => Filter::In(column.clone(), Vec::new()),
        Comparison::Ne => Filter::NotIn(column.clone(), Vec::new()),
        Comparison::Lt | Comparison::Lte => Filter::Compare(column.clone(), Comparison::Lte, floor),
        Comparison::Gt | Comparison::Gte => Filter::Compare(column.clone(), Comparison::Gt, floor),
    })
}

fn take(value: &mut Value) -> Value {
    std::mem::replace(value, Value::Bool(None))
}

fn comparable<'t>(table: &'t Table, name: &str) -> Result<&'t Column> {
    let column = table.column(name)?;
    if column.kind.is_comparable() {
        Ok(column)
    } else {
        Err(at(Error::new(ErrorKind::InvalidQuery, "JSON is neither compared nor ordered"), table, name))
    }
}

fn operand(table: &Table, name: &str, value: &mut Value) -> Result<(Value, bool)> {
    let column = comparable(table, name)?;
    if value::is_null(value) {
        let why = "null equals nothing: ask with is_null, is_not_null or is_distinct_from";
        return Err(at(Error::new(ErrorKind::InvalidQuery, why), table, name));
    }
    value::compared(&column.kind, take(value)).map_err(|error| at(error, table, name))
}

/// Appends the primary key where the order matters: there are no ties (law Q4).
fn order(table: &Table, order: &mut Vec<Order>, cut: bool) -> Result<()> {
    for one in order.iter() {
        comparable(table, &one.column)?;
    }
    let mut seen = Vec::with_capacity(order.len());
    order.retain(|one| {
        let new = !seen.contains(&one.column);
        seen.push(one.column.clone());
        new
    });
    if cut || !order.is_empty() {
        for &key in &table.key {
            let name = &table.columns[key].name;
            if !seen.contains(name) {
                order.push(Order { column: name.clone(), descending: false, nulls: Nulls::Lowest });
            }
        }
    }
    Ok(())
}

/// Fills in constants, so that all rows of a bulk insert have the same columns (hazard D3).
fn new_row(table: &Table, row: &mut [Option<Value>]) -> Result<()> {
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

fn changes(table: &Table, changes: &mut [Change]) -> Result<()> {
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

/// The values of a row's primary key.
#[must_use]
pub fn key_of(table: &Table, row: &Row) -> Vec<Value> {
    table.key.iter().map(|&position| row[position].clone()).collect()
}
