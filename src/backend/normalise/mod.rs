//! An operation made ready for a backend: names checked, values normalised, orders made total.
//!
//! The guard layer calls it for every operation, so a backend never meets an unknown column, text against a number or a NaN,
//! and every backend meets the same values.

mod filter;
mod order;
mod write;

pub(super) use self::order::order as total;
use super::{Operation, Row};
use crate::{Error, Result, schema::Table};
use filter::condition;
use order::order;
use sea_orm::Value;
use write::{changes, new_row};

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

/// The error, with entity and field.
fn at(error: Error, table: &Table, column: &str) -> Error {
    error.entity(&table.name).field(column)
}

/// The values of a row's primary key.
#[must_use]
pub fn key_of(table: &Table, row: &Row) -> Vec<Value> {
    table.key.iter().map(|&position| row[position].clone()).collect()
}
