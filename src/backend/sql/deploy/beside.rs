//! The right to deploy to a file of SQLite: a file beside it, `shop.db-deploy`, that is locked as long as the deploy lasts. It stays when
//! the lock is given back, for who would take it away could take another's.

use super::{SqlDeploy, session};
use crate::{Error, ErrorKind, Result, backend::deploy::host};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    process,
};

/// Takes it where it is free. In memory there is nobody else.
pub(super) async fn take(deploy: &mut SqlDeploy) -> Result<bool> {
    let Some(path) = path(deploy).await? else { return Ok(true) };
    if deploy.beside.is_some() {
        return Ok(true);
    }
    let mut file = open(&path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(refused(&path, error)),
    }
    // Who it is, for those who wait; where it cannot be said they wait all the same.
    let who = format!("{}, process {}", host(), process::id());
    let _ = file.set_len(0).and_then(|()| file.write_all(who.as_bytes()));
    deploy.beside = Some(file);
    Ok(true)
}

/// Whether it is ours.
pub(super) async fn holds(deploy: &mut SqlDeploy) -> Result<bool> {
    Ok(deploy.beside.is_some() || path(deploy).await?.is_none())
}

/// What the one who has it wrote.
pub(super) async fn holder(deploy: &mut SqlDeploy) -> Result<Option<String>> {
    let Some(path) = path(deploy).await? else { return Ok(None) };
    let mut who = String::new();
    let mut file = open(&path)?;
    let read = file.rewind().and_then(|()| file.read_to_string(&mut who));
    Ok(read.ok().map(|_| who).filter(|who| !who.is_empty()))
}

async fn path(deploy: &mut SqlDeploy) -> Result<Option<String>> {
    let file = session::scalar(deploy, "SELECT file FROM pragma_database_list WHERE name = 'main'").await?;
    Ok(file.filter(|file| !file.is_empty()).map(|file| file + "-deploy"))
}

fn open(path: &str) -> Result<File> {
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    options.map_err(|error| refused(path, error))
}

fn refused(path: &str, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull => ErrorKind::StorageFull,
        _ => ErrorKind::Migration,
    };
    let why = format!(
        "the file that keeps other deployers out, `{path}`, cannot be opened and locked. Nothing was run: {error}"
    );
    Error::new(kind, why).with_source(error)
}
