//! Conditions in three-valued logic: true, false or unknown, as [`Filter`] documents it.

use super::{
    compare::compare,
    json::{self, Wanted},
    related::Belonging,
    state::State,
};
use crate::{
    Error, Result,
    backend::{Comparison, Filter, Match, Row, value},
    schema::Table,
};
use sea_orm::Value;
use std::cmp::Ordering;

/// A filter whose columns are found and whose lists are sorted, once for all rows. `NotIn`, `IsNotNull` and `Between` are
/// said by the others: three-valued logic makes each the same.
pub(super) enum Condition<'f> {
    Compare(usize, Comparison, &'f Value),
    Distinct(usize, &'f Value),
    In(usize, Vec<&'f Value>),
    Null(usize),
    Text(usize, Match, &'f str),
    Json(usize, &'f [String], Wanted<'f>),
    Related(Belonging<'f>),
    And(Vec<Condition<'f>>),
    Or(Vec<Condition<'f>>),
    Not(Box<Condition<'f>>),
}

impl<'f> Condition<'f> {
    /// The condition on rows of this table, in this state of the others.
    ///
    /// # Errors
    /// `InvalidQuery` with entity and field for an unknown column; `TableNotFound` for a related table.
    pub(super) fn new(state: &'f State, table: &Table, filter: &'f Filter) -> Result<Self> {
        let all = |filters: &'f [Filter]| -> Result<Vec<Self>> {
            filters.iter().map(|filter| Self::new(state, table, filter)).collect()
        };
        let not = |condition| Self::Not(Box::new(condition));
        Ok(match filter {
            Filter::Compare(name, how, value) => Self::Compare(table.position(name)?, *how, value),
            Filter::DistinctFrom(name, value) => Self::Distinct(table.position(name)?, value),
            Filter::In(name, values) => Self::In(table.position(name)?, sorted(values)),
            Filter::NotIn(name, values) => not(Self::In(table.position(name)?, sorted(values))),
            Filter::Between(name, low, high) => {
                let column = table.position(name)?;
                Self::And(vec![
                    Self::Compare(column, Comparison::Gte, low),
                    Self::Compare(column, Comparison::Lte, high),
                ])
            }
            Filter::IsNull(name) => Self::Null(table.position(name)?),
            Filter::IsNotNull(name) => not(Self::Null(table.position(name)?)),
            Filter::Folded(..) => return Err(Error::unsupported("a folded filter that the guard did not see")),
            Filter::Json(name, path, test) => Self::Json(table.position(name)?, path, Wanted::new(test)),
            Filter::Related(related) => Self::Related(Belonging::new(state, table, related)?),
            Filter::Text(name, how, needle) => Self::Text(table.position(name)?, *how, needle),
            Filter::And(filters) => Self::And(all(filters)?),
            Filter::Or(filters) => Self::Or(all(filters)?),
            Filter::Not(inner) => not(Self::new(state, table, inner)?),
        })
    }

    /// Whether it is true of the row; `None` where that is unknown.
    pub(super) fn holds(&self, row: &Row) -> Option<bool> {
        match self {
            Self::Compare(column, how, value) => known(&row[*column], value).map(|ordering| how.holds(ordering)),
            Self::Distinct(column, value) => Some(compare(&row[*column], value).is_ne()),
            Self::In(column, values) => {
                let cell = &row[*column];
                (!value::is_null(cell)).then(|| values.binary_search_by(|value| compare(value, cell)).is_ok())
            }
            Self::Null(column) => Some(value::is_null(&row[*column])),
            Self::Text(column, how, needle) => {
                let Value::String(Some(text)) = &row[*column] else { return None };
                Some(how.holds(text, needle))
            }
            Self::Json(column, path, wanted) => wanted.holds(json::at(&row[*column], path)),
            Self::Related(belonging) => Some(belonging.holds(row)),
            Self::And(all) => joined(all, row, false),
            Self::Or(any) => joined(any, row, true),
            Self::Not(inner) => inner.holds(row).map(|holds| !holds),
        }
    }

    /// The comparisons with a column that must all hold for this to be true, where that is plain to see.
    pub(super) fn bounds(&self, column: usize) -> Vec<(Comparison, &'f Value)> {
        match self {
            Self::Compare(of, how, value) if *of == column => vec![(*how, *value)],
            Self::And(all) => all.iter().flat_map(|one| one.bounds(column)).collect(),
            _ => Vec::new(),
        }
    }

    /// The values that a column must be among for this to be true, for every column where that is plain to see.
    pub(super) fn pinned(&self) -> Vec<(usize, Vec<&'f Value>)> {
        match self {
            Self::Compare(column, Comparison::Eq, value) => vec![(*column, vec![*value])],
            Self::In(column, values) => vec![(*column, values.clone())],
            Self::And(all) => all.iter().flat_map(Self::pinned).collect(),
            _ => Vec::new(),
        }
    }
}

/// How two values that are not null compare; unknown where one is.
fn known(cell: &Value, value: &Value) -> Option<Ordering> {
    (!value::is_null(cell) && !value::is_null(value)).then(|| compare(cell, value))
}

/// The conditions up to the first that decides the whole; unknown where none decides and one is unknown.
fn joined(conditions: &[Condition<'_>], row: &Row, decides: bool) -> Option<bool> {
    let mut whole = Some(!decides);
    for condition in conditions {
        match condition.holds(row) {
            Some(holds) if holds == decides => return Some(decides),
            Some(_) => {}
            None => whole = None,
        }
    }
    whole
}

fn sorted(values: &[Value]) -> Vec<&Value> {
    let mut values: Vec<&Value> = values.iter().filter(|value| !value::is_null(value)).collect();
    values.sort_by(|a, b| compare(a, b));
    values.dedup_by(|a, b| compare(a, b).is_eq());
    values
}
