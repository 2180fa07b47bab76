//! The idempotency keys of transactions that were committed: the table of [`transaction::key`](crate::transaction::key).

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seabed_transaction")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(indexed)]
    pub done_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
