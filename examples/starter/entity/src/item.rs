//! Something that is sold.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub name: String,
    #[sea_orm(column_type = "Decimal(Some((9, 2)))")]
    pub price: Decimal,
    #[sea_orm(indexed)]
    pub added_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
