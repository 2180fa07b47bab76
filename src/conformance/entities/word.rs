//! One text a row: short, and unique by code point.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "word")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    #[sea_orm(unique)]
    pub text: String,
    #[sea_orm(column_type = "Text")]
    pub prose: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// A row whose two texts are the same.
pub fn row(id: i32, text: &str) -> ActiveModel {
    ActiveModel { id: Set(id), text: Set(text.into()), prose: Set(text.into()) }
}
