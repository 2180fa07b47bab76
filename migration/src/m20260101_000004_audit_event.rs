//! Who did what, with what outcome. An audit outlives what it tells of: a run with events cannot be deleted.

use sea_orm_migration::prelude::DeriveMigrationName;
use seabed::migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

pub fn audit_event() -> Result<Table> {
    table("audit_event")
        .uuid("id")
        .uuid("run_id")
        .nullable()
        .text("stage", 255)
        .text("actor", 255)
        .text("action", 255)
        .text("outcome", 32)
        .json("inputs")
        .json("outputs")
        .instant("occurred_at")
        .int64("duration_ms")
        .primary_key(&["id"])
        .index(&["run_id"])
        .index(&["occurred_at"])
        .references(&["run_id"], "pipeline_run", &["id"], OnDelete::Restrict)
        .build()
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [audit_event()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [audit_event()]).await
    }
}
