//! A parent of another tenant is none: asked before a child is written, because no server's foreign key knows of tenants.

use super::{at, refused, tenant};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Change, ChangeTo, Comparison, Filter, Insert, Operation, Row, Select, value},
    schema::{Column, ForeignKey, Name, Table},
};
use sea_orm::Value;
use std::{collections::HashMap, sync::Arc};

/// Keys that one question asks for.
const CHUNK: usize = 5_000;
/// The same where a key has several columns: each is a condition of its own.
const WIDE_CHUNK: usize = 200;

/// The parents that a write needs, by one foreign key: a question, and what its answer must hold.
#[derive(Debug)]
pub struct Parents {
    child: Arc<Table>,
    foreign_key: usize,
    tenant: Filter,
    /// As a filter asks for them, by the print of what is stored: a value has no hash.
    wanted: HashMap<String, Row>,
}

/// What must be asked before a normalised write: one question per foreign key to a table of tenants and chunk of keys.
///
/// # Errors
/// `TenantRequired` where no tenant is named; `InvalidQuery` for a change that does not say the whole reference.
pub fn parents(operation: &Operation, context: &Context) -> Result<Vec<Parents>> {
    let table = operation.table();
    let mut questions = Vec::new();
    if !operation.is_write() {
        return Ok(questions);
    }
    for (position, foreign_key) in table.foreign_keys.iter().enumerate() {
        let Some(tenant_column) = &foreign_key.parent_tenant else { continue };
        let wanted = match operation {
            Operation::Insert(insert) => inserted(insert, foreign_key, context)?,
            Operation::Update(update) => changed(table, &update.changes, foreign_key, context)?.into_iter().collect(),
            _ => Vec::new(),
        };
        if wanted.is_empty() {
            continue;
        }
        let Some(tenant) = context.tenant() else {
            return Err(tenant::required(table, table.names(&foreign_key.columns)[0]));
        };
        let chunk = if foreign_key.columns.len() == 1 { CHUNK } else { WIDE_CHUNK };
        let asked = wanted.into_iter().map(|(print, key)| Ok((print, compared(table, foreign_key, key)?)));
        let mut wanted = asked.collect::<Result<Vec<_>>>()?;
        while !wanted.is_empty() {
            let rest = wanted.split_off(chunk.min(wanted.len()));
            questions.push(Parents {
                child: Arc::clone(table),
                foreign_key: position,
                tenant: Filter::Compare(tenant_column.clone(), Comparison::Eq, tenant.value().clone()),
                wanted: std::mem::replace(&mut wanted, rest).into_iter().collect(),
            });
        }
    }
    Ok(questions)
}

/// The references of new rows, each once, without those to rows of the same insert.
fn inserted(insert: &Insert, foreign_key: &ForeignKey, context: &Context) -> Result<Vec<(String, Row)>> {
    let table = &insert.table;
    let reference = |columns: &[usize], row: &[Option<Value>]| -> Option<Row> {
        columns.iter().map(|&column| row[column].clone().filter(|value| !value::is_null(value))).collect()
    };
    let mut wanted: HashMap<String, Row> = insert
        .rows
        .iter()
        .filter_map(|row| reference(&foreign_key.columns, row))
        .map(|values| (print(&values), values))
        .collect();
    if foreign_key.parent == table.name {
        let columns = foreign_key.parent_columns.iter().map(|column| table.position(column));
        let columns = columns.collect::<Result<Vec<_>>>()?;
        for row in &insert.rows {
            if let Some(values) = reference(&columns, row) {
                wanted.remove(&print(&values));
            }
        }
    }
    if let Some(on_conflict) = &insert.on_conflict {
        // What is taken stands in the new row, whole or not at all.
        let taken =
            foreign_key.columns.iter().filter(|&&column| on_conflict.take.contains(&table.columns[column].name));
        let settled =
            |column: usize| is_settled(table, column) || on_conflict.key.contains(&table.columns[column].name);
        if taken.count() > 0 {
            let missing = foreign_key
                .columns
                .iter()
                .find(|&&column| !settled(column) && !on_conflict.take.contains(&table.columns[column].name));
            if let Some(&missing) = missing {
                return Err(partial(table, missing));
            }
        }
        wanted.extend(changed(table, &on_conflict.changes, foreign_key, context)?);
    }
    Ok(wanted.into_iter().collect())
}

