//! The lock, the books, and what becomes of a session that ended.

use super::{on_each, session};
use crate::support::{Place, execute};
use seabed::{
    ErrorKind,
    backend::deploy::{Booked, Books, Noted, State},
};
use std::time::Duration;

#[cfg(feature = "mongodb")]
on_each! { @ mongodb
    s3_the_lock_is_one_sessions_and_says_whose
    s3_books_give_back_what_was_noted
}

const NOW: Duration = Duration::ZERO;

on_each! {
    s3_the_lock_is_one_sessions_and_says_whose,
    s3_a_session_that_ended_keeps_nothing,
    s3_books_give_back_what_was_noted,
}

async fn s3_the_lock_is_one_sessions_and_says_whose(place: &Place) {
    let ((_a, mut first), (_b, mut second)) = (session(place).await, session(place).await);
    first.lock(NOW).await.expect("it is free");
    assert!(first.holds().await.expect("asked"));
    assert!(!second.holds().await.expect("asked"));
    let refused = second.lock(Duration::from_millis(300)).await.expect_err("it is the other's");
    assert!(refused.is(ErrorKind::LockTimeout), "{refused}");
    if let Place::Sqlite(_) = place {
        first.begin().await.expect("the file is free");
        let refused = second.begin().await.expect_err("another one writes");
        assert!(refused.is(ErrorKind::LockTimeout) && refused.to_string().contains("another process"), "{refused}");
        first.rollback().await.expect("undone");
    }
    let who = match place {
        Place::Sqlite(_) => format!("process {}", std::process::id()),
        Place::Postgres { .. } => format!("process {}, session ", std::process::id()),
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => format!("process {}", std::process::id()),
        _ => "root from ".to_owned(),
    };
    assert!(refused.to_string().contains(&who), "{refused}");
    first.unlock().await.expect("given back");
    assert!(!first.holds().await.expect("asked"));
    second.lock(NOW).await.expect("it is free");
    second.close().await.expect("closed");
    first.lock(Duration::from_secs(5)).await.expect("who leaves leaves it");
    first.close().await.expect("closed");
}

async fn s3_a_session_that_ended_keeps_nothing(place: &Place) {
    if let Place::Sqlite(_) = place {
        return;
    }
    execute(place, "CREATE TABLE line (id int)").await;
    let (_db, mut deploy) = session(place).await;
    deploy.lock(NOW).await.expect("it is free");
    deploy.begin().await.expect("begun");
    assert_eq!(deploy.run("INSERT INTO line VALUES (1), (2)").await.expect("a row"), 2);
    place.end_sessions().await;
    // Once is not enough: a pool that opens another session would do so at the second call.
    for _ in 0..3 {
        let error = deploy.run("INSERT INTO line VALUES (3)").await.expect_err("there is no session");
        assert!(matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::WriteUnknown), "{error}");
        deploy.holds().await.expect_err("there is no session");
    }
    let error = deploy.commit().await.expect_err("there is nothing to keep");
    assert!(matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::CommitUnknown), "{error}");
    let (_db, mut after) = session(place).await;
    after.lock(Duration::from_secs(5)).await.expect("the lock went with the session");
    assert_eq!(after.ask("SELECT count(*) FROM line").await.expect("rows"), [[Some("0".to_owned())]]);
    after.close().await.expect("closed");
}

async fn s3_books_give_back_what_was_noted(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    assert_eq!(deploy.books().await.expect("there are none"), Books::default());
    for _ in 0..2 {
        deploy.open_books().await.expect("books");
    }
    let mut booked = Booked {
        name: "m1_it's".into(),
        checksum: "ab".into(),
        state: State::Started,
        tables: r#"[{"name": "\\ ä"}]"#.into(),
        started_at: "2026-01-02T03:04:05Z".into(),
        finished_at: String::new(),
        by: "a host, process 1".into(),
    };
    let mut noted = Noted {
        migration: booked.name.clone(),
        step: 1,
        statement: 2,
        hash: "cd".into(),
        text: r#"{"sql": "SELECT '\\'"}"#.into(),
        state: State::Pending,
        cursor: "[1]".into(),
        rows: i64::MAX,
        attempts: 3,
        error: String::new(),
    };
    let other = Noted { step: 0, ..noted.clone() };
    deploy.begin().await.expect("begun");
    deploy.note(&booked).await.expect("noted");
    deploy.note_step(&noted).await.expect("noted");
    deploy.note_step(&other).await.expect("noted");
    deploy.commit().await.expect("kept");
    deploy.begin().await.expect("begun");
    deploy.forget(&booked.name).await.expect("forgotten");
    deploy.rollback().await.expect("undone");
    noted.state = State::Failed;
    noted.error = "it broke".into();
    deploy.note_step(&noted).await.expect("noted anew");
    let books = deploy.books().await.expect("books");
    assert_eq!(books.migrations, [booked.clone()]);
    assert_eq!(books.steps, [other, noted]);
    booked.state = State::Done;
    deploy.note(&booked).await.expect("noted anew");
    let books = deploy.books().await.expect("books");
    assert_eq!((books.migrations, books.steps), (vec![booked.clone()], vec![]));
    deploy.forget(&booked.name).await.expect("forgotten");
    assert_eq!(deploy.books().await.expect("books"), Books::default());
    deploy.close().await.expect("closed");
}
