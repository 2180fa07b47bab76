//! Conditions on rows of another table.

use super::{at, filter::filter};
use crate::{
    Error, ErrorKind, Result,
    backend::Related,
    schema::{Column, Kind, Table},
};

pub(super) fn related(table: &Table, related: &mut Related) -> Result<()> {
    let there = &related.table;
    if related.columns.is_empty() || related.columns.len() != related.their_columns.len() {
        let why = format!("`{}` is not related by columns alone, or is outside the portable types", there.name);
        return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
    }
    for (ours, theirs) in related.columns.iter().zip(&related.their_columns) {
        if !alike(table.column(ours)?, there.column(theirs)?) {
            let why = format!("it is of another type than `{theirs}` of `{}`", there.name);
            return Err(at(Error::new(ErrorKind::InvalidQuery, why), table, ours));
        }
    }
    match &mut related.filter {
        Some(inner) => filter(there, inner),
        None => Ok(()),
    }
}

/// Whether values of the two are equal or not on every backend.
fn alike(ours: &Column, theirs: &Column) -> bool {
    match (&ours.kind, &theirs.kind) {
        (Kind::Json, _) => false,
        (Kind::Decimal { scale: a, .. }, Kind::Decimal { scale: b, .. }) => a == b,
        (a, b) => a == b || (a.is_whole() && b.is_whole()) || (a.is_text() && b.is_text()),
    }
}
