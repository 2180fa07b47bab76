//! Changes: what is not written by hand, what every change writes, and the version that it comes from.

use super::{fold, name, read, refused, tenant::Owner};
use crate::{
    Context, Result,
    backend::{Change, ChangeTo, Comparison, Delete, Filter, Operation, Update, value},
    schema::{Name, Table},
};
use chrono::{DateTime, Utc};
use sea_orm::Value;
use std::sync::Arc;

/// Refuses changes of ruled columns by hand. The tenant may be said again.
pub(super) fn by_hand(table: &Table, changes: &mut Vec<Change>, owner: Option<&Owner>) -> Result<()> {
    for change in changes.iter() {
        let column = &change.column;
        let Ok(position) = table.position(column) else { continue };
        if is_automatic(table, position) {
            return Err(refused("the field is written by a rule, not by hand", table, column));
        }
        let to = match &change.to {
            ChangeTo::Value(value) => Some(value),
            ChangeTo::Increment(_) => None,
        };
        if table.rules.soft_delete == Some(position) && !to.is_some_and(value::is_null) {
            return Err(refused("a row is deleted by `delete`; by hand it is only restored, by null", table, column));
        }
        if let Some(owner) = owner.filter(|owner| owner.position == position) {
            owner.keep(table, to.unwrap_or(&Value::Bool(None)))?;
        }
    }
    if let Some(owner) = owner {
        changes.retain(|change| change.column != owner.column);
    }
    Ok(())
}

/// Whether a rule alone writes the column of a row that is there.
pub(super) fn is_automatic(table: &Table, position: usize) -> bool {
    let rules = &table.rules;
    [rules.created_at, rules.updated_at, rules.version].contains(&Some(position))
        || rules.folded.iter().any(|rule| rule.folded == position)
}

/// Narrows an update to what is in sight, and to the version that was read; what finds its row whatever the version is.
///
/// # Errors
/// `InvalidQuery` for one row of a table with versions without the one that was read.
pub(super) fn seen(update: &mut Update, context: &Context) -> Result<Option<Filter>> {
    let table = Arc::clone(&update.table);
    read::seen(&table, &mut update.filter, update.deleted, context)?;
    let Some(position) = table.rules.version else { return Ok(None) };
    let column = name(&table, position)?;
    match update.expects.take().filter(|version| !value::is_null(version)) {
        Some(version) => {
            let any = update.filter.clone().unwrap_or_else(|| Filter::And(Vec::new()));
            let this = Filter::Compare(column.clone(), Comparison::Eq, version);
            update.filter = Some(any.clone().and(this));
            Ok(Some(any))
        }
        None if update.returning => {
            Err(refused("which version was read? an update of one row says it, set or unchanged", &table, column))
        }
        None => Ok(None),
    }
}

/// What every change writes beside itself.
pub(super) fn automatic(table: &Table, changes: &mut Vec<Change>, now: DateTime<Utc>) -> Result<()> {
    for rule in &table.rules.folded {
        let source = name(table, rule.source)?;
        let set = changes.iter().find(|change| change.column == *source);
        if let Some(Change { to: ChangeTo::Value(given), .. }) = set {
            let folded = fold::value(table, *rule, given.clone())?;
            changes.push(to(name(table, rule.folded)?, folded));
        }
    }
    if let Some(position) = table.rules.updated_at {
        changes.push(to(name(table, position)?, now.into()));
    }
    if let Some(position) = table.rules.version {
        let one = ChangeTo::Increment(Value::BigInt(Some(1)));
        changes.push(Change { column: name(table, position)?.clone(), to: one });
    }
    Ok(())
}

/// A column becomes this value.
pub(super) fn to(column: &Name, value: Value) -> Change {
    Change { column: column.clone(), to: ChangeTo::Value(value) }
}

/// A delete as an update of what is not deleted yet.
pub(super) fn soft_delete(delete: Delete, position: usize, now: DateTime<Utc>) -> Result<Operation> {
    let Delete { table, filter, .. } = delete;
    let column = name(&table, position)?;
    // Also where the call sees deleted rows: when a row was deleted stays as it is.
    let live = Filter::IsNull(column.clone());
    let filter = match filter {
        Some(given) => given.and(live),
        None => live,
    };
    let mut changes = vec![to(column, now.into())];
    automatic(&table, &mut changes, now)?;
    Ok(Operation::Update(Update { filter: Some(filter), ..Update::all(table, changes) }))
}
