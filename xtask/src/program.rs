//! Programs that measure or disturb the project, run with the servers that they need. They are built on the project, and xtask must
//! build when the project does not: so each is a program of its own.

use crate::{
    servers::{Backend, Servers},
    shell,
};
use anyhow::{Result, bail};

/// What such a program is handed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Handed to the program; its `--help` says what it takes.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// One of them.
pub struct Program {
    /// What follows `cargo run`.
    arguments: &'static [&'static str],
    servers: &'static [Backend],
    failed: &'static str,
}

pub const BENCH: Program = Program {
    arguments: &["--release", "--package", "seabed-benches", "--"],
    servers: &[Backend::Postgres, Backend::Mysql],
    failed: "the benchmarks failed",
};

pub const STREAMS: Program = Program {
    arguments: &["--release", "--quiet", "--package", "xtask-trials", "--", "streams"],
    servers: &Backend::ALL,
    failed: "the streams failed",
};

pub const INSPECTION: Program = Program {
    arguments: &["--release", "--quiet", "--package", "xtask-trials", "--", "inspection"],
    servers: &[Backend::Postgres, Backend::Mysql],
    failed: "the inspection failed",
};

pub const SCHEMA_KILL: Program = Program {
    arguments: &["--quiet", "--package", "xtask-trials", "--", "schema-kill"],
    servers: &[Backend::Postgres, Backend::Mysql, Backend::Mongodb],
    failed: "a deploy that was killed did not go on as it should",
};

impl Program {
    pub fn run(&self, options: &Options) -> Result<()> {
        let servers = Servers::start(self.servers, !options.no_install)?;
        run(self.arguments.iter().copied().chain(options.arguments.iter().map(String::as_str)), &servers, self.failed)
    }
}

/// `cargo run` with these arguments, and where the servers are in its environment.
pub fn run<'a>(arguments: impl IntoIterator<Item = &'a str>, servers: &Servers, failed: &str) -> Result<()> {
    let mut command = shell::cargo();
    command.arg("run").args(arguments).envs(servers.environment());
    if !shell::status(&mut command)?.success() {
        bail!("{failed}");
    }
    Ok(())
}
