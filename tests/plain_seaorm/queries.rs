//! Laws of queries: what a filter, an order, a page, a figure or a stream answers.

use crate::{
    entities::{child, parent, thing},
    support::{EVERYWHERE, On, Place, on, one, panic_of},
};
use futures::TryStreamExt;
use sea_orm::{
    DbBackend, LoaderTrait, QueryOrder, QuerySelect, Set, Statement, StreamTrait, TransactionTrait, entity::prelude::*,
    sea_query::Expr,
};
use std::{collections::BTreeSet, time::Duration};

/// How long is waited for what never comes.
const A_WHILE: Duration = Duration::from_secs(1);

/// Rows 1, 2, 3 … with these.
async fn things(place: &Place, rows: impl IntoIterator<Item = thing::ActiveModel>) {
    place.table(thing::Entity).await;
    for row in rows {
        row.insert(&place.db).await.expect("a row");
    }
}

async fn names(place: &Place, names: &[&str]) {
    let row = |name: &&str| thing::ActiveModel { name: Set(Some((*name).to_owned())), ..Default::default() };
    things(place, names.iter().map(row)).await;
}

async fn numbers(place: &Place, numbers: &[Option<i32>]) {
    let row = |number: &Option<i32>| thing::ActiveModel { whole: Set(*number), ..Default::default() };
    things(place, numbers.iter().map(row)).await;
}

async fn count(place: &Place, filter: Expr) -> u64 {
    thing::Entity::find().filter(filter).count(&place.db).await.expect("a count")
}

// case: q1_no_comparison_matches_null
#[tokio::test]
async fn q1_equal_to_none_matches_null() {
    on(&EVERYWHERE, async |place| {
        numbers(place, &[Some(1), None]).await;
        assert_eq!(count(place, thing::Column::Whole.eq(None::<i32>)).await, 1);
    })
    .await;
}

// case: q1_null_in_a_comparison_is_refused
#[tokio::test]
async fn q1_a_null_in_not_in_hides_every_row() {
    on(&EVERYWHERE, async |place| {
        numbers(place, &[Some(1), Some(2), None]).await;
        assert_eq!(count(place, thing::Column::Whole.is_not_in([Some(1), None])).await, 0, "2 is not in the list");
    })
    .await;
}

// case: q1_an_empty_list_is_unknown_for_null
#[tokio::test]
async fn q1_not_in_an_empty_list_matches_null() {
    on(&EVERYWHERE, async |place| {
        numbers(place, &[Some(1), None]).await;
        assert_eq!(count(place, thing::Column::Whole.is_not_in(Vec::<i32>::new())).await, 2);
        assert_eq!(count(place, thing::Column::Whole.is_not_in([7])).await, 1, "but not in a list of one");
    })
    .await;
}

// case: q2_null_sorts_lowest
#[tokio::test]
async fn q2_null_sorts_last_on_one_and_first_on_others() {
    on(&EVERYWHERE, async |place| {
        numbers(place, &[Some(1), None]).await;
        let first = thing::Entity::find().order_by_asc(thing::Column::Whole).one(&place.db).await.expect("an answer");
        assert_eq!(first.expect("a row").whole, (place.on == On::Postgres).then_some(1));
    })
    .await;
}

// case: q3_contains_is_literal_and_by_case
#[tokio::test]
async fn q3_a_percent_sign_is_contained_in_everything() {
    on(&EVERYWHERE, async |place| {
        names(place, &["half", "100%"]).await;
        assert_eq!(count(place, thing::Column::Name.contains("%")).await, 2);
        assert_eq!(count(place, thing::Column::Name.starts_with("_")).await, 2);
    })
    .await;
}

// case: q3_contains_is_literal_and_by_case
#[tokio::test]
async fn q3_case_counts_on_one_and_not_on_others() {
    on(&EVERYWHERE, async |place| {
        names(place, &["Half"]).await;
        assert_eq!(count(place, thing::Column::Name.contains("half")).await, u64::from(place.on != On::Postgres));
    })
    .await;
}

