//! A file is registered whole or not at all, whatever goes wrong half-way, and whoever else is at it.

use crate::{
    folder::write,
    on_backends,
    quickstart::{register, report::report, scan},
    rows, run,
};
use seabed::{
    Database, ErrorKind,
    framework::{AuditLogger, ErrorHandler, entity::pipeline_run},
    prelude::*,
};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
    task::Poll,
};

on_backends! {
    a_file_that_vanishes_leaves_nothing_but_its_failure
    a_file_that_changes_is_registered_as_it_was_read
    a_refused_audit_takes_the_dataset_with_it
    an_interrupted_run_leaves_whole_files_and_goes_on
    two_runs_at_once_register_each_file_once
    a_resolved_error_that_comes_again_is_a_new_event
}

/// The only file of a folder, found and not yet read.
fn found(folder: &Path) -> scan::Found {
    scan::walk(folder).next().expect("an entry").unwrap_or_else(|failed| panic!("{} is a file", failed.name))
}

async fn a_file_that_vanishes_leaves_nothing_but_its_failure(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("file"), b"four");
    let run = AuditLogger::new(db).start("test").await.expect("a run");
    let file = found(folder.path());
    fs::remove_file(folder.path().join("file")).expect("removed");
    let failed = scan::register(db, &run, file).await.expect("no fault of the database");
    let Err(failed) = failed else { panic!("the file is gone") };
    assert_eq!(rows(db).await, [0, 0, 0, 0]);
    scan::record(db, &run, failed).await.expect("kept");
    assert_eq!(rows(db).await, [0, 0, 1, 1]);
}

async fn a_file_that_changes_is_registered_as_it_was_read(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("file"), b"four");
    let run = AuditLogger::new(db).start("test").await.expect("a run");
    let file = found(folder.path());
    write(&folder.path().join("file"), b"longer than it was found");
    let registered = scan::register(db, &run, file).await.expect("registered");
    let Ok(registered) = registered else { panic!("it can be read") };
    let sha256 = hex::encode(Sha256::digest(b"longer than it was found"));
    assert_eq!((registered.dataset().size, &registered.dataset().sha256), (24, &sha256));
    assert_eq!(rows(db).await, [1, 1, 2, 0]);
}

/// The last statement of the file's transaction breaks a constraint: the run that it names is not there.
async fn a_refused_audit_takes_the_dataset_with_it(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("file"), b"four");
    let run = pipeline_run::Model {
        id: uuid::Uuid::now_v7(),
        pipeline: "never started".to_owned(),
        status: String::new(),
        started_at: db.now(),
        finished_at: None,
    };
    let Err(error) = scan::register(db, &run, found(folder.path())).await else { panic!("there is no such run") };
    let kind = error.downcast_ref::<seabed::Error>().map(seabed::Error::kind);
    assert_eq!(kind, Some(ErrorKind::ForeignKeyViolation), "{error:#}");
    assert_eq!(rows(db).await, [0, 0, 0, 0]);
}

/// Interrupted at each of many moments, the run before is made good by the next one.
async fn an_interrupted_run_leaves_whole_files_and_goes_on(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in 0..100 {
        write(&folder.path().join(name.to_string()), b"four");
    }
    // The first hundred polls count the files; each file then takes several.
    for moment in [0, 50, 101, 102, 103, 105, 110, 116, 123, 131, 140, 150] {
        let polls = AtomicU32::new(0);
        let interrupted = std::future::poll_fn(|_| match polls.fetch_add(1, Ordering::Relaxed) {
            poll if poll < moment => Poll::Pending,
            _ => Poll::Ready(()),
        });
        let outcome = register(db, folder.path(), interrupted).await;
        let Err(error) = outcome else { panic!("not interrupted at {moment}") };
        assert!(error.to_string().starts_with("interrupted"), "at {moment}: {error:#}");
        let [datasets, annotations, events, errors] = rows(db).await;
        assert_eq!((datasets, errors), (annotations, 0), "at {moment}");
        assert_eq!(events % 2, 0, "a file's two steps are there or not: at {moment}");
    }
    assert!(rows(db).await[0] > 0, "something was registered before the last interruption");
    let (last, _) = run(db, folder.path()).await;
    assert_eq!((last.created + last.unchanged, last.updated, last.failed), (100, 0, 0));
    let running = col(pipeline_run::COLUMN.status).eq("running");
    assert_eq!(db.repository::<pipeline_run::Entity>().count(running).await.expect("a count"), 0);
}

async fn two_runs_at_once_register_each_file_once(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in 0..30 {
        write(&folder.path().join(name.to_string()), b"four");
        std::os::unix::fs::symlink("nowhere", folder.path().join(format!("{name} dangling"))).expect("a link");
    }
    let one = || register(db, folder.path(), std::future::pending());
    let (one, two) = tokio::join!(one(), one());
    let (one, two) = (one.expect("a run"), two.expect("a run"));
    assert_eq!((one.created + two.created, one.unchanged + two.unchanged), (30, 30));
    assert_eq!(rows(db).await, [30, 30, 180, 30]);
    let text = report(db, &one).await.expect("a report");
    assert!(text.contains("annotations with a count of lines: 30"), "{text}");
}

/// The same error is one event until somebody has dealt with it, and another one afterwards.
async fn a_resolved_error_that_comes_again_is_a_new_event(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling")).expect("a link");
    let errors = ErrorHandler::new(db);
    for round in 1..=3 {
        run(db, folder.path()).await;
        run(db, folder.path()).await;
        assert_eq!(rows(db).await[3], round);
        let open = errors.unresolved(10).await.expect("the errors");
        assert_eq!(open.len(), 1);
        errors.resolve(open[0].id).await.expect("resolved");
        assert!(errors.unresolved(10).await.expect("the errors").is_empty());
    }
}
