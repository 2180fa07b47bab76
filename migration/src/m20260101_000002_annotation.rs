//! What somebody, or a model, said of a dataset or of a part of it. It goes with its dataset.

use sea_orm_migration::prelude::DeriveMigrationName;
use seabed::migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

pub fn annotation() -> Result<Table> {
    table("annotation")
        .uuid("id")
        .uuid("dataset_id")
        .text("target", 255)
        .text("label", 255)
        .json("value")
        .decimal("confidence", 5, 4)
        .nullable()
        .text("author", 255)
        .instant("created_at")
        .primary_key(&["id"])
        .index(&["dataset_id"])
        .index(&["label"])
        .references(&["dataset_id"], "dataset", &["id"], OnDelete::Cascade)
        .build()
}

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [annotation()]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [annotation()]).await
    }
}
