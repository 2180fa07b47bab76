//! first.

use seabed::migration::prelude::*;

seabed::migration!("m20260301_090000_first", steps);

fn steps() -> Result<Vec<Step>> {
    steps![create_table(
        table("item")
            .uuid("id")
            .text("name", 255)
            .decimal("price", 9, 2)
            .instant("added_at")
            .primary_key(&["id"])
            .unique(&["name"])
            .index(&["added_at"])
    ),]
}
