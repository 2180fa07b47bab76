//! The deploy-time command, so that a `main` is one line.

use super::{MigratorTrait, Status, down_on, up_on};
use crate::{
    Config, Database, Error, ErrorKind, Result,
    backend::Finding,
    config::{ConnectionUrl, SqlitePath},
    migration::books::Books,
    repository::EntityInfo,
};
use clap::{Parser, Subcommand};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use std::{ffi::OsString, io::Write as _, process::ExitCode};

/// Wrong usage, as `sysexits.h` numbers it; clap's own 2 would read as "pending" to a deploy script.
const USAGE: u8 = 64;
/// The database differs from the entities.
const DRIFT: u8 = 3;

/// Applies the schema's migrations, takes them back, or shows where the database stands.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// The database's URL; without it, the configuration says it (`seabed.toml`, `DATABASE_URL`)
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    url: Option<String>,
    /// The database's name in the configuration
    #[arg(long, global = true, value_name = "NAME", default_value = "main", conflicts_with = "url")]
    database: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply what is pending, oldest first
    Up {
        /// At most so many
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        steps: Option<u32>,
    },
    /// Take back what was applied, newest first
    Down {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// Show every migration and whether it was applied
    Status {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
    /// Show where the database breaks the contract or differs from the entities; changes nothing
    Verify {
        /// As JSON, for scripts
        #[arg(long)]
        json: bool,
    },
}

/// What is said, and how it ended.
#[derive(Debug)]
struct Said {
    text: String,
    code: ExitCode,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, code: ExitCode::SUCCESS }
    }
}

/// The whole deploy-time command: `up [--steps N]`, `down [--steps N]`, `status [--json]`, `verify [--json]`, each with `--url`
/// and `--database`; `verify` holds the database against these entities.
/// What was done goes to standard output, what failed to standard error, with the server's words: they may quote rows, and who
/// deploys may read them.
///
/// The exit code is 0 where it was done, 1 where it failed, 3 where `verify` found something, 64 for wrong usage.
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
            return if usage.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    match cli.execute::<M>(&entities).await {
        Ok(said) => match writeln!(std::io::stdout(), "{}", said.text) {
            // A reader that has seen enough (`| head`) is no failure.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                eprintln!("error: it was done, and could not be told: {error}");
                ExitCode::FAILURE
            }
            _ => said.code,
        },
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            if let Some(detail) = error.detail() {
                eprintln!("the server says: {detail}");
            }
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    async fn execute<M: MigratorTrait>(self, entities: &[EntityInfo]) -> Result<Said> {
        let config = match &self.url {
            Some(url) => Config::from_url(url)?,
            None => Config::load()?,
        };
        if !matches!(self.command, Command::Up { .. }) {
            there(&config.database(&self.database)?.url)?;
        }
        let db = Database::builder(config).name(self.database).connect().await?;
        if let Command::Verify { json } = self.command {
            let findings = db.verify(entities).await?;
            db.close().await?;
            let code = if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DRIFT) };
            return Ok(Said { text: found(&findings, entities.len(), json)?, code });
        }
        let mut deploy = db.backend().deploy().await?;
        let outcome = match self.command {
            // It was answered above.
            Command::Verify { .. } => Ok(String::new()),
            Command::Up { steps } => up_on::<M>(&mut *deploy, steps).await.map(|names| told(&names, "applied")),
            Command::Down { steps } => down_on::<M>(&mut *deploy, steps).await.map(|names| told(&names, "taken back")),
            Command::Status { json } => {
                Books::read::<M>(&mut *deploy).await.map(Books::into_rows).and_then(|rows| shown(&rows, json))
            }
        };
        let said = super::closed(deploy, outcome).await?;
        db.close().await?;
        Ok(said.into())
    }
}

