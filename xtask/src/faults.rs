//! The fault tests of `tests/faults`, by number, on each backend: what was done, what was heard of it, and that nothing was lost
//! and nothing was done twice.
//!
//! Each test writes a line of JSON into the file that `SEABED_FAULTS_REPORT` names. A test that is missing on a backend that was
//! asked for is a failure, as is one that failed after its line.

use crate::{
    servers::{Backend, Servers},
    shell,
    test::{
        self,
        parse::{Parser, Verdict},
    },
};
use anyhow::{Context, Result};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Stdio,
};

/// What is to be run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// A backend; all that can fail so where none is named.
    #[arg(long = "backend", value_name = "NAME")]
    backends: Vec<Backend>,
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Only this test, by its number; says nothing of those that are missing.
    #[arg(long, value_name = "NUMBER")]
    only: Option<u32>,
}

const NETWORK: &[Backend] = &[Backend::Postgres, Backend::Mysql, Backend::Mongodb];
const SQL: &[Backend] = &[Backend::Sqlite, Backend::Postgres, Backend::Mysql];
const EACH: &[Backend] = &[Backend::Sqlite, Backend::Postgres, Backend::Mysql, Backend::Mongodb];
const MONGODB: &[Backend] = &[Backend::Mongodb];

/// The tests, by the numbers that they were planned under, and where each must be run: a file has no network, and one writer.
const TESTS: [(u32, &str, &[Backend]); 19] = [
    (1, "begin given up", EACH),
    (2, "savepoint given up", SQL),
    (3, "commit given up", EACH),
    (4, "error ignored, then commit", EACH),
    (5, "deadlock", NETWORK),
    (6, "lock timeout, then commit", NETWORK),
    (8, "restart under load", MONGODB),
    (9, "killed under load", MONGODB),
    (13, "all connections dark", NETWORK),
    (14, "old connections dark", NETWORK),
    (15, "answer lost, 100 times", NETWORK),
    (16, "cut at the n-th message", EACH),
    (17, "why there is no connection", NETWORK),
    (18, "200 tasks, 5 connections", EACH),
    (20, "two processes, one file", &[Backend::Sqlite]),
    (21, "disk full", SQL),
    (22, "bulk", EACH),
    (23, "values at the edges", EACH),
    (25, "secrets", NETWORK),
];

/// What a test wrote.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
struct Row {
    test: u32,
    backend: String,
    operations: u64,
    acknowledged: u64,
    refused: u64,
    unknown: u64,
    lost: u64,
    duplicated: u64,
    recovery_ms: u64,
}

impl Row {
    /// A test may have several parts.
    fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.lost += other.lost;
        self.duplicated += other.duplicated;
        self.recovery_ms = self.recovery_ms.max(other.recovery_ms);
    }
}

type Rows = BTreeMap<(u32, Backend), Row>;

/// The lines of the tests, summed by test and backend.
fn rows(lines: &str) -> Result<Rows> {
    let mut rows = Rows::new();
    for line in lines.lines() {
        let row: Row = serde_json::from_str(line).with_context(|| format!("no line of a report: {line}"))?;
        let backend = EACH.iter().copied().find(|backend| backend.name() == row.backend);
        let backend = backend.with_context(|| format!("no backend: {line}"))?;
        rows.entry((row.test, backend)).or_default().add(row);
    }
    Ok(rows)
}

/// What is wrong with them.
fn wrong(rows: &Rows, backends: &BTreeSet<Backend>, only: Option<u32>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (&(test, backend), row) in rows {
        if row.lost + row.duplicated > 0 {
            wrong.push(format!("test {test} on {backend}: {} lost, {} duplicated", row.lost, row.duplicated));
        }
    }
    let must = TESTS.iter().filter(|(test, ..)| only.is_none_or(|only| only == *test));
    for (test, what, on) in must {
        for &backend in on.iter().filter(|backend| backends.contains(backend)) {
            if !rows.contains_key(&(*test, backend)) {
                wrong.push(format!("test {test} ({what}) was not run on {backend}, or did not get to its end"));
            }
        }
    }
    wrong
}

