//! Twelve columns of numbers and short texts: wide enough that a bulk insert meets every server's limits.

use sea_orm::{Set, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tally")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub number: i32,
    pub a: i64,
    pub b: i64,
    pub c: i64,
    pub d: Option<i64>,
    pub e: Option<i32>,
    pub f: bool,
    pub g: String,
    pub h: Option<String>,
    pub i: Uuid,
    #[sea_orm(column_type = "Decimal(Some((12, 2)))")]
    pub j: Decimal,
}

impl ActiveModelBehavior for ActiveModel {}

/// The row of this number, all columns but the key set.
pub fn row(number: i32) -> ActiveModel {
    let wide = i64::from(number);
    ActiveModel {
        id: sea_orm::NotSet,
        number: Set(number),
        a: Set(wide),
        b: Set(-wide),
        c: Set(wide * 1_000_000),
        d: Set((number % 2 == 0).then_some(wide)),
        e: Set(Some(number)),
        f: Set(number % 3 == 0),
        g: Set(format!("g{number}")),
        h: Set((number % 5 == 0).then(|| format!("h{number}"))),
        i: Set(Uuid::from_u128(number.unsigned_abs().into())),
        j: Set(Decimal::new(wide, 2)),
    }
}
