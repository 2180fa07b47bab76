//! The deploy-time command, so that a `main` is one line.
//!
//! One file a verb, with the same in each: `Args`, what is asked; `ask`, which finds it out or does it and gives an answer that is
//! JSON; and `tell`, which says the answer to a person and says how it ended.

mod apply;
mod baseline;
mod check;
mod down;
mod entities;
mod erd;
mod generate;
mod lint;
mod plan;
mod progress;
mod resolve;
mod scene;
mod status;
#[cfg(test)]
mod tests;
mod verify;

use super::{MigratorTrait, show::Style};
use crate::{Error, ErrorKind, Result, repository::EntityInfo};
use clap::{Parser, Subcommand};
use scene::Scene;
use std::{ffi::OsString, io::Write as _, path::PathBuf, process::ExitCode};

/// How a command ended, for a script.
mod code {
    /// There is nothing left to do.
    pub(super) const CLEAN: u8 = 0;
    /// It failed.
    pub(super) const FAILED: u8 = 1;
    /// There is something to do.
    pub(super) const PENDING: u8 = 2;
    /// The database differs from what it should be.
    pub(super) const DRIFT: u8 = 3;
    /// Something would be lost, and nobody accepted that.
    pub(super) const DESTRUCTIVE: u8 = 4;
    /// Another deployer is at work.
    pub(super) const LOCKED: u8 = 5;
    /// A migration began and did not end.
    pub(super) const HALF: u8 = 6;
    /// Wrong usage, as `sysexits.h` numbers it; clap's own 2 would read as "pending" to a deploy script.
    pub(super) const USAGE: u8 = 64;
}

/// Plans the schema's migrations, writes and applies them, takes them back, and shows where the database stands.
///
/// It exits with 0 where there is nothing left to do, 2 where something is pending, 3 where the database differs, 4 where something
/// would be lost that nobody accepted, 5 where another deployer is at work, 6 where a migration is half applied, 64 for wrong
/// usage, and 1 for anything else.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The database's URL; without it, the configuration says it (`seabed.toml`, `DATABASE_URL`)
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    url: Option<String>,
    /// The database's name in the configuration
    #[arg(long, global = true, value_name = "NAME", default_value = "main", conflicts_with = "url")]
    database: String,
    /// The folder of the migrations' crate; `cargo run` says it
    #[arg(long, global = true, value_name = "PATH", env = "CARGO_MANIFEST_DIR", default_value = ".", hide_env = true)]
    folder: PathBuf,
    /// As JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident $module:ident,)*) => {
        #[derive(Debug, Subcommand)]
        enum Verb { $($(#[$doc])* $verb($module::Args),)* }

        impl Cli {
            async fn answer<M: MigratorTrait>(&self, scene: &Scene<'_>) -> Result<Told> {
                match &self.verb {
                    $(Verb::$verb(args) => {
                        let answer = $module::ask::<M>(args, scene).await?;
                        let told = $module::tell(&answer);
                        if self.json { Ok(Told { text: json(&answer)?, ..told }) } else { Ok(told) }
                    })*
                }
            }
        }
    };
}

verbs! {
    /// Write the migration that makes of the last one's tables those of the entities; no database is asked
    Generate generate,
    /// Hold entities, snapshot and migrations against each other; no server is asked
    Check check,
    /// Show what would run on the database, with its risk and its way back; changes nothing
    Plan plan,
    /// Show what is to be known of what is pending; changes nothing
    Lint lint,
    /// Apply what is pending, oldest first
    #[command(visible_alias = "up")]
    Apply apply,
    /// Show every migration and how far it is; changes nothing
    Status status,
    /// Show where the database breaks the contract or differs from the entities; changes nothing
    Verify verify,
    /// Say what the books cannot know of a migration that stopped
    Resolve resolve,
    /// Take a database over that is what the migrations make: note them, and run nothing
    Baseline baseline,
    /// Take back what was applied, newest first
    Down down,
    /// Write SeaORM entities of the tables that the database has
    Entities entities,
    /// Draw the entities
    Erd erd,
}

/// What is said, and how it ended.
#[derive(Debug)]
struct Told {
    text: String,
    code: u8,
}

/// The whole deploy-time command: `generate`, `check`, `plan`, `lint`, `apply` (or `up`), `status`, `verify`, `resolve`, `baseline`,
/// `down`, `entities` and `erd`, each
/// with `--url` or `--database`, and with `--json` for scripts.
/// What was done goes to standard output, what failed to standard error, with the server's words: they may quote rows, and who
/// deploys may read them.
///
/// The exit code is 0 where nothing is left to do, 2 where something is pending, 3 where the database differs, 4 where something
/// would be lost that nobody accepted, 5 where another deployer is at work, 6 where a migration is half applied, 64 for wrong
/// usage, 1 for anything else.
pub async fn run<M: MigratorTrait>(entities: Vec<EntityInfo>) -> ExitCode {
    run_from::<M>(std::env::args_os(), entities).await
}

/// The same with arguments of your own, the program's name first.
pub async fn run_from<M: MigratorTrait>(
    arguments: impl IntoIterator<Item = OsString>,
    entities: Vec<EntityInfo>,
) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(usage) => {
            // Asking for help is no mistake. Where the terminal is gone there is nobody to tell.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { code::USAGE } else { code::CLEAN });
        }
    };
    let scene = Scene::new(&cli, &entities);
    match cli.answer::<M>(&scene).await {
        // `anstream` leaves the colours away where nobody sees them: in a pipe, a file, or by NO_COLOR.
        Ok(told) => match writeln!(anstream::stdout(), "{}", told.text.trim_end()) {
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                eprintln!("error: it was done, and could not be told: {error}");
                ExitCode::from(code::FAILED)
            }
            _ => ExitCode::from(told.code),
        },
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "{}: {}", Style::Removed.paint("error"), chain(&error));
            if let Some(detail) = error.detail() {
                eprintln!("the server says: {detail}");
            }
            ExitCode::from(match error.kind() {
                ErrorKind::LockTimeout => code::LOCKED,
                ErrorKind::NotAccepted => code::DESTRUCTIVE,
                ErrorKind::HalfApplied => code::HALF,
                _ => code::FAILED,
            })
        }
    }
}

/// A table with this head.
fn table<const N: usize>(head: [&str; N]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::UTF8_FULL_CONDENSED).set_header(head);
    table
}

/// A plan as a person reads it.
fn drawn(plan: &crate::schema::Plan) -> String {
    super::show::plan(plan).coloured()
}

fn json(answer: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(answer)
        .map_err(|error| Error::new(ErrorKind::Other, "the answer is not JSON").with_source(error))
}

/// An error and what is beneath it, in one line.
fn chain(error: &Error) -> String {
    let mut said = error.to_string();
    let mut beneath = std::error::Error::source(error);
    while let Some(cause) = beneath {
        said += &format!(": {cause}");
        beneath = cause.source();
    }
    said
}
