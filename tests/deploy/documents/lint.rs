//! What stands in the way of a step is counted before it runs, and nothing of it is done.

use super::{
    migrators::{Careless, First, Makes, Narrowed, Nulled, Orphaned, Parentless, ROWS, Tightened, Unequal},
    place::{nothing_is_left, open, rows, session},
};
use crate::{on_each, support::Place};
use seabed::{
    ErrorKind,
    migration::{ApplyOptions, apply, counted, plan, prelude::*, status},
    schema::Risk,
};

on_each! { @ mongodb
    s2_rows_in_the_way_stop_a_step_before_it_runs
    s2_what_is_accepted_still_breaks_no_rule
    s2_values_are_made_by_an_expression
    s2_a_plan_counts_what_stands_in_the_way
}

/// Refused with this kind and this many rows, and nothing but the first migration is there.
async fn stops<M: MigratorTrait>(place: &Place, kind: ErrorKind, rows: i64) {
    let db = open(place).await;
    let error = apply::<M>(&db, ApplyOptions::default()).await.expect_err("rows stand in the way");
    assert_eq!((error.kind(), error.entity_name()), (kind, Some("item")), "{error}");
    assert!(error.to_string().contains(&format!("{rows} row")), "{error}");
    let applied = status::<M>(&db).await.expect("rows").into_iter().filter(|row| row.applied).count();
    assert_eq!(applied, 1, "{error}");
    forgotten(place).await;
}

/// Takes what failed out of the books.
async fn forgotten(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    let books = deploy.books().await.expect("books");
    for booked in books.migrations.iter().filter(|booked| booked.name != "n1_shop") {
        deploy.forget(&booked.name).await.expect("forgotten");
    }
    deploy.close().await.expect("closed");
}

async fn s2_rows_in_the_way_stop_a_step_before_it_runs(place: &Place) {
    let db = open(place).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    stops::<Orphaned>(place, ErrorKind::ForeignKeyViolation, ROWS).await;
    stops::<Narrowed>(place, ErrorKind::Migration, ROWS - 9).await;
    stops::<Tightened>(place, ErrorKind::NotNullViolation, ROWS).await;
    stops::<Unequal>(place, ErrorKind::UniqueViolation, ROWS - 1).await;
}

async fn s2_what_is_accepted_still_breaks_no_rule(place: &Place) {
    let db = open(place).await;
    let error = apply::<Careless>(&db, ApplyOptions::default()).await.expect_err("values do not fit");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::InvalidValue, &["name".to_owned()][..]), "{error}");
    forgotten(place).await;
    let error = apply::<Parentless>(&db, ApplyOptions::default()).await.expect_err("rows have no parent");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::ForeignKeyViolation, &["n".to_owned()][..]), "{error}");
    forgotten(place).await;
    let error = apply::<Nulled>(&db, ApplyOptions::default()).await.expect_err("rows have no value");
    assert_eq!((error.kind(), error.fields()), (ErrorKind::NotNullViolation, &["shelf_id".to_owned()][..]), "{error}");
}

async fn s2_values_are_made_by_an_expression(place: &Place) {
    let db = open(place).await;
    apply::<Makes>(&db, ApplyOptions::default()).await.expect("applied");
    for (row, id) in rows(place, "item").await.into_iter().zip(1_i64..) {
        let cell = |name: &str| row.get(name).map(ToString::to_string);
        assert_eq!((cell("price"), cell("shelf_id")), (Some((2 * id).to_string()), Some("7".to_owned())), "{row}");
        assert_eq!(row.len(), 5, "{row}");
    }
}

async fn s2_a_plan_counts_what_stands_in_the_way(place: &Place) {
    let (db, mut deploy) = session(place).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let have = deploy.inspect().await.expect("a picture");
    let steps = seabed::steps![
        add_index("item", index(&["name"]).unique()),
        add_index("item", index(&["n", "price"]).unique()),
        drop_column("item", text("name", 60)),
        add_column("item", int64("size")),
        set_key("item", &["id"], &["n"]),
    ];
    let mut planned = plan::planned(&mut *deploy, &have, steps.expect("steps")).await.expect("planned");
    let mut found = Vec::new();
    for step in &mut planned[..4] {
        let counted = counted(&mut *deploy, step).await.expect("counted");
        found.extend(counted.into_iter().map(|it| (it.warning.code.clone(), it.warning.risk, it.rows)));
    }
    let rows = ROWS.unsigned_abs();
    let expected = [
        ("unique-over-duplicates", Risk::Safe, 0),
        ("unique-over-duplicates", Risk::Safe, 0),
        ("drops-column", Risk::Destructive, rows),
        ("not-null-without-default", Risk::DataDependent, rows),
    ];
    assert_eq!(found, expected.map(|(code, risk, rows)| (code.to_owned(), risk, rows)));
    nothing_is_left(place).await;
    deploy.close().await.expect("closed");
}
