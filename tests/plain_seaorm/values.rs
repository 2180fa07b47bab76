//! Laws of values: what is written is what is read.

use crate::{
    entities::{guess, size, thing},
    support::{EVERYWHERE, On, SERVERS, on, one, panic_of},
};
use sea_orm::{DatabaseConnection, QueryOrder, Set, entity::prelude::*, sea_query::Expr};
use serde_json::json;

async fn add(db: &DatabaseConnection, row: thing::ActiveModel) -> thing::Model {
    row.insert(db).await.expect("a row")
}

async fn count(db: &DatabaseConnection, filter: Expr) -> u64 {
    thing::Entity::find().filter(filter).count(db).await.expect("a count")
}

/// Rows with these names, in this order.
async fn names(db: &DatabaseConnection, names: &[&str]) {
    let row = |name: &&str| thing::ActiveModel { name: Set(Some((*name).to_owned())), ..Default::default() };
    thing::Entity::insert_many(names.iter().map(row)).exec(db).await.expect("rows");
}

/// An error that says this.
fn refused<T: std::fmt::Debug>(answer: Result<T, DbErr>, why: &str) {
    let error = answer.expect_err("an error");
    assert!(error.to_string().contains(why), "{error}");
}

fn instant(text: &str) -> DateTimeUtc {
    text.parse().expect("an instant")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

// case: v1_what_insert_returns_is_what_a_later_read_returns
#[tokio::test]
async fn v1_postgres_answers_an_error_and_has_the_row() {
    on(&[On::Postgres], async |place| {
        place.table(size::Entity).await;
        let row = size::ActiveModel { bytes: Set(Some(7)), ..Default::default() };
        let error = row.insert(&place.db).await.expect_err("a u64 is written and cannot be read");
        assert!(error.to_string().contains("u64"), "{error}");
        assert_eq!(one::<i64>(&place.db, "SELECT bytes FROM size").await, 7);
    })
    .await;
}

// case: v1_every_nullable_type_holds_a_value
#[tokio::test]
async fn v1_mariadb_returns_another_time_of_day_than_it_was_given() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        let clock = Time::from_hms_milli_opt(10, 30, 15, 250).expect("a time");
        let row = add(&place.db, thing::ActiveModel { clock: Set(Some(clock)), ..Default::default() }).await;
        assert_eq!(row.clock, Time::from_hms_opt(10, 30, 15));
    })
    .await;
}

// case: v2_texts_are_equal_by_code_point_alone
#[tokio::test]
async fn v2_mariadb_takes_case_and_accents_for_equal() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        names(&place.db, &["a", "A", "á"]).await;
        assert_eq!(count(&place.db, thing::Column::Name.eq("a")).await, 3);
    })
    .await;
}

// case: v2_texts_are_equal_by_code_point_alone
#[tokio::test]
async fn v2_mariadb_takes_trailing_spaces_for_equal() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        names(&place.db, &["a", "a ", "a  "]).await;
        assert_eq!(count(&place.db, thing::Column::Name.eq("a")).await, 3);
    })
    .await;
}

// case: v3_text_is_ordered_by_code_point_ascending
#[tokio::test]
async fn v3_servers_order_text_by_a_language() {
    on(&SERVERS, async |place| {
        // A cluster with the C locale keeps the law by accident.
        let locale = "SELECT 'a' < 'B' COLLATE \"default\"";
        if place.on == On::Postgres && !one::<bool>(&place.db, locale).await {
            println!("the locale of this cluster is an order of code points");
            return;
        }
        place.table(thing::Entity).await;
        names(&place.db, &["Z", "a"]).await;
        let first = thing::Entity::find().order_by_asc(thing::Column::Name).one(&place.db).await.expect("an answer");
        assert_eq!(first.and_then(|row| row.name).as_deref(), Some("a"));
        assert_eq!(count(&place.db, thing::Column::Name.gt("Z")).await, 0, "a comparison follows");
    })
    .await;
}

// case: v4_a_length_is_checked_by_every_write
#[tokio::test]
async fn v4_sqlite_ignores_a_declared_length() {
    on(&[On::Sqlite], async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { code: Set(Some("too long".to_owned())), ..Default::default() };
        assert_eq!(add(&place.db, row).await.code.as_deref(), Some("too long"));
    })
    .await;
}

