//! The one command for contributors: `cargo xtask …`.

mod entities;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate the framework's entities from the migrated schema
    Entities {
        /// Change nothing, fail where the committed code differs
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Entities { check } => entities::run(check),
    }
}