// case: q4_pages_of_ties_hold_every_row_once
#[tokio::test]
async fn q4_postgres_repeats_a_row_on_pages_of_ties_and_loses_others() {
    on(&[On::Postgres], async |place| {
        names(place, &["same"; 12]).await;
        let pages = thing::Entity::find().order_by_asc(thing::Column::Name).paginate(&place.db, 2);
        let (mut seen, mut shown) = (BTreeSet::new(), 0);
        for page in 0..6 {
            let rows = pages.fetch_page(page).await.expect("a page");
            shown += rows.len();
            seen.extend(rows.iter().map(|row| row.id));
        }
        assert_eq!(shown, 12);
        assert!(seen.len() < 12, "{seen:?}");
    })
    .await;
}

// case: q5_a_nullable_column_loses_no_row
#[tokio::test]
async fn q5_a_cursor_loses_rows_with_null() {
    on(&EVERYWHERE, async |place| {
        numbers(place, &[Some(1), None, Some(2)]).await;
        let (mut seen, mut last) = (Vec::new(), None);
        for _ in 0..4 {
            let mut cursor = thing::Entity::find().cursor_by((thing::Column::Whole, thing::Column::Id));
            if let Some(last) = last {
                cursor.after(last);
            }
            let page = cursor.first(1).all(&place.db).await.expect("a page");
            let Some(row) = page.first() else { break };
            seen.push(row.id);
            last = Some((row.whole, row.id));
        }
        let expected: &[i32] = if place.on == On::Postgres { &[1, 3] } else { &[2] };
        assert_eq!(seen, expected, "of three rows");
    })
    .await;
}

// case: q6_a_page_of_size_zero_or_number_zero_is_a_typed_error
#[tokio::test]
async fn q6_a_page_of_size_zero_panics() {
    on(&EVERYWHERE, async |place| {
        names(place, &["a"]).await;
        let db = place.db.clone();
        let panic = panic_of(async move { thing::Entity::find().paginate(&db, 0).fetch().await }).await;
        let panic = panic.expect("no error");
        assert!(panic.contains("page_size"), "{panic}");
    })
    .await;
}

// case: q6_an_offset_without_a_limit_gives_the_rest
#[tokio::test]
async fn q6_an_offset_without_a_limit_is_a_syntax_error() {
    on(&[On::Sqlite, On::Mariadb], async |place| {
        names(place, &["a", "b"]).await;
        let rest = thing::Entity::find().order_by_asc(thing::Column::Id).offset(1).all(&place.db).await;
        assert!(rest.expect_err("no such syntax").to_string().contains("syntax"));
    })
    .await;
}

/// One figure over all rows, read as `T`; `None` where it cannot be.
async fn figure<T: sea_orm::TryGetable + Send>(place: &Place, figure: Expr) -> Option<T> {
    let select = thing::Entity::find().select_only().column_as(figure, "figure");
    match select.into_tuple::<T>().one(&place.db).await {
        Ok(figure) => Some(figure.expect("a row")),
        Err(error) => {
            assert!(error.to_string().contains("mismatched types"), "{error}");
            None
        }
    }
}

// case: q7_sums_of_narrow_numbers_are_wide
#[tokio::test]
async fn q7_a_sum_has_another_type_on_each() {
    on(&EVERYWHERE, async |place| {
        let row = |big| thing::ActiveModel { big: Set(Some(big)), ..Default::default() };
        things(place, [1, 2].map(row)).await;
        let whole = figure::<i64>(place, thing::Column::Big.sum()).await;
        let exact = figure::<Decimal>(place, thing::Column::Big.sum()).await;
        match place.on {
            On::Sqlite => assert_eq!((whole, exact), (Some(3), None), "an integer"),
            _ => assert_eq!((whole, exact), (None, Some(Decimal::from(3))), "a decimal"),
        }
        let mean = figure::<f64>(place, thing::Column::Big.avg()).await;
        assert_eq!(mean, (place.on == On::Sqlite).then_some(1.5), "of the mean only one is a float");
    })
    .await;
}

