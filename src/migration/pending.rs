//! What this program has beside what the books have.

use super::{MigratorTrait, stepwise};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Books, State},
    schema::{Snapshot, Step, Table},
};

/// The names of this program's migrations, in order.
pub(super) fn names<M: MigratorTrait>() -> Vec<String> {
    M::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// How far a migration is; none where the books do not have it. What sea-orm-migration's own command applied is done.
pub(super) fn state(books: &Books, name: &str) -> Option<State> {
    let booked = books.migrations.iter().find(|booked| booked.name == name).map(|booked| booked.state);
    booked.or_else(|| books.seaql.iter().any(|done| done == name).then_some(State::Done))
}

/// Whether there is nothing left to do of it.
pub(super) fn is_done(state: Option<State>) -> bool {
    matches!(state, Some(State::Done | State::Baselined))
}

/// This program's migrations that are not done, in order.
pub(super) fn pending<M: MigratorTrait>(books: &Books) -> Vec<String> {
    names::<M>().into_iter().filter(|name| !is_done(state(books, name))).collect()
}

/// The tables that the newest migration left that says so; none where none does.
pub(super) fn owned(books: &Books) -> Result<Vec<Table>> {
    let done = |booked: &&crate::backend::deploy::Booked| is_done(Some(booked.state)) && !booked.tables.is_empty();
    let newest =
        books.migrations.iter().filter(done).max_by(|a, b| (&a.finished_at, &a.name).cmp(&(&b.finished_at, &b.name)));
    newest.map_or_else(|| Ok(Vec::new()), |booked| Snapshot::from_text(&booked.tables)?.tables())
}

/// The steps of a migration; none where it is written by hand.
pub(super) fn steps(name: &str) -> Result<Option<Vec<Step>>> {
    let Some(stepwise) = stepwise::stepwise(name) else { return Ok(None) };
    (stepwise.steps)().map(Some).map_err(|error| {
        Error::new(ErrorKind::Migration, format!("the steps of `{name}` cannot be made")).with_source(error)
    })
}
