//! Columns with a default.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "preset")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    #[sea_orm(default_value = "new 'one'")]
    pub status: String,
    #[sea_orm(default_value = 7)]
    pub weight: i64,
    #[sea_orm(default_value = true)]
    pub active: bool,
    #[sea_orm(default_value = 0.5)]
    pub score: Option<f64>,
}

impl ActiveModelBehavior for ActiveModel {}
