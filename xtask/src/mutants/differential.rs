//! Trust in the differential test: each of its patches breaks one backend, and the backends must be found to part.

use super::{Bench, apply, copy};
use crate::{mutants::patch::Patch, shell, summary::Summary};
use anyhow::Result;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use std::{path::PathBuf, process::Command, time::Duration};

/// What the header of such a patch names as its test.
pub const TEST: &str = "differential";
/// In so many operations it must be found.
const OPERATIONS: &str = "50000";
/// The same operations each time.
const SEED: &str = "1";
const LIMIT: Duration = Duration::from_secs(600);

/// Builds the program with each patch, runs it, and expects a divergence.
///
/// # Errors
/// A patch that is not found, does not apply or does not build; the unbroken program parts the backends, too.
pub fn run(bench: &Bench, patches: &[(String, Result<Patch, String>)]) -> Result<()> {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(["patch", "law", "outcome"]);
    let mut summary = Summary::default();
    for (name, patch) in patches {
        let outcome = match patch {
            Ok(patch) => bench.hunt(patch)?,
            Err(reason) => Err(format!("BROKEN: {reason}")),
        };
        let told = match &outcome {
            Ok(after) => format!("found after about {after} operations"),
            Err(reason) => reason.clone(),
        };
        if outcome.is_ok() {
            summary.passed += 1;
        } else {
            summary.failed += 1;
        }
        eprintln!("{name}: {told}");
        table.add_row([name.as_str(), patch.as_ref().map_or("?", |patch| &patch.law), &told]);
    }
    copy::sync(&shell::root(), &bench.tree)?;
    println!("\n{table}\n");
    summary.finish("planted divergences")
}

impl Bench {
    /// After how many operations the broken program was found out, or why it was not.
    fn hunt(&self, patch: &Patch) -> Result<Result<u64, String>> {
        copy::sync(&shell::root(), &self.tree)?;
        if let Err(error) = apply(&patch.path, &self.tree) {
            return Ok(Err(format!("BROKEN: {error:#}")));
        }
        let mut build = shell::cargo();
        build.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        build.args(["build", "--quiet", "--release", "--package", "seabed-differential"]);
        let (built, said) = shell::output(&mut build)?;
        if !built.success() {
            return Ok(Err(format!("BROKEN: does not build:\n{said}")));
        }
        let mut command = Command::new(self.program());
        command.args(["--ops", OPERATIONS, "--minutes", "9", "--seed", SEED, "--shrink", "1"]);
        let (_, said) = shell::output_within(command.envs(self.servers.iter().cloned()), LIMIT)?;
        Ok(found(&said).ok_or_else(|| "SURVIVED".to_owned()))
    }

    fn program(&self) -> PathBuf {
        self.target.join("release").join(format!("{TEST}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// The number in `DIVERGENCE: … after about 1200 operations`.
fn found(said: &str) -> Option<u64> {
    let line = said.lines().find(|line| line.starts_with("DIVERGENCE"))?;
    line.split_once("after about ")?.1.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::found;

    #[test]
    fn a_divergence_says_when_it_was_found() {
        let said = "seed 1\n\nDIVERGENCE: memory and mysql (seed 1, round 3, after about 1612 operations)\n  1 and 2\n";
        assert_eq!(found(said), Some(1612));
        assert_eq!(found("50000 operations on each backend in 60 s, 0 divergences"), None);
    }
}
