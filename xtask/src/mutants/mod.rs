//! Trust in the suite: each patch in `tests/mutants/` breaks one law, and the test that it names must go red.
//!
//! The work tree is copied, so that a patch never touches what a contributor edits, and built in a folder of its own
//! that is kept, so that each patch costs one incremental build. Before the first patch the named tests run on the
//! unbroken copy: one that is red already, or is not there, would prove nothing.

mod copy;
mod differential;
pub mod patch;

use crate::{
    servers::{Backend, Servers},
    shell,
    summary::Summary,
    test::parse::{Parser, Verdict},
};
use anyhow::{Context, Result, bail};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use patch::Patch;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// The patches.
const FOLDER: &str = "tests/mutants";
/// A broken program may loop. Longer than that is as red as a failure.
const LIMIT: Duration = Duration::from_secs(300);

/// What to break.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Only patches of this law, of all laws of this letter, or whose file name contains this.
    #[arg(long, value_name = "LAW")]
    only: Option<String>,
    /// Those that the differential test must find, and no others.
    #[arg(long)]
    differential: bool,
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
}

/// How a patch fared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// The test that it names went red.
    Killed,
    /// Nothing noticed.
    Survived,
    /// It does not apply, does not build, or its test is of no use.
    Broken(String),
}

/// The copy and how to build it.
struct Bench {
    tree: PathBuf,
    target: PathBuf,
    servers: Vec<(&'static str, String)>,
    features: &'static str,
}

pub fn run(options: &Options) -> Result<()> {
    let patches = patches(options)?;
    let backends: BTreeSet<_> = patches
        .iter()
        .filter_map(|(_, patch)| patch.as_ref().ok())
        .flat_map(|patch| &patch.backends)
        .copied()
        .collect();
    let backends: Vec<_> = if options.differential { Backend::ALL.to_vec() } else { backends.into_iter().collect() };
    let servers = Servers::start(&backends, !options.no_install)?;
    let folder = shell::target().join("mutants");
    let mongodb =
        patches.iter().any(|(_, patch)| patch.as_ref().is_ok_and(|patch| patch.backends.contains(&Backend::Mongodb)));
    let features = if mongodb { "conformance,mongodb" } else { "conformance" };
    let bench =
        Bench { tree: folder.join("tree"), target: folder.join("target"), servers: servers.environment(), features };
    copy::sync(&shell::root(), &bench.tree)?;
    if options.differential {
        return differential::run(&bench, &patches);
    }
    let sound: Vec<&Patch> = patches.iter().filter_map(|(_, patch)| patch.as_ref().ok()).collect();
    let before = bench.baseline(&sound)?;

    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["patch", "law", "outcome", "seconds"]);
    let mut summary = Summary::default();
    for (name, patch) in &patches {
        let begin = Instant::now();
        let outcome = match patch {
            Ok(patch) => bench.judge(patch, &before)?,
            Err(reason) => Outcome::Broken(reason.clone()),
        };
        let (word, detail) = match &outcome {
            Outcome::Killed => ("killed", ""),
            Outcome::Survived => ("SURVIVED", ""),
            Outcome::Broken(reason) => ("BROKEN", reason.as_str()),
        };
        if outcome == Outcome::Killed {
            summary.passed += 1
        } else {
            summary.failed += 1
        }
        eprintln!("{name}: {word} {detail}");
        let law = patch.as_ref().map_or("?", |patch| &patch.law);
        table.add_row([name.as_str(), law, word, &format!("{:.1}", begin.elapsed().as_secs_f64())]);
    }
    copy::sync(&shell::root(), &bench.tree)?;
    println!("\n{table}\n");
    summary.finish("mutants")
}

/// The patches by name; one with a bad header stays in the list as what is wrong with it.
fn patches(options: &Options) -> Result<Vec<(String, Result<Patch, String>)>> {
    let only = options.only.as_deref();
    let mut found = Vec::new();
    let folder = shell::root().join(FOLDER);
    for entry in folder.read_dir().with_context(|| format!("cannot read {FOLDER}"))? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".patch")) else {
            continue;
        };
        let patch = Patch::parse(&path, &std::fs::read_to_string(&path)?);
        let law = patch.as_ref().map_or("", |patch| &patch.law);
        let of_differential = patch.as_ref().is_ok_and(|patch| patch.test.as_deref() == Some(differential::TEST));
        if of_differential != options.differential {
            continue;
        }
        if only.is_none_or(|only| is_of(law, name, only)) {
            found.push((name.to_owned(), patch));
        }
    }
    if found.is_empty() {
        bail!("no patch in {FOLDER}{}", only.map(|only| format!(" is of {only}")).unwrap_or_default());
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(found)
}

