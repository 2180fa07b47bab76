//! What is known of a started server, in `target/servers/<backend>-<pid>.json`: enough to stop it from another process.
//!
//! A record outlives a run that was killed without warning, and that is what it is for.

use super::{Backend, compose, folder};
use crate::stop;
use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// A server that was started.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Record {
    /// Its backend's name.
    pub backend: String,
    /// What it is and how it came.
    pub product: String,
    /// Where it answers, with its password.
    pub url: String,
    /// The run that started it.
    pub owner: i32,
    /// Whether it stays when that run ends.
    pub stays: bool,
    /// How it runs.
    pub runs: Runs,
}

/// How a server runs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub enum Runs {
    /// As a process with its data, its log and nothing else in `home`.
    Process { pid: i32, home: PathBuf },
    /// In a container of this compose project.
    Container { engine: String, project: String },
}

impl Record {
    fn path(&self) -> PathBuf {
        folder().join(format!("{}-{}.json", self.backend, self.owner))
    }

    /// Host and port.
    pub fn address(&self) -> &str {
        let after_scheme = self.url.split_once("://").map_or(&*self.url, |(_, rest)| rest);
        let after_user = after_scheme.rsplit('@').next().unwrap_or_default();
        after_user.split('/').next().unwrap_or_default()
    }

    /// Writes it down, for our eyes only: it holds a password.
    pub fn write(&self) -> Result<()> {
        fs::create_dir_all(folder())?;
        let path = self.path();
        let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&path)?;
        file.write_all(&serde_json::to_vec_pretty(self)?).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Marks it as one that stays when this run ends.
    pub fn leave_running(mut self) -> Result<()> {
        self.stays = true;
        self.write()
    }

    /// Whether its server runs. A process with the same number that is not our server does not count.
    pub fn is_alive(&self) -> bool {
        match &self.runs {
            Runs::Process { pid, home } => stop::is_alive(*pid) && is_about(*pid, home),
            Runs::Container { engine, project } => compose::is_alive(engine, project),
        }
    }

    /// Stops its server and removes its data and itself. Says so where that fails; there is nobody to hand an error to.
    pub fn stop(&self) {
        match &self.runs {
            Runs::Process { pid, home } => {
                if self.is_alive() {
                    // PostgreSQL takes SIGTERM as "wait for the clients".
                    let gently =
                        if self.backend == Backend::Postgres.name() { Signal::SIGINT } else { Signal::SIGTERM };
                    stop::end_process(*pid, gently);
                }
                if let Err(error) = fs::remove_dir_all(home)
                    && home.exists()
                {
                    eprintln!("warning: cannot remove {}: {error}", home.display());
                }
            }
            Runs::Container { engine, project } => compose::stop(engine, project),
        }
        self.forget();
    }

    /// Removes the record alone, of a server that has ended.
    pub fn forget(&self) {
        // One that is not there is what is wanted.
        fs::remove_file(self.path()).unwrap_or_default();
    }
}

/// Whether the process was started for this folder. Where that cannot be read, the number alone has to do.
fn is_about(pid: i32, home: &Path) -> bool {
    fs::read(format!("/proc/{pid}/cmdline"))
        .map_or(true, |line| String::from_utf8_lossy(&line).contains(&*home.to_string_lossy()))
}

fn all() -> Vec<Record> {
    let entries = fs::read_dir(folder()).into_iter().flatten().flatten();
    entries.filter_map(|entry| serde_json::from_slice(&fs::read(entry.path()).ok()?).ok()).collect()
}

/// The server of `servers up`, if it still runs.
pub fn left_running(backend: Backend) -> Option<Record> {
    all().into_iter().find(|record| record.stays && record.backend == backend.name() && record.is_alive())
}

/// Stops what a killed run left behind, and forgets what has ended by itself.
///
/// # Errors
/// A folder cannot be removed.
pub fn sweep() -> Result<()> {
    for record in all() {
        let abandoned = !record.stays && !stop::is_alive(record.owner);
        if abandoned || (record.stays && !record.is_alive()) {
            eprintln!("{}: removing what run {} left behind", record.backend, record.owner);
            record.stop();
        }
    }
    for entry in fs::read_dir(folder()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.rsplit_once('-')?.1.parse().ok());
        let known = entry.path().with_extension("json").exists();
        if owner.is_some_and(|owner| !stop::is_alive(owner)) && !known {
            // Its run was killed before there was a server: half a data folder.
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_password() {
        let record = Record {
            backend: "postgres".into(),
            product: "PostgreSQL".into(),
            url: "postgres://postgres:secret@127.0.0.1:5433/postgres".into(),
            owner: 1,
            stays: false,
            runs: Runs::Process { pid: 1, home: "/nowhere".into() },
        };
        assert_eq!(record.address(), "127.0.0.1:5433");
    }

    #[test]
    fn another_process_with_the_same_number_is_not_our_server() {
        let own = std::process::id().cast_signed();
        assert!(!is_about(own, Path::new("/no/such/home")) || !Path::new("/proc").exists());
    }
}
