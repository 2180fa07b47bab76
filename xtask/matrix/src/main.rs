//! Every change of an entity on every backend: planned, applied and read back. `cargo xtask schema-matrix` runs it.
//!
//! A program of its own: it is built on the project, and `cargo xtask` must build when the project does not.

mod base;
mod cases;
mod hand;
mod place;
mod play;
mod report;
mod rows;
mod versions;

use anyhow::{Context, Result, bail};
use cases::Case;
use clap::Parser;
use place::{Backend, Server};
use play::Verdict;
use report::Line;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Parser)]
#[command(about = "Every change of an entity on every backend", disable_version_flag = true)]
struct Arguments {
    /// Which backends.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres,mysql,mongodb")]
    backends: Vec<Backend>,
    /// Only the changes whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Says what was refused and how.
    #[arg(long)]
    all: bool,
    /// Writes the page to this file.
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Fails where this file is not the page.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let cases: Vec<Case> = cases::all().into_iter().filter(|case| case.name.contains(&arguments.only)).collect();
    if cases.is_empty() {
        bail!("no change is called so");
    }
    // The servers work side by side; on one of them the cases stand in a row.
    let each = arguments.backends.iter().map(|backend| on(*backend, folder.path(), &cases));
    let mut columns = futures::future::try_join_all(each).await?.into_iter();
    let mut lines: Vec<Line<'_>> = cases.iter().map(|case| Line { case, verdicts: Vec::new() }).collect();
    for (backend, column) in arguments.backends.iter().zip(&mut columns) {
        lines.iter_mut().zip(column).for_each(|(line, verdict)| line.verdicts.push((*backend, verdict)));
    }
    println!("{}", report::table(&lines, &arguments.backends, arguments.all));
    let page = report::page(&lines);
    if let Some(file) = &arguments.write {
        std::fs::write(file, &page).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let wrong = lines.iter().flat_map(|line| &line.verdicts).any(|(_, it)| matches!(it, Verdict::Wrong(_)));
    let stale = match &arguments.check {
        Some(file) => std::fs::read_to_string(file).unwrap_or_default() != page,
        None => false,
    };
    if stale {
        eprintln!("the page is not what came of it: `cargo xtask schema-matrix` writes it");
    }
    Ok(if wrong || stale { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn on(backend: Backend, folder: &std::path::Path, cases: &[Case]) -> Result<Vec<Verdict>> {
    let server = Server::new(backend, folder).await?;
    let mut verdicts = Vec::with_capacity(cases.len());
    for case in cases {
        let place = server.place(&format!("matrix_{}_{}", std::process::id(), case.name)).await?;
        verdicts.push(play::play(case, &place).await);
        place.remove().await?;
    }
    server.close().await?;
    Ok(verdicts)
}
