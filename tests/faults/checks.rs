//! What is said of a schema that others make: a check of the service's own (law W2) is told by kind, entity and constraint, and
//! where the configured schema is not there, the error says so.

use crate::support::Place;
use sea_orm::ConnectionTrait;
use seabed::prelude::*;

mod member {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "member")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub points: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const TABLE: &str = "CREATE TABLE member (id integer NOT NULL PRIMARY KEY, points integer NOT NULL, \
                     CONSTRAINT points_are_not_owed CHECK (points >= 0))";

async fn w2_a_check_of_ones_own_is_told_by_kind_and_name(backend: &str) {
    let Some(place) = Place::new(backend, "w2_a_check_of_ones_own").await else { return };
    let db = place.open(1).await;
    let beside = sea_orm::Database::connect(place.url()).await.expect("a connection beside the library");
    beside.execute_unprepared(TABLE).await.expect("a table");
    beside.close().await.expect("closed");
    let members = db.repository::<member::Entity>();
    members.insert(member::Model { id: 1, points: 7 }).await.expect("a row");
    let inserted = members.insert(member::Model { id: 2, points: -4_711 }).await;
    let changed = members.update_many(col(member::COLUMN.id).eq(1), [col(member::COLUMN.points).increment(-8)]).await;
    for error in [inserted.expect_err("points are owed"), changed.expect_err("points are owed")] {
        assert!(error.is(ErrorKind::CheckViolation), "{backend}: {error}");
        assert_eq!(error.entity_name(), Some("member"), "{backend}: {error}");
        assert_eq!(error.constraint_name(), Some("points_are_not_owed"), "{backend}: {error}");
        assert!(!error.to_string().contains("4711"), "{backend}: no row is quoted: {error}");
    }
    assert_eq!(members.find(all()).await.expect("rows"), [member::Model { id: 1, points: 7 }], "{backend}: as it was");
    db.close().await.expect("closed");
    place.close().await;
}

#[tokio::test]
async fn w2_sqlite_tells_a_check_by_kind_and_name() {
    w2_a_check_of_ones_own_is_told_by_kind_and_name("sqlite").await;
}

#[tokio::test]
async fn w2_postgres_tells_a_check_by_kind_and_name() {
    w2_a_check_of_ones_own_is_told_by_kind_and_name("postgres").await;
}

#[tokio::test]
async fn w2_mysql_tells_a_check_by_kind_and_name() {
    w2_a_check_of_ones_own_is_told_by_kind_and_name("mysql").await;
}

#[tokio::test]
async fn a_configured_schema_that_is_not_there_is_told() {
    let Some(place) = Place::new("postgres", "a_configured_schema_that_is_not_there_is_told").await else { return };
    let config = Config::builder().url(place.url()).set("databases.main.schema", "nowhere");
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    let error = db.create_tables(&seabed::entities![member]).await.expect_err("no schema to make it in");
    assert!(error.is(ErrorKind::TableNotFound), "{error}");
    assert!(error.to_string().contains("the schema is not there"), "not that a migration is missing: {error}");
    db.close().await.expect("closed");
    place.close().await;
}
