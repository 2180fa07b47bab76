//! What is in sight: rows of the tenant, and rows that are not deleted; in the tables, too, that a filter reaches.

use super::{at, fold, name, refused, tenant};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Comparison, Deleted, Filter, FoldedMatch},
    schema::{Name, Table},
};
use sea_orm::Value;
use std::sync::Arc;

/// Narrows a condition to what is in sight.
///
/// # Errors
/// `TenantRequired`; `InvalidQuery` for a folded filter on a column without such a rule.
pub(super) fn seen(table: &Arc<Table>, filter: &mut Option<Filter>, deleted: Deleted, context: &Context) -> Result<()> {
    if let Some(given) = filter {
        walk(table, given, context)?;
    }
    narrow(filter, conditions(table, deleted, context)?);
    Ok(())
}

/// The conditions that the rules of a table put on every row.
fn conditions(table: &Table, deleted: Deleted, context: &Context) -> Result<Vec<Filter>> {
    let mut conditions: Vec<Filter> = tenant::of(table, context)?.iter().map(tenant::Owner::condition).collect();
    match (table.rules.soft_delete, deleted) {
        (Some(position), Deleted::Without) => conditions.push(Filter::IsNull(name(table, position)?.clone())),
        (Some(position), Deleted::Only) => conditions.push(Filter::IsNotNull(name(table, position)?.clone())),
        // Without the rule no row is deleted and there: who purges what was deleted must not purge the rest.
        (None, Deleted::Only) => conditions.push(Filter::Or(Vec::new())),
        (_, Deleted::With) | (None, Deleted::Without) => {}
    }
    Ok(conditions)
}

fn narrow(filter: &mut Option<Filter>, conditions: Vec<Filter>) {
    if conditions.is_empty() {
        return;
    }
    let conditions = Filter::And(conditions);
    *filter = Some(match filter.take() {
        Some(given) => conditions.and(given),
        None => conditions,
    });
}

/// Not by recursion: how deep a filter may be is checked after this.
fn walk<'f>(table: &'f Arc<Table>, filter: &'f mut Filter, context: &Context) -> Result<()> {
    let mut left = vec![(table, filter)];
    while let Some((table, part)) = left.pop() {
        match part {
            Filter::And(parts) | Filter::Or(parts) => {
                left.extend(parts.iter_mut().map(|part| (table, part)));
            }
            Filter::Not(inner) => left.push((table, inner)),
            Filter::Folded(column, how, needle) => *part = folded(table, column, *how, needle)?,
            Filter::Related(related) => {
                narrow(&mut related.filter, conditions(&related.table, Deleted::Without, context)?);
                left.extend(related.filter.as_mut().map(|inner| (&related.table, inner)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The folded column against the folded text.
fn folded(table: &Table, source: &Name, how: FoldedMatch, needle: &str) -> Result<Filter> {
    let position = table.position(source)?;
    let Some(rule) = table.rules.folded.iter().find(|rule| rule.source == position) else {
        return Err(refused("no `folded` rule keeps this field without regard to case", table, source));
    };
    if needle.contains('\0') {
        let why = "text must not contain the NUL character";
        return Err(at(Error::new(ErrorKind::InvalidValue, why), table, source));
    }
    let (column, needle) = (name(table, rule.folded)?.clone(), fold(needle));
    Ok(match how {
        FoldedMatch::Eq => Filter::Compare(column, Comparison::Eq, Value::from(needle)),
        FoldedMatch::Part(how) => Filter::Text(column, how, needle),
    })
}
