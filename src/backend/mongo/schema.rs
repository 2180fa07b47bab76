//! Collections.

use crate::schema::Table;

/// A table's collection.
pub(super) fn collection(table: &Table) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.clone(),
    }
}
