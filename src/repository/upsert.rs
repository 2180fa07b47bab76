//! An upsert of rows that set different columns, as operations that each write the same ones.

use crate::{
    Result,
    backend::{
        Insert, OnConflict, Progress,
        normalise::upsert::{distinct, key_positions},
        rules::fold,
        value,
    },
    schema::{Name, Table},
};
use sea_orm::Value;
use std::{collections::HashMap, sync::Arc};

/// Which columns a row sets, and its values.
pub(super) type Row = (Vec<bool>, Vec<Option<Value>>);

/// One operation per set of columns, in the order of their first rows; with the places of its rows among all.
///
/// # Errors
/// `InvalidQuery` for an unknown key, and where two rows have the same one.
pub(super) fn operations(
    table: &Arc<Table>,
    key: &[&'static str],
    rows: Vec<Row>,
    progress: Option<Progress>,
) -> Result<Vec<(Vec<usize>, Insert)>> {
    let names: Vec<Name> = key.iter().map(|column| Name::Borrowed(column)).collect();
    let key = key_positions(table, &names)?;
    let kept = |position: &usize| {
        key.contains(position) || table.key.contains(position) || table.rules.created_at == Some(*position)
    };
    let mut groups: Vec<(Vec<bool>, Vec<usize>, Vec<_>)> = Vec::new();
    let mut at: HashMap<Vec<bool>, usize> = HashMap::new();
    for (place, (sets, row)) in rows.into_iter().enumerate() {
        let group = *at.entry(sets.clone()).or_insert_with(|| {
            groups.push((sets, Vec::new(), Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push(place);
        groups[group].2.push(row);
    }
    if groups.len() > 1 {
        // Each operation is looked at by itself later; this looks across them.
        let stored = |row: &Vec<Option<Value>>| (0..row.len()).map(|at| stored(table, at, row)).collect();
        distinct(table, &key, &groups.iter().flat_map(|(.., rows)| rows).map(stored).collect::<Vec<_>>())?;
    }
    let all = groups.iter().map(|(_, places, _)| places.len() as u64).sum();
    let mut before = 0;
    let operation = |(sets, places, rows): (Vec<bool>, Vec<usize>, Vec<_>)| {
        let take = (0..table.columns.len()).filter(|position| sets[*position] && !kept(position));
        let take = take.map(|position| table.columns[position].name.clone()).collect();
        let on_conflict = OnConflict { key: names.clone(), take, changes: Vec::new(), only: Vec::new() };
        let told = progress.clone().map(|whole| part(whole, before, all));
        before += places.len() as u64;
        let insert = Insert { on_conflict: Some(on_conflict), progress: told, ..Insert::of(Arc::clone(table), rows) };
        (places, insert)
    };
    Ok(groups.into_iter().map(operation).collect())
}

/// A key's value as it will be stored, whether the row gives it or not; one that cannot be is told by the guard.
fn stored(table: &Table, position: usize, row: &[Option<Value>]) -> Option<Value> {
    if table.rules.tenant == Some(position) {
        // All rows of one call are the same tenant's.
        return Some(Value::Bool(Some(true)));
    }
    if let Some(rule) = table.rules.folded.iter().find(|rule| rule.folded == position) {
        let Value::String(Some(text)) = stored(table, rule.source, row)? else { return None };
        return Some(Value::from(fold(&text)));
    }
    let column = &table.columns[position];
    value::stored(&column.kind, row[position].clone().or_else(|| column.default.clone())?).ok()
}

/// The progress of one operation as a part of the whole.
fn part(whole: Progress, before: u64, all: u64) -> Progress {
    Progress::new(move |written, _| whole.tell(before + written, all))
}
