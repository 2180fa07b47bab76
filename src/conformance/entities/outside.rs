//! An entity outside the portable types: a decimal that says neither precision nor scale.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outside")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub name: String,
    pub price: Decimal,
}

impl ActiveModelBehavior for ActiveModel {}
