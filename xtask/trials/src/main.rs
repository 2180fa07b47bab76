//! The long trials behind `cargo xtask`: what takes minutes, a million rows or a random search, and so is no test.
//!
//! A program of its own: it is built on the project, and `cargo xtask` must build when the project does not.

mod inspection;
mod kill;
mod streams;
mod takeover;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "The long trials of Seabed", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Reads databases of many tables and says how long it takes.
    Inspection(inspection::Options),
    /// Streams a million rows and watches the memory.
    Streams(streams::Options),
    /// Kills deploys at every point of their journal, and at random, and lets them go on.
    SchemaKill(kill::Options),
    /// Makes databases of others and writes entities from them, or takes those databases away.
    Takeover(takeover::Options),
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Inspection(options) => inspection::run(&options),
        Command::Streams(options) => streams::run(&options),
        Command::SchemaKill(options) => kill::run(&options),
        Command::Takeover(options) => takeover::run(&options),
    }
}
