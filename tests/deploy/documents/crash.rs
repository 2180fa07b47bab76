//! What ends on the way, and what another one does meanwhile: a command that began, a lease that ran out.

use super::{
    migrators::{Doubtful, First, HalfWay, Moving},
    place::{open, rows, run, session},
};
use crate::{on_each, support::Place};
use ::mongodb::bson::{Bson, DateTime, Document, doc};
use seabed::{
    ErrorKind,
    backend::deploy::State,
    migration::{ApplyOptions, Progress, Resolution, apply, resolve},
};
use std::time::{Duration, Instant};
use tokio::{runtime::Handle, task::block_in_place};

on_each! { @ mongodb
    s3_what_nobody_can_know_is_asked
    s3_a_command_that_failed_half_way_is_not_run_again
    s3_a_command_that_began_is_known_by_its_collection
    s3_who_has_lost_the_lease_runs_no_more_commands
    s3_a_lease_that_ran_out_is_another_ones
    s3_what_a_killed_deploy_left_open_is_ended_by_the_next
}

/// A process that is gone neither ends its transaction nor gives its lease back: its runtime goes with all that it would do.
async fn s3_what_a_killed_deploy_left_open_is_ended_by_the_next(place: &Place) {
    run(place, doc! { "insert": "left", "documents": [{ "_id": 1, "n": 0 }] }).await;
    let count = r#"{"update": "left", "updates": [{"q": {}, "u": {"$inc": {"n": 1}}}]}"#;
    let killed = || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let (db, mut deploy) = session(place).await;
            deploy.lock(Duration::ZERO).await.expect("the right");
            deploy.begin().await.expect("begun");
            assert_eq!(deploy.run(count).await.expect("a row"), 1);
            std::mem::forget((db, deploy));
        });
        runtime.shutdown_background();
    };
    block_in_place(|| std::thread::scope(|threads| threads.spawn(killed).join())).expect("it came so far");
    let (db, mut deploy) = session(place).await;
    deploy.lock(Duration::from_secs(30)).await.expect("the lease runs out");
    deploy.begin().await.expect("begun");
    let counted = deploy.run(count).await;
    assert_eq!(counted.unwrap_or_else(|error| panic!("{error} {:?}", error.detail())), 1);
    deploy.commit().await.expect("kept");
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
    assert_eq!(rows(place, "left").await[0].get("n").map(ToString::to_string).as_deref(), Some("1"));
}

async fn s3_what_nobody_can_know_is_asked(place: &Place) {
    let db = open(place).await;
    let options = ApplyOptions::default().progress(|progress: &Progress<'_>| {
        if matches!(progress, Progress::Ran { sql } if sql.contains("$inc")) {
            std::panic::resume_unwind(Box::new("it ends here"));
        }
    });
    let there = open(place).await;
    tokio::spawn(async move { apply::<Doubtful>(&there, options).await.map(drop) }).await.expect_err("it ended");
    let error = apply::<Doubtful>(&db, ApplyOptions::default()).await.expect_err("nobody knows");
    assert!(error.is(ErrorKind::HalfApplied) && error.to_string().contains("resolve n8_doubt --done"), "{error}");
    resolve::<Doubtful>(&db, "n8_doubt", Resolution::Done).await.expect("somebody looked");
    apply::<Doubtful>(&db, ApplyOptions::default()).await.expect("it goes on");
    assert!(rows(place, "item").await.iter().all(|row| row.get("n").is_some_and(|n| n.to_string() == "1")));
}

async fn s3_a_command_that_failed_half_way_is_not_run_again(place: &Place) {
    let db = open(place).await;
    for _ in 0..2 {
        let error = apply::<HalfWay>(&db, ApplyOptions::default()).await.expect_err("a row refuses it");
        assert!(error.is(ErrorKind::HalfApplied) && error.to_string().contains("resolve n8_half"), "{error}");
    }
    let most = rows(place, "item").await.iter().filter_map(|row| row.get("n").map(ToString::to_string)).max();
    assert!(most.as_deref() <= Some("1"), "{most:?}");
}

/// Ends in front of a command, and behind it: its collection says whether it was done.
async fn s3_a_command_that_began_is_known_by_its_collection(_: &Place) {
    for command in [r#"{"create":"that""#, r#"{"renameCollection""#, r#"{"drop""#] {
        for ran in [false, true] {
            let place = Place::new("mongodb", "another").await.expect("it was there before");
            let options = ApplyOptions::default().progress(move |progress: &Progress<'_>| {
                let it = match progress {
                    Progress::Ran { sql } if ran => sql,
                    Progress::Noted { sql, state: State::Started } if !ran => sql,
                    _ => return,
                };
                if it.starts_with(command) {
                    std::panic::resume_unwind(Box::new("it ends here"));
                }
            });
            let db = open(&place).await;
            let first = tokio::spawn(async move { apply::<Moving>(&db, options).await.map(drop) }).await;
            first.expect_err("it ended");
            let again = apply::<Moving>(&open(&place).await, ApplyOptions::default()).await;
            again.unwrap_or_else(|error| panic!("{command} {ran}: {error} {:?}", error.detail()));
            let (_db, mut deploy) = session(&place).await;
            let picture = deploy.inspect().await.expect("a picture");
            assert_eq!(picture.tables.keys().collect::<Vec<_>>(), ["item", "other", "shelf"], "{command} {ran}");
            assert!(picture.tables["other"].key.is_some(), "{command} {ran}");
            deploy.close().await.expect("closed");
            place.close().await;
        }
    }
}

/// The lease as it is when its owner was away for too long and another one took it.
fn taken() -> Document {
    let past = doc! { "$set": { "owner": "another", "until": Bson::DateTime(DateTime::from_millis(0)) } };
    doc! { "update": "_seabed.lock", "updates": [{ "q": {}, "u": past }] }
}

async fn s3_who_has_lost_the_lease_runs_no_more_commands(place: &Place) {
    let db = open(place).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let (there, command) = (place.mongo().await, taken());
    let options = ApplyOptions::default().progress(move |progress: &Progress<'_>| {
        if matches!(progress, Progress::Noted { sql, state: State::Started } if sql.contains("$inc")) {
            let run = there.run_command(command.clone());
            block_in_place(|| Handle::current().block_on(async { run.await.expect("taken") }));
        }
    });
    let error = apply::<Doubtful>(&db, options).await.expect_err("the lease is another's");
    assert!(error.to_string().contains("no longer this session's"), "{error}");
    assert!(rows(place, "item").await.iter().all(|row| row.get("n").is_some_and(|n| n.to_string() == "0")));
}

async fn s3_a_lease_that_ran_out_is_another_ones(place: &Place) {
    let ((_a, mut first), (_b, mut second)) = (session(place).await, session(place).await);
    second.lock(Duration::ZERO).await.expect("it is free");
    // Who was away for longer than his lease, while another took it, does nothing more.
    run(place, taken()).await;
    assert!(!second.holds().await.expect("asked"), "the lease is another's");
    let began = Instant::now();
    first.lock(Duration::from_secs(5)).await.expect("a lease that ran out is free");
    assert!(began.elapsed() < Duration::from_secs(3));
    second.close().await.expect("closed");
    assert!(first.holds().await.expect("asked"), "who left took only his own");
    drop(first);
    let (_c, mut third) = session(place).await;
    third.lock(Duration::from_secs(5)).await.expect("who is dropped leaves it");
    third.close().await.expect("closed");
}
