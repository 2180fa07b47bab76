//! A key of 16 bits that the database makes.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: u16,
    pub seats: u8,
}

impl ActiveModelBehavior for ActiveModel {}

/// For so many seats, without a key.
pub fn row(seats: u8) -> ActiveModel {
    ActiveModel { id: sea_orm::NotSet, seats: Set(seats) }
}
