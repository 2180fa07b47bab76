//! What backends may answer differently, by the contract: such calls are not asked.
//!
//! Each reason stands in [`REASONS`] and is printed with the report. The watch runs beside the memory backend, for whoever
//! composes a program and for whoever shortens one: a shorter program must not part for a reason that is none.

use crate::{
    play::Door,
    program::{Answer, Call, bare},
};
use chrono::DateTime;
use seabed::{
    Context,
    backend::{
        Aggregate, Change, ChangeTo, Delete, Figure, Insert, OnConflict, Operation, Row, Select, Update,
        normalise::{key_of, upsert},
        rules, value,
    },
    schema::{Kind, OnDelete, Table},
    sea_orm::Value,
};
use std::{collections::BTreeSet, sync::Arc};

/// Every reason for which a call is not asked.
pub const REASONS: [&str; 10] = [
    "two constraints broken by one statement: which of them is told is the server's choice",
    "an increment over a unique column of several rows: servers check row by row, memory at the end",
    "a child before its parent in one insert: servers check row by row",
    "a delete of several rows of a table that refers to itself: servers check row by row, and count what a cascade left",
    "a made key while the servers' counters may have gaps: they come with failed inserts, upserts and rollbacks",
    "a sum of floats that depends on the order in which they are added",
    "floats in an index, where MongoDB is one of the backends: SecantusDB's indexes hold exponents from -128 to 127",
    "rows that are read to be locked, where one of the backends has no locked reads",
    "rows that are skipped where they are locked: a server may still hold those of a call that has just failed",
    "a delete that deletes and sets null in one table, by columns of one index: MariaDB refuses it",
];

/// How far the counters of integer keys may be apart.
#[derive(Clone, Copy, Debug, Default)]
struct Counter {
    /// The counters may differ: no key is made until an explicit key above all of them was committed.
    apart: bool,
    /// No backend's counter is above this.
    ceiling: i64,
}

/// What must be known of the past to say whether a call may be asked.
#[derive(Clone, Debug)]
pub struct Watch {
    tables: Vec<Arc<Table>>,
    counters: Vec<Counter>,
    /// As they stand inside a transaction, where they count once it is committed.
    inside: Option<Vec<Counter>>,
}

impl Watch {
    pub fn new(tables: &[Arc<Table>]) -> Self {
        Self { tables: tables.to_vec(), counters: vec![Counter::default(); tables.len()], inside: None }
    }

    /// An explicit key that brings the counters together, where they are apart; and whether a key may be made.
    pub fn next_key(&self, table: usize) -> (i64, bool) {
        let counter = self.counter(table);
        ((counter.ceiling / 1_000 + 1) * 1_000, !counter.apart)
    }

    fn counter(&self, table: usize) -> Counter {
        self.inside.as_ref().unwrap_or(&self.counters)[table]
    }

    /// A transaction begins.
    pub fn begin(&mut self) {
        self.inside = Some(self.counters.clone());
    }

    /// It ends.
    pub fn end(&mut self, committed: bool) {
        if let Some(inside) = self.inside.take() {
            for (counter, inside) in self.counters.iter_mut().zip(inside) {
                // A counter does not come back with a rollback, and not every server's goes on with it.
                let moved = counter.ceiling != inside.ceiling || inside.apart;
                counter.ceiling = inside.ceiling;
                counter.apart = if committed { inside.apart } else { counter.apart || moved };
            }
        }
    }

    /// Learns from a call that was asked.
    pub fn after(&mut self, call: &Call, answer: &Answer) {
        let Operation::Insert(insert) = &call.operation else { return };
        let Some(at) = self.tables.iter().position(|table| table.name == insert.table.name) else { return };
        let Some(key) = insert.table.auto_key() else { return };
        let Some(Operation::Insert(insert)) = finished(call) else { return };
        let counters = self.inside.as_mut().unwrap_or(&mut self.counters);
        let counter = &mut counters[at];
        let given: Vec<i64> = insert.rows.iter().filter_map(|row| row.get(key)?.as_ref().and_then(whole)).collect();
        let made = insert.rows.len() - given.len();
        let answered: Vec<i64> = match answer {
            Answer::Rows(rows) => rows.iter().filter_map(|row| whole(&row[key])).collect(),
            _ => Vec::new(),
        };
        let before = counter.ceiling;
        let highest = given.iter().chain(&answered).copied().max().unwrap_or(0);
        // A failed insert may have taken a key per row, and PostgreSQL takes one for each look at the counter.
        let unsure = answer.failed() || highest <= before || insert.on_conflict.is_some();
        let slack = if unsure { insert.rows.len() } else { 0 };
        counter.ceiling = before.max(highest) + i64::try_from(slack).unwrap_or(i64::MAX);
        if answer.failed() || insert.on_conflict.is_some() {
            counter.apart = true;
        } else if !given.is_empty() {
            let above = given.iter().any(|key| *key > before);
            counter.apart = if above { made > 0 && counter.apart } else { true };
        }
    }

