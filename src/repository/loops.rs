//! Finds rows that are loaded one at a time, in a loop, where one call would load them all.

use super::{Entity, Query, describe::described};
use crate::{
    Context,
    backend::{Comparison, Filter},
    schema::Table,
};
use std::{collections::BTreeSet, panic::Location};

/// Reads of single rows from one place that a test may make.
const IN_TESTS: u64 = 3;

/// Runs `work` and fails where one place in it reads single rows of an entity, or the rows of single parents, three times or more:
/// that is a loop, and one query a row (N+1). For tests: with three rows in the table a loop shows.
///
/// Looked at are `get`, `one`, `find`, `count`, `exists` and the loads of related rows; only what runs in this task.
///
/// # Panics
/// With the places, where there is such a loop.
///
/// ```
/// # mod note {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "note")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub text: String }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use seabed::{prelude::*, repository::assert_no_loops};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::memory();
/// # db.create_tables(&seabed::entities![note]).await?;
/// let notes = db.repository::<note::Entity>();
/// assert_no_loops(async { notes.find(col(note::COLUMN.id).is_in([1, 2, 3])).await }).await?;
/// # Ok::<_, seabed::Error>(())
/// # }).unwrap();
/// ```
pub async fn assert_no_loops<F: Future>(work: F) -> F::Output {
    let (context, loads) = Context::current().watch_loads();
    let output = context.scope(work).await;
    let loops: Vec<String> = loads.repeated(IN_TESTS).iter().map(ToString::to_string).collect();
    assert!(loops.is_empty(), "rows are loaded one at a time; load them in one call:\n{}", loops.join("\n"));
    output
}

/// Counts a read, where it asks for one row by its key or for the rows of one parent.
pub(super) fn note<E: Entity>(query: &Query<E>, place: &'static Location<'static>) {
    Context::with_loads(|loads| {
        // An entity outside the portable types is told by the call itself.
        if let Ok(table) = described::<E>()
            && query.filter.as_ref().is_some_and(|filter| is_single(&table, filter))
        {
            loads.note(place, &table.name);
        }
    });
}

/// Counts a load of related rows, where it is for one row.
pub(super) fn note_parents<R: Entity>(parents: usize, place: &'static Location<'static>) {
    if parents == 1 {
        Context::with_loads(|loads| loads.note(place, R::default().table_name()));
    }
}

/// Tells the log of loops that were found since it was told last.
pub(super) fn warn(context: &Context) {
    for found in context.loads().map(crate::context::Loads::untold).into_iter().flatten() {
        tracing::warn!(
            entity = found.entity,
            place = found.place,
            count = found.count,
            "rows are loaded one at a time; load them in one call: `is_in`, `load_many`, `load_one`"
        );
    }
}

/// Whether all columns of the primary key, or of a reference to a parent, must have one value.
fn is_single(table: &Table, filter: &Filter) -> bool {
    let mut fixed = BTreeSet::new();
    fix(table, filter, &mut fixed);
    let whole = |columns: &[usize]| !columns.is_empty() && columns.iter().all(|column| fixed.contains(column));
    whole(&table.key) || table.foreign_keys.iter().any(|key| whole(&key.columns))
}

fn fix(table: &Table, filter: &Filter, fixed: &mut BTreeSet<usize>) {
    match filter {
        Filter::Compare(column, Comparison::Eq, _) => fixed.extend(table.position(column)),
        Filter::In(column, values) if values.len() == 1 => fixed.extend(table.position(column)),
        Filter::And(all) => all.iter().for_each(|one| fix(table, one, fixed)),
        _ => {}
    }
}
