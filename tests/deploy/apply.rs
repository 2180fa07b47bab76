//! What is applied is applied once, whatever becomes of the session on the way.

use super::on_each;
use crate::{
    migrators::{All, First, ROWS, Retyping, Tables},
    support::Place,
};
use seabed::{
    Database, ErrorKind, Result,
    backend::deploy::State,
    migration::{Applied, ApplyOptions, Progress, apply, prelude::*, status, take_back},
    steps,
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use tokio::{runtime::Handle, task::block_in_place};

on_each! {
    s3_steps_run_once_and_are_noted_in_both_books,
    s3_wherever_a_session_ends_the_next_run_goes_on,
    s3_wherever_a_way_back_ends_the_next_one_goes_on,
    s1_a_way_back_spares_what_has_rows,
    s3_a_lock_in_the_way_is_waited_for_again_and_again,
    m6_a_table_made_anew_keeps_its_children,
    s1_a_uuid_goes_over_into_a_text_and_back_and_a_null_stays_one,
}

const NAMES: [&str; 3] = ["m1_item", "m2_grow", "m3_hand"];

async fn s3_steps_run_once_and_are_noted_in_both_books(place: &Place) {
    let db = place.open(1).await;
    let options = ApplyOptions::default().tables("[1]");
    assert_eq!(apply::<All>(&db, options.clone().steps(1)).await.expect("the first").names, NAMES[..1]);
    assert_eq!(apply::<All>(&db, options.clone()).await.expect("the others").names, NAMES[1..]);
    assert_eq!(apply::<All>(&db, options).await.expect("nothing"), Applied::default());
    right(&db, "").await;
    let books = db.backend().deploy().await.expect("a session").books().await.expect("books");
    assert_eq!((&books.seaql[..], books.steps), (&NAMES.map(str::to_owned)[..], vec![]));
    for (booked, name) in books.migrations.iter().zip(NAMES) {
        assert_eq!((&*booked.name, booked.state), (name, State::Done));
        assert_eq!(booked.checksum.is_empty(), name == "m3_hand", "one written by hand has no source here");
        assert_eq!(booked.tables, if name == "m3_hand" { "[1]" } else { "" }, "the newest says the tables");
        assert!(!booked.finished_at.is_empty() && booked.by.contains("process"), "{booked:?}");
    }
    assert!(status::<All>(&db).await.expect("rows").iter().all(|row| row.applied));
    assert_eq!(take_back::<All>(&db, ApplyOptions::default()).await.expect("the newest").names, NAMES[2..]);
    let error = take_back::<All>(&db, ApplyOptions::default()).await.expect_err("a backfill has no way back");
    assert!(error.to_string().contains("`m2_grow` has no way back") && error.to_string().contains("step 2"), "{error}");
    db.close().await.expect("closed");
}

/// Every row was counted up once, and all that the migrations make is there.
pub async fn right(db: &Database, when: &str) {
    let mut deploy = db.backend().deploy().await.expect("a session");
    let rows = deploy.ask("SELECT count(*), min(n), max(n), min(code), max(code) FROM item").await;
    let rows = rows.unwrap_or_else(|error| panic!("{when}: {error} {:?}", error.detail()));
    let cells: Vec<String> = rows[0].iter().map(|cell| cell.clone().expect("a value")).collect();
    assert_eq!(cells, [&*ROWS.to_string(), "1", "1", "S", "S"], "{when}");
    let picture = deploy.inspect().await.expect("a picture");
    let indexes: Vec<&str> = picture.tables["item"].indexes.iter().map(|index| &*index.name).collect();
    assert_eq!(indexes, ["ix_item_n", "ix_item_sku"], "{when}");
    assert!(picture.tables.contains_key("by_hand"), "{when}");
    deploy.close().await.expect("closed");
}

/// Ends the session at the n-th thing that is told: where there is a server, all sessions of the place, elsewhere the task.
fn ending(place: &Place, n: usize) -> (ApplyOptions, &'static AtomicUsize) {
    let told: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    let end: Option<Place> = match place {
        Place::Sqlite(_) => None,
        Place::Postgres { server, name } => Some(Place::Postgres { server: server.clone(), name: name.clone() }),
        Place::MySql { server, name } => Some(Place::MySql { server: server.clone(), name: name.clone() }),
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    let options = ApplyOptions::default().pause(Duration::ZERO).progress(move |_: &Progress<'_>| {
        if told.fetch_add(1, Ordering::SeqCst) == n {
            match &end {
                Some(place) => block_in_place(|| Handle::current().block_on(place.end_sessions())),
                None => std::panic::resume_unwind(Box::new("it ends here")),
            }
        }
    });
    (options, told)
}

type Done = std::result::Result<Result<Applied>, tokio::task::JoinError>;

/// Runs until it is done, and says what was done in all and whether the end was beyond the n-th.
async fn ended_at<F>(place: &Place, n: usize, run: impl Fn(Database, ApplyOptions) -> F) -> (Vec<String>, bool)
where
    F: Future<Output = Result<Applied>> + Send + 'static,
{
    let (options, told) = ending(place, n);
    let first: Done = tokio::spawn(run(place.open(1).await, options)).await;
    let beyond = told.load(Ordering::SeqCst) <= n;
    if let Ok(Err(error)) = &first {
        let text = error.to_string();
        assert!(!error.is(ErrorKind::HalfApplied) && error.status() != seabed::Status::Permanent, "{n}: {text}");
    }
    let again = run(place.open(1).await, ApplyOptions::default()).await;
    let again = again.unwrap_or_else(|error| panic!("{n}: {error} {:?} after {first:?}", error.detail()));
    let mut names = first.ok().and_then(Result::ok).map(|applied| applied.names).unwrap_or_default();
    names.extend(again.names);
    (names, beyond)
}

async fn s3_wherever_a_session_ends_the_next_run_goes_on(like: &Place) {
    let mut n = 0;
    loop {
        let place = another(like).await;
        let (_, beyond) = ended_at(&place, n, |db, options| async move { apply::<All>(&db, options).await }).await;
        right(&place.open(1).await, &format!("ended at {n}")).await;
        place.close().await;
        if beyond {
            break;
        }
        n += 1;
    }
    assert!(n > 15, "only {n} things were told");
}

async fn s3_wherever_a_way_back_ends_the_next_one_goes_on(like: &Place) {
    let mut n = 0;
    loop {
        let place = another(like).await;
        let db = place.open(1).await;
        apply::<Tables>(&db, ApplyOptions::default()).await.expect("applied");
        let (_, beyond) =
            ended_at(&place, n, |db, options| async move { take_back::<Tables>(&db, options).await }).await;
        let mut deploy = db.backend().deploy().await.expect("a session");
        assert!(deploy.inspect().await.expect("a picture").tables.is_empty(), "ended at {n}");
        let books = deploy.books().await.expect("books");
        assert!(books.migrations.is_empty() && books.steps.is_empty() && books.seaql.is_empty(), "{n}: {books:?}");
        deploy.close().await.expect("closed");
        place.close().await;
        if beyond {
            break;
        }
        n += 1;
    }
    assert!(n > 5, "only {n} things were told");
}

async fn s1_a_way_back_spares_what_has_rows(place: &Place) {
    let db = place.open(1).await;
    apply::<Tables>(&db, ApplyOptions::default()).await.expect("applied");
    let mut deploy = db.backend().deploy().await.expect("a session");
    deploy.run("INSERT INTO this VALUES (1, 2)").await.expect("a row");
    for other in [&["drops-column"][..], &[]] {
        let options = ApplyOptions::default().lose(other.iter().copied());
        let error = take_back::<Tables>(&db, options).await.expect_err("a row would go");
        assert!(error.is(ErrorKind::NotAccepted), "{error}");
        let told = error.to_string();
        assert!(told.contains("drop table this: drops-table") && told.contains("(1 now)"), "{told}");
        assert!(told.contains("down --lose drops-table") && !told.contains("drop table that"), "{told}");
    }
    assert_eq!(deploy.inspect().await.expect("a picture").tables.len(), 2);
    let taken = take_back::<Tables>(&db, ApplyOptions::default().lose(["drops-table"])).await.expect("it may go");
    assert_eq!(taken.names, ["m8_tables"]);
    assert!(deploy.inspect().await.expect("a picture").tables.is_empty());
    deploy.close().await.expect("closed");
}

pub async fn another(like: &Place) -> Place {
    let backend = match like {
        Place::Sqlite(_) => "sqlite",
        Place::Postgres { .. } => "postgres",
        Place::MySql { .. } => "mysql",
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    Place::new(backend, "another").await.expect("it was there before")
}

/// A reader that goes on for longer than a statement waits is no failure of the deploy.
async fn s3_a_lock_in_the_way_is_waited_for_again_and_again(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("a table");
    let beside = place.open(1).await;
    let mut reader = beside.backend().deploy().await.expect("a session");
    reader.begin().await.expect("begun");
    reader.run("UPDATE item SET n = 0 WHERE id = 1").await.expect("a lock");
    let reading = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        reader.rollback().await.expect("undone");
        reader.close().await.expect("closed");
    });
    apply::<All>(&db, ApplyOptions::default()).await.expect("it waits and tries again");
    reading.await.expect("the reader has gone");
    right(&db, "after a lock").await;
}

