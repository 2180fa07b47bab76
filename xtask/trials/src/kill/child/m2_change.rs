//! Two changes that write it anew, and a count that may not happen twice.

use super::rows;
use seabed::migration::prelude::*;

seabed::migration!("m2_change", change);

fn change() -> Result<Vec<Step>> {
    steps![
        add_column("big", int32("n")).fill(Words::from("0").mongodb("0")),
        alter_column("big", text("v", 60), text("v", 200)),
        backfill("big")
            .set("n", Words::from("n + 1").mongodb(r#"{"$add": ["$n", 1]}"#))
            .batch(rows().div_ceil(3).min(500))
            .allow("overwrites-values", "it counts"),
        alter_column("big", int32("m"), int64("m")),
        add_index("big", index(&["n"])),
        rename_column("big", "v", "w"),
    ]
}
