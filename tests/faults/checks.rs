//! A check that a migration of the service's own declares (law W2): its violation has a kind and names entity and constraint.

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
