//! Generates `entity/` from the migrations.

use anyhow::Result;

/// There is no framework table yet, so there is nothing to generate.
pub fn run(_check: bool) -> Result<()> {
    Ok(())
}
