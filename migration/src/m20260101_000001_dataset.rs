//! What is known of a dataset: where it lies, how large it is, whether its bytes were checked.

use seabed::migration::prelude::*;

seabed::migration!("m20260101_000001_dataset", steps);

pub fn dataset() -> Result<Table> {
    table("dataset")
        .uuid("id")
        .text("name", 255)
        .text("version", 64)
        .text("location", 1024)
        .text("media_type", 255)
        .int64("size")
        .text("sha256", 64)
        .text("status", 32)
        .json("metadata")
        .instant("created_at")
        .instant("updated_at")
        .primary_key(&["id"])
        .unique(&["name", "version"])
        .index(&["media_type"])
        .index(&["size"])
        .index(&["created_at"])
        .build()
}

fn steps() -> Result<Vec<Step>> {
    steps![create_table(dataset())]
}
