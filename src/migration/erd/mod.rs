//! The entities as a picture: [`mermaid`] for pages that draw it, [`svg`] drawn here.

mod layout;
mod mermaid;
mod svg;
#[cfg(test)]
mod tests;

pub use mermaid::mermaid;
pub use svg::svg;

use super::show::words;
use crate::schema::{Kind, Table};
use std::sync::Arc;

/// A relation between two tables, by their places.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Relation {
    child: usize,
    /// The child's columns, by their places.
    columns: Vec<usize>,
    parent: usize,
    /// The parent's first column that is meant, by its place.
    key: usize,
    /// Whether a child may have no parent.
    optional: bool,
    /// Whether a parent has one child at most.
    single: bool,
}

/// The relations between these tables; a parent that is not among them is not drawn.
fn relations(tables: &[Arc<Table>]) -> Vec<Relation> {
    let mut found = Vec::new();
    for (child, table) in tables.iter().enumerate() {
        for key in &table.foreign_keys {
            // A parent that is named without a schema lives beside its child.
            let beside = |other: &Arc<Table>| other.name == key.parent && other.schema == table.schema;
            let named = |other: &Arc<Table>| words::table(other) == key.parent;
            let parent = tables.iter().position(beside).or_else(|| tables.iter().position(named));
            let Some(parent) = parent else { continue };
            let same = |columns: &[usize]| {
                columns.len() == key.columns.len() && columns.iter().all(|it| key.columns.contains(it))
            };
            let first = key.parent_columns.first().and_then(|name| tables[parent].position(name).ok());
            found.push(Relation {
                child,
                columns: key.columns.clone(),
                parent,
                key: first.unwrap_or_default(),
                optional: key.columns.iter().any(|column| table.columns[*column].nullable),
                single: same(&table.key) || table.indexes.iter().any(|index| index.unique && same(&index.columns)),
            });
        }
    }
    found
}

/// Whether a column alone is unique.
fn is_unique(table: &Table, column: usize) -> bool {
    table.indexes.iter().any(|index| index.unique && index.columns == [column])
}

/// Whether a column refers to a parent.
fn is_foreign(table: &Table, column: usize) -> bool {
    table.foreign_keys.iter().any(|key| key.columns.contains(&column))
}

/// A kind that fits into a box.
fn short(kind: &Kind) -> String {
    match kind {
        Kind::Enum { .. } => "enum".to_owned(),
        other => words::kind(other),
    }
}
