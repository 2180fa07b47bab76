//! CREATE INDEX CONCURRENTLY of one's own (hazard M4): it waits for the writers that were there before it, and what a failed one left
//! is taken away before it is built again.

use crate::{
    migrators::{First, WithIndex},
    support::{Place, execute},
};
use seabed::{
    Database, Error, ErrorKind,
    backend::{Deploy, deploy::State},
    migration::{ApplyOptions, apply},
};
use std::time::Duration;

/// The place with the rows of the first migration, each of which has a value of its own where `apart`.
async fn begun(test: &str, apart: bool) -> Option<(Place, Database)> {
    let place = Place::new("postgres", test).await?;
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    if apart {
        execute(&place, "UPDATE item SET n = id").await;
    }
    Some((place, db))
}

/// Somebody who has written into the table and does not end.
async fn writer(place: &Place) -> (Database, Box<dyn Deploy>) {
    let db = place.open(1).await;
    let mut deploy = db.backend().deploy().await.expect("a session");
    deploy.begin().await.expect("begun");
    deploy.run("UPDATE shelf SET id = id").await.expect("a snapshot");
    deploy.run("UPDATE item SET shelf = shelf WHERE id = 1").await.expect("a lock");
    (db, deploy)
}

/// Whether the index is there, and whether it is of use.
async fn valid(place: &Place) -> Option<bool> {
    let db = place.open(1).await;
    let mut deploy = db.backend().deploy().await.expect("a session");
    let picture = deploy.inspect().await.expect("a picture");
    deploy.close().await.expect("closed");
    picture.tables["item"].index("ux_beside").map(|index| index.valid)
}

async fn refused(db: &Database) -> Error {
    apply::<WithIndex>(db, ApplyOptions::default()).await.expect_err("it is refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_an_index_waits_for_the_writers_and_they_not_for_it() {
    let Some((place, db)) = begun("m4_waits", true).await else { return };
    let (_beside, mut writing) = writer(&place).await;
    let applied = tokio::spawn(async move { apply::<WithIndex>(&db, ApplyOptions::default()).await });
    // Longer than any other statement of a deploy waits.
    tokio::time::sleep(Duration::from_secs(4)).await;
    execute(&place, "SET lock_timeout = '1s'; UPDATE item SET shelf = shelf WHERE id = 2").await;
    assert!(!applied.is_finished(), "it waits");
    writing.rollback().await.expect("undone");
    assert_eq!(applied.await.expect("it answers").expect("applied").names, ["m4_beside"]);
    assert_eq!(valid(&place).await, Some(true));
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_what_a_failed_index_left_is_taken_away() {
    let Some((place, db)) = begun("m4_failed", false).await else { return };
    let error = refused(&db).await;
    assert!(error.is(ErrorKind::UniqueViolation), "{error}: {:?}", error.detail());
    assert!(error.to_string().contains("`m4_beside`: step 1 of 1 (an index beside the writers) stopped"), "{error}");
    assert!(error.to_string().contains("mend what it says, then run `apply` again"), "{error}");
    assert_eq!(valid(&place).await, Some(false), "the server leaves it");
    assert!(refused(&db).await.is(ErrorKind::UniqueViolation), "IF NOT EXISTS does not take it for one");
    execute(&place, "UPDATE item SET n = id").await;
    apply::<WithIndex>(&db, ApplyOptions::default()).await.expect("it is built anew");
    assert_eq!(valid(&place).await, Some(true));
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_an_index_whose_session_ended_is_built_anew() {
    let Some((place, db)) = begun("m4_ended", true).await else { return };
    let (beside, mut writing) = writer(&place).await;
    let applied = tokio::spawn(async move { apply::<WithIndex>(&db, ApplyOptions::default()).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(valid(&place).await, Some(false), "it is half built");
    place.end_sessions().await;
    let error = applied.await.expect("it answers").expect_err("the session ended");
    assert!(error.to_string().contains("run `apply` again: it goes on from there"), "{error}");
    writing.rollback().await.expect_err("this one too");
    drop((beside, writing));
    let db = place.open(1).await;
    let books = db.backend().deploy().await.expect("a session").books().await.expect("books");
    assert_eq!(books.steps[0].state, State::Started);
    apply::<WithIndex>(&db, ApplyOptions::default()).await.expect("nobody is asked");
    assert_eq!(valid(&place).await, Some(true));
    place.close().await;
}
