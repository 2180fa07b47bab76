//! What is missing, and where it comes from: apt, else a container engine, else an error that says what to do.

use super::{Backend, compose, mongodb, mysql, postgres};
use crate::shell;
use anyhow::{Context, Result, bail};
use nix::unistd::geteuid;
use std::path::PathBuf;

/// Sees to it that the backends' servers can be started; `true` where that has to be by a container engine.
///
/// # Errors
/// A server is missing and can neither be installed nor run in a container.
pub fn prepare(backends: &[Backend], may_install: bool) -> Result<bool> {
    if may_install {
        install_beside(backends);
    }
    let missing = || backends.iter().copied().filter(|backend| !is_there(*backend)).collect::<Vec<_>>();
    if may_install && backends.contains(&Backend::Mongodb) && !mongodb::is_there() {
        python(mongodb::install)
            .context("cannot install a server of MongoDB's protocol; or set SEABED_TEST_MONGODB_URL")?;
    }
    let needed = missing();
    if needed.is_empty() {
        return Ok(false);
    }
    let packages: Vec<_> = needed.iter().filter_map(|backend| package(*backend)).collect();
    let listed = packages.join(" and ");
    let wanted = needed.iter().filter_map(|backend| backend.variable()).collect::<Vec<_>>().join(" and ");
    if may_install && let Some(root) = root() {
        apt(root, &packages).with_context(|| format!("cannot install {listed}; or set {wanted}"))?;
        let still = missing();
        if !still.is_empty() {
            bail!("{listed} installed, but the server of {} is not found", still[0]);
        }
        return Ok(false);
    }
    if compose::program().is_some() {
        eprintln!("{listed}: not there, so run by {}", compose::FILE);
        return Ok(true);
    }
    let why = if !may_install {
        "installing was forbidden"
    } else if shell::find("apt-get", &[]).is_none() {
        "there is no apt"
    } else {
        "that needs root or sudo without a password"
    };
    bail!("not installed: {listed} ({why}), and no container engine answers; install it, or set {wanted}");
}

fn is_there(backend: Backend) -> bool {
    match backend {
        Backend::Memory | Backend::Sqlite => true,
        Backend::Postgres => postgres::program("postgres").is_some(),
        Backend::Mysql => mysql::server().is_some(),
        Backend::Mongodb => mongodb::is_there(),
    }
}

fn package(backend: Backend) -> Option<&'static str> {
    match backend {
        Backend::Memory | Backend::Sqlite | Backend::Mongodb => None,
        Backend::Postgres => Some("postgresql"),
        Backend::Mysql => Some("mariadb-server"),
    }
}

/// What a few tests start by themselves, and say that they were skipped where it is not there: installed where that needs no
/// question.
fn install_beside(backends: &[Backend]) {
    let folders = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    if !backends.contains(&Backend::Postgres) || shell::find("pgbouncer", &folders).is_some() {
        return;
    }
    if let Some(Err(error)) = root().map(|root| apt(root, &["pgbouncer"])) {
        eprintln!("warning: tests of pgbouncer will be skipped: {error:#}");
    }
}

/// What Python installs: once more after apt has brought Python's virtual environments, where they may be what was missing.
fn python(install: impl Fn() -> Result<()>) -> Result<()> {
    install().or_else(|error| match root() {
        Some(root) => apt(root, &["python3-venv"]).and_then(|()| install()),
        None => Err(error),
    })
}

/// What to put before a command that needs root; `None` where apt cannot be used.
fn root() -> Option<&'static [&'static str]> {
    shell::find("apt-get", &[])?;
    if geteuid().is_root() {
        return Some(&[]);
    }
    shell::succeeds(shell::command("sudo").args(["-n", "true"])).then_some(&["sudo", "-n"])
}

/// Installs without questions, and never by removing something: a machine may have Oracle's MySQL on purpose.
fn apt(root: &[&str], packages: &[&str]) -> Result<()> {
    eprintln!("installing {} with apt (--no-install forbids it)", packages.join(" "));
    let get = |arguments: &[&str]| {
        let words = [root, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"], arguments].concat();
        shell::run(shell::command(words[0]).args(&words[1..]))
    };
    // A list of packages that is a little old may still do; the install tells.
    if let Err(error) = get(&["update"]) {
        eprintln!("warning: {error:#}");
    }
    get(&[&["install", "--yes", "--no-install-recommends", "--no-remove"], packages].concat()).map(drop)
}
