//! Hunts for holes: the same random operations on every backend, against servers that are started where none is given.

use crate::{
    program,
    servers::{Backend, Servers},
};
use anyhow::Result;

/// How to hunt.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Which backends answer; memory always does.
    #[arg(long, value_delimiter = ',', default_value = "memory,sqlite,postgres,mysql,mongodb")]
    backends: Vec<Backend>,
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
    /// Handed to the program: `--minutes 10 --seed 7 --ops 100000 --round 3`; `--help` says all.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    let servers = Servers::start(&options.backends, !options.no_install)?;
    let backends: Vec<_> = options.backends.iter().map(|backend| backend.name()).collect();
    let backends = backends.join(",");
    let start = ["--release", "--quiet", "--package", "seabed-differential", "--", "--backends", &backends];
    let arguments = start.into_iter().chain(options.arguments.iter().map(String::as_str));
    program::run(arguments, &servers, "the backends do not agree, or the program failed")
}