    /// Why a call may not be asked now; none where it may.
    pub async fn refuses(&self, door: &mut Door, call: &Call) -> Option<&'static str> {
        // What is refused before the backend is refused alike.
        let context = call.context();
        match finished(call)? {
            Operation::Insert(insert) => self.insert(door, insert).await,
            Operation::Update(update) => self.update(door, &context, update).await,
            Operation::Delete(delete) => self.delete(door, &context, delete).await,
            Operation::Aggregate(aggregate) => sums(door, &aggregate).await,
            _ => None,
        }
    }

    async fn insert(&self, door: &mut Door, insert: Insert) -> Option<&'static str> {
        let table = &insert.table;
        let at = self.tables.iter().position(|known| known.name == table.name)?;
        if let Some(key) = table.auto_key()
            && insert.rows.iter().any(|row| row[key].is_none())
        {
            // Where a key that is given may be met, it may be one that is made before it in the same call.
            let reach = if insert.on_conflict.is_some() { insert.rows.len() } else { 0 };
            let ceiling = self.counter(at).ceiling.saturating_add(i64::try_from(reach).unwrap_or(i64::MAX));
            let below =
                insert.rows.iter().filter_map(|row| row[key].as_ref().and_then(whole)).any(|key| key <= ceiling);
            // A row that meets another takes a key from the counter all the same, on some servers.
            let met = insert.rows.len() > 1
                && insert.on_conflict.as_ref().is_some_and(|on| !on.key.contains(&table.columns[key].name));
            if self.counter(at).apart || below || met {
                return Some(REASONS[4]);
            }
        }
        let rows: Vec<Vec<Option<Value>>> = insert.rows;
        let on_conflict = insert.on_conflict;
        for foreign_key in table.foreign_keys.iter().filter(|key| key.parent == table.name) {
            let parent = positions(table, &foreign_key.parent_columns);
            let later = |from: usize, wanted: &[Option<&Value>]| {
                rows[from..].iter().any(|row| parent.iter().map(|at| row[*at].as_ref()).collect::<Vec<_>>() == wanted)
            };
            for (number, row) in rows.iter().enumerate() {
                let wanted: Vec<Option<&Value>> = foreign_key.columns.iter().map(|at| row[*at].as_ref()).collect();
                if later(number, &wanted) {
                    return Some(REASONS[2]);
                }
            }
        }
        let others = door.rows(table).await;
        let broken = match on_conflict {
            None => self.broken(door, table, &rows, &others, None).await,
            Some(on_conflict) => self.met(door, table, &on_conflict, rows, others).await?,
        };
        (broken.len() > 1).then_some(REASONS[0])
    }

    /// The constraints that an upsert breaks, row by row.
    async fn met(
        &self,
        door: &mut Door,
        table: &Table,
        on_conflict: &OnConflict,
        rows: Vec<Vec<Option<Value>>>,
        mut others: Vec<Row>,
    ) -> Option<BTreeSet<String>> {
        let key = upsert::key_positions(table, &on_conflict.key).ok()?;
        let (mut broken, several) = (BTreeSet::new(), rows.len() > 1);
        for new in rows {
            let sought = upsert::sought(&key, &new);
            let same = |row: &Row| sought.as_ref().is_some_and(|sought| key.iter().map(|at| &row[*at]).eq(sought));
            let (row, changed) = match others.iter().position(same) {
                None => (new, None),
                Some(found) => {
                    let there = others.remove(found);
                    if on_conflict.unmet(table, &new, &there).is_some() {
                        broken.insert("only".to_owned());
                        // Another row's constraint may be told before it: servers look at conditions after the statement.
                        if several {
                            broken.insert("only, beside other rows".to_owned());
                        }
                    }
                    let mut row = changed(table, &there, &on_conflict.changes, &mut broken);
                    let taken: Vec<usize> =
                        on_conflict.take.iter().filter_map(|name| table.position(name).ok()).collect();
                    for &at in &taken {
                        row[at].clone_from(&new[at]);
                    }
                    let changes = on_conflict.changes.iter().filter_map(|change| table.position(&change.column).ok());
                    (row, Some(taken.into_iter().chain(changes).collect::<Vec<_>>()))
                }
            };
            broken.extend(self.broken(door, table, std::slice::from_ref(&row), &others, changed.as_deref()).await);
            others.extend(row.into_iter().collect::<Option<Row>>());
        }
        Some(broken)
    }

    async fn update(&self, door: &mut Door, context: &Context, update: Update) -> Option<&'static str> {
        let table = Arc::clone(&update.table);
        let matched = door.select(context, Select { filter: update.filter.clone(), ..Select::all(bare(&table)) }).await;
        let at = |name: &str| table.columns.iter().position(|column| column.name == name);
        let unique = |column: usize| table.indexes.iter().any(|index| index.unique && index.columns.contains(&column));
        let increments = update.changes.iter().filter(|change| matches!(change.to, ChangeTo::Increment(_)));
        if matched.len() > 1 && increments.filter_map(|change| at(&change.column)).any(unique) {
            return Some(REASONS[1]);
        }
        let mut broken = BTreeSet::new();
        let mut rows = Vec::with_capacity(matched.len());
        for row in &matched {
            rows.push(changed(&table, row, &update.changes, &mut broken));
        }
        let gone: Vec<Vec<Value>> = matched.iter().map(|row| key_of(&table, row)).collect();
        let mut others = door.rows(&table).await;
        others.retain(|row| !gone.contains(&key_of(&table, row)));
        let changed: Vec<usize> = update.changes.iter().filter_map(|change| at(&change.column)).collect();
        broken.extend(self.broken(door, &table, &rows, &others, Some(&changed)).await);
        (broken.len() > 1).then_some(REASONS[0])
    }

    async fn delete(&self, door: &mut Door, context: &Context, delete: Delete) -> Option<&'static str> {
        let table = Arc::clone(&delete.table);
        let own = |table: &Table| {
            table.foreign_keys.iter().any(|key| key.parent == table.name && key.on_delete != OnDelete::SetNull)
        };
        // What a cascade deletes is looked at row by row, too.
        let mut reached: Vec<&Table> = vec![&table];
        let mut at = 0;
        while at < reached.len() {
            let parent = reached[at];
            let cascades = |child: &&Arc<Table>| {
                child.foreign_keys.iter().any(|key| key.parent == parent.name && key.on_delete == OnDelete::Cascade)
            };
            for child in self.tables.iter().filter(cascades) {
                if reached.iter().all(|known| known.name != child.name) {
                    reached.push(child);
                }
            }
            at += 1;
        }
        if reached[1..].iter().any(|table| in_one_index(table, &reached)) {
            return Some(REASONS[9]);
        }
        let below = reached[1..].iter().any(|table| own(table));
        if !below && !own(&table) {
            return None;
        }
        let select = Select { filter: delete.filter, ..Select::all(bare(&table)) };
        let most = usize::from(!below);
        (door.select(context, select).await.len() > most).then_some(REASONS[3])
    }

    /// The constraints that new rows break beside the others.
    async fn broken(
        &self,
        door: &mut Door,
        table: &Table,
        rows: &[Vec<Option<Value>>],
        others: &[Row],
        changed: Option<&[usize]>,
    ) -> BTreeSet<String> {
        let mut broken = BTreeSet::new();
        let touched =
            |columns: &[usize]| changed.is_none_or(|changed| columns.iter().any(|column| changed.contains(column)));
        let unique = table.indexes.iter().filter(|index| index.unique).map(|index| &index.columns);
        for (number, columns) in std::iter::once(&table.key).chain(unique).enumerate() {
            if !touched(columns) {
                continue;
            }
            let mut seen: Vec<Vec<&Value>> =
                others.iter().map(|row| columns.iter().map(|at| &row[*at]).collect()).collect();
            for row in rows {
                let Some(values) = columns.iter().map(|at| row[*at].as_ref()).collect::<Option<Vec<_>>>() else {
                    continue;
                };
                if values.iter().any(|value| value::is_null(value)) {
                    continue;
                }
                if seen.contains(&values) {
                    broken.insert(format!("unique {number}"));
                }
                seen.push(values);
            }
        }
        for (number, foreign_key) in table.foreign_keys.iter().enumerate() {
            if !touched(&foreign_key.columns) {
                continue;
            }
            let Some(parent) = self.tables.iter().find(|table| table.name == foreign_key.parent) else { continue };
            let columns = positions(parent, &foreign_key.parent_columns);
            let mut there: Vec<Vec<Value>> = Vec::new();
            for row in door.rows(parent).await {
                there.push(columns.iter().map(|at| row[*at].clone()).collect());
            }
            for row in rows {
                if parent.name == table.name {
                    there.extend(columns.iter().map(|at| row[*at].clone()).collect::<Option<Vec<_>>>());
                }
                let Some(values) = foreign_key.columns.iter().map(|at| row[*at].clone()).collect::<Option<Vec<_>>>()
                else {
                    continue;
                };
                if !values.iter().any(value::is_null) && !there.contains(&values) {
                    broken.insert(format!("parent {number}"));
                }
            }
        }
        broken
    }
}

