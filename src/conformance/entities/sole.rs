//! Types of a unique key, nullable: what is there once, and as often as it likes where it is null.

use super::Mood;
use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sole")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    #[sea_orm(unique)]
    pub flag: Option<bool>,
    #[sea_orm(unique)]
    pub tiny: Option<i8>,
    #[sea_orm(unique)]
    pub octet: Option<u8>,
    #[sea_orm(unique)]
    pub whole: Option<i32>,
    #[sea_orm(unique)]
    pub big: Option<i64>,
    #[sea_orm(unique)]
    pub size: Option<u64>,
    #[sea_orm(unique)]
    pub score: Option<f64>,
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", unique)]
    pub price: Option<Decimal>,
    #[sea_orm(column_type = "String(StringLen::N(8))", unique)]
    pub code: Option<String>,
    #[sea_orm(unique)]
    pub token: Option<Uuid>,
    #[sea_orm(unique)]
    pub at: Option<DateTimeUtc>,
    #[sea_orm(unique)]
    pub local: Option<DateTime>,
    #[sea_orm(unique)]
    pub day: Option<Date>,
    #[sea_orm(unique)]
    pub clock: Option<Time>,
    #[sea_orm(unique)]
    pub mood: Option<Mood>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A row with this key, all else null.
pub fn row(id: i32) -> ActiveModel {
    ActiveModel { id: Set(id), ..Default::default() }
}
