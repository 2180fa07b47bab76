//! Reads: figures over rows.

use super::{
    compare::{Key, compare},
    query::{matching, size},
    state::State,
};
use crate::{
    Error, Result,
    backend::{
        Aggregate, Figure, Outcome, Row,
        figure::{self, Total},
        value,
    },
    schema::Table,
};
use sea_orm::Value;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// One row of figures, or one per group.
///
/// # Errors
/// As [`select`](super::query::select); `InvalidValue` with entity and field for a sum that is out of range.
pub(super) fn aggregate(state: &State, asked: &Aggregate) -> Result<Outcome> {
    let rows = state.seen_as(&asked.table)?;
    let mut found = matching(state, rows, asked.filter.as_ref())?.map(|(_, row)| row);
    // What only counts holds no rows.
    if let [one] = asked.figures.as_slice()
        && asked.group.is_empty()
    {
        match one {
            Figure::Exists => return Ok(Outcome::Rows(vec![vec![Value::Bool(Some(found.next().is_some()))]].into())),
            Figure::Count | Figure::Estimate => {
                let rows = if asked.filter.is_none() { rows.len() } else { found.count() };
                return Ok(Outcome::Rows(vec![vec![count(rows)]].into()));
            }
            _ => {}
        }
    }
    if asked.group.is_empty() {
        let found: Vec<_> = found.collect();
        return Ok(Outcome::Rows(vec![figures(&rows.table, asked, &found)?].into()));
    }
    let group: Vec<usize> = asked.group.iter().map(|name| rows.table.position(name)).collect::<Result<_>>()?;
    let mut groups: BTreeMap<Key, Vec<&Arc<Row>>> = BTreeMap::new();
    for row in found {
        groups.entry(group.iter().map(|&column| row[column].clone()).collect()).or_default().push(row);
    }
    let mut sorted = Vec::with_capacity(groups.len());
    for (key, rows_of_it) in groups {
        let place = place(&rows.table, asked, key.values(), &rows_of_it)?;
        sorted.push((place, key, rows_of_it));
    }
    sorted.sort_by(|(a, ..), (b, ..)| by(asked, a, b));
    let [offset, limit] = [asked.offset, asked.limit.unwrap_or(u64::MAX)].map(size);
    // A sum that is out of range is an error where it is shown, not where it only stands behind.
    let shown = sorted.into_iter().skip(offset).take(limit);
    let answer = shown.map(|(_, key, rows_of_it)| {
        let mut row = key.values().to_vec();
        row.extend(figures(&rows.table, asked, &rows_of_it)?);
        Ok(row)
    });
    answer.collect::<Result<_>>().map(Outcome::Rows)
}

/// What a group is ordered by.
enum By {
    Value(Value),
    /// A sum, exact also where it is out of its type's range.
    Sum(Option<i128>),
}

/// Where a group stands: its value for each part of the order.
fn place(table: &Table, asked: &Aggregate, key: &[Value], rows: &[&Arc<Row>]) -> Result<Vec<By>> {
    let of = |position: usize| {
        if let Some(value) = key.get(position) {
            return Ok(By::Value(value.clone()));
        }
        let figure = &asked.figures[position - key.len()];
        let Figure::Sum(column) = figure else { return one(table, figure, rows).map(By::Value) };
        let column = table.position(column)?;
        let values: Vec<&Value> = rows.iter().map(|row| &row[column]).filter(|value| !value::is_null(value)).collect();
        Ok(By::Sum(match total(&values) {
            Some(Total::Exact(sum)) => Some(sum),
            // The guard refuses an order by a sum of floats.
            _ => None,
        }))
    };
    asked.order.iter().map(|order| of(order.position)).collect()
}

fn by(asked: &Aggregate, a: &[By], b: &[By]) -> Ordering {
    let mut parts = asked.order.iter().zip(a.iter().zip(b)).map(|(order, pair)| {
        let ordering = match pair {
            (By::Value(a), By::Value(b)) => compare(a, b),
            (By::Sum(a), By::Sum(b)) => a.cmp(b),
            _ => Ordering::Equal,
        };
        if order.descending { ordering.reverse() } else { ordering }
    });
    parts.find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}

fn figures(table: &Table, asked: &Aggregate, rows: &[&Arc<Row>]) -> Result<Row> {
    let about = |error: Error, figure: &Figure| {
        let error = error.entity(&table.name);
        match figure.column() {
            Some(column) => error.field(&**column),
            None => error,
        }
    };
    let figures = asked.figures.iter();
    figures.map(|figure| one(table, figure, rows).map_err(|error| about(error, figure))).collect()
}

fn one(table: &Table, figure: &Figure, rows: &[&Arc<Row>]) -> Result<Value> {
    let column = match figure {
        Figure::Exists => return Ok(Value::Bool(Some(!rows.is_empty()))),
        Figure::Count | Figure::Estimate => return Ok(count(rows.len())),
        Figure::CountDistinct(column)
        | Figure::Sum(column)
        | Figure::Min(column)
        | Figure::Max(column)
        | Figure::Average(column) => table.position(column)?,
    };
    let kind = &table.columns[column].kind;
    let values: Vec<&Value> = rows.iter().map(|row| &row[column]).filter(|value| !value::is_null(value)).collect();
    let or_null = |value: Option<&&Value>| value.map_or_else(|| kind.null(), |value| (*value).clone());
    match figure {
        Figure::CountDistinct(_) => {
            let different: BTreeSet<Key> =
                values.into_iter().map(|value| [value.clone()].into_iter().collect()).collect();
            Ok(count(different.len()))
        }
        Figure::Min(_) => Ok(or_null(values.iter().min_by(|a, b| compare(a, b)))),
        Figure::Max(_) => Ok(or_null(values.iter().max_by(|a, b| compare(a, b)))),
        Figure::Sum(_) => figure::sum(kind, total(&values)),
        _ => figure::average(kind, total(&values), i64::try_from(values.len()).unwrap_or(i64::MAX)),
    }
}

fn count(rows: usize) -> Value {
    Value::BigInt(Some(i64::try_from(rows).unwrap_or(i64::MAX)))
}

/// What the values add up to; `None` where there are none. Decimals of one column have one scale.
fn total(values: &[&Value]) -> Option<Total> {
    values.iter().map(|value| unit(value)).reduce(|a, b| match (a, b) {
        (Total::Exact(a), Total::Exact(b)) => Total::Exact(a.saturating_add(b)),
        (Total::Double(a), Total::Double(b)) => Total::Double(a + b),
        (other, _) => other,
    })
}

fn unit(value: &Value) -> Total {
    match value {
        Value::SmallInt(Some(v)) => Total::Exact((*v).into()),
        Value::Int(Some(v)) => Total::Exact((*v).into()),
        Value::BigInt(Some(v)) => Total::Exact((*v).into()),
        Value::Decimal(Some(v)) => Total::Exact(v.mantissa()),
        Value::Double(Some(v)) => Total::Double(*v),
        // The guard lets no sum of anything else through.
        _ => Total::Exact(0),
    }
}