/// Whether a patch is asked for by these words: its law, the letter of its law, or a part of its file's name.
fn is_of(law: &str, name: &str, only: &str) -> bool {
    let letter = law.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let one_letter = only.len() == 1;
    law.eq_ignore_ascii_case(only)
        || (one_letter && letter.eq_ignore_ascii_case(only))
        || (!one_letter && name.contains(only))
}

impl Bench {
    fn cargo(&self, patches: &[&Patch]) -> Command {
        let mut command = shell::cargo();
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        command.args(["test", "--package", "seabed", "--features", self.features, "--no-fail-fast"]);
        for test in patches.iter().flat_map(|patch| patch.tests()).collect::<BTreeSet<_>>() {
            match test.as_str() {
                "lib" => command.arg("--lib"),
                test => command.args(["--test", test]),
            };
        }
        let names = Backend::ALL.map(Backend::name);
        command.envs(self.servers.iter().cloned()).env("SEABED_TEST_REQUIRE", names.join(","));
        command
    }

    /// What the named tests say of the unbroken copy.
    fn baseline(&self, patches: &[&Patch]) -> Result<Parser> {
        eprintln!("building the unbroken copy");
        let mut command = self.cargo(patches);
        command.arg("--").args(patches.iter().map(|patch| patch.expect.as_str()));
        let (_, said) = shell::output_within(&mut command, LIMIT * 6)?;
        let parser = parsed(&said);
        if parser.tests.is_empty() && !patches.is_empty() {
            bail!("the unbroken copy runs none of the tests that the patches name:\n{said}");
        }
        Ok(parser)
    }

    fn judge(&self, patch: &Patch, before: &Parser) -> Result<Outcome> {
        let named: Vec<_> = before.tests.iter().filter(|test| patch.names(&test.name)).collect();
        if let Some(red) = named.iter().find(|test| test.verdict != Verdict::Passed) {
            return Ok(Outcome::Broken(format!("{} does not pass without the patch either", red.name)));
        }
        if named.is_empty() {
            return Ok(Outcome::Broken(format!("no test has `{}` in its name", patch.expect)));
        }
        copy::sync(&shell::root(), &self.tree)?;
        if let Err(error) = apply(&patch.path, &self.tree) {
            return Ok(Outcome::Broken(format!("{error:#}")));
        }
        let (built, said) = shell::output(self.cargo(&[patch]).arg("--no-run"))?;
        if !built.success() {
            return Ok(Outcome::Broken(format!("does not build:\n{said}")));
        }
        let (status, said) = shell::output_within(self.cargo(&[patch]).args(["--", &patch.expect]), LIMIT)?;
        let after = parsed(&said);
        let red = after.tests.iter().any(|test| patch.names(&test.name) && test.verdict == Verdict::Failed);
        // Without a code it was ended: by us, for looping.
        let killed = red || after.crashed > 0 || status.code().is_none();
        Ok(if killed { Outcome::Killed } else { Outcome::Survived })
    }
}

fn parsed(said: &str) -> Parser {
    let mut parser = Parser::default();
    for line in said.lines() {
        parser.line(line);
    }
    parser.end();
    parser
}

/// Applies a patch to the copy. Git must not find the repository around it: it would skip every file without a word.
fn apply(patch: &Path, tree: &Path) -> Result<()> {
    let above = tree.parent().context("the copy has no parent")?;
    let mut command = shell::command("git");
    command.current_dir(tree).env("GIT_CEILING_DIRECTORIES", above).env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
    shell::run(command.args(["apply", "-p1", "--whitespace=nowarn"]).arg(patch)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn patches_are_asked_for_by_law_by_letter_and_by_name() {
        for only in ["H1", "h1", "H", "h", "half_way"] {
            assert!(is_of("H1", "h1_half_way_connection_reused.patch", only), "{only}");
        }
        assert!(!is_of("H11", "h11_lost_commit.patch", "H1"), "another law");
        assert!(!is_of("W9", "w9_what_has_an_h.patch", "h"), "a letter is that of a law");
        assert!(!is_of("schema", "a.patch", "s"), "and a word is none");
    }
}
