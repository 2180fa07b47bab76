//! The rules of a table, applied to every operation: no path forgets one, because none is asked to remember.
//!
//! The guard calls [`apply`] before an operation is normalised and [`validate`] after. A backend meets plain filters, values and
//! changes, and knows nothing of versions, tenants or softly deleted rows.

mod change;
mod fold;
mod insert;
mod parents;
mod read;
mod tenant;
mod validate;

pub use fold::fold;
pub use parents::{Parents, parents};
pub use validate::validate;

use super::{Delete, Filter, Operation, Select, Update};
use crate::{
    Context, Error, ErrorKind, Result,
    schema::{Name, Table, rules::Write},
};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// An operation under the rules of its table.
#[derive(Debug)]
pub struct Ruled {
    /// What is to be run.
    pub operation: Operation,
    /// What kind of write was asked for: a soft delete is a delete, though it is run as an update. None for a read.
    pub write: Option<Write>,
    /// Where one version of a row is asked for: finds that row whatever its version is.
    pub any_version: Option<Filter>,
}

/// Applies the rules of the operation's table, and of every table that its filters reach; `now` is what the clock says.
///
/// # Errors
/// `TenantRequired` where a table belongs to tenants and the context names none; `InvalidQuery` for a ruled column that is
/// written by hand, for an update that does not say which version was read, and for a folded filter without a rule;
/// `InvalidValue` for a row of another tenant, and for text that is too long when folded. All with entity and field.
pub fn apply(operation: Operation, context: &Context, now: DateTime<Utc>) -> Result<Ruled> {
    Ok(match operation {
        Operation::Select(mut select) => {
            read::seen(&select.table, &mut select.filter, select.deleted, context)?;
            Ruled { operation: Operation::Select(select), write: None, any_version: None }
        }
        Operation::Aggregate(mut aggregate) => {
            read::seen(&aggregate.table, &mut aggregate.filter, aggregate.deleted, context)?;
            Ruled { operation: Operation::Aggregate(aggregate), write: None, any_version: None }
        }
        Operation::Insert(mut insert) => {
            insert::apply(&mut insert, context, now)?;
            let write = if insert.on_conflict.is_some() { Write::Upsert } else { Write::Insert };
            Ruled { operation: Operation::Insert(insert), write: Some(write), any_version: None }
        }
        Operation::Update(update) => updated(update, context, now)?,
        Operation::Delete(delete) => deleted(delete, context, now)?,
    })
}

fn updated(mut update: Update, context: &Context, now: DateTime<Utc>) -> Result<Ruled> {
    let table = Arc::clone(&update.table);
    let said = !update.changes.is_empty();
    change::by_hand(&table, &mut update.changes, tenant::of(&table, context)?.as_ref())?;
    let any_version = change::seen(&mut update, context)?;
    // A row of which nothing but its tenant and its version is set is read.
    if update.changes.is_empty() && update.returning && (said || any_version.is_some()) {
        let filter = update.filter;
        let operation = Operation::Select(Select { filter, ..Select::all(table) });
        return Ok(Ruled { operation, write: None, any_version });
    }
    if !update.changes.is_empty() {
        change::automatic(&table, &mut update.changes, now)?;
    }
    Ok(Ruled { operation: Operation::Update(update), write: Some(Write::Update), any_version })
}

fn deleted(mut delete: Delete, context: &Context, now: DateTime<Utc>) -> Result<Ruled> {
    read::seen(&delete.table, &mut delete.filter, delete.deleted, context)?;
    let operation = match delete.table.rules.soft_delete {
        Some(position) if !delete.forever => change::soft_delete(delete, position, now)?,
        _ => Operation::Delete(delete),
    };
    Ok(Ruled { operation, write: Some(Write::Delete), any_version: None })
}

/// The name of a ruled column.
fn name(table: &Table, position: usize) -> Result<&Name> {
    table.columns.get(position).map(|column| &column.name).ok_or_else(|| {
        Error::new(ErrorKind::SchemaMismatch, "a rule is on a column that the table does not have").entity(&table.name)
    })
}

/// The error, with entity and field.
fn at(error: Error, table: &Table, column: &str) -> Error {
    error.entity(&table.name).field(column)
}

/// Refused, with entity and field.
fn refused(why: &str, table: &Table, column: &str) -> Error {
    at(Error::new(ErrorKind::InvalidQuery, why), table, column)
}
