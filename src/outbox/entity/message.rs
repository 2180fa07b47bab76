//! What is to be handed over, or was given up.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seabed_outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique_key = "place")]
    pub lane_id: Uuid,
    #[sea_orm(unique_key = "place")]
    pub position: i64,
    pub payload: Json,
    pub published_at: DateTimeUtc,
    /// How often it failed.
    pub attempts: i32,
    #[sea_orm(column_type = "String(StringLen::N(1000))", nullable)]
    pub last_error: Option<String>,
    /// When it was given up. It waits as long as this is null.
    #[sea_orm(indexed)]
    pub dead_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "lane_id", to = "id", on_delete = "Restrict")]
    pub lane: BelongsTo<super::lane::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
