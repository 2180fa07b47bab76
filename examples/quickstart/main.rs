//! The framework's services on real input: `cargo run --example quickstart -- <folder>`.
//!
//! Registers every file under a folder as a dataset, annotates each, audits each step, keeps what fails as an error event, and
//! prints what it finds by query. On SQLite with nothing installed; `--url postgres://…`, `mysql://…` or, with the feature `mongodb`,
//! `mongodb://…` runs the same program there, and prints the same report. It can be ended and begun again at any time: each file is registered whole or not at all.

pub(crate) mod report;
pub(crate) mod scan;

use anyhow::{Context as _, Result, anyhow};
use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use seabed::{
    Config, Database,
    framework::{AuditLogger, DatasetRegistry, ErrorHandler, Registered, entity::pipeline_run},
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Registers every file under a folder.
#[derive(Parser)]
struct Arguments {
    /// The folder; the project's own by default.
    #[arg(default_value = env!("CARGO_MANIFEST_DIR"))]
    folder: PathBuf,
    /// Where the data lives; by default `quickstart.db`, a SQLite file in Cargo's target folder.
    #[arg(long)]
    url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line: what failed, then why.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    let folder = scan::folder(&arguments.folder)?;
    let url = arguments.url.map_or_else(nearby, Ok)?;
    let db = Database::connect(Config::from_url(&url)?).await?;
    let applied = seabed::migration::up::<migration::Migrator>(&db).await?;
    eprintln!("{} {}: {applied} migrations applied", db.info().product, db.info().version);

    let run = register(&db, &folder, interrupted()).await?;
    let report = report::report(&db, &run).await?;
    // A reader that has seen enough (`| head`) is no failure.
    match std::io::stdout().write_all(report.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    db.close().await?;
    Ok(())
}

/// A file beside what Cargo builds: this program is `<target>/debug/examples/quickstart`.
fn nearby() -> Result<String> {
    let program = std::env::current_exe().context("the program's own place")?;
    let target = program.ancestors().nth(3).context("the program is not where Cargo puts it; name a --url")?;
    let file = target.join("quickstart.db").display().to_string();
    Ok(format!("sqlite:{}", file.replace('%', "%25").replace('?', "%3F")))
}

/// Ends when somebody presses Ctrl-C.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// What a run did.
pub(crate) struct Run {
    pub(crate) model: pipeline_run::Model,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) unchanged: u64,
    pub(crate) failed: u64,
}

/// Registers every file below a folder as one run, until all is done or `interrupted` ends.
pub(crate) async fn register(db: &Database, folder: &Path, interrupted: impl Future<Output = ()>) -> Result<Run> {
    let audit = AuditLogger::new(db);
    let mut run = Run { model: audit.start("quickstart").await?, created: 0, updated: 0, unchanged: 0, failed: 0 };
    // What is on its way is dropped when the interruption comes; the transaction around it is rolled back.
    let done = tokio::select! {
        done = register_all(db, folder, &mut run) => done,
        () = interrupted => Err(anyhow!("interrupted; what was registered is kept, and the next run goes on")),
    };
    let ended = audit.finish(run.model.id, if done.is_ok() { "finished" } else { "failed" }).await;
    // The cause is what matters, where the end cannot be written down either.
    done?;
    run.model = ended?;
    Ok(run)
}

async fn register_all(db: &Database, folder: &Path, run: &mut Run) -> Result<()> {
    // The folder is walked twice, so that the bar knows its length and no list of files is held.
    let mut total = 0;
    for _ in scan::walk(folder) {
        total += 1;
        tokio::task::yield_now().await;
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {wide_msg}").context("the bar's template")?;
    let bar = ProgressBar::new(total).with_style(style);
    for found in scan::walk(folder) {
        let name = found.as_ref().map_or_else(|failed| &failed.name, |file| &file.name);
        bar.set_message(report::printable(name));
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
    Ok(())
}
