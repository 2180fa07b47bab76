//! Servers in containers, for a machine without apt: `docker-compose.yml` says which.

use super::{
    Backend, password,
    record::{Record, Runs},
};
use crate::{shell, stop, stop::Guard};
use anyhow::{Context, Result};
use std::process::Command;

/// The file that describes them.
pub const FILE: &str = "docker-compose.yml";

/// The password is needed wherever the file is read, and given where it is used.
const PASSWORD: &str = "SEABED_COMPOSE_PASSWORD";

/// A container engine that answers and can compose. An installed program without its service does not count.
pub fn program() -> Option<&'static str> {
    ["docker", "podman"].into_iter().find(|engine| {
        shell::succeeds(shell::command(engine).arg("info"))
            && shell::succeeds(shell::command(engine).args(["compose", "version"]))
    })
}

fn compose(engine: &str, project: &str) -> Command {
    let mut command = shell::command(engine);
    command.args(["compose", "--file", FILE, "--project-name", project]).env(PASSWORD, "unused");
    command
}

/// Starts the backend's container and waits until it is healthy.
///
/// # Errors
/// The engine fails.
pub fn start(backend: Backend) -> Result<(Record, Guard)> {
    let engine = program().context("no container engine answers")?;
    let owner = std::process::id().cast_signed();
    let project = format!("seabed-{backend}-{owner}");
    let secret = password()?;
    let mut record = Record {
        backend: backend.name().to_owned(),
        product: format!("a container of {engine}"),
        url: String::new(),
        owner,
        stays: false,
        runs: Runs::Container { engine: engine.to_owned(), project: project.clone() },
    };
    let stopped = record.clone();
    let ((), guard) = stop::hold(|| Ok(((), Box::new(move || stopped.stop()))))?;
    record.write()?;
    shell::run(compose(engine, &project).args(["up", "--detach", "--wait", backend.name()]).env(PASSWORD, &secret))?;
    let (scheme, user, port, database) = match backend {
        Backend::Mysql => ("mysql", "root", "3306", "mysql"),
        _ => ("postgres", "postgres", "5432", "postgres"),
    };
    let address = shell::run(compose(engine, &project).args(["port", backend.name(), port]))?;
    let address = published(&address).with_context(|| format!("no published port in {address:?}"))?;
    record.url = format!("{scheme}://{user}:{secret}@{address}/{database}");
    record.write()?;
    Ok((record, guard))
}

/// Host and port in the answer of `compose port`, which may come after warnings.
fn published(said: &str) -> Option<&str> {
    said.lines().map(str::trim).rfind(|line| line.starts_with("127.0.0.1:"))
}

/// Whether a container of the project runs.
pub fn is_alive(engine: &str, project: &str) -> bool {
    shell::run(compose(engine, project).args(["ps", "--quiet"])).is_ok_and(|said| !said.trim().is_empty())
}

/// Removes the project's containers and their data.
pub fn stop(engine: &str, project: &str) {
    let mut command = compose(engine, project);
    command.args(["down", "--volumes", "--timeout", "5"]);
    // Not held: this runs while everything held is being stopped.
    if !command.output().is_ok_and(|output| output.status.success()) {
        eprintln!("warning: `{engine} compose --project-name {project} down` failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_port_is_found_behind_warnings() {
        assert_eq!(published("level=warning msg=x\n127.0.0.1:49153\n"), Some("127.0.0.1:49153"));
        assert_eq!(published("no container found"), None);
    }
}
