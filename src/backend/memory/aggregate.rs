//! Reads: figures over rows.

use super::{query::matching, state::State};
use crate::{
    Error, Result,
    backend::{Aggregate, Figure, Outcome},
};
use sea_orm::Value;

/// One row of figures.
///
/// # Errors
/// As [`select`].
pub(super) fn aggregate(state: &State, aggregate: &Aggregate) -> Result<Outcome> {
    let rows = state.seen_as(&aggregate.table)?;
    let figure = |figure: &Figure| {
        let mut found = matching(state, rows, aggregate.filter.as_ref())?;
        Ok(match figure {
            Figure::Count => Value::BigInt(Some(i64::try_from(found.count()).unwrap_or(i64::MAX))),
            Figure::Exists => Value::Bool(Some(found.next().is_some())),
            _ => return Err(Error::unsupported("figures")),
        })
    };
    Ok(Outcome::Rows(vec![aggregate.figures.iter().map(figure).collect::<Result<_>>()?]))
}
