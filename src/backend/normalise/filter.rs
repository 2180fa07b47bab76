//! Conditions: what is compared is of the column's type, and means the same on every backend.

use super::{at, json, related};
use crate::{
    Error, ErrorKind, Result,
    backend::{Comparison, Filter, value},
    schema::{Column, Kind, Name, Table},
};
use sea_orm::Value;

/// The deepest filter that is asked: far beyond what is written by hand, and far above what a stack holds.
const DEPTH: usize = 200;
/// The longest way from relation to relation: a server has a bound for subqueries in each other.
const HOPS: usize = 16;

pub(super) fn condition(table: &Table, condition: &mut Option<Filter>) -> Result<()> {
    let Some(condition) = condition else { return Ok(()) };
    // Not by recursion, which is what it guards.
    let mut left = vec![(&*condition, 1, 0)];
    while let Some((part, depth, hops)) = left.pop() {
        if depth > DEPTH || hops > HOPS {
            let why = format!("the filter is nested deeper than {DEPTH} levels, or {HOPS} relations");
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
        }
        match part {
            Filter::And(parts) | Filter::Or(parts) => left.extend(parts.iter().map(|part| (part, depth + 1, hops))),
            Filter::Not(inner) => left.push((inner, depth + 1, hops)),
            Filter::Related(_) if hops == HOPS => left.push((part, depth, hops + 1)),
            Filter::Related(related) => {
                left.extend(related.filter.as_ref().map(|filter| (filter, depth + 1, hops + 1)));
            }
            _ => {}
        }
    }
    filter(table, condition)
}

pub(super) fn filter(table: &Table, condition: &mut Filter) -> Result<()> {
    match condition {
        Filter::And(all) | Filter::Or(all) => return all.iter_mut().try_for_each(|one| filter(table, one)),
        Filter::Not(inner) => return filter(table, inner),
        Filter::IsNull(column) | Filter::IsNotNull(column) => {
            table.position(column)?;
        }
        Filter::Related(related) => return related::related(table, related),
        Filter::Json(name, path, test) => return json::json(table, name, path, test),
        Filter::Folded(..) => {
            return Err(Error::unsupported("this filter"));
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
                if exact && !beyond(&table.column(name)?.kind, &floor) {
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

/// Whether it is a whole number that no row can have. By an index, MariaDB 10.11 takes one below the range for the least of it, and
/// `NOT IN` leaves out the rows that have that one.
fn beyond(kind: &Kind, value: &Value) -> bool {
    let (least, most) = kind.bounds();
    kind.is_whole() && value::whole_number(value).is_some_and(|value| value < least || value > most)
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

pub(super) fn take(value: &mut Value) -> Value {
    std::mem::replace(value, Value::Bool(None))
}

pub(super) fn comparable<'t>(table: &'t Table, name: &str) -> Result<&'t Column> {
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