fn table(rows: &Rows) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header([
        "test",
        "what goes wrong",
        "backend",
        "operations",
        "acknowledged",
        "refused",
        "unknown",
        "lost",
        "duplicated",
        "longest recovery",
    ]);
    for ((test, backend), row) in rows {
        let what = TESTS.iter().find(|(number, ..)| number == test).map_or("", |(_, what, _)| *what);
        let counts = [row.operations, row.acknowledged, row.refused, row.unknown, row.lost, row.duplicated];
        let cells = [test.to_string(), what.to_owned(), backend.to_string()].into_iter();
        let recovery = format!("{} ms", row.recovery_ms);
        table.add_row(cells.chain(counts.iter().map(u64::to_string)).chain([recovery]));
    }
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

pub fn run(options: &Options) -> Result<()> {
    let named = if options.backends.is_empty() { EACH } else { &options.backends };
    let backends: BTreeSet<_> = named.iter().copied().collect();
    let asked: Vec<_> = backends.iter().copied().collect();
    let servers = Servers::start(&asked, !options.no_install)?;
    let report = shell::target().join("faults.jsonl");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut command = shell::cargo();
    command.args(["test", "--package", "seabed", "--features", "conformance,mongodb", "--test", "faults", "--"]);
    command.args(["--show-output"]);
    match options.only {
        Some(only) => command.arg(format!("::f{only:02}_")),
        None => command.args(["::f0", "::f1", "::f2"]),
    };
    for left_out in EACH.iter().filter(|backend| !backends.contains(backend)) {
        command.args(["--skip".to_owned(), format!("::{left_out}::")]);
        if *left_out == Backend::Mongodb {
            command.args(["--skip", "mongo::"]);
        }
        if let Some(variable) = left_out.variable() {
            command.env_remove(variable);
        }
    }
    let required: Vec<_> = backends.iter().map(|backend| backend.name()).collect();
    command.envs(servers.environment()).env("SEABED_TEST_REQUIRE", required.join(","));
    command.env("SEABED_FAULTS_REPORT", &report);

    let mut parser = Parser::default();
    let content = test::stream(command.stdout(Stdio::piped()), &mut parser)?;
    drop(servers);
    let rows = rows(&fs::read_to_string(&report).unwrap_or_default())?;
    let mut wrong = wrong(&rows, &backends, options.only);
    println!("\n{}", table(&rows));
    let mut summary = parser.totals();
    for test in &parser.tests {
        match &test.verdict {
            Verdict::Failed => println!("FAILED {}", test.name),
            Verdict::Skipped(reason) => println!("SKIPPED {}: {reason}", test.name),
            Verdict::Passed => {}
        }
    }
    if !content && summary.failed == 0 {
        wrong.push("cargo failed though no test did: it does not build, or the tests were killed".to_owned());
    }
    for line in &wrong {
        println!("FAILED {line}");
    }
    summary.failed += wrong.len();
    summary.finish("faults")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(test: u32, backend: &str, lost: u64) -> String {
        format!(
            r#"{{"test":{test},"backend":"{backend}","operations":4,"acknowledged":2,"refused":1,"unknown":1,"lost":{lost},"duplicated":0,"recovery_ms":7}}"#
        )
    }

    #[test]
    fn the_parts_of_a_test_are_summed() {
        let lines = [line(3, "postgres", 0), line(3, "postgres", 1)].join("\n");
        let rows = rows(&lines).expect("rows");
        let row = &rows[&(3, Backend::Postgres)];
        assert_eq!((row.operations, row.lost, row.recovery_ms), (8, 1, 7));
        let shown = table(&rows).to_string();
        assert!(shown.contains("commit given up") && shown.contains("7 ms"), "{shown}");
    }

    #[test]
    fn what_is_lost_and_what_was_not_run_is_told() {
        let rows = rows(&line(20, "sqlite", 2)).expect("rows");
        let backends = BTreeSet::from([Backend::Sqlite]);
        let told = wrong(&rows, &backends, None);
        assert!(told[0].contains("2 lost"), "{told:?}");
        let missing = TESTS.iter().filter(|(_, _, on)| on.contains(&Backend::Sqlite)).count() - 1;
        assert_eq!(told.len(), 1 + missing, "{told:?}");
        assert_eq!(wrong(&rows, &backends, Some(20)).len(), 1);
    }
}
