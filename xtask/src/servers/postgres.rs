//! PostgreSQL: a new cluster whose default order of text is a language's, not that of code points.
//!
//! Law V3 has to hold against such a cluster; one with the C locale would keep it by accident.

use super::{
    Backend,
    local::{Local, Place},
};
use anyhow::{Context, Result};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The locales to try, best first: ICU is there from PostgreSQL 15 on, the others depend on the machine.
const LOCALES: [&[&str]; 3] = [
    &["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"],
    &["--locale=en_US.UTF-8"],
    &["--locale=C.UTF-8"],
];

/// Nothing here needs to survive a power cut. Many tests open many connections at once.
const SETTINGS: [&str; 7] = [
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=200",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=64MB",
];

/// The programs of PostgreSQL.
#[derive(Debug)]
pub struct Postgres;

/// A program of the newest PostgreSQL that is there.
pub fn program(name: &str) -> Option<PathBuf> {
    crate::shell::find(name, &folders(Path::new("/usr/lib/postgresql")))
}

/// Where Debian keeps them: `<root>/<version>/bin`, newest first.
fn folders(root: &Path) -> Vec<PathBuf> {
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let entries = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = entries.filter(|path| version(path).is_some()).collect();
    found.sort_by_key(|path| std::cmp::Reverse(version(path)));
    found.iter().map(|path| path.join("bin")).collect()
}

/// The `initdb` beside the server, so that their versions agree.
fn pair() -> Result<(PathBuf, PathBuf)> {
    let server = program("postgres").context("`postgres` is not there")?;
    let server = fs::canonicalize(server)?;
    let initdb = server.with_file_name("initdb");
    Ok((server, initdb))
}

impl Local for Postgres {
    fn backend(&self) -> Backend {
        Backend::Postgres
    }

    fn url(&self, place: &Place) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", place.password, place.port)
    }

    fn user(&self) -> Option<&'static str> {
        Some("postgres")
    }

    fn initialise(&self, place: &Place, run: &dyn Fn(&mut Command) -> Result<String>) -> Result<()> {
        let (_, initdb) = pair()?;
        let secret = place.home.join("password");
        fs::write(&secret, &place.password)?;
        // Our user made it and another has to read it; the folder around it is closed to everybody else.
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o644))?;
        let mut outcome = Ok(String::new());
        for locale in LOCALES {
            let mut command = Command::new(&initdb);
            command.arg("--pgdata").arg(place.data()).arg("--pwfile").arg(&secret).args(locale);
            command.args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"]);
            outcome = run(&mut command);
            if outcome.is_ok() {
                break;
            }
        }
        fs::remove_file(&secret)?;
        outcome.map(drop)
    }

    fn server(&self, place: &Place) -> Result<Command> {
        let mut command = Command::new(pair()?.0);
        command.arg("-D").arg(place.data()).arg("-p").arg(place.port.to_string());
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        Ok(command)
    }

    /// The eighth line of its pid file says whether it takes connections.
    fn is_ready(&self, place: &Place) -> bool {
        let state = fs::read_to_string(place.data().join("postmaster.pid")).unwrap_or_default();
        state.lines().nth(7).is_some_and(|state| state.trim() == "ready")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first() {
        let root = tempfile::tempdir().expect("a folder");
        for version in ["9", "15", "17", "doc"] {
            fs::create_dir(root.path().join(version)).expect("made");
        }
        let expected: Vec<_> = ["17", "15", "9"].map(|version| root.path().join(version).join("bin")).into();
        assert_eq!(folders(root.path()), expected);
    }
}
