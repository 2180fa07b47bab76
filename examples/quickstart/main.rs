//! The framework's services on real input: `cargo run --example quickstart -- <folder>`.
//!
//! Registers every file under a folder as a dataset, annotates each, audits each step, keeps what fails as an error event, and
//! prints what it finds by query. On SQLite with nothing installed; `--url postgres://…` or `mysql://…` runs the same program
//! there, and prints the same report.

mod report;
mod scan;

use anyhow::{Context as _, Result};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use seabed::{
    Config, Database,
    framework::{AuditLogger, DatasetRegistry, ErrorHandler, Registered, entity::pipeline_run},
};
use std::{io::Write as _, path::PathBuf};

/// Registers every file under a folder.
#[derive(Parser)]
struct Arguments {
    /// The folder; the project's own by default.
    #[arg(default_value = env!("CARGO_MANIFEST_DIR"))]
    folder: PathBuf,
    /// Where the data lives; a SQLite file under `target/` by default.
    #[arg(long, default_value = concat!("sqlite:", env!("CARGO_MANIFEST_DIR"), "/target/quickstart.db"))]
    url: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    let db = Database::connect(Config::from_url(&arguments.url)?).await?;
    let applied = seabed::migration::up::<migration::Migrator>(&db).await?;
    eprintln!("{} {}: {applied} migrations applied", db.info().product, db.info().version);

    let run = register(&db, &arguments.folder).await?;
    let report = report::report(&db, &run).await?;
    // A reader that has seen enough (`| head`) is no failure.
    match std::io::stdout().write_all(report.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    db.close().await?;
    Ok(())
}

/// What a run did.
struct Run {
    model: pipeline_run::Model,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: u64,
}

async fn register(db: &Database, folder: &std::path::Path) -> Result<Run> {
    let audit = AuditLogger::new(db);
    let mut run = Run { model: audit.start("quickstart").await?, created: 0, updated: 0, unchanged: 0, failed: 0 };
    // The folder is walked twice, so that the bar knows its length and no list of files is held.
    let total = scan::walk(folder).count();
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {wide_msg}").context("the bar's template")?;
    let bar = ProgressBar::new(u64::try_from(total)?).with_style(style);
    for found in scan::walk(folder) {
        bar.set_message(found.as_ref().map_or_else(|failed| failed.name.clone(), |file| file.name.clone()));
        let outcome = match found {
            Ok(file) => scan::register(db, &run.model, file).await?,
            Err(failed) => Err(failed),
        };
        match outcome {
            Ok(Registered::Created(_)) => run.created += 1,
            Ok(Registered::Updated(_)) => run.updated += 1,
            Ok(Registered::Unchanged(_)) => run.unchanged += 1,
            Err(failed) => {
                run.failed += 1;
                scan::record(db, &run.model, failed).await?;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    run.model = audit.finish(run.model.id, "finished").await?;
    Ok(run)
}
