//! A unique key of two columns, one of them nullable.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    #[sea_orm(unique_key = "entry")]
    pub book: String,
    #[sea_orm(unique_key = "entry")]
    pub page: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}

/// An entry.
pub fn row(id: i32, book: &str, page: Option<i32>) -> ActiveModel {
    ActiveModel { id: Set(id), book: Set(book.into()), page: Set(page) }
}
