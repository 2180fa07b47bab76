//! A column of another type than its entity says is an error when it is read, also behind cells that were read before: never a
//! number made of a text's bytes.

use crate::place::Place;
use seabed::{error::ErrorKind, prelude::*};

mod counted {
    use sea_orm::entity::prelude::*;
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "counted")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub count: Option<i32>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

async fn refuses(place: Place, alter: &str) {
    place.db.create_tables(&seabed::entities![counted]).await.expect("a table");
    let rows = place.db.repository::<counted::Entity>();
    let row = |id, count| counted::Model { id, count };
    let written = rows.insert_many([row(1, None), row(2, Some(20)), row(3, Some(30))]).await.expect("rows");
    assert_eq!(
        written,
        rows.find(all().order_by(col(counted::COLUMN.id).asc())).await.expect("rows of the right type")
    );
    place.run(alter).await.expect("another type");
    let error = rows.find(all()).await.expect_err("texts are no numbers");
    assert!(error.is(ErrorKind::SchemaMismatch) || error.is(ErrorKind::CorruptData), "{error:?}");
    place.end().await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_refuses_a_column_of_another_type() {
    if let Some(place) = Place::postgres().await {
        refuses(place, "ALTER TABLE counted ALTER COLUMN count TYPE text").await;
    }
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_refuses_a_column_of_another_type() {
    if let Some(place) = Place::mysql().await {
        refuses(place, "ALTER TABLE counted MODIFY count text").await;
    }
}
