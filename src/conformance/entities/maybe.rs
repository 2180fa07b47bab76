//! Every portable type, nullable: a case sets the columns that it is about.

use super::{Mood, Shape};
use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "maybe")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub flag: Option<bool>,
    pub tiny: Option<i8>,
    pub octet: Option<u8>,
    pub small: Option<i16>,
    pub short: Option<u16>,
    #[sea_orm(indexed)]
    pub whole: Option<i32>,
    pub count: Option<u32>,
    pub big: Option<i64>,
    pub size: Option<u64>,
    pub ratio: Option<f32>,
    pub score: Option<f64>,
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub price: Option<Decimal>,
    pub name: Option<String>,
    #[sea_orm(column_type = "String(StringLen::N(8))")]
    pub code: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub prose: Option<String>,
    pub data: Option<Vec<u8>>,
    pub extra: Option<Json>,
    pub token: Option<Uuid>,
    pub at: Option<DateTimeUtc>,
    pub zoned: Option<DateTimeWithTimeZone>,
    pub local: Option<DateTime>,
    pub day: Option<Date>,
    pub clock: Option<Time>,
    pub shape: Option<Shape>,
    pub mood: Option<Mood>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A row with this key, all else null.
pub fn row(id: i32) -> ActiveModel {
    ActiveModel { id: Set(id), ..Default::default() }
}