/// Only `up` makes a SQLite file: asked of a wrong name, the others would leave an empty one.
fn there(url: &ConnectionUrl) -> Result<()> {
    match url.path() {
        SqlitePath::File(file) if !file.exists() => {
            let why = format!("the file `{}` is not there", file.display());
            Err(Error::new(ErrorKind::DatabaseNotFound, why))
        }
        _ => Ok(()),
    }
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

fn told(names: &[String], what: &str) -> String {
    let mut lines: Vec<String> = names.iter().map(|name| format!("{what}: {name}")).collect();
    lines.push(match names.len() {
        0 => format!("nothing to be {what}"),
        1 => format!("1 migration {what}"),
        many => format!("{many} migrations {what}"),
    });
    lines.join("\n")
}

fn found(findings: &[Finding], entities: usize, json: bool) -> Result<String> {
    if json {
        return serde_json::to_string_pretty(findings)
            .map_err(|error| Error::new(ErrorKind::Other, "the findings are not JSON").with_source(error));
    }
    if findings.is_empty() {
        return Ok(format!("no finding: the server and the tables of {entities} entities keep the contract"));
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(["law", "where", "what was found", "what would mend it"]);
    for finding in findings {
        let place = [finding.entity.as_deref(), finding.field.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        let mend = finding.mend.as_deref().unwrap_or_default();
        table.add_row([finding.law, &place.join("."), &finding.why, mend]);
    }
    Ok(table.to_string())
}

fn shown(rows: &[Status], json: bool) -> Result<String> {
    if json {
        return serde_json::to_string_pretty(rows)
            .map_err(|error| Error::new(ErrorKind::Other, "the status is not JSON").with_source(error));
    }
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(["migration", "state"]);
    let newest = rows.iter().rposition(|row| row.known);
    for (position, row) in rows.iter().enumerate() {
        let state = match (row.applied, row.known) {
            (true, true) => "applied",
            (true, false) if Some(position) < newest => "applied, and this program lacks it",
            (true, false) => "applied by a newer program",
            (false, _) => "pending",
        };
        table.add_row([row.name.as_str(), state]);
    }
    Ok(table.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_a_table_or_json() {
        let rows = [
            Status { name: "m1_a".into(), applied: true, known: true },
            Status { name: "m2_b".into(), applied: false, known: true },
        ];
        let table = shown(&rows, false).expect("a table");
        assert!(table.contains("m1_a") && table.contains("pending"), "{table}");
        let json = shown(&rows, true).expect("JSON");
        assert!(json.contains(r#""name": "m2_b""#) && json.contains(r#""applied": false"#), "{json}");
    }

    #[test]
    fn an_unknown_migration_is_newer_or_lost() {
        let row = |name: &str, known| Status { name: name.into(), applied: true, known };
        let table = shown(&[row("m1", false), row("m2", true), row("m3", false)], false).expect("a table");
        let states: Vec<_> = table.lines().filter(|line| line.contains("┆ applied")).collect();
        assert!(states[0].contains("this program lacks it"), "{table}");
        assert!(states[2].contains("by a newer program"), "{table}");
    }

    #[cfg(feature = "sqlite")]
    #[tokio::test]
    async fn only_up_makes_a_file() {
        struct Nothing;
        impl MigratorTrait for Nothing {
            fn migrations() -> Vec<Box<dyn super::super::prelude::MigrationTrait>> {
                Vec::new()
            }
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("shop.db");
        for (command, is_there) in
            [("status", false), ("down", false), ("verify", false), ("up", true), ("status", true)]
        {
            let url = format!("sqlite:{}", file.display());
            let cli = Cli::try_parse_from(["migration", command, "--url", &url]).expect("right usage");
            let outcome = cli.execute::<Nothing>(&[]).await;
            assert_eq!((outcome.is_ok(), file.exists()), (is_there, is_there), "{command}: {outcome:?}");
        }
    }

    #[test]
    fn findings_are_a_table_or_json() {
        let finding =
            Finding::new("V3", "its collation is C").entity("dataset").field("name").mend("ALTER TABLE dataset");
        let table = found(std::slice::from_ref(&finding), 1, false).expect("a table");
        assert!(table.contains("V3") && table.contains("dataset.name") && table.contains("ALTER TABLE"), "{table}");
        let json = found(&[finding], 1, true).expect("JSON");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!((&json[0]["law"], &json[0]["field"]), (&"V3".into(), &"name".into()));
        assert_eq!(found(&[], 1, true).expect("JSON"), "[]");
        assert!(found(&[], 5, false).expect("text").contains("5 entities"));
    }

    #[test]
    fn down_takes_one_step_unless_told() {
        let cli = Cli::try_parse_from(["migration", "down"]).expect("right usage");
        assert!(matches!(cli.command, Command::Down { steps: 1 }), "{cli:?}");
        assert!(Cli::try_parse_from(["migration", "down", "--steps", "0"]).is_err());
    }
}
