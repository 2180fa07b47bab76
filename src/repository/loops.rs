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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, Repository, all, col};
    use sea_orm::Set;
    use std::sync::Arc;

    mod owner {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "owner")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub name: String,
            #[sea_orm(has_many)]
            pub pets: HasMany<super::pet::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    mod pet {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "pet")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub owner_id: i64,
            #[sea_orm(belongs_to, from = "owner_id", to = "id")]
            pub owner: BelongsTo<super::owner::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    type Owners = Arc<dyn Repository<owner::Entity>>;
    type Pets = Arc<dyn Repository<pet::Entity>>;

    async fn made() -> (Owners, Pets) {
        let db = Database::memory();
        db.create_tables(&crate::entities![owner, pet]).await.expect("tables");
        let (owners, pets) = (db.repository::<owner::Entity>(), db.repository::<pet::Entity>());
        let row = |n: i64| owner::ActiveModel { name: Set(format!("o{n}")), ..Default::default() };
        let made = owners.insert_many((0..12).map(row)).await.expect("owners");
        let of = |owner: &owner::Model| pet::ActiveModel { owner_id: Set(owner.id), ..Default::default() };
        pets.insert_many(made.iter().map(of).collect::<Vec<_>>()).await.expect("pets");
        (owners, pets)
    }

    #[tokio::test]
    async fn a_loop_is_told_by_its_place_entity_and_count() {
        let (owners, pets) = made().await;
        let (context, loads) = Context::current().watch_loads();
        let line = context
            .scope(async {
                let rows = owners.find(all()).await.expect("owners");
                for row in &rows {
                    pets.find(col(pet::COLUMN.owner_id).eq(row.id)).await.expect("pets");
                }
                line!() - 2
            })
            .await;
        let [found] = &loads.repeated(2)[..] else { panic!("one place: {loads:?}") };
        assert_eq!((&*found.entity, found.count), ("pet", 12));
        assert!(found.place.starts_with(&format!("{}:{line}:", file!())), "{found}");
        let untold = loads.untold();
        assert_eq!((untold.len(), untold[0].count), (1, 10), "told once, at the tenth");
        assert!(loads.untold().is_empty(), "and not again");
    }

    #[tokio::test]
    async fn every_way_to_read_one_at_a_time_counts() {
        let (owners, pets) = made().await;
        let row = owners.get(1).await.expect("asked").expect("there");
        let (context, loads) = Context::current().watch_loads();
        context
            .scope(async {
                for _ in 0..3 {
                    owners.get(1).await.expect("get");
                    owners.one(col(owner::COLUMN.id).is_in([1]) & col(owner::COLUMN.name).ne("x")).await.expect("one");
                    pets.exists(col(pet::COLUMN.owner_id).eq(1)).await.expect("exists");
                    pets.count(col(pet::COLUMN.owner_id).eq(1)).await.expect("count");
                    owners.load_many::<pet::Entity>(std::slice::from_ref(&row)).await.expect("load_many");
                    // These ask for many: a loop of them is no loop of single rows.
                    owners.find(col(owner::COLUMN.name).eq("o1")).await.expect("find");
                    owners.find(col(owner::COLUMN.id).is_in([1, 2])).await.expect("find");
                    owners.find(col(owner::COLUMN.id).eq(1) | col(owner::COLUMN.id).eq(2)).await.expect("find");
                }
            })
            .await;
        let counts: Vec<(String, u64)> =
            loads.repeated(1).into_iter().map(|found| (found.entity, found.count)).collect();
        let expected = [("owner", 3), ("owner", 3), ("pet", 3), ("pet", 3), ("pet", 3)];
        assert_eq!(counts, expected.map(|(entity, count)| (entity.to_owned(), count)));
    }

    #[tokio::test]
    async fn one_call_for_all_is_no_loop() {
        let (owners, _) = made().await;
        let groups = assert_no_loops(async {
            let rows = owners.find(all()).await.expect("owners");
            owners.load_many::<pet::Entity>(&rows).await.expect("pets").len()
        })
        .await;
        assert_eq!(groups, 12);
    }

    #[tokio::test]
    #[should_panic(expected = "`owner` is read 3 times, one at a time")]
    async fn a_test_fails_with_the_places() {
        let (owners, _) = made().await;
        assert_no_loops(async {
            for id in 1..=3 {
                owners.get(id).await.expect("a row");
            }
        })
        .await;
    }

    #[tokio::test]
    async fn nothing_is_counted_outside_a_context_and_apart_in_each() {
        let (owners, _) = made().await;
        let (context, loads) = Context::current().watch_loads();
        owners.get(1).await.expect("a row");
        let (other, others) = Context::current().watch_loads();
        let work = || async { owners.get(1).await.map(drop).expect("a row") };
        context.clone().scope(work()).await;
        context.scope(async { Context::current().within(std::time::Duration::from_secs(9)).scope(work()).await }).await;
        other.scope(work()).await;
        assert_eq!(loads.repeated(1).iter().map(|found| found.count).sum::<u64>(), 2);
        assert_eq!(others.repeated(1).iter().map(|found| found.count).sum::<u64>(), 1);
    }
}