// case: q8_other_calls_go_on_beside_a_stream_in_a_transaction
#[tokio::test]
async fn q8_a_query_beside_a_stream_in_a_transaction_hangs() {
    on(&EVERYWHERE, async |place| {
        names(place, &["a", "b"]).await;
        let transaction = place.db.begin().await.expect("a transaction");
        let mut stream = thing::Entity::find().stream(&transaction).await.expect("a stream");
        stream.try_next().await.expect("an answer").expect("a row");
        let beside = tokio::time::timeout(A_WHILE, thing::Entity::find().all(&transaction)).await;
        assert!(beside.is_err(), "it waits for the stream, which waits for it");
        drop(stream);
        transaction.rollback().await.expect("rolled back");
    })
    .await;
}

// case: q8_a_stream_is_dropped_at_any_row_at_no_cost
#[tokio::test]
async fn q8_postgres_works_through_a_stream_that_was_dropped() {
    on(&[On::Postgres], async |place| {
        const ROWS: i64 = 100_000;
        place.run("CREATE SEQUENCE worked").await;
        let db = place.pool(1).await;
        // Wide, so that no buffer between here and the server holds all of them.
        let sql = format!("SELECT nextval('worked') AS n, repeat('x', 1000) FROM generate_series(1, {ROWS})");
        let mut stream = db.stream_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("a stream");
        stream.try_next().await.expect("an answer").expect("a row");
        drop(stream);
        // On the connection of the stream: it is answered when every row was made, sent and thrown away.
        assert_eq!(one::<i64>(&db, "SELECT last_value FROM worked").await, ROWS);
        db.close().await.expect("closed");
    })
    .await;
}

/// More than any of them takes in one statement.
const MANY: i32 = 70_000;

fn too_many(place: &Place, error: &DbErr) {
    let told = match place.on {
        On::Sqlite => "too many SQL variables",
        On::Postgres => "too many arguments",
        On::Mariadb => "too many placeholders",
    };
    assert!(error.to_string().contains(told), "{error}");
}

// case: q9_loads_have_no_limit
#[tokio::test]
async fn q9_children_of_many_parents_are_refused() {
    on(&EVERYWHERE, async |place| {
        place.table(parent::Entity).await;
        place.table(child::Entity).await;
        let numbers = match place.on {
            On::Sqlite => {
                format!(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n"
                )
            }
            On::Postgres => format!("SELECT generate_series(1, {MANY})"),
            On::Mariadb => format!("SELECT seq FROM seq_1_to_{MANY}"),
        };
        place.run(&format!("INSERT INTO parent (id) {numbers}")).await;
        let parents = parent::Entity::find().all(&place.db).await.expect("parents");
        let children = parents.load_many(child::Entity, &place.db).await;
        too_many(place, &children.expect_err("too many"));
    })
    .await;
}

// case: q10_a_list_of_integers_has_no_limit
#[tokio::test]
async fn q10_a_long_list_is_refused() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let listed = thing::Entity::find().filter(thing::Column::Id.is_in(0..MANY)).all(&place.db).await;
        too_many(place, &listed.expect_err("too long"));
    })
    .await;
}

// case: w6_a_table_far_wider_than_a_statement_is_filled
#[tokio::test]
async fn q10_a_bulk_insert_is_refused() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let row = |n| thing::ActiveModel { whole: Set(Some(n)), ..Default::default() };
        let inserted = thing::Entity::insert_many((0..MANY).map(row)).exec_without_returning(&place.db).await;
        too_many(place, &inserted.expect_err("too many"));
    })
    .await;
}