/// Whether an index that begins with a cascade's columns holds those of a reference that is set to null, both to tables that are reached.
fn in_one_index(table: &Table, reached: &[&Table]) -> bool {
    let keys = |on_delete: OnDelete| {
        let reaches = move |parent: &String| reached.iter().any(|table| table.name == *parent);
        table.foreign_keys.iter().filter(move |key| key.on_delete == on_delete && reaches(&key.parent))
    };
    keys(OnDelete::Cascade).any(|cascade| {
        let nulled: Vec<usize> = keys(OnDelete::SetNull).flat_map(|key| key.columns.clone()).collect();
        let both = |columns: &[usize]| {
            columns.starts_with(&cascade.columns) && columns.iter().any(|column| nulled.contains(column))
        };
        table.indexes.iter().any(|index| both(&index.columns))
    })
}

/// The operation as a backend gets it; none where it is refused before.
fn finished(call: &Call) -> Option<Operation> {
    let mut operation = rules::apply(call.operation.clone(), &call.context(), DateTime::default()).ok()?.operation;
    operation.normalise().ok()?;
    Some(operation)
}

/// What a row becomes.
fn changed(table: &Table, row: &Row, changes: &[Change], broken: &mut BTreeSet<String>) -> Vec<Option<Value>> {
    let mut row = row.clone();
    for change in changes {
        let Ok(at) = table.position(&change.column) else { continue };
        match &change.to {
            ChangeTo::Value(value) => row[at] = value.clone(),
            ChangeTo::Increment(by) if !value::is_null(&row[at]) => {
                if let Some(sum) = sum(&table.columns[at].kind, &row[at], by) {
                    row[at] = sum;
                    continue;
                }
                broken.insert(format!("overflow {at}"));
                // A value that no column holds is no key of a parent either.
                if table.foreign_keys.iter().any(|key| key.columns.contains(&at)) {
                    broken.insert(format!("overflowing reference {at}"));
                }
            }
            _ => {}
        }
    }
    row.into_iter().map(Some).collect()
}

