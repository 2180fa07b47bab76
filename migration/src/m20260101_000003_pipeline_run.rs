//! One run of a pipeline, from its start to its end.

use sea_orm_migration::prelude::DeriveMigrationName;
use seabed::migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

pub fn pipeline_run() -> Result<Table> {
    table("pipeline_run")
        .uuid("id")
        .text("pipeline", 255)
        .text("status", 32)
        .instant("started_at")
        .instant("finished_at")
        .nullable()
        .primary_key(&["id"])
        .index(&["pipeline"])
        .index(&["started_at"])
        .build()
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [pipeline_run()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [pipeline_run()]).await
    }
}
