//! The refusals of this backend, each classified once: kind, entity, fields and constraint, never a row's text.

use crate::{
    Capability, Error, ErrorKind,
    schema::{ForeignKey, Index, Table, name::bounded},
};

fn fields(error: Error, table: &Table, columns: &[usize]) -> Error {
    let error = error.entity(&table.name);
    table.names(columns).into_iter().fold(error, Error::field)
}

/// No table of this name was created.
pub(super) fn table_not_found(table: &str) -> Error {
    Error::new(ErrorKind::TableNotFound, "the table is not there: was it created?").entity(table)
}

/// The table was created from another definition.
pub(super) fn mismatch(table: &str) -> Error {
    Error::new(ErrorKind::SchemaMismatch, "the table was created from another definition").entity(table)
}

/// The foreign key refers to columns that are neither the parent's key nor unique together.
pub(super) fn no_key(table: &Table, foreign_key: &ForeignKey) -> Error {
    let why = format!("it refers to columns of {} that are not unique", foreign_key.parent);
    fields(Error::new(ErrorKind::SchemaMismatch, why), table, &foreign_key.columns)
}

/// Another row has the same primary key.
pub(super) fn duplicate_key(table: &Table) -> Error {
    let error = Error::new(ErrorKind::UniqueViolation, "another row has this primary key");
    fields(error, table, &table.key).constraint(bounded("pk", &table.name, &[]))
}

/// Another row has the same values in the columns of a unique index.
pub(super) fn duplicate(table: &Table, index: &Index) -> Error {
    let error = Error::new(ErrorKind::UniqueViolation, "another row has these values");
    fields(error, table, &index.columns).constraint(&index.name)
}

/// No parent has the values that a row refers to.
pub(super) fn no_parent(table: &Table, foreign_key: &ForeignKey) -> Error {
    let error = Error::new(ErrorKind::ForeignKeyViolation, format!("no such row in {}", foreign_key.parent));
    fields(error, table, &foreign_key.columns).constraint(&foreign_key.name)
}

/// A child still refers to a row that goes away, or to values of it that do.
pub(super) fn has_children(parent: &str, child: &Table, foreign_key: &ForeignKey) -> Error {
    Error::new(ErrorKind::ForeignKeyViolation, format!("rows of {} refer to it", child.name))
        .entity(parent)
        .constraint(&foreign_key.name)
}

/// `ON DELETE SET NULL` met a column that requires a value.
pub(super) fn required(table: &Table, column: usize, foreign_key: &ForeignKey) -> Error {
    let error = Error::new(ErrorKind::NotNullViolation, "the parent went away and the field is required");
    fields(error, table, &[column]).constraint(&foreign_key.name)
}

/// The session failed before.
pub(super) fn doomed() -> Error {
    Error::new(ErrorKind::TransactionFailed, "an earlier call failed; nothing of the transaction is kept")
}

/// The database was closed.
pub(super) fn closed() -> Error {
    Error::new(ErrorKind::Closed, "the database was closed")
}

/// There is no server whose words a raw statement could be in.
pub(super) fn no_raw() -> Error {
    Error::unsupported(format!("memory has no capability `{}`", Capability::Raw))
}
