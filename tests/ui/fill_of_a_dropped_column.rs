//! A column that goes has no rows to fill.

use seabed::migration::prelude::*;

fn main() {
    let _ = drop_column("item", text("sku", 64)).fill("'x'");
}
