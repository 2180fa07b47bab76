//! The one command that a contributor needs: `cargo xtask <what>`.
//!
//! It is a program and not a heap of scripts, so that a laptop and the build machine do the same, and so that what it
//! started is stopped again however it ends.

mod check;
mod chinook;
mod contract;
mod differential;
mod entities;
mod faults;
mod licences;
mod matrix;
mod mutants;
mod program;
mod servers;
mod shell;
mod starter;
mod stop;
mod summary;
mod takeover;
mod test;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Everything that a contributor to Seabed runs", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sets up the servers, runs every test on every backend, prints backend × law.
    Test(test::Options),
    /// Starts servers that stay, or stops them.
    #[command(subcommand)]
    Servers(Servers),
    /// Everything that needs no server: format, lints, docs, features, tidy, licences, entities, examples.
    Check(check::Options),
    /// Who may import whom, sizes, words.
    Tidy,
    /// The licences of everything that is linked, against `xtask/licences.toml`.
    Licences,
    /// Breaks the code on purpose, patch by patch, and expects the suite to notice.
    Mutants(mutants::Options),
    /// Measures Seabed beside its peers, against a PostgreSQL and a MariaDB that are started where none are given.
    Bench(program::Options),
    /// Asks a PostgreSQL for the answers in `tests/chinook/answers`, by the SQL beside them.
    Chinook(chinook::Options),
    /// Streams a million rows on every backend and watches the memory.
    Streams(program::Options),
    /// Reads databases of two hundred tables and says how long it takes.
    Inspection(program::Options),
    /// Kills deploys at every point of their journal, at random, and lets four meet; each must end as one that nobody disturbed.
    SchemaKill(program::Options),
    /// The fault tests on every backend: networks that are cut, dark and late, callers who give up, disks that are full.
    Faults(faults::Options),
    /// Writes the number of cases of each law into `docs/contract.md`.
    Contract {
        /// Changes nothing; fails where the committed page differs.
        #[arg(long)]
        check: bool,
    },
    /// The same random operations on every backend, every answer compared.
    Differential(differential::Options),
    /// Every change of an entity on every backend: planned, applied, read back; writes `docs/schema-matrix.md`.
    SchemaMatrix(matrix::Options),
    /// Generates `entity/` from the migrations.
    Entities {
        /// Changes nothing; fails where the committed files differ.
        #[arg(long)]
        check: bool,
    },
    /// Builds and runs the workspace to copy, and holds what its commands say against `docs/migrations.md`.
    Starter {
        /// Writes into the page what the commands say.
        #[arg(long)]
        bless: bool,
    },
    /// Writes entities of Chinook and of tables with odd names on every backend, compiles them and plans: nothing may be left to do.
    Takeover(takeover::Options),
}

#[derive(Debug, Subcommand)]
enum Servers {
    /// Starts PostgreSQL, MariaDB and MongoDB and prints what to `export`; a second `up` prints the same again.
    Up {
        /// Installs nothing.
        #[arg(long)]
        no_install: bool,
    },
    /// Stops what `up` started and removes its data.
    Down,
}

fn main() -> ExitCode {
    stop::on_signals();
    let outcome = shell::program().and_then(|_| run(Arguments::parse().command));
    stop::wait_if_stopping();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Test(options) => test::run(&options),
        Command::Servers(Servers::Up { no_install }) => servers::up(!no_install),
        Command::Servers(Servers::Down) => servers::down(),
        Command::Check(options) => check::run(&options),
        Command::Tidy => tidy::run(),
        Command::Licences => licences::run(),
        Command::Mutants(options) => mutants::run(&options),
        Command::Bench(options) => program::BENCH.run(&options),
        Command::Chinook(options) => chinook::run(&options),
        Command::Streams(options) => program::STREAMS.run(&options),
        Command::Inspection(options) => program::INSPECTION.run(&options),
        Command::SchemaKill(options) => program::SCHEMA_KILL.run(&options),
        Command::Faults(options) => faults::run(&options),
        Command::Contract { check } => contract::run(check),
        Command::Differential(options) => differential::run(&options),
        Command::SchemaMatrix(options) => matrix::run(&options),
        Command::Entities { check } => entities::run(check),
        Command::Starter { bless } => starter::run(bless),
        Command::Takeover(options) => takeover::run(&options),
    }
}