/// The reference that a change makes, where it makes one.
fn changed(
    table: &Table,
    changes: &[Change],
    foreign_key: &ForeignKey,
    context: &Context,
) -> Result<Option<(String, Row)>> {
    let change = |column: usize| changes.iter().find(|change| change.column == table.columns[column].name);
    if foreign_key.columns.iter().all(|&column| change(column).is_none()) {
        return Ok(None);
    }
    let mut values = Row::with_capacity(foreign_key.columns.len());
    for &column in &foreign_key.columns {
        match (change(column).map(|change| &change.to), tenant::of(table, context)?) {
            (Some(ChangeTo::Value(value)), _) if value::is_null(value) => return Ok(None),
            (Some(ChangeTo::Value(value)), _) => values.push(value.clone()),
            (None, Some(owner)) if owner.position == column => values.push(owner.value),
            _ => return Err(partial(table, column)),
        }
    }
    Ok(Some((print(&values), values)))
}

/// Whether the column never changes.
fn is_settled(table: &Table, column: usize) -> bool {
    table.rules.tenant == Some(column) || table.key.contains(&column)
}

fn partial(table: &Table, column: usize) -> Error {
    let why = "a reference to a row of a tenant is changed as a whole, by values: which parent is meant?";
    refused(why, table, &table.columns[column].name)
}

/// A key as every other filter carries it: a statement that is prepared once is asked with values of the same types.
fn compared(table: &Table, foreign_key: &ForeignKey, key: Row) -> Result<Row> {
    let columns = foreign_key.columns.iter().map(|&column| &table.columns[column]);
    let value = |(column, value): (&Column, Value)| {
        // What is stored is exact.
        let (value, _) = value::compared(&column.kind, value).map_err(|error| at(error, table, &column.name))?;
        Ok(value)
    };
    columns.zip(key).map(value).collect()
}

fn print(values: &Row) -> String {
    format!("{values:?}")
}

impl Parents {
    fn foreign_key(&self) -> &ForeignKey {
        &self.child.foreign_keys[self.foreign_key]
    }

    /// The question: the keys of the parents that are there, and of the tenant.
    #[must_use]
    pub fn question(&self) -> Operation {
        let foreign_key = self.foreign_key();
        let columns: Vec<Column> = foreign_key
            .columns
            .iter()
            .zip(&foreign_key.parent_columns)
            .map(|(&here, there)| Column {
                name: there.clone().into(),
                default: None,
                auto_increment: false,
                ..self.child.columns[here].clone()
            })
            .collect();
        let keys = match columns.as_slice() {
            [one] => Filter::In(one.name.clone(), self.wanted.values().flatten().cloned().collect()),
            several => {
                let names: Vec<&Name> = several.iter().map(|column| &column.name).collect();
                let key = |row: &Row| {
                    let parts = names.iter().zip(row);
                    let part =
                        |(&name, value): (&&Name, &Value)| Filter::Compare(name.clone(), Comparison::Eq, value.clone());
                    Filter::And(parts.map(part).collect())
                };
                Filter::Or(self.wanted.values().map(key).collect())
            }
        };
        // A part of the parent's table is enough to read by. It lives beside its child, as the schema says.
        let table = Table { schema: self.child.schema.clone(), columns, ..Table::empty(&foreign_key.parent) };
        let filter = Some(Filter::And(vec![self.tenant.clone(), keys]));
        Operation::Select(Select { filter, ..Select::all(Arc::new(table)) })
    }

    /// Whether the answer holds every parent.
    ///
    /// # Errors
    /// `ForeignKeyViolation` as the server says it of a parent that is not there.
    pub fn check(mut self, found: &[Row]) -> Result<()> {
        for row in found {
            self.wanted.remove(&print(row));
        }
        if self.wanted.is_empty() {
            return Ok(());
        }
        let (table, foreign_key) = (&self.child, self.foreign_key());
        let error = Error::new(ErrorKind::ForeignKeyViolation, "the parent is not there").constraint(&foreign_key.name);
        Err(table.names(&foreign_key.columns).into_iter().fold(error, |error, column| at(error, table, column)))
    }
}
