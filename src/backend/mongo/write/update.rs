//! Rows that change: read, changed in Rust and written back, or in one command where that is the same.

use super::{Found, at_once::at_once, found, matching, replace};
use crate::{
    Result,
    backend::{Outcome, Update, mongo::checkout::Checkout, normalise::changed::changed},
};

/// Changes rows: reads them, adds up in Rust as every backend does, and writes them back in the same transaction.
pub(in crate::backend::mongo) async fn update(checkout: &mut Checkout, update: Update) -> Result<Outcome> {
    let table = &*update.table;
    if let Some(outcome) = at_once(checkout, &update).await? {
        return Ok(outcome);
    }
    let documents = matching(checkout, table, update.filter.as_ref()).await?;
    let mut pairs = Vec::with_capacity(documents.len());
    for Found { id, row } in found(table, &documents)? {
        let new = changed(table, &row, &update.changes)?;
        pairs.push((id, row, new));
    }
    replace(checkout, table, &pairs).await?;
    Ok(if update.returning {
        Outcome::Rows(pairs.into_iter().map(|(_, _, new)| new).collect())
    } else {
        Outcome::Affected(pairs.len() as u64)
    })
}
