//! Deploys that are killed, by a program of its own: it is built on the project, and xtask must build when the project does not.

use crate::{
    servers::{Backend, Servers},
    shell,
};
use anyhow::{Result, bail};

/// How often.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Handed to the trial: `--rounds`, `--rows`, `--only`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let servers = Servers::start(&[Backend::Postgres, Backend::Mysql], !options.no_install)?;
    let mut command = shell::cargo();
    command.args(["run", "--quiet", "--package", "xtask-trials", "--", "schema-kill"]).args(&options.arguments);
    if !shell::status(command.envs(servers.environment()))?.success() {
        bail!("a deploy that was killed did not go on as it should");
    }
    Ok(())
}
