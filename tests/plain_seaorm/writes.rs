//! Laws of writes: what an insert, an update, an upsert or a constraint does.

use crate::{
    entities::{child, member, parent, stamped, thing},
    support::{EVERYWHERE, On, Place, on, one},
};
use sea_orm::{
    IntoActiveModel, NotSet, QueryOrder, Set, SqlErr, TransactionTrait, entity::prelude::*, sea_query::OnConflict,
};

async fn members(place: &Place, rows: impl IntoIterator<Item = member::ActiveModel>) {
    place.table(member::Entity).await;
    for row in rows {
        row.insert(&place.db).await.expect("a row");
    }
}

async fn member(place: &Place, id: i32) -> member::Model {
    member::Entity::find_by_id(id).one(&place.db).await.expect("an answer").expect("a row")
}

// case: w1_replace_writes_every_field
#[tokio::test]
async fn w1_an_update_with_a_model_writes_nothing() {
    on(&EVERYWHERE, async |place| {
        members(place, [member::row(1, "ann")]).await;
        let renamed = member::Model { name: "bob".to_owned(), ..member(place, 1).await };
        renamed.into_active_model().update(&place.db).await.expect("it says Ok");
        assert_eq!(member(place, 1).await.name, "ann");
    })
    .await;
}

// case: w2_a_required_field_without_a_value_is_refused
#[tokio::test]
async fn w2_a_missing_value_is_an_error_without_a_kind() {
    on(&EVERYWHERE, async |place| {
        place.table(member::Entity).await;
        let row = member::ActiveModel { points: NotSet, ..member::row(1, "ann") };
        let error = row.insert(&place.db).await.expect_err("points are not null");
        assert!(error.to_string().contains("points"), "{error}");
        assert_eq!(error.sql_err(), None);
    })
    .await;
}

// proof: w2_a_check_of_ones_own_is_told_by_kind_and_name in tests/faults/checks.rs
#[tokio::test]
async fn w2_a_check_is_an_error_without_a_kind() {
    on(&EVERYWHERE, async |place| {
        place.table(member::Entity).await;
        let row = member::ActiveModel { points: Set(-1), ..member::row(1, "ann") };
        let error = row.insert(&place.db).await.expect_err("points are checked");
        assert!(error.to_string().to_lowercase().contains("constraint"), "{error}");
        assert_eq!(error.sql_err(), None);
    })
    .await;
}

// case: w2_a_child_without_its_parent_is_refused
#[tokio::test]
async fn w2_sqlite_tells_nothing_of_a_foreign_key() {
    on(&[On::Sqlite], async |place| {
        place.table(parent::Entity).await;
        place.table(child::Entity).await;
        let orphan = child::ActiveModel { parent_id: Set(7), ..Default::default() };
        let error = orphan.insert(&place.db).await.expect_err("there is no parent");
        let Some(SqlErr::ForeignKeyConstraintViolation(text)) = error.sql_err() else { panic!("{error}") };
        assert!(!text.contains("parent") && !text.contains("child"), "{text}");
    })
    .await;
}

// case: w2_an_error_quotes_no_row
#[tokio::test]
async fn w2_mariadb_quotes_the_row_in_the_error() {
    on(&[On::Mariadb], async |place| {
        members(place, [member::row(1, "a secret name")]).await;
        let error = member::row(2, "a secret name").insert(&place.db).await.expect_err("the name is taken");
        assert!(error.to_string().contains("a secret name"), "{error}");
    })
    .await;
}

// case: w3_unique_is_by_code_point
#[tokio::test]
async fn w3_mariadb_takes_other_texts_for_duplicates() {
    on(&[On::Mariadb], async |place| {
        members(place, [member::row(1, "a")]).await;
        for other in ["A", "á", "a "] {
            let error = member::row(2, other).insert(&place.db).await.expect_err("taken for the same");
            assert!(matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))), "{other:?}: {error}");
        }
    })
    .await;
}

// case: w4_a_conflict_on_another_key_is_an_error
#[tokio::test]
async fn w4_mariadb_upserts_on_a_key_that_was_not_named() {
    on(&[On::Mariadb], async |place| {
        members(place, [member::row(1, "ann")]).await;
        let by_email = OnConflict::column(member::Column::Email).update_column(member::Column::Points).to_owned();
        let row = member::ActiveModel { points: Set(9), email: Set(Some("b@x".to_owned())), ..member::row(2, "ann") };
        let upsert = member::Entity::insert(row).on_conflict(by_email).exec_without_returning(&place.db);
        upsert.await.expect("the name is taken, and that is no error");
        assert_eq!(member(place, 1).await.points, 9, "a row with another email was changed");
    })
    .await;
}

// case: w4_a_row_that_sets_only_its_key_comes_back_as_it_was
#[tokio::test]
async fn w5_mariadb_counts_an_upsert_by_what_it_did() {
    on(&[On::Mariadb], async |place| {
        place.table(member::Entity).await;
        let mut counts = Vec::new();
        for points in [1, 2, 2] {
            let by_id = OnConflict::column(member::Column::Id).update_column(member::Column::Points).to_owned();
            let row = member::ActiveModel { points: Set(points), ..member::row(1, "ann") };
            let upsert = member::Entity::insert(row).on_conflict(by_id);
            counts.push(upsert.exec_without_returning(&place.db).await.expect("a count"));
        }
        assert_eq!(counts, [1, 2, 1], "it is one row each time");
    })
    .await;
}

// case: w5_a_change_without_changes_is_refused
#[tokio::test]
async fn w5_a_bulk_update_of_nothing_says_ok() {
    on(&EVERYWHERE, async |place| {
        members(place, [member::row(1, "ann")]).await;
        let nothing = member::Entity::update_many().exec(&place.db).await.expect("it says Ok");
        assert_eq!(nothing.rows_affected, 0);
    })
    .await;
}

