//! What is done at start with tables that are not as the entities want them, in each mode of the configuration.

use super::on_each;
use crate::support::{Place, execute};
use seabed::{Config, Database, ErrorKind, repository::EntityInfo, sea_orm};

on_each! {
    s2_a_start_that_only_looks_changes_nothing,
    s2_a_start_does_what_is_safe_and_refuses_the_rest,
    s1_a_start_for_development_touches_nothing_of_others,
}

#[cfg(feature = "mongodb")]
on_each! { @ mongodb
    s2_a_start_that_only_looks_changes_nothing
    s2_a_start_does_what_is_safe_and_refuses_the_rest
    s1_a_start_for_development_touches_nothing_of_others
}

mod first {
    use super::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "thing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub old: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod second {
    use super::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "thing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub old: Option<i32>,
        pub note: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod third {
    use super::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "thing")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub note: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn start(place: &Place, mode: &str, entities: Vec<EntityInfo>) -> seabed::Result<Database> {
    let config = Config::builder().url(place.url()).set("database.sync", mode).set("database.verify", "off").load()?;
    Database::builder(config).entities(entities).connect().await
}

/// The columns of the table; none where it is not there.
async fn columns(place: &Place) -> Vec<String> {
    let db = place.open(1).await;
    let mut deploy = db.backend().deploy().await.expect("a session");
    let picture = deploy.inspect().await.expect("inspected");
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
    let table = picture.tables.get("thing");
    table.map(|table| table.columns.iter().map(|column| column.name.clone()).collect()).unwrap_or_default()
}

async fn s2_a_start_that_only_looks_changes_nothing(place: &Place) {
    for mode in ["off", "warn"] {
        start(place, mode, seabed::entities![first]).await.expect("it starts").close().await.expect("closed");
    }
    let error = start(place, "check", seabed::entities![first]).await.expect_err("the table is not there");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("thing")));
    assert!(error.to_string().contains("create table thing"), "{error}");
    assert!(columns(place).await.is_empty());
}

async fn s2_a_start_does_what_is_safe_and_refuses_the_rest(place: &Place) {
    // Two services that start at once.
    let (one, two) = tokio::join!(
        start(place, "additive", seabed::entities![first]),
        start(place, "additive", seabed::entities![first])
    );
    one.expect("one starts").close().await.expect("closed");
    two.expect("the other starts").close().await.expect("closed");
    assert_eq!(columns(place).await, ["id", "name", "old"]);
    start(place, "additive", seabed::entities![second]).await.expect("a column more").close().await.expect("closed");
    assert_eq!(columns(place).await, ["id", "name", "old", "note"]);
    let error = start(place, "additive", seabed::entities![third]).await.expect_err("a column would be lost");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("thing")));
    assert!(error.to_string().contains("drop column thing.old (destructive)"), "{error}");
    assert_eq!(columns(place).await, ["id", "name", "old", "note"]);
    start(place, "check", seabed::entities![second])
        .await
        .expect("it is as it is wanted")
        .close()
        .await
        .expect("closed");
}

async fn s1_a_start_for_development_touches_nothing_of_others(place: &Place) {
    start(place, "dev", seabed::entities![second]).await.expect("made").close().await.expect("closed");
    match place {
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => {
            use crate::documents::place::{by_hand, property};
            by_hand(place, "thing", |validator| drop(property(validator, "hand").insert("bsonType", "int"))).await;
        }
        _ => execute(place, "ALTER TABLE thing ADD COLUMN hand integer").await,
    }
    start(place, "dev", seabed::entities![third]).await.expect("changed").close().await.expect("closed");
    assert_eq!(columns(place).await, ["id", "name", "note", "hand"], "what was ours went, what was not did not");
}
