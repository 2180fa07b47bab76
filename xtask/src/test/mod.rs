//! Every test on every backend, and which law was proven where.
//!
//! A green run that proved nothing is red: a skip on a backend that was asked for, and a law of [`laws::REQUIRED`]
//! without a case, count as failures.

pub mod laws;
pub mod parse;
mod table;

use crate::{
    contract,
    servers::{Backend, Servers},
    shell,
};
use anyhow::{Context, Result};
use parse::{Parser, Verdict};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::Stdio,
};

/// What to test.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A backend to test; all where none is named.
    #[arg(long = "backend", value_name = "NAME")]
    backends: Vec<Backend>,
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Only tests whose name contains this; says nothing of laws without a case.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let backends: BTreeSet<_> = match options.backends.as_slice() {
        [] => Backend::ALL.into(),
        named => named.iter().copied().collect(),
    };
    let backends: Vec<_> = backends.into_iter().collect();
    let servers = Servers::start(&backends, !options.no_install)?;

    let mut command = shell::cargo();
    command.args([
        "test",
        "--workspace",
        "--exclude",
        "seabed-benches",
        "--features",
        "conformance,mongodb",
        "--no-fail-fast",
    ]);
    command.args(["--", "--show-output"]).args(&options.only);
    for left_out in Backend::ALL.iter().filter(|backend| !backends.contains(backend)) {
        command.args(["--skip".to_owned(), format!("conformance::{left_out}::")]);
        if let Some(variable) = left_out.variable() {
            command.env_remove(variable);
        }
    }
    let required: Vec<_> = backends.iter().map(|backend| backend.name()).collect();
    command.envs(servers.environment()).env("SEABED_TEST_REQUIRE", required.join(","));

    let mut parser = Parser::default();
    let built_and_passed = stream(command.stdout(Stdio::piped()), &mut parser)?;
    drop(servers);
    report(&parser, &backends, built_and_passed, options.only.is_some())
}

/// Shows what the tests say while they say it. Whether cargo was content.
///
/// # Errors
/// Cargo is not there, or its output cannot be read.
pub fn stream(command: &mut std::process::Command, parser: &mut Parser) -> Result<bool> {
    let (mut child, guard) = shell::spawn(command)?;
    let mut reader = BufReader::new(child.stdout.take().context("no standard output")?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        if parser.line(text.trim_end()) {
            print!("{text}");
        }
        line.clear();
    }
    let status = child.wait()?;
    guard.release();
    parser.end();
    Ok(status.success())
}

fn report(parser: &Parser, backends: &[Backend], content: bool, filtered: bool) -> Result<()> {
    let mut summary = parser.totals();
    let mut wrong = Vec::new();
    for test in &parser.tests {
        if let Verdict::Skipped(reason) = &test.verdict
            && let Some(backend) = laws::backend_of(&test.name).filter(|backend| backends.contains(backend))
        {
            wrong.push(format!("{} was skipped, and {backend} is required: {reason}", test.name));
            summary.skipped = summary.skipped.saturating_sub(1);
        }
    }
    if !filtered {
        wrong.extend(laws::missing(&parser.tests, backends));
        wrong.extend(contract::lost(&contract::committed()?, &laws::proven(&parser.tests), backends));
    }
    let broken = parser.tests.iter().filter(|test| test.verdict == Verdict::Failed);
    let failing: Vec<_> = broken.map(|test| test.name.as_str()).collect();
    if !content && failing.is_empty() {
        wrong.push("cargo failed though no test did: it does not build, or a test binary was killed".to_owned());
    }
    println!("\n{}", table::table(&parser.tests, backends));
    for name in failing {
        println!("FAILED {name}");
    }
    for line in &wrong {
        println!("FAILED {line}");
    }
    summary.failed += wrong.len();
    summary.finish("test")
}
