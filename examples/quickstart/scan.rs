//! From files to datasets.

use super::{AuditLogger, Database, DatasetRegistry, ErrorHandler, Registered, pipeline_run};
use anyhow::{Context as _, Result, ensure};
use backon::{ExponentialBuilder, Retryable as _};
use sea_orm::prelude::Json;
use seabed::{
    Error, ErrorKind, Transaction,
    framework::{NewAnnotation, NewDataset, NewError, Step},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use walkdir::WalkDir;

/// Who acts, in annotations and in the audit.
const ACTOR: &str = "quickstart";
/// Files have no versions: what is in the folder is the current one.
const VERSION: &str = "current";

/// A file that was found.
pub(crate) struct Found {
    /// Its path below the folder, with `/` between the parts.
    pub(crate) name: String,
    path: PathBuf,
}

/// A file that was found and could not be taken.
pub(crate) struct Failed {
    /// Its path below the folder.
    pub(crate) name: String,
    kind: String,
    why: String,
}

/// The folder by its full name, so that a file has one location wherever the program was started.
pub(crate) fn folder(path: &Path) -> Result<PathBuf> {
    let folder = path.canonicalize().with_context(|| format!("the folder `{}`", path.display()))?;
    ensure!(folder.is_dir(), "`{}` is not a folder", path.display());
    Ok(folder)
}

/// Every file below a folder, by name. Folders that say of themselves that they are caches (a `CACHEDIR.TAG`, as Cargo's
/// `target` has), and `.git`, are left out. A link to a file counts as that file; one to a folder is not followed.
pub(crate) fn walk(folder: &Path) -> impl Iterator<Item = Result<Found, Failed>> {
    let walk = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
    let wanted = walk.filter_entry(|entry| {
        // Where a repository is checked out beside another one, its `.git` is a file.
        entry.file_name() != ".git" && !(entry.file_type().is_dir() && entry.path().join("CACHEDIR.TAG").exists())
    });
    let folder = folder.to_owned();
    wanted.filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_dir() => None,
        Ok(entry) => Some(found(&folder, entry.path())),
        Err(error) => {
            let name =
                error.path().map_or_else(String::new, |path| name_below(&folder, path).unwrap_or_else(|name| name));
            let why = error.io_error().map_or_else(|| "the folder contains itself".to_owned(), ToString::to_string);
            Some(Err(Failed { name, kind: "unreadable".to_owned(), why }))
        }
    })
}

fn found(folder: &Path, path: &Path) -> Result<Found, Failed> {
    let failed = |name: String, kind: &str, why: String| Failed { name, kind: kind.to_owned(), why };
    let name = name_below(folder, path).map_err(|name| failed(name, "name", "the name is not Unicode".to_owned()))?;
    // What a link points to is what counts; a pipe would never end.
    match path.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(Found { name, path: path.to_owned() }),
        Ok(metadata) if metadata.is_dir() => {
            Err(failed(name, "not a file", "it is a link to a folder, which is not followed".to_owned()))
        }
        Ok(_) => Err(failed(name, "not a file", "it is neither a file nor a folder".to_owned())),
        Err(error) => Err(failed(name, "unreadable", error.to_string())),
    }
}

/// The path below the folder; where it is not Unicode, with its other bytes as `\xff`, so that no two names look the same.
fn name_below(folder: &Path, path: &Path) -> Result<String, String> {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    parts.map(|parts| parts.join("/")).ok_or_else(|| {
        let mut shown = String::new();
        for chunk in below.as_os_str().as_encoded_bytes().utf8_chunks() {
            shown.push_str(chunk.valid());
            shown.push_str(&chunk.invalid().escape_ascii().to_string());
        }
        shown
    })
}

