//! Measures, against a PostgreSQL and a MariaDB that are started where none are given.

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
    let servers = Servers::start(&[Backend::Postgres, Backend::Mysql], !options.no_install)?;
    let mut command = shell::cargo();
    command.args(["run", "--release", "--package", "seabed-benches", "--"]).args(&options.arguments);
    if !shell::status(command.envs(servers.environment()))?.success() {
        bail!("the benchmarks failed");
    }
    Ok(())
}