/// Why a sum of floats may not be asked: only those without a rest are the same in whichever order.
async fn sums(door: &mut Door, aggregate: &Aggregate) -> Option<&'static str> {
    let table = &aggregate.table;
    let summed = |figure: &Figure| match figure {
        Figure::Sum(column) | Figure::Average(column) => {
            table.position(column).ok().filter(|at| table.columns[*at].kind == Kind::Double)
        }
        _ => None,
    };
    let summed: Vec<usize> = aggregate.figures.iter().filter_map(summed).collect();
    if summed.is_empty() {
        return None;
    }
    let exact = |value: &Value| match value {
        Value::Double(Some(value)) => (value * 4.0).fract() == 0.0 && value.abs() < 1e9,
        _ => true,
    };
    let rows = door.rows(table).await;
    rows.iter().any(|row| summed.iter().any(|at| !exact(&row[*at]))).then_some(REASONS[5])
}

fn positions(table: &Table, names: &[String]) -> Vec<usize> {
    names.iter().filter_map(|name| table.columns.iter().position(|column| column.name == *name)).collect()
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::SmallInt(Some(value)) => Some((*value).into()),
        Value::Int(Some(value)) => Some((*value).into()),
        Value::BigInt(Some(value)) => Some(*value),
        _ => None,
    }
}

/// A sum in the range of its kind.
fn sum(kind: &Kind, value: &Value, by: &Value) -> Option<Value> {
    let sum = match (value, by) {
        (Value::Double(Some(a)), Value::Double(Some(b))) => Value::from(a + b),
        (Value::Decimal(Some(a)), Value::Decimal(Some(b))) => Value::from(a.checked_add(*b)?),
        (a, b) => Value::from(whole(a)?.checked_add(whole(b)?)?),
    };
    value::stored(kind, sum).ok()
}
