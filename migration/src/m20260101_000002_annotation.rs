//! What somebody, or a model, said of a dataset or of a part of it. It goes with its dataset.

use seabed::migration::prelude::*;

seabed::migration!("m20260101_000002_annotation", steps);

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

fn steps() -> Result<Vec<Step>> {
    steps![create_table(annotation())]
}
