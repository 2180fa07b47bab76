//! A database of people's own making: Chinook, a music shop. Twenty questions are put to it through repositories, and each
//! backend's answers are those of `answers/*.txt`, which PostgreSQL gave to the SQL in `sql/*.sql` (`cargo xtask chinook`
//! asks it anew). The data itself lies beside the checkout; without it the tests are skipped.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod entities;
mod load;
mod questions;
mod show;
#[path = "../faults/support.rs"]
#[expect(dead_code, reason = "proxies are for the tests of faults")]
mod support;

use load::Data;
use questions::QUESTIONS;
use seabed::Database;
use std::{fs, path::Path};
use support::Place;

/// Puts every question, and tells of all wrong answers at once.
async fn ask(db: &Database) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chinook/answers");
    let mut wrong = Vec::new();
    for (name, question) in QUESTIONS {
        let wanted = fs::read_to_string(folder.join(name).with_extension("txt")).expect("a committed answer");
        match question(db.clone()).await {
            Ok(answer) if answer == wanted => {}
            Ok(answer) => {
                let at = answer.lines().zip(wanted.lines()).position(|(answer, wanted)| answer != wanted);
                let line = |text: &str| at.and_then(|at| text.lines().nth(at)).unwrap_or("(its length)").to_owned();
                wrong.push(format!("{name}: wanted {:?}, got {:?}", line(&wanted), line(&answer)));
            }
            Err(error) => wrong.push(format!("{name}: {error} (detail: {:?})", error.detail())),
        }
    }
    assert!(wrong.is_empty(), "{} of {} answers are wrong:\n{}", wrong.len(), QUESTIONS.len(), wrong.join("\n"));
}

async fn on(backend: &str) {
    let test = format!("chinook::{backend}");
    let Some(data) = Data::read(&test) else { return };
    if backend == "memory" {
        let db = Database::memory();
        data.load(&db).await.expect("the data is loaded");
        return ask(&db).await;
    }
    let Some(place) = Place::new(backend, &test).await else { return };
    let db = place.open(4).await;
    data.load(&db).await.expect("the data is loaded");
    ask(&db).await;
    db.close().await.expect("closed");
    place.close().await;
}

#[tokio::test]
async fn memory_answers_as_sql_does() {
    on("memory").await;
}

#[tokio::test]
async fn sqlite_answers_as_sql_does() {
    on("sqlite").await;
}

#[tokio::test]
async fn postgres_answers_as_sql_does() {
    on("postgres").await;
}

#[tokio::test]
async fn mysql_answers_as_sql_does() {
    on("mysql").await;
}

#[test]
fn every_question_has_its_sql_and_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chinook");
    let names = |folder: &Path| {
        let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
        let mut names: Vec<_> = files.filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect();
        names.sort();
        names
    };
    let asked: Vec<_> = QUESTIONS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names(&folder.join("sql")), asked);
    assert_eq!(names(&folder.join("answers")), asked);
}
