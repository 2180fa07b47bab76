//! Generates `entity/` from the migrations, by a program of its own: it is built on the project, and xtask must build when
//! the project does not.

use crate::shell;
use anyhow::{Result, bail};

/// Writes `entity/src`; with `check` changes nothing and fails where a file differs.
pub fn run(check: bool) -> Result<()> {
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "xtask-entities", "--"]);
    if check {
        command.arg("--check");
    }
    if !shell::status(&mut command)?.success() {
        bail!("the committed entities differ from the migrations, or could not be generated");
    }
    Ok(())
}
