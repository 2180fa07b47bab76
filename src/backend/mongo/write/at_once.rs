//! A row that changes in one command.

use super::{plain, row};
use crate::{
    Result,
    backend::{
        Change, ChangeTo, Comparison, Filter, Outcome, Update,
        mongo::{
            checkout::Checkout,
            condition::{stages, together},
            constraint::matched,
            schema::collection,
            value::encode,
        },
        value,
    },
    schema::{Kind, Table},
};
use mongodb::bson::{Document, doc};
use sea_orm::Value;
use std::collections::HashSet;

/// Changes one row in one command, where that is exact: found by its key, no constraint but its own, and sums of whole numbers that
/// stay in their range. `None` where it is not so simple, or where there is no such row: all other ways tell which.
pub(super) async fn at_once(checkout: &mut Checkout, update: &Update) -> Result<Option<Outcome>> {
    let table = &*update.table;
    let Some(filter) = update.filter.as_ref().filter(|filter| pins_the_key(table, filter)) else { return Ok(None) };
    let Some(query) = plain(&stages(table, filter)?) else { return Ok(None) };
    let (mut set, mut inc, mut conditions) = (Document::new(), Document::new(), vec![query]);
    for Change { column, to } in &update.changes {
        let at = table.position(column)?;
        let mut held = table.foreign_keys.iter().map(|key| &key.columns);
        let mut unique = table.indexes.iter().filter(|index| index.unique).map(|index| &index.columns);
        if held.any(|columns| columns.contains(&at)) || unique.any(|columns| columns.contains(&at)) {
            return Ok(None);
        }
        let kind = &table.columns[at].kind;
        match to {
            ChangeTo::Value(value) => drop(set.insert(&**column, encode(value))),
            ChangeTo::Increment(by) => {
                let (Some(step), false) = (step(kind, by), table.columns[at].nullable) else { return Ok(None) };
                let (least, most) = kind.bounds();
                let held = doc! { "$gte": least.saturating_sub(step.min(0)), "$lte": most.saturating_sub(step.max(0)) };
                conditions.push(doc! { &**column: held });
                inc.insert(&**column, encode(&value::stored(kind, Value::from(step))?));
            }
        }
    }
    let mut change = Document::new();
    for (operator, fields) in [("$set", set), ("$inc", inc)] {
        if !fields.is_empty() {
            change.insert(operator, fields);
        }
    }
    let query = together(conditions);
    let command = doc! { "update": collection(table), "updates": [{ "q": query, "u": change }] };
    if matched(&checkout.command(command, table).await?) == 0 {
        return Ok(None);
    }
    if !update.returning {
        return Ok(Some(Outcome::Affected(1)));
    }
    // Nobody else sees the row before the transaction ends.
    let Some(query) = plain(&stages(table, &by_key(table, filter))?) else { return Ok(None) };
    let find = doc! { "find": collection(table), "filter": query, "limit": 1, "singleBatch": true };
    let documents = checkout.documents(find, table).await?;
    documents.iter().map(|document| row(table, document)).collect::<Result<_>>().map(|rows| Some(Outcome::Rows(rows)))
}

/// What a filter says of the primary key: what it says beside may have changed.
fn by_key(table: &Table, filter: &Filter) -> Filter {
    let is_key = |name: &str| table.key.iter().any(|&key| table.columns[key].name == name);
    match filter {
        Filter::And(all) => Filter::And(all.iter().map(|part| by_key(table, part)).collect()),
        Filter::Compare(name, ..) if is_key(name) => filter.clone(),
        _ => Filter::And(Vec::new()),
    }
}

/// Whether a filter gives every column of the primary key one value.
fn pins_the_key(table: &Table, filter: &Filter) -> bool {
    let (mut given, mut left) = (HashSet::new(), vec![filter]);
    while let Some(part) = left.pop() {
        match part {
            Filter::And(parts) => left.extend(parts),
            Filter::Compare(column, Comparison::Eq, _) => given.extend(table.position(column)),
            _ => {}
        }
    }
    table.key.iter().all(|at| given.contains(at))
}

/// A step that a column of whole numbers can hold.
fn step(kind: &Kind, by: &Value) -> Option<i64> {
    if !kind.is_whole() || value::stored(kind, by.clone()).is_err() {
        return None;
    }
    value::whole_number(by)
}
