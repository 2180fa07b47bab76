//! Measures, against a PostgreSQL that is started where none is given.

use crate::{
    servers::{Backend, Servers},
    shell,
};
use anyhow::{Result, bail};

/// How to measure.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Handed to the benchmarks.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let servers = Servers::start(&[Backend::Postgres], !options.no_install)?;
    let mut command = shell::cargo();
    command.args(["run", "--release", "--package", "seabed-benches", "--"]).args(&options.arguments);
    if !shell::status(command.envs(servers.environment()))?.success() {
        bail!("the benchmarks failed");
    }
    Ok(())
}
