//! Every change of an entity on each backend, by a program of its own: it is built on the project, and xtask must build when the
//! project does not.

use crate::{
    program,
    servers::{Backend, Servers},
    shell,
};
use anyhow::Result;

/// The page that is written where every change ran on every backend.
const PAGE: &str = "docs/schema-matrix.md";

/// What is changed.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// On which backends; the page is written where it is all of them.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres,mysql,mongodb")]
    backends: Vec<Backend>,
    /// Only the changes whose name contains this; then no page is written.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Changes no page; fails where the committed one differs.
    #[arg(long)]
    check: bool,
    /// Says what was refused, and how.
    #[arg(long)]
    all: bool,
    /// Installs nothing.
    #[arg(long)]
    no_install: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let servers = Servers::start(&options.backends, !options.no_install)?;
    let backends: Vec<_> = options.backends.iter().map(|backend| backend.name()).collect();
    let (named, page) = (backends.join(","), shell::root().join(PAGE).display().to_string());
    let mut arguments = vec!["--quiet", "--package", "xtask-matrix", "--", "--backends", &named];
    if options.all {
        arguments.push("--all");
    }
    if let Some(only) = &options.only {
        arguments.extend(["--only", only]);
    } else if backends == ["sqlite", "postgres", "mysql", "mongodb"] {
        arguments.extend([if options.check { "--check" } else { "--write" }, &page]);
    }
    program::run(arguments, &servers, "a change came out wrong, or the program failed")
}