// case: v4_text_without_a_length_holds_255_characters
#[tokio::test]
async fn v4_a_text_without_a_length_is_refused_by_one_and_taken_by_others() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { name: Set(Some("x".repeat(300))), ..Default::default() };
        match place.on {
            On::Mariadb => refused(row.insert(&place.db).await, "Data too long"),
            _ => assert_eq!(add(&place.db, row).await.name.map(|name| name.len()), Some(300)),
        }
    })
    .await;
}

// case: v4_nul_is_refused_in_every_write
#[tokio::test]
async fn v4_nul_is_refused_by_one_and_kept_by_others() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { name: Set(Some("a\0b".to_owned())), ..Default::default() };
        match place.on {
            On::Postgres => refused(row.insert(&place.db).await, "invalid byte sequence"),
            _ => assert_eq!(add(&place.db, row).await.name.as_deref(), Some("a\0b")),
        }
    })
    .await;
}

// case: v5_offsets_are_compared_as_instants
#[tokio::test]
async fn v5_sqlite_compares_instants_as_text() {
    on(&[On::Sqlite], async |place| {
        place.table(thing::Entity).await;
        let zoned = |text: &str| text.parse::<DateTimeWithTimeZone>().expect("an instant");
        let early = zoned("2024-01-01T10:00:00+02:00");
        add(&place.db, thing::ActiveModel { zoned: Set(Some(early)), ..Default::default() }).await;
        let same = zoned("2024-01-01T08:00:00+00:00");
        assert_eq!(same, early);
        assert_eq!(count(&place.db, thing::Column::Zoned.eq(same)).await, 0, "the same instant is not found");
        let later = zoned("2024-01-01T09:00:00+00:00");
        assert_eq!(count(&place.db, thing::Column::Zoned.lt(later)).await, 0, "what is earlier is not before");
    })
    .await;
}

// case: v5_an_instant_is_cut_to_milliseconds_on_write
#[tokio::test]
async fn v5_mariadb_keeps_whole_seconds() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        let at = instant("2024-01-01T10:00:00.999Z");
        let row = add(&place.db, thing::ActiveModel { at: Set(Some(at)), ..Default::default() }).await;
        assert_eq!(row.at, Some(instant("2024-01-01T10:00:00Z")));
        assert_eq!(count(&place.db, thing::Column::At.eq(at)).await, 0, "what was written does not find its row");
    })
    .await;
}

// case: v5_years_1000_to_9999_are_kept
#[tokio::test]
async fn v5_mariadb_loses_an_instant_after_2038() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { at: Set(Some(instant("2039-01-01T00:00:00Z"))), ..Default::default() };
        assert_eq!(add(&place.db, row).await.at, None, "it is gone, and insert said Ok");
    })
    .await;
}

// case: v5_a_filter_is_not_cut
#[tokio::test]
async fn v5_postgres_cuts_a_filter() {
    on(&[On::Postgres], async |place| {
        place.table(thing::Entity).await;
        let at = instant("2024-01-01T10:00:00.123456Z");
        add(&place.db, thing::ActiveModel { at: Set(Some(at)), ..Default::default() }).await;
        let later = instant("2024-01-01T10:00:00.123456789Z");
        assert_eq!(count(&place.db, thing::Column::At.eq(later)).await, 1, "a later instant finds the row");
    })
    .await;
}

// case: v6_decimals_are_exact
#[tokio::test]
async fn v6_mariadb_drops_the_fraction_of_a_decimal() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { price: Set(Some(decimal("1.005"))), ..Default::default() };
        assert_eq!(add(&place.db, row).await.price, Some(Decimal::ONE));
    })
    .await;
}

// case: v6_decimals_are_exact
#[tokio::test]
async fn v6_sqlite_keeps_a_float_for_a_decimal() {
    on(&[On::Sqlite], async |place| {
        place.table(thing::Entity).await;
        let exact = decimal("12345678901234567.8901234567");
        let row = add(&place.db, thing::ActiveModel { exact: Set(Some(exact)), ..Default::default() }).await;
        assert_ne!(row.exact, Some(exact));
    })
    .await;
}

// case: v6_decimals_are_rounded_half_even_on_write
#[tokio::test]
async fn v6_decimals_are_rounded_half_away_or_not_at_all() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { money: Set(Some(decimal("1.125"))), ..Default::default() };
        let kept = if place.on == On::Sqlite { "1.125" } else { "1.13" };
        assert_eq!(add(&place.db, row).await.money, Some(decimal(kept)), "half-even is 1.12");
    })
    .await;
}

