//! A server as a process of this machine.

use super::{
    Backend, folder, password,
    record::{Record, Runs},
};
use crate::{shell, stop, stop::Guard};
use anyhow::{Context, Result, bail};
use nix::unistd::{User, geteuid};
use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::{fs::MetadataExt, fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server needs to know of its place.
#[derive(Debug)]
pub struct Place {
    /// A folder of its own; `data` and `log` are in it.
    pub home: PathBuf,
    pub port: u16,
    pub password: String,
}

impl Place {
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }
}

/// A server that can be started on this machine.
pub trait Local {
    fn backend(&self) -> Backend;
    fn url(&self, place: &Place) -> String;
    /// The user to run as when we are root, where it refuses to run as root.
    fn user(&self) -> Option<&'static str>;
    /// Makes its data folder. Runs as that user.
    fn initialise(&self, place: &Place, run: &dyn Fn(&mut Command) -> Result<String>) -> Result<()>;
    /// The server itself, in the foreground.
    fn server(&self, place: &Place) -> Result<Command>;
    /// Whether it answers.
    fn is_ready(&self, place: &Place) -> bool;
}

/// Starts a server and waits until it answers.
///
/// # Errors
/// It cannot be initialised, or ends, or does not answer within a minute; the end of its log is quoted.
pub fn start(local: &dyn Local) -> Result<(Record, Guard)> {
    let backend = local.backend();
    let user = user(local)?;
    let owner = std::process::id().cast_signed();
    let (home, whole) = stop::hold(|| {
        let home = home(backend, owner, user.as_ref())?;
        let made = home.clone();
        // Half a data folder is of no use to anybody, nor is a complaint that it had already gone.
        Ok((home, Box::new(move || fs::remove_dir_all(made).unwrap_or_default())))
    })?;
    let mut place = Place { home, port: 0, password: password()? };
    let run = |command: &mut Command| shell::run(become_user(command, user.as_ref()).current_dir(&place.home));
    local.initialise(&place, &run).with_context(|| format!("{backend}: cannot make its data folder"))?;
    // Between finding a free port and using it another process can take it.
    for tries_left in (0..3).rev() {
        place.port = free_port()?;
        match attempt(local, &place, user.as_ref(), owner) {
            Ok(started) => {
                whole.release();
                return Ok(started);
            }
            // One that did not answer was stopped and took its folder along.
            Err(error) if tries_left == 0 || !place.home.exists() => return Err(error),
            Err(_) => {}
        }
    }
    bail!("{backend}: cannot be started")
}

fn attempt(local: &dyn Local, place: &Place, user: Option<&User>, owner: i32) -> Result<(Record, Guard)> {
    let log = place.home.join("log");
    let file = File::create(&log)?;
    let mut server = local.server(place)?;
    let program = server.get_program().to_string_lossy().into_owned();
    become_user(&mut server, user);
    server.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).current_dir(&place.home).process_group(0);
    let ((mut child, record), guard) = stop::hold(|| {
        let child = server.spawn().with_context(|| format!("cannot start {program}"))?;
        let record = Record {
            backend: local.backend().name().to_owned(),
            product: program.clone(),
            url: local.url(place),
            owner,
            stays: false,
            runs: Runs::Process { pid: child.id().cast_signed(), home: place.home.clone() },
        };
        let stopped = record.clone();
        Ok(((child, record), Box::new(move || stopped.stop())))
    })?;
    record.write()?;
    let deadline = Instant::now() + PATIENCE;
    while !local.is_ready(place) {
        let ended = child.try_wait()?;
        if ended.is_some() || Instant::now() > deadline {
            let said = fs::read_to_string(&log).unwrap_or_default();
            let lines: Vec<&str> = said.lines().collect();
            let tail = lines[lines.len().saturating_sub(15)..].join("\n");
            if ended.is_some() {
                // The data folder serves the next attempt.
                guard.release();
                record.forget();
                bail!("{program} ended at once:\n{tail}");
            }
            bail!("{program} does not answer after {PATIENCE:?}:\n{tail}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok((record, guard))
}

/// The user that the server runs as, where it is not ours.
fn user(local: &dyn Local) -> Result<Option<User>> {
    let Some(name) = local.user().filter(|_| geteuid().is_root()) else { return Ok(None) };
    let user = User::from_name(name)?.or(User::from_name("nobody")?);
    Ok(Some(
        user.with_context(|| format!("{} refuses to run as root, and there is no user `{name}`", local.backend()))?,
    ))
}

fn become_user<'a>(command: &'a mut Command, user: Option<&User>) -> &'a mut Command {
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw()).env("HOME", &user.dir).env("USER", &user.name);
    }
    command
}

/// A new folder that the user owns and can reach: under `target/` if that can be, else under `/var/tmp` or `/tmp`.
fn home(backend: Backend, owner: i32, user: Option<&User>) -> Result<PathBuf> {
    let name = format!("{backend}-{owner}");
    let near = folder();
    fs::create_dir_all(&near)?;
    let far = |parent: &str| PathBuf::from(parent).join(format!("seabed-{name}"));
    let candidates = [near.join(&name), far("/var/tmp"), far("/tmp")];
    let uid = user.map(|user| user.uid.as_raw());
    let reachable = |path: &&PathBuf| path.parent().is_some_and(|parent| uid.is_none_or(|uid| can_reach(parent, uid)));
    let home = candidates.iter().find(reachable).context("no folder that the server's user can reach")?;
    fs::create_dir(home).with_context(|| format!("cannot make {}", home.display()))?;
    fs::set_permissions(home, fs::Permissions::from_mode(0o700))?;
    if let Some(user) = user {
        std::os::unix::fs::chown(home, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
    }
    Ok(home.clone())
}

/// Whether a user without groups can walk to a folder.
fn can_reach(folder: &Path, uid: u32) -> bool {
    folder.ancestors().all(|step| {
        fs::metadata(step).is_ok_and(|found| {
            let mask = if found.uid() == uid { 0o100 } else { 0o001 };
            found.mode() & mask != 0
        })
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_parent_is_out_of_reach() {
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).expect("made");
        let owner = fs::metadata(&inner).expect("seen").uid();
        fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o700)).expect("closed");
        assert!(can_reach(&inner, owner));
        assert!(!can_reach(&inner, owner + 1));
    }
}
