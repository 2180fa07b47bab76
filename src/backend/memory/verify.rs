//! What can be wrong without a server: a table that was never made, or made from another definition.

use super::state::State;
use crate::{backend::Finding, schema::Table};
use std::sync::Arc;

/// Every call on such a table is refused (law W1).
pub(super) fn findings(state: &State, tables: &[Arc<Table>]) -> Vec<Finding> {
    tables.iter().flat_map(|table| of(state, table)).collect()
}

fn of(state: &State, table: &Arc<Table>) -> Vec<Finding> {
    let finding = |why: &str| Finding::new("W1", why).entity(&table.name);
    let Ok(rows) = state.rows(&table.name) else {
        return vec![finding("the table is not there: was it created?")];
    };
    if state.of(table).is_ok() {
        return Vec::new();
    }
    let stored = &rows.table;
    let mut findings = Vec::new();
    for column in &table.columns {
        match stored.column(&column.name) {
            Ok(other) if other == column => {}
            Ok(_) => findings.push(finding("the table was created with another such column").field(&*column.name)),
            Err(_) => findings.push(finding("the column is not there").field(&*column.name)),
        }
    }
    if findings.is_empty() {
        findings.push(finding("the table was created from another definition"));
    }
    findings
}
