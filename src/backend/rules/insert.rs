//! New rows: stamped with time, version and tenant, folded; and what an upsert does to a row that is there.

use super::{change, fold, name, refused, tenant};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Insert, Must, OnConflict, Only, value},
    schema::Table,
};
use chrono::{DateTime, Utc};
use sea_orm::Value;
use std::sync::Arc;

pub(super) fn apply(insert: &mut Insert, context: &Context, now: DateTime<Utc>) -> Result<()> {
    let table = Arc::clone(&insert.table);
    let owner = tenant::of(&table, context)?;
    if insert.rows.iter().any(|row| row.len() != table.columns.len()) {
        return Err(Error::new(ErrorKind::InvalidQuery, "the row has not one value per column").entity(&table.name));
    }
    if let Some(on_conflict) = &mut insert.on_conflict {
        let versions = table.rules.version.map(|version| versions(&table, version, &insert.rows)).transpose()?;
        found(&table, on_conflict, owner.as_ref(), versions, now)?;
    }
    for row in &mut insert.rows {
        new_row(&table, row, owner.as_ref(), now)?;
    }
    Ok(())
}

/// What is given is kept, so that rows can be brought from elsewhere; but not another tenant, nor a folded text.
fn new_row(table: &Table, row: &mut [Option<Value>], owner: Option<&tenant::Owner>, now: DateTime<Utc>) -> Result<()> {
    let rules = &table.rules;
    for position in [rules.created_at, rules.updated_at].into_iter().flatten() {
        name(table, position)?;
        fill(&mut row[position], || now.into());
    }
    if let Some(position) = rules.version {
        name(table, position)?;
        fill(&mut row[position], || Value::BigInt(Some(1)));
    }
    if let Some(owner) = owner {
        owner.stamp(table, &mut row[owner.position])?;
    }
    for rule in &rules.folded {
        name(table, rule.source)?;
        name(table, rule.folded)?;
        let source = &table.columns[rule.source];
        let given = row[rule.source].clone().or_else(|| source.default.clone()).unwrap_or_else(|| source.kind.null());
        row[rule.folded] = Some(fold::value(table, *rule, given)?);
    }
    Ok(())
}

fn fill(cell: &mut Option<Value>, value: impl FnOnce() -> Value) {
    if cell.as_ref().is_none_or(value::is_null) {
        *cell = Some(value());
    }
}

/// Whether the rows of an upsert say which version they come from: all or none.
fn versions(table: &Table, position: usize, rows: &[Vec<Option<Value>>]) -> Result<bool> {
    let column = name(table, position)?;
    let given = |row: &Vec<Option<Value>>| row[position].as_ref().is_some_and(|version| !value::is_null(version));
    match rows.iter().filter(|row| given(row)).count() {
        0 => Ok(false),
        some if some == rows.len() => Ok(true),
        _ => Err(refused("of the rows of one upsert all give the version that was read, or none", table, column)),
    }
}

/// What becomes of a row that an upsert finds, and what must be true of it.
fn found(
    table: &Table,
    on_conflict: &mut OnConflict,
    owner: Option<&tenant::Owner>,
    versions: Option<bool>,
    now: DateTime<Utc>,
) -> Result<()> {
    let OnConflict { key, take, changes, only } = on_conflict;
    change::by_hand(table, changes, owner)?;
    change::automatic(table, changes, now)?;
    let ruled = |position: usize| {
        change::is_automatic(table, position) || [table.rules.tenant, table.rules.soft_delete].contains(&Some(position))
    };
    take.retain(|column| table.position(column).map_or(true, |position| !ruled(position)));
    for rule in &table.rules.folded {
        let folded = name(table, rule.folded)?;
        // A row that is found by its folded text keeps it: the new one has the same.
        if take.contains(name(table, rule.source)?) && !key.contains(folded) {
            take.push(folded.clone());
        }
    }
    if let Some(position) = table.rules.soft_delete {
        let column = name(table, position)?;
        // A row that was deleted is there again.
        if !key.contains(column) && !changes.iter().any(|change| change.column == *column) {
            changes.push(change::to(column, table.columns[position].kind.null()));
        }
    }
    let mut first = Vec::new();
    // Where the tenant is a part of the key, a row of another tenant has another key.
    if let Some(owner) = owner.filter(|owner| !key.contains(&owner.column)) {
        let must = Must::Equal(owner.value.clone());
        first.push(Only { column: owner.column.clone(), must, otherwise: ErrorKind::UniqueViolation });
    }
    if let (Some(position), Some(given)) = (table.rules.version, versions) {
        let must = if given { Must::EqualNew } else { Must::Never };
        first.push(Only { column: name(table, position)?.clone(), must, otherwise: ErrorKind::VersionConflict });
    }
    only.splice(0..0, first);
    Ok(())
}
