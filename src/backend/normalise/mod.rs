//! An operation made ready for a backend: names checked, values normalised, orders made total.
//!
//! The guard layer calls it for every operation, so a backend never meets an unknown column, text against a number or a NaN,
//! and every backend meets the same values.

mod aggregate;
pub mod changed;
pub(in crate::backend) mod compare;
mod filter;
pub mod identity;
mod json;
mod order;
mod related;
pub mod sequence;
pub mod upsert;
mod write;

pub(super) use self::order::total;
use super::{Operation, Row};
use crate::{
    Error, Result,
    schema::{ForeignKey, OnDelete, Table},
};
use aggregate::aggregate;
use filter::condition;
use order::{columns, order};
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
                columns(o)?;
                order(o)
            }
            Self::Aggregate(o) => {
                condition(&o.table, &mut o.filter)?;
                aggregate(o)
            }
            Self::Insert(o) => {
                o.rows.iter_mut().try_for_each(|row| new_row(&o.table, row))?;
                upsert::on_conflict(o)
            }
            Self::Update(o) => {
                condition(&o.table, &mut o.filter)?;
                changes(&o.table, o.filter.as_ref(), &mut o.changes)
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

/// Whether a row is kept by rows of its own table: then it is not deleted while one refers to it, be it in the same call or the row
/// itself.
#[must_use]
pub fn restricts_itself(table: &Table, foreign_key: &ForeignKey) -> bool {
    foreign_key.parent == table.name && foreign_key.on_delete == OnDelete::Restrict
}