/// On SQLite another type is another table, and dropping the old one would delete its rows, one by one.
async fn m6_a_table_made_anew_keeps_its_children(place: &Place) {
    let db = place.open(1).await;
    apply::<Retyping>(&db, ApplyOptions::default()).await.expect("applied");
    let mut deploy = db.backend().deploy().await.expect("a session");
    assert_eq!(deploy.ask("SELECT count(*) FROM child").await.expect("rows"), [[Some("1".to_owned())]]);
    deploy.run("DELETE FROM parent").await.expect("the cascade is what it was");
    assert_eq!(deploy.ask("SELECT count(*) FROM child").await.expect("rows"), [[Some("0".to_owned())]]);
    deploy.close().await.expect("closed");
}

async fn s1_a_uuid_goes_over_into_a_text_and_back_and_a_null_stays_one(place: &Place) {
    const TEXT: &str = "01234567-89ab-cdef-0123-456789abcdef";
    let (_db, mut deploy) = super::session(place).await;
    let tables = || -> Result<_> {
        steps![
            create_table(table("thing").int64("id").text("tag", 50).nullable().primary_key(&["id"])),
            alter_column("thing", text("tag", 50).nullable(), uuid("tag").nullable()),
            alter_column("thing", uuid("tag").nullable(), text("tag", 50).nullable()),
        ]
    };
    for (at, step) in tables().expect("steps").iter().enumerate() {
        let have = deploy.inspect().await.expect("a picture");
        for statement in deploy.statements(&step.action, &have).expect("statements") {
            deploy.run(&statement.sql).await.expect("it runs");
        }
        if at == 0 {
            deploy.run(&format!("INSERT INTO thing VALUES (1, '{TEXT}'), (2, NULL)")).await.expect("rows");
        }
    }
    let rows = deploy.ask("SELECT tag FROM thing ORDER BY id").await.expect("rows");
    assert_eq!(rows, [[Some(TEXT.to_owned())], [None]]);
    deploy.close().await.expect("closed");
}
