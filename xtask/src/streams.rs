//! A million rows on each backend, streamed by a program of its own: it is built on the project, and xtask must build when the
//! project does not.

use crate::{
    servers::{Backend, Servers},
    shell,
};
use anyhow::{Result, bail};

/// What is streamed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Handed to the trial: `--rows`, `--only`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let servers = Servers::start(&Backend::WHOLE, !options.no_install)?;
    let mut command = shell::cargo();
    command
        .args(["run", "--release", "--quiet", "--package", "xtask-trials", "--", "streams"])
        .args(&options.arguments);
    if !shell::status(command.envs(servers.environment()))?.success() {
        bail!("the streams failed");
    }
    Ok(())
}