// case: w6_defaults_apply_to_each_row
#[tokio::test]
async fn w6_a_mixed_bulk_insert_writes_null_for_a_default() {
    on(&EVERYWHERE, async |place| {
        members(place, [member::row(1, "alone")]).await;
        let owner = member::ActiveModel { role: Set(Some("owner".to_owned())), ..member::row(2, "ann") };
        member::Entity::insert_many([owner, member::row(3, "bob")]).exec(&place.db).await.expect("two rows");
        assert_eq!(member(place, 1).await.role.as_deref(), Some("guest"), "alone it has its default");
        assert_eq!(member(place, 3).await.role, None);
    })
    .await;
}

// case: w6_many_rows_come_back_in_order
#[tokio::test]
async fn w6_the_last_id_of_a_bulk_insert_is_the_first_on_one() {
    on(&EVERYWHERE, async |place| {
        place.table(thing::Entity).await;
        let rows = [(); 3].map(|()| thing::ActiveModel { whole: Set(Some(1)), ..Default::default() });
        let inserted = thing::Entity::insert_many(rows).exec(&place.db).await.expect("three rows");
        assert_eq!(inserted.last_insert_id, Some(if place.on == On::Mariadb { 1 } else { 3 }));
    })
    .await;
}

// case: w6_many_rows_come_back_in_order
#[tokio::test]
async fn w6_mariadb_gives_no_rows_back() {
    on(&[On::Mariadb], async |place| {
        place.table(member::Entity).await;
        let inserted = member::Entity::insert_many([member::row(1, "ann")]).exec_with_returning(&place.db).await;
        assert!(matches!(inserted, Err(DbErr::BackendNotSupported { .. })), "{inserted:?}");
    })
    .await;
}

// case: w7_an_integer_key_that_is_given_moves_the_next_one
#[tokio::test]
async fn w7_postgres_makes_a_key_that_was_given() {
    on(&[On::Postgres], async |place| {
        place.table(thing::Entity).await;
        thing::ActiveModel { id: Set(1), ..Default::default() }.insert(&place.db).await.expect("a row");
        let made = thing::ActiveModel { whole: Set(Some(1)), ..Default::default() }.insert(&place.db).await;
        let error = made.expect_err("1 again");
        assert!(matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))), "{error}");
    })
    .await;
}

// case: w7_a_uuid_key_that_is_set_is_kept
#[tokio::test]
async fn w7_save_of_a_new_row_with_a_key_of_its_own_fails() {
    on(&EVERYWHERE, async |place| {
        place.table(member::Entity).await;
        let error = member::row(1, "ann").save(&place.db).await.expect_err("a key that is set is taken for a row");
        assert_eq!(error, DbErr::RecordNotUpdated);
    })
    .await;
}

// case: w8_an_update_from_an_old_version_is_a_conflict
#[tokio::test]
async fn w8_who_wrote_first_is_overwritten() {
    on(&EVERYWHERE, async |place| {
        members(place, [member::row(1, "ann")]).await;
        let (first, second) = (member(place, 1).await, member(place, 1).await);
        for read in [first, second] {
            let points = read.points + 1;
            let change = member::ActiveModel { points: Set(points), ..read.into_active_model() };
            change.update(&place.db).await.expect("it says Ok");
        }
        assert_eq!(member(place, 1).await.points, 1, "of two points");
    })
    .await;
}

// case: w8_of_concurrent_updates_from_one_version_one_lands
#[tokio::test]
async fn w8_mariadb_loses_an_update_in_a_repeatable_read() {
    on(&[On::Mariadb], async |place| {
        members(place, [member::row(1, "ann")]).await;
        let first = place.db.begin().await.expect("a transaction");
        let second = place.db.begin().await.expect("a transaction");
        assert_eq!(one::<String>(&first, "SELECT @@tx_isolation").await, "REPEATABLE-READ");
        for transaction in [&first, &second] {
            one::<i32>(transaction, "SELECT points FROM member").await;
        }
        for transaction in [first, second] {
            // Computed from what this transaction read, which it may take for repeatable.
            let points = one::<i32>(&transaction, "SELECT points FROM member").await + 1;
            let change = member::ActiveModel { id: Set(1), points: Set(points), ..Default::default() };
            change.update(&transaction).await.expect("it says Ok");
            transaction.commit().await.expect("committed");
        }
        assert_eq!(member(place, 1).await.points, 1, "of two points");
    })
    .await;
}

// case: w9_every_change_writes_when_it_was_made
#[tokio::test]
async fn w9_a_hook_is_skipped_by_bulk_writes() {
    on(&EVERYWHERE, async |place| {
        place.table(stamped::Entity).await;
        let row = |text: &str| stamped::ActiveModel { text: Set(text.to_owned()), ..Default::default() };
        row("one").insert(&place.db).await.expect("a row");
        stamped::Entity::insert(row("entity")).exec(&place.db).await.expect("a row");
        stamped::Entity::insert_many([row("many")]).exec(&place.db).await.expect("a row");
        let change = stamped::Entity::update_many().set(row("changed")).filter(stamped::Column::Text.eq("one"));
        change.exec(&place.db).await.expect("a row");
        let rows = stamped::Entity::find().order_by_asc(stamped::Column::Id).all(&place.db).await.expect("rows");
        let stamps: Vec<_> = rows.iter().map(|row| (row.text.as_str(), row.stamp.as_deref())).collect();
        assert_eq!(stamps, [("changed", Some("saw one")), ("entity", None), ("many", None)]);
    })
    .await;
}
