//! Names in the database that are not the model's: reserved words, capitals, a space.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_name = "key")]
    pub id: i32,
    #[sea_orm(column_name = "group")]
    pub kind: Option<i32>,
    #[sea_orm(column_name = "Full Name", unique)]
    pub name: String,
    #[sea_orm(column_name = "select")]
    pub chosen: bool,
}

impl ActiveModelBehavior for ActiveModel {}
