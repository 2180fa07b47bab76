//! What is said of a table of ours: its full name, its indexes and references as a step names them.

use super::neutral::def;
use crate::schema::{ForeignKey, IndexDef, Part, Reference, Table, picture::TablePicture};

/// The table's name in a picture: with its schema, where it names one.
pub(super) fn full(table: &Table) -> String {
    within(table, &table.name)
}

/// A parent that is named without a schema lives beside its child.
pub(super) fn parent(table: &Table, key: &ForeignKey) -> String {
    within(table, &key.parent)
}

fn within(table: &Table, name: &str) -> String {
    table.schema.as_ref().map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"))
}

/// All indexes of a table, those of the attributes first.
pub(super) fn indexes(table: &Table) -> Vec<IndexDef> {
    let attributes = table.indexes.iter().map(|index| def(table, index));
    attributes.chain(table.extra.indexes.iter().cloned()).collect()
}

/// A reference as a step names it.
pub(super) fn reference(table: &Table, key: &ForeignKey) -> Reference {
    Reference {
        name: key.name.clone(),
        columns: table.names(&key.columns).into_iter().map(ToOwned::to_owned).collect(),
        parent: parent(table, key),
        parent_columns: key.parent_columns.clone(),
        on_delete: key.on_delete,
    }
}

/// All references of a table.
pub(super) fn references(table: &Table) -> Vec<Reference> {
    table.foreign_keys.iter().map(|key| reference(table, key)).collect()
}

/// The columns of an index that are columns.
pub(super) fn columns(index: &IndexDef) -> impl Iterator<Item = &str> {
    index.parts.iter().filter_map(|part| match part {
        Part::Column(column) | Part::Descending(column) => Some(column.as_str()),
        Part::Expression(_) => None,
    })
}

/// The columns of the key.
pub(super) fn key(table: &TablePicture) -> &[String] {
    table.key.as_ref().map_or(&[], |key| &key.columns)
}