/// Registers, annotates and audits one file: all of it, or nothing.
pub(crate) async fn register(
    db: &Database,
    run: &pipeline_run::Model,
    file: Found,
) -> Result<Result<Registered, Failed>> {
    let started = Instant::now();
    let Found { name, path } = file;
    let read = tokio::task::spawn_blocking(move || read(&path)).await?;
    let contents = match read {
        Ok(contents) => contents,
        Err(error) => return Ok(Err(Failed { name, kind: "unreadable".to_owned(), why: error.to_string() })),
    };
    let (name, contents) = (&name, &contents);
    let work = |tx: Transaction| async move {
        let (registry, audit) = (DatasetRegistry::new(&tx), AuditLogger::new(&tx));
        let registered = registry.register(dataset(name, contents)).await?;
        let dataset = registered.dataset().id;
        registry.annotate(dataset, annotation(contents)).await?;
        let outcome = match registered {
            Registered::Created(_) => "created",
            Registered::Updated(_) => "updated",
            Registered::Unchanged(_) => "unchanged",
        };
        audit.record(run.id, step("register", outcome, json!({ "name": name }), started)).await?;
        audit.record(run.id, step("annotate", "annotated", json!({ "name": name }), started)).await?;
        Ok(registered)
    };
    match (|| db.transact(work)).retry(soon()).when(another_run_was_first).await {
        Ok(registered) => Ok(Ok(registered)),
        // A name that is too long is the file's fault, not the database's.
        Err(error) if error.is(ErrorKind::InvalidValue) => Ok(Err(refused(name, &error))),
        Err(error) => Err(error.into()),
    }
}

/// Two runs at once may want the same file. The transaction of the one that lost is rolled back; run again, it finds the file
/// registered.
fn another_run_was_first(error: &Error) -> bool {
    use ErrorKind::{Deadlock, LockTimeout, Serialization, UniqueViolation};
    matches!(error.kind(), UniqueViolation | Deadlock | Serialization | LockTimeout)
}

/// A few times within a second.
fn soon() -> ExponentialBuilder {
    ExponentialBuilder::default().with_min_delay(Duration::from_millis(20)).with_max_times(5).with_jitter()
}

fn refused(name: &str, error: &Error) -> Failed {
    Failed { name: name.to_owned(), kind: error.kind().to_string(), why: error.message().to_owned() }
}

/// Keeps a failure as an error event, and goes on.
pub(crate) async fn record(db: &Database, run: &pipeline_run::Model, failed: Failed) -> Result<()> {
    let started = Instant::now();
    let Failed { name, kind, why } = failed;
    let (name, kind, why) = (&*name, &*kind, &*why);
    let work = |tx: Transaction| async move {
        let event = NewError {
            component: ACTOR.to_owned(),
            kind: kind.to_owned(),
            severity: "warning".to_owned(),
            message: format!("{name}: {why}"),
            context: json!({ "name": name }),
        };
        ErrorHandler::new(&tx).record(event).await?;
        AuditLogger::new(&tx).record(run.id, step("register", "failed", json!({ "name": name }), started)).await
    };
    (|| db.transact(work)).retry(soon()).when(another_run_was_first).await?;
    Ok(())
}

struct Contents {
    size: i64,
    sha256: String,
    lines: i64,
    media_type: String,
    location: String,
}

/// Reads a file once, in pieces.
#[expect(clippy::naive_bytecount, reason = "the hash beside it takes a hundred times as long")]
fn read(path: &Path) -> std::io::Result<Contents> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let (mut size, mut lines) = (0, 0);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
        size += i64::try_from(read).map_err(std::io::Error::other)?;
        lines += i64::try_from(piece[..read].iter().filter(|byte| **byte == b'\n').count())
            .map_err(std::io::Error::other)?;
    }
    let sha256 = hex::encode(hash.finalize());
    let media_type = mime_guess::from_path(path).first_or_octet_stream().to_string();
    Ok(Contents { size, sha256, lines, media_type, location: path.display().to_string() })
}

fn dataset(name: &str, contents: &Contents) -> NewDataset {
    NewDataset {
        name: name.to_owned(),
        version: VERSION.to_owned(),
        location: contents.location.clone(),
        media_type: contents.media_type.clone(),
        size: contents.size,
        sha256: contents.sha256.clone(),
        metadata: json!({ "lines": contents.lines }),
    }
}

fn annotation(contents: &Contents) -> NewAnnotation {
    NewAnnotation {
        target: "file".to_owned(),
        label: "lines".to_owned(),
        value: Json::from(contents.lines),
        confidence: None,
        author: ACTOR.to_owned(),
    }
}

fn step(stage: &str, outcome: &str, inputs: Json, started: Instant) -> Step {
    Step {
        stage: stage.to_owned(),
        actor: ACTOR.to_owned(),
        action: stage.to_owned(),
        outcome: outcome.to_owned(),
        inputs,
        outputs: json!({}),
        duration: started.elapsed(),
    }
}
