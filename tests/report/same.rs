//! The same folder gives the same report, and a second run updates rather than duplicates.

use crate::{
    folder::{BAD, GOOD, nasty, write},
    on_backends, rows, run,
};
use seabed::{
    Database,
    framework::{AuditLogger, entity::dataset},
    prelude::*,
};

on_backends! {
    the_report_is_the_same_text_on_every_backend
    every_name_is_kept_as_it_is
    a_control_character_never_reaches_the_terminal
}

async fn the_report_is_the_same_text_on_every_backend(db: &Database) {
    let folder = nasty();
    let (first, text) = run(db, folder.path()).await;
    assert_eq!([first.created, first.updated, first.unchanged, first.failed], [GOOD, 0, 0, BAD]);
    assert_eq!(rows(db).await, [GOOD, GOOD, 2 * GOOD + BAD, BAD]);
    is(&text, include_str!("first.txt"));

    // One file changes and keeps its size, one is new, none goes.
    write(&folder.path().join("a.txt"), b"five");
    write(&folder.path().join("new.txt"), b"a new\nfile\n");
    let (second, text) = run(db, folder.path()).await;
    assert_eq!([second.created, second.updated, second.unchanged, second.failed], [1, 1, GOOD - 1, BAD]);
    // Errors are the same events as before; what was done is told again.
    assert_eq!(rows(db).await, [GOOD + 1, GOOD + 1, 4 * GOOD + 2 + 2 * BAD, BAD]);
    is(&text, include_str!("second.txt"));

    assert_eq!(second.model.status, "finished");
    let audit = AuditLogger::new(db);
    for (run, steps) in [(&first, [GOOD, 0, 0, GOOD, BAD]), (&second, [1, 1, GOOD - 1, GOOD + 1, BAD])] {
        for (outcome, steps) in ["created", "updated", "unchanged", "annotated", "failed"].into_iter().zip(steps) {
            assert_eq!(audit.count(run.model.id, outcome).await.expect("a count"), steps, "{outcome}");
        }
    }
}

/// Shows the whole text: a difference in one cell is found by eye.
fn is(text: &str, expected: &str) {
    assert!(text == expected, "the report is:\n{text}\nand should be:\n{expected}");
}

async fn every_name_is_kept_as_it_is(db: &Database) {
    let folder = nasty();
    run(db, folder.path()).await;
    let datasets = db.repository::<dataset::Entity>();
    let name = col(dataset::COLUMN.name);
    for exact in ["A.txt", "a.txt", "a.txt ", "e\u{301}.txt", "\u{e9}.txt", "%", "line\nend.txt", "🐟🏴‍☠️.csv"]
    {
        let found = datasets.find(name.eq(exact).into_query()).await.expect("an answer");
        assert_eq!(found.iter().map(|dataset| &*dataset.name).collect::<Vec<_>>(), [exact]);
    }
    let literal = |text: &'static str| datasets.count(name.contains(text));
    assert_eq!(literal("%").await.expect("a count"), 2, "a wildcard is a character");
    assert_eq!(literal("x_y").await.expect("a count"), 1);
    let names: Vec<_> =
        datasets.find(all().order_by(name.asc())).await.expect("all").into_iter().map(|d| d.name).collect();
    assert!(names.is_sorted(), "by code point: {names:?}");
}

async fn a_control_character_never_reaches_the_terminal(db: &Database) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["\u{1b}[31mred", "\u{9b}31mred", "line\nend", "bell\u{7}", "back\u{8}"] {
        write(&folder.path().join(name), b"");
        std::os::unix::fs::symlink("nowhere", folder.path().join(format!("{name} bad"))).expect("a link");
    }
    let (_, text) = run(db, folder.path()).await;
    let bad: Vec<_> = text.chars().filter(|char| char.is_control() && *char != '\n').collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert!(text.contains(r"line\nend bad: No such file"), "{text}");
}
