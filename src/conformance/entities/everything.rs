//! Every portable type, required.

use super::{Mood, Shape};
use chrono::{NaiveDate, Timelike};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "everything")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub flag: bool,
    pub tiny: i8,
    pub octet: u8,
    pub small: i16,
    pub short: u16,
    pub whole: i32,
    pub count: u32,
    pub big: i64,
    pub size: u64,
    pub ratio: f32,
    pub score: f64,
    #[sea_orm(column_type = "Decimal(Some((18, 4)))")]
    pub price: Decimal,
    pub name: String,
    #[sea_orm(column_type = "String(StringLen::N(8))")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub prose: String,
    pub data: Vec<u8>,
    pub extra: Json,
    pub token: Uuid,
    pub at: DateTimeUtc,
    pub zoned: DateTimeWithTimeZone,
    pub local: DateTime,
    pub day: Date,
    pub clock: Time,
    pub shape: Shape,
    pub mood: Mood,
}

impl ActiveModelBehavior for ActiveModel {}

/// A row with a value of every type, none of them its type's default.
pub fn row() -> Model {
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap_or_default();
    let local =
        day.and_time(chrono::NaiveTime::MIN.with_hour(13).unwrap_or_default()) + chrono::TimeDelta::milliseconds(7);
    Model {
        id: Uuid::now_v7(),
        flag: true,
        tiny: -7,
        octet: 200,
        small: -30_000,
        short: 60_000,
        whole: -2_000_000_000,
        count: 4_000_000_000,
        big: -9_000_000_000_000_000_000,
        size: 9_000_000_000_000_000_000,
        ratio: 0.1,
        score: 0.1 + 0.2,
        price: Decimal::new(123_456_789, 4),
        name: "Zoë 😀".into(),
        code: "a_b%c!\\'".into(),
        prose: "line\nline\ttab \"quoted\"".into(),
        data: vec![0, 255, 39, 92],
        extra: serde_json::json!({ "b": [1, 2.5, null, true], "a": { "é": "😀" } }),
        token: Uuid::from_u128(0xfedc_ba98_7654_3210_0123_4567_89ab_cdef),
        at: local.and_utc(),
        zoned: local.and_utc().into(),
        local,
        day,
        clock: local.time(),
        shape: Shape::RightAngled,
        mood: Mood::DontKnow,
    }
}
