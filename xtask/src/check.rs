//! Everything that needs no server. All of it runs, even when something fails: one round is enough to see all.

use crate::{shell, summary::Summary};
use anyhow::{Context, Result, bail};
use std::{fs, io::Write, path::PathBuf, process::Command, time::Instant};

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only the checks whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// How a check ended well.
enum Outcome {
    Passed,
    Skipped(&'static str),
}

type Check = (&'static str, fn() -> Result<Outcome>);

/// Cheap ones first; those that share what they build stand side by side. `examples` uses what the tests have built.
const CHECKS: [Check; 19] = [
    ("format", || cargo(&["fmt", "--all", "--check"])),
    ("tidy", || own(&["tidy"])),
    ("contract", || own(&["contract", "--check"])),
    ("licences", || own(&["licences"])),
    ("lints", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--features", "conformance,mongodb", "--", "-D", "warnings"])
    }),
    ("docs", || {
        let mut command = shell::cargo();
        command.args(["doc", "--no-deps", "--workspace", "--features", "conformance,mongodb"]);
        succeed(command.env("RUSTDOCFLAGS", "-D warnings").env("CARGO_TERM_QUIET", "true"))
    }),
    ("entities", || own(&["entities", "--check"])),
    ("migrations", migrations),
    ("starter", || own(&["starter"])),
    ("takeover", || own(&["takeover", "--backends", "sqlite"])),
    ("examples", examples),
    ("quickstart", quickstart),
    ("service", || succeed(&mut shell::command(built("service")?))),
    ("no feature", || feature("")),
    ("feature sqlite", || feature("sqlite")),
    ("feature postgres", || feature("postgres")),
    ("feature mysql", || feature("mysql")),
    ("feature mongodb", || feature("mongodb")),
    ("feature conformance", || feature("conformance")),
];

pub fn run(options: &Options) -> Result<()> {
    let mut summary = Summary::default();
    let only = options.only.as_deref().unwrap_or_default();
    let mut failures = Vec::new();
    for (name, check) in CHECKS.iter().filter(|(name, _)| name.contains(only)) {
        print!("{name:<20} ");
        std::io::stdout().flush()?;
        let begin = Instant::now();
        let outcome = check();
        let took = begin.elapsed().as_secs_f64();
        match outcome {
            Ok(Outcome::Passed) => {
                summary.passed += 1;
                println!("ok      {took:6.1} s");
            }
            Ok(Outcome::Skipped(reason)) => {
                summary.skipped += 1;
                println!("skipped {took:6.1} s  {reason}");
            }
            Err(error) => {
                summary.failed += 1;
                println!("FAILED  {took:6.1} s");
                failures.push((name, error));
            }
        }
    }
    for (name, error) in failures {
        println!("\n---- {name} ----\n{error:#}");
    }
    println!();
    summary.finish("check")
}

fn cargo(arguments: &[&str]) -> Result<Outcome> {
    succeed(shell::cargo().args(arguments).env("CARGO_TERM_QUIET", "true"))
}

fn succeed(command: &mut Command) -> Result<Outcome> {
    shell::run(command).map(|_| Outcome::Passed)
}

/// One of our own. It prints what is wrong while it runs; here that has to wait, so it runs as a process.
fn own(arguments: &[&str]) -> Result<Outcome> {
    succeed(shell::command(shell::program()?).args(arguments))
}

/// The library as a user with one database builds it: without the features that a neighbour would bring.
fn feature(name: &'static str) -> Result<Outcome> {
    cargo(&["check", "--package", "seabed", "--lib", "--no-default-features", "--features", name])
}

/// Selected as the tests are, so that not one dependency is built again.
const SELECTED: [&str; 5] = ["--workspace", "--exclude", "seabed-benches", "--features", "conformance,mongodb"];

fn examples() -> Result<Outcome> {
    succeed(shell::cargo().arg("build").args(SELECTED).arg("--examples"))
}

/// The framework's own migrations: entities, snapshot and what they make of an empty database.
fn migrations() -> Result<Outcome> {
    succeed(shell::cargo().arg("build").args(SELECTED).arg("--bins"))?;
    let program = shell::target().join("debug/migration");
    succeed(shell::command(program).args(["check", "--folder", "migration"]))
}

/// An example's program, built by now. It is started without cargo, which would choose other features.
fn built(example: &str) -> Result<PathBuf> {
    let program = shell::target().join("debug/examples").join(example);
    if !program.exists() {
        bail!("{} was not built", program.display());
    }
    Ok(program)
}

/// The first program that a newcomer runs, on three small files.
fn quickstart() -> Result<Outcome> {
    if !shell::root().join("examples/quickstart").exists() {
        return Ok(Outcome::Skipped("there is no examples/quickstart"));
    }
    let program = built("quickstart")?;
    let folder = shell::target().join(format!("quickstart-{}", std::process::id()));
    let files = folder.join("files");
    fs::create_dir_all(&files)?;
    for (name, text) in [("one.csv", "a,b\n1,2\n"), ("two.csv", "a,b\n"), ("read me.txt", "été\n")] {
        fs::write(files.join(name), text)?;
    }
    let outcome =
        succeed(shell::command(program).current_dir(&folder).args(["files", "--url", "sqlite:quickstart.db"]));
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    outcome
}
