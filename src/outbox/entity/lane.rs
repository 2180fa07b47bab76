//! The messages of one topic and one key: they are handed over in the order of their positions.
//!
//! Its row counts positions, and so is locked by whoever publishes into it until that transaction ends: positions follow the
//! commits. Relays never wait for it; what they write stands in [`claim`](super::claim).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seabed_lane")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique_key = "name")]
    pub topic: String,
    #[sea_orm(unique_key = "name")]
    pub key: String,
    /// Of the newest message that was ever published.
    pub position: i64,
    /// Whether messages may wait to be delivered. It is never false where one does.
    #[sea_orm(indexed)]
    pub waiting: bool,
    #[sea_orm(has_one)]
    pub claim: HasOne<super::claim::Entity>,
    #[sea_orm(has_many)]
    pub messages: HasMany<super::message::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
