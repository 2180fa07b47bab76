//! What an entity asks of every path: automatic fields, soft delete, tenant, folded text, and a last word before a write.
//!
//! Rules stand on the table, not on a type: the guard applies them to every operation, so no path can forget one, and a table
//! that is only reached through another (a filter on a related entity) keeps them too.

use super::{Name, Table};
use crate::Result;
use sea_orm::Value;
use std::fmt;

/// The rules of one table; columns as positions in [`Table::columns`]. None of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Set when a row is inserted and never changed: an instant.
    pub created_at: Option<usize>,
    /// Set when a row is inserted, and by every change: an instant.
    pub updated_at: Option<usize>,
    /// Counts the changes of a row, from 1: a whole number.
    pub version: Option<usize>,
    /// When the row was deleted: an instant, null while it is there.
    pub soft_delete: Option<usize>,
    /// Whose the row is.
    pub tenant: Option<usize>,
    /// Text columns that are kept a second time without regard to case.
    pub folded: Vec<Folded>,
    /// Looks at every write and may refuse it.
    pub validate: Option<Validate>,
}

/// A text column, and the one that keeps its folded form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// The column that is written.
    pub source: usize,
    /// The column that keeps its folded form, which nobody writes by hand.
    pub folded: usize,
}

/// A function that looks at every write of an entity and may refuse it.
#[derive(Clone, Copy)]
pub struct Validate(pub fn(&Proposal<'_>) -> Result<()>);

impl PartialEq for Validate {
    /// There is one per entity: two are never told apart.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Validate {}

impl fmt::Debug for Validate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Validate")
    }
}

/// A write that is about to happen, as a `validate` rule sees it: normalised, with every other rule applied.
#[derive(Debug)]
pub struct Proposal<'p> {
    /// What is about to happen.
    pub write: Write,
    /// The table.
    pub table: &'p Table,
    /// What each column becomes; of an update only those that change.
    pub cells: Vec<(Name, Proposed<'p>)>,
}

/// What kind of write it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Write {
    /// A new row, once per row.
    Insert,
    /// A new row, or the changes of the one that has its key; once per row.
    Upsert,
    /// Changes, once per call: of one row or of every row that matches.
    Update,
    /// Rows are deleted, softly or for good; once per call, without cells.
    Delete,
}

/// What a column becomes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Proposed<'p> {
    /// This value.
    Value(&'p Value),
    /// What it was and so much more.
    Increment(&'p Value),
}
