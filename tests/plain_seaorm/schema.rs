//! Laws of the schema: what SeaORM's sync does to what it does not know.

use crate::{
    entities::parent,
    support::{On, Place, on},
};
use sea_orm::{DbErr, entity::prelude::*};

const TWICE: &str = "INSERT INTO parent (id, code) VALUES (2, 'a')";

/// Syncs an entity that did not change, beside an index made by hand that forbids [`TWICE`].
async fn sync_beside_an_index(place: &Place) -> Result<(), DbErr> {
    place.table(parent::Entity).await;
    place.run("ALTER TABLE parent ADD COLUMN code VARCHAR(9)").await;
    place.run("CREATE UNIQUE INDEX made_by_hand ON parent (code)").await;
    place.run("INSERT INTO parent (id, code) VALUES (1, 'a')").await;
    place.db.execute_unprepared(TWICE).await.expect_err("the index forbids it");
    place.db.get_schema_builder().register(parent::Entity).sync(&place.db).await
}

// case: s1_making_tables_again_touches_nothing
#[tokio::test]
async fn s1_a_sync_drops_a_unique_index_made_by_hand() {
    on(&[On::Sqlite, On::Mariadb], async |place| {
        sync_beside_an_index(place).await.expect("it says Ok");
        place.db.execute_unprepared(TWICE).await.expect("the index is gone");
    })
    .await;
}

// case: s1_making_tables_again_touches_nothing
#[tokio::test]
async fn s2_postgres_cannot_sync_what_did_not_change() {
    on(&[On::Postgres], async |place| {
        let error = sync_beside_an_index(place).await.expect_err("it takes the index for a constraint");
        assert!(error.to_string().contains("constraint \"made_by_hand\""), "{error}");
    })
    .await;
}
