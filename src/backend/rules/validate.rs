//! The last word before a write.

use crate::{
    Result,
    backend::{Change, ChangeTo, Operation},
    schema::{
        Name, Table,
        rules::{Proposal, Proposed, Validate, Write},
    },
};
use sea_orm::Value;

/// Shows a normalised write to the table's `validate` rule, where it has one.
///
/// # Errors
/// What the rule says, with the entity's name where it gives none.
pub fn validate(operation: &Operation, write: Option<Write>) -> Result<()> {
    let table = operation.table();
    let (Some(Validate(rule)), Some(write)) = (table.rules.validate, write) else { return Ok(()) };
    let ask = |cells| rule(&Proposal { write, table, cells }).map_err(|error| error.entity(&table.name));
    match operation {
        Operation::Insert(insert) => insert.rows.iter().try_for_each(|row| ask(row_cells(table, row))),
        Operation::Update(update) if write == Write::Update => ask(changed_cells(&update.changes)),
        Operation::Update(_) | Operation::Delete(_) => ask(Vec::new()),
        Operation::Select(_) | Operation::Aggregate(_) => Ok(()),
    }
}

fn row_cells<'p>(table: &Table, row: &'p [Option<Value>]) -> Vec<(Name, Proposed<'p>)> {
    let cells = table.columns.iter().zip(row);
    cells.filter_map(|(column, cell)| Some((column.name.clone(), Proposed::Value(cell.as_ref()?)))).collect()
}

fn changed_cells(changes: &[Change]) -> Vec<(Name, Proposed<'_>)> {
    let cells = changes.iter().map(|Change { column, to }| match to {
        ChangeTo::Value(value) => (column.clone(), Proposed::Value(value)),
        ChangeTo::Increment(by) => (column.clone(), Proposed::Increment(by)),
    });
    cells.collect()
}
