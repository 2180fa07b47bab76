//! Running other programs, each in a process group of its own: Ctrl-C reaches us alone, and we end the whole group.

use crate::stop::{self, Guard};
use anyhow::{Context, Result, bail};
use std::{
    env,
    ffi::OsStr,
    fs,
    io::Read,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{OnceLock, mpsc},
    thread,
    time::Duration,
};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let here = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}

/// Where cargo builds, which a contributor may have moved.
pub fn target() -> &'static Path {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    TARGET.get_or_init(|| {
        let metadata = cargo_metadata::MetadataCommand::new().current_dir(root()).no_deps().exec();
        let moved = || env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        metadata.map_or_else(|_| moved(), |found| found.target_directory.into_std_path_buf())
    })
}

/// Where this program lies, asked for first at its start: a check that builds the workspace puts another in its place, and then the
/// system calls the one that runs deleted.
///
/// # Errors
/// The system does not say it.
pub fn program() -> Result<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = PROGRAM.get_or_init(|| env::current_exe().ok());
    found.as_deref().context("where this program lies is not known")
}

/// A command, run in the folder of the workspace.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// `cargo`, the one that runs us.
pub fn cargo() -> Command {
    let mut command = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What cargo tells us of ourselves is no business of what we build: it would look like a change to build scripts.
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command
}

/// Starts a command that is ended with its whole group when the guard is dropped.
///
/// # Errors
/// The program is not there.
pub fn spawn(command: &mut Command) -> Result<(Child, Guard)> {
    command.process_group(0);
    let program = command.get_program().to_string_lossy().into_owned();
    stop::hold(|| {
        let child = command.spawn().with_context(|| format!("cannot start `{program}`"))?;
        let pid = child.id().cast_signed();
        Ok((child, Box::new(move || stop::end_group(pid))))
    })
}

/// Runs a command to its end.
///
/// # Errors
/// The program is not there.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    let (mut child, guard) = spawn(command)?;
    let status = child.wait()?;
    guard.release();
    Ok(status)
}

/// Runs a command and gives what it said, both streams in one.
///
/// # Errors
/// The program is not there.
pub fn output(command: &mut Command) -> Result<(ExitStatus, String)> {
    output_within(command, Duration::MAX)
}

/// Runs a command and gives what it said; after that time it is ended, and the status tells of the signal.
///
/// # Errors
/// The program is not there.
pub fn output_within(command: &mut Command, limit: Duration) -> Result<(ExitStatus, String)> {
    let (mut reader, writer) = std::io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let (mut child, guard) = spawn(command)?;
    // The command keeps our ends of the pipe open, and the reading would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let group = child.id().cast_signed();
    let (done, ended) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if ended.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
            stop::end_group(group);
        }
    });
    let mut said = Vec::new();
    let read = reader.read_to_end(&mut said);
    let status = child.wait()?;
    drop(done);
    guard.release();
    read?;
    if watch.join().is_err() {
        bail!("the watch over a command failed");
    }
    Ok((status, String::from_utf8_lossy(&said).into_owned()))
}

/// Runs a command that has to succeed; what it said is quoted where it does not.
///
/// # Errors
/// The program is not there or fails.
pub fn run(command: &mut Command) -> Result<String> {
    let (status, said) = output(command)?;
    if !status.success() {
        bail!("`{}` failed ({status}):\n{}", command.get_program().to_string_lossy(), said.trim_end());
    }
    Ok(said)
}

/// Whether a command can be run and succeeds; what it says is dropped.
pub fn succeeds(command: &mut Command) -> bool {
    status(command.stdout(Stdio::null()).stderr(Stdio::null())).is_ok_and(|status| status.success())
}

/// The program of this name in `PATH` or in one of the folders.
pub fn find(program: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(folders.iter().cloned())
        .map(|folder| folder.join(program))
        .find(|found| fs::metadata(found).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0))
}
