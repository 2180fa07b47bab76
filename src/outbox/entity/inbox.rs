//! What a consumer has taken in, and how often it was handed over.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seabed_inbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub consumer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
    /// How often it was handed over.
    pub times: i64,
    #[sea_orm(indexed)]
    pub received_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