// case: v7_a_u64_above_i64_max_is_a_typed_error
#[tokio::test]
async fn v7_a_u64_above_i64_max_panics() {
    on(&[On::Sqlite, On::Postgres], async |place| {
        place.table(size::Entity).await;
        let db = place.db.clone();
        let row = size::ActiveModel { bytes: Set(Some(u64::MAX)), ..Default::default() };
        let panic = panic_of(async move { row.insert(&db).await }).await.expect("no error");
        assert!(panic.contains("TryFromIntError"), "{panic}");
    })
    .await;
}

// case: v7_the_ends_of_every_integer_type_are_kept
#[tokio::test]
async fn v7_postgres_cannot_read_a_u32_in_the_column_made_for_it() {
    on(&[On::Postgres], async |place| {
        place.table(size::Entity).await;
        let row = size::ActiveModel { count: Set(Some(7)), ..Default::default() };
        let error = row.insert(&place.db).await.expect_err("the column is a bigint and is read as an integer");
        assert!(error.to_string().contains("mismatched types"), "{error}");
        assert_eq!(one::<i64>(&place.db, "SELECT count FROM size").await, 7);
    })
    .await;
}

// case: v8_nan_and_infinities_are_refused_in_every_write
#[tokio::test]
async fn v8_nan_is_null_or_kept_or_refused() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let row = thing::ActiveModel { score: Set(Some(f64::NAN)), ..Default::default() };
        match place.on {
            On::Sqlite => assert_eq!(add(&place.db, row).await.score, None),
            On::Postgres => assert!(add(&place.db, row).await.score.is_some_and(f64::is_nan)),
            On::Mariadb => refused(row.insert(&place.db).await, "'score'"),
        }
    })
    .await;
}

// case: v8_there_is_one_zero
#[tokio::test]
async fn v8_minus_zero_is_kept_by_one_and_not_by_others() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let row = add(&place.db, thing::ActiveModel { score: Set(Some(-0.0)), ..Default::default() }).await;
        assert_eq!(row.score.map(f64::is_sign_negative), Some(place.on == On::Postgres));
    })
    .await;
}

// case: v9_enums_are_kept_compared_and_ordered_as_text
#[tokio::test]
async fn v9_mariadb_has_no_table_for_an_enum_with_an_apostrophe() {
    on(&[On::Mariadb], async |place| {
        let error = place.try_table(guess::Entity).await.expect_err("the apostrophe is not escaped");
        assert!(error.to_string().to_lowercase().contains("syntax"), "{error}");
    })
    .await;
}

// case: v9_json_is_not_compared
#[tokio::test]
async fn v9_json_is_compared_as_text_or_not_at_all() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let extra = json!({"b": 1, "a": [1.5]});
        add(&place.db, thing::ActiveModel { extra: Set(Some(extra)), ..Default::default() }).await;
        place.run("UPDATE thing SET extra = '{\"b\": 1, \"a\": [1.50]}'").await;
        let row = thing::Entity::find().one(&place.db).await.expect("an answer").expect("a row");
        let same = thing::Entity::find().filter(thing::Column::Extra.eq(row.extra)).count(&place.db).await;
        match place.on {
            On::Postgres => refused(same, "operator does not exist: json = json"),
            _ => assert_eq!(same.expect("a count"), 0, "a row is not found by the value that it has"),
        }
    })
    .await;
}

// case: v10_a_column_takes_its_own_type_alone
#[tokio::test]
async fn v10_sqlite_stores_text_in_a_number() {
    on(&[On::Sqlite], async |place| {
        place.table(thing::Entity).await;
        add(&place.db, thing::ActiveModel { whole: Set(Some(1)), ..Default::default() }).await;
        let update = thing::Entity::update_many().col_expr(thing::Column::Whole, Expr::value("no number"));
        assert_eq!(update.exec(&place.db).await.expect("an answer").rows_affected, 1);
        // The table cannot be read any more.
        refused(thing::Entity::find().all(&place.db).await, "mismatched types");
    })
    .await;
}

// case: v10_a_column_is_compared_with_its_own_type_alone
#[tokio::test]
async fn v10_mariadb_finds_a_number_by_a_text() {
    on(&[On::Mariadb], async |place| {
        place.table(thing::Entity).await;
        add(&place.db, thing::ActiveModel { whole: Set(Some(1)), ..Default::default() }).await;
        assert_eq!(count(&place.db, thing::Column::Whole.eq("1 and more")).await, 1);
    })
    .await;
}
