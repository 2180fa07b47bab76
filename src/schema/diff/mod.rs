//! What would make a database what its entities want: pure, from two pictures, or from two lists of tables.
//!
//! There is one walk. What is compared is two [`Picture`]s, so that equal things have equal words: those of a server, or, where
//! there is none (a snapshot beside the entities), those of `neutral::portrait`. What is said in the steps is always neutral:
//! the tables of the entities, and those that the last migration left.
//!
//! What an entity no longer names goes only where it was ours, by the tables that are `owned`; all else is [`Drift`], told and never
//! touched. Names of indexes, keys and checks do not count where the structure is the same, nor does the order of columns, nor
//! a default: it is made in Rust.

mod checks;
mod columns;
mod drift;
mod indexes;
mod neutral;
mod order;
mod ours;
mod references;
mod rename;
mod renames;
#[cfg(test)]
mod tests;
mod walk;
mod words;

pub(super) use rename::in_words;

use super::{Action, Drift, Picture, Question, Table};
use crate::Result;
use std::sync::Arc;

/// What differs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// What is to be done, in order.
    pub steps: Vec<Action>,
    /// What is left alone.
    pub drift: Vec<Drift>,
    /// What is not known; until it is answered the steps say drop and add.
    pub questions: Vec<Question>,
}

/// What a person says to a [`Question`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// Whether the one that came is the one that went.
    pub renamed: bool,
}

/// What makes `have` what `want` is. `tables` are the entities' that `want` was read of, `owned` those that the last migration
/// or sync left; none where nobody knows: then nothing is dropped.
///
/// # Errors
/// `SchemaMismatch` with entity and field for a `renamed_from` that names nothing, where the new name is not there either.
pub fn pictures(
    have: &Picture,
    want: &Picture,
    tables: &[Arc<Table>],
    owned: &[Table],
    answers: &[Answer],
) -> Result<Difference> {
    walk::Walk::new(have, want, tables, owned).difference(answers)
}

/// What makes the tables that the last migration left those of the entities; no database is asked.
///
/// ```
/// use seabed::schema::{build::table, diff};
/// use std::sync::Arc;
/// let before = table("item").uuid("id").primary_key(&["id"]).build()?;
/// let after = Arc::new(table("item").uuid("id").text("sku", 64).nullable().primary_key(&["id"]).build()?);
/// let difference = diff::tables(&[before], &[after], &[])?;
/// assert_eq!(difference.steps.len(), 1);
/// # Ok::<_, seabed::Error>(())
/// ```
///
/// # Errors
/// As [`pictures`].
pub fn tables(owned: &[Table], tables: &[Arc<Table>], answers: &[Answer]) -> Result<Difference> {
    let have = portrait(owned);
    let want = neutral::portrait(tables.iter().map(AsRef::as_ref));
    pictures(&have, &want, tables, owned, answers)
}

/// A picture of tables in words of no server.
pub(crate) fn portrait(tables: &[Table]) -> Picture {
    neutral::portrait(tables.iter())
}
