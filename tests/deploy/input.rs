//! Bad input: each ends in a message that says what is, what was done, and the command that goes on; nothing is lost (laws S3, S4).

use super::on_each;
use crate::{
    migrators::{
        All, Doubtful, Dropping, EDITED, First, Gap, InParts, OfSeveral, Older, Orphaned, SHORT, Shortened, Unequal,
    },
    support::{Place, execute},
};
use seabed::{
    Database, Error, ErrorKind,
    backend::deploy::State,
    migration::{ApplyOptions, Progress, Resolution, apply, prelude::MigratorTrait, resolve, status},
};
use std::{sync::atomic::Ordering, time::Duration};
use tokio::{runtime::Handle, task::block_in_place};

on_each! {
    s4_an_edited_migration_is_named,
    m7_an_older_one_that_is_missing_is_an_error_a_newer_one_is_none,
    s3_who_holds_the_lock_is_told,
    s3_two_deployers_do_once_what_is_no_one_transaction,
    s3_several_statements_are_no_step_where_nothing_undoes_them,
    s1_what_would_be_lost_is_refused_before_anything_runs,
    rows_in_the_way_are_mended_and_it_goes_on,
    s3_what_nobody_can_know_is_asked,
    s3_a_full_disk_is_survived,
    m7_a_gap_that_a_newer_program_left_is_told,
    a_table_that_was_changed_by_hand_is_told,
    s3_a_session_that_ends_in_the_middle_of_a_statement_is_told,
    s3_a_step_that_was_taken_away_after_it_began_is_told,
}

trait Says {
    /// Every part is said.
    fn says(&self, kind: ErrorKind, parts: &[&str]);
}

impl Says for Error {
    fn says(&self, kind: ErrorKind, parts: &[&str]) {
        assert_eq!(self.kind(), kind, "{self}: {:?}", self.detail());
        for part in parts {
            assert!(self.to_string().contains(part), "`{part}` is not said: {self}");
        }
    }
}

async fn refused<M: MigratorTrait>(db: &Database) -> Error {
    apply::<M>(db, ApplyOptions::default()).await.expect_err("it is refused")
}

async fn asked(db: &Database, question: &str) -> Vec<Vec<Option<String>>> {
    let mut deploy = db.backend().deploy().await.expect("a session");
    let answer = deploy.ask(question).await.expect("an answer");
    deploy.close().await.expect("closed");
    answer
}

async fn tables(db: &Database) -> Vec<String> {
    let mut deploy = db.backend().deploy().await.expect("a session");
    let picture = deploy.inspect().await.expect("a picture");
    deploy.close().await.expect("closed");
    picture.tables.into_keys().collect()
}

async fn s4_an_edited_migration_is_named(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    execute(place, "UPDATE seabed_migration SET checksum = 'of another text'").await;
    let error = refused::<All>(&db).await;
    error.says(ErrorKind::Migration, &["`m1_item` was edited after it was applied", "resolve m1_item --applied"]);
    assert_eq!(status::<All>(&db).await.expect("rows").iter().filter(|row| row.applied).count(), 1, "nothing ran");
    resolve::<All>(&db, "m1_item", Resolution::Applied).await.expect("it is as it should be");
    apply::<All>(&db, ApplyOptions::default()).await.expect("it goes on");
}

async fn m7_an_older_one_that_is_missing_is_an_error_a_newer_one_is_none(place: &Place) {
    let db = place.open(1).await;
    apply::<All>(&db, ApplyOptions::default()).await.expect("applied");
    let parts =
        ["`m1_item` was applied and this program does not have it", "nothing was run", "resolve m1_item --rolled-back"];
    refused::<Gap>(&db).await.says(ErrorKind::Migration, &parts);
    assert!(apply::<First>(&db, ApplyOptions::default()).await.expect("an older program starts").names.is_empty());
    resolve::<Gap>(&db, "m1_item", Resolution::RolledBack).await.expect("it is out of the books");
    assert!(apply::<Gap>(&db, ApplyOptions::default()).await.expect("as it says").names.is_empty());
}

async fn s3_who_holds_the_lock_is_told(place: &Place) {
    let (db, beside) = (place.open(1).await, place.open(1).await);
    let mut other = beside.backend().deploy().await.expect("a session");
    other.lock(Duration::ZERO).await.expect("it is free");
    other.begin().await.expect("begun");
    let options = ApplyOptions::default().within(Duration::from_millis(300));
    let error = apply::<All>(&db, options).await.expect_err("another one is at work");
    let who = match place {
        Place::Sqlite(_) => "another deployer holds the lock of the migrations for more than 300ms: ",
        Place::Postgres { .. } => "another deployer holds the lock of the migrations for more than 300ms: seabed on",
        Place::MySql { .. } => "another deployer holds the lock of the migrations for more than 300ms: root from",
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    assert!(error.is(ErrorKind::LockTimeout), "{error}");
    assert!(error.to_string().contains(who) || error.detail().is_some_and(|it| it.contains("locked")), "{error}");
    other.rollback().await.expect("undone");
    other.close().await.expect("closed");
    apply::<All>(&db, ApplyOptions::default()).await.expect("it is free again");
}

async fn s3_two_deployers_do_once_what_is_no_one_transaction(place: &Place) {
    let (one, two) = (place.open(1).await, place.open(1).await);
    apply::<First>(&one, ApplyOptions::default()).await.expect("applied");
    let options = || ApplyOptions::default().pause(Duration::from_millis(5));
    let (a, b) = tokio::join!(apply::<InParts>(&one, options()), apply::<InParts>(&two, options()));
    let applied = a.expect("one deployer").names.len() + b.expect("the other").names.len();
    assert_eq!(applied, 1, "one of them did it");
    let other = "SELECT count(*) FROM item WHERE n <> 1";
    assert_eq!(asked(&one, other).await, [[Some("0".to_owned())]], "each row was counted up once");
}

async fn s3_several_statements_are_no_step_where_nothing_undoes_them(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let error = refused::<OfSeveral>(&db).await;
    if let Place::MySql { .. } = place {
        error.says(ErrorKind::InvalidQuery, &["\"two at once\" holds several statements", "a step for each"]);
    }
    let changed = "SELECT count(*) FROM item WHERE n <> 0";
    assert_eq!(asked(&db, changed).await, [[Some("0".to_owned())]], "the first of them was not kept");
}

async fn s1_what_would_be_lost_is_refused_before_anything_runs(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    // Its author accepts it without a reason, which does not count.
    let error = refused::<Dropping>(&db).await;
    let parts =
        ["nothing was run", "`m6_drop`, step 2 (drop table item): drops-table (destructive)", ".allow(", "`apply`"];
    error.says(ErrorKind::NotAccepted, &parts);
    assert_eq!(tables(&db).await, ["item", "shelf"]);
}

async fn rows_in_the_way_are_mended_and_it_goes_on(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let error = refused::<Unequal>(&db).await;
    let parts =
        ["`m4_unique`: step 2 of 2 (add index ux_n on item) stopped", "mend what it says, then run `apply` again"];
    error.says(ErrorKind::UniqueViolation, &parts);
    let whole = matches!(place, Place::Sqlite(_));
    assert!(
        error.to_string().contains(if whole { "All of the migration was undone" } else { "step 1 is done" }),
        "{error}"
    );
    assert_eq!(tables(&db).await.contains(&"before".to_owned()), !whole, "what is told is what is");
    execute(place, "UPDATE item SET n = id").await;
    apply::<Unequal>(&db, ApplyOptions::default()).await.expect("it goes on");

    let place = super::apply::another(place).await;
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let error = refused::<Orphaned>(&db).await;
    error.says(ErrorKind::ForeignKeyViolation, &["`m5_orphan`", "run `apply` again"]);
    assert_eq!(asked(&db, "SELECT count(*) FROM item").await, [[Some(crate::migrators::ROWS.to_string())]]);
    execute(&place, "INSERT INTO shelf VALUES (0), (1), (2)").await;
    apply::<Orphaned>(&db, ApplyOptions::default()).await.expect("it goes on");
    place.close().await;
}

/// The session ends when the statement in doubt has run and before that is noted.
async fn half(place: &Place, db: &Database) -> Error {
    let (Place::Postgres { server, name } | Place::MySql { server, name }) = place else { unreachable!() };
    let end = Place::MySql { server: server.clone(), name: name.clone() };
    let options = ApplyOptions::default().progress(move |progress| {
        if matches!(progress, Progress::Ran { sql } if sql.starts_with("UPDATE count")) {
            block_in_place(|| Handle::current().block_on(end.end_sessions()));
        }
    });
    apply::<Doubtful>(db, options).await.expect_err("the session ended")
}

async fn s3_what_nobody_can_know_is_asked(place: &Place) {
    // Where DDL is undone there is no doubt.
    let Place::MySql { .. } = place else { return };
    let expected = |resolution| if resolution == Resolution::Retry { "2" } else { "1" };
    for resolution in [Resolution::Done, Resolution::Retry, Resolution::Applied, Resolution::RolledBack] {
        let place = super::apply::another(place).await;
        let db = place.open(1).await;
        let error = half(&place, &db).await;
        assert!(error.to_string().contains("`m7_doubt`: step 3 of 4 (count) stopped"), "{error}");
        let error = refused::<Doubtful>(&db).await;
        let parts = [
            "`m7_doubt` is half applied: in step 3 of 4 (count)",
            "and after it steps 4 to 4:\n  UPDATE count SET n = n + 1;",
            "resolve m7_doubt --done",
        ];
        error.says(ErrorKind::HalfApplied, &parts);
        EDITED.store(true, Ordering::SeqCst);
        let edited = refused::<Doubtful>(&db).await;
        EDITED.store(false, Ordering::SeqCst);
        edited.says(ErrorKind::HalfApplied, &["step 3 (count) was edited after it began"]);
        resolve::<Doubtful>(&db, "m7_doubt", resolution).await.expect("said");
        if resolution == Resolution::RolledBack {
            execute(&place, "DROP TABLE count").await;
        }
        let applied = apply::<Doubtful>(&db, ApplyOptions::default()).await.expect("it goes on").names;
        assert_eq!(applied.is_empty(), resolution == Resolution::Applied);
        assert_eq!(
            asked(&db, "SELECT n FROM count").await,
            [[Some(expected(resolution).to_owned())]],
            "{resolution:?}"
        );
        assert_eq!(tables(&db).await.contains(&"after".to_owned()), resolution != Resolution::Applied);
        let books = db.backend().deploy().await.expect("a session").books().await.expect("books");
        assert_eq!((books.migrations[0].state, books.steps), (State::Done, vec![]));
        let error = resolve::<Doubtful>(&db, "m7_doubt", Resolution::Done).await.expect_err("nothing is in doubt");
        error.says(ErrorKind::Migration, &["no statement of `m7_doubt` is in doubt"]);
        place.close().await;
    }
}

/// SQLite's file is bounded; servers are told to answer as they do on a full disk, in the middle of the backfill.
async fn s3_a_full_disk_is_survived(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let full = match place {
        Place::Sqlite(_) => {
            let pages = asked(&db, "PRAGMA page_count").await[0][0].clone().expect("a count");
            let url = format!("{}?max_page_count={pages}", place.url());
            db.close().await.expect("closed");
            Database::connect(seabed::Config::from_url(&url).expect("a URL")).await.expect("a small file")
        }
        Place::Postgres { .. } => {
            let body = "BEGIN IF NEW.id = 15 AND NEW.n = 1 THEN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END IF; RETURN NEW; END";
            execute(place, &format!("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
                .await;
            let when = "BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION full_disk()";
            execute(place, &format!("CREATE TRIGGER full_disk {when}")).await;
            db
        }
        Place::MySql { .. } => {
            let body = "IF NEW.id = 15 AND NEW.n = 1 THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114; END IF";
            execute(place, &format!("CREATE TRIGGER full_disk BEFORE UPDATE ON item FOR EACH ROW {body}")).await;
            db
        }
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    let error = refused::<All>(&full).await;
    error.says(
        ErrorKind::StorageFull,
        &["`m2_grow`: step", "the disk is full", "run `apply` again: it goes on from there"],
    );
    full.close().await.expect("closed");
    match place {
        Place::Sqlite(_) => {}
        Place::Postgres { .. } => execute(place, "DROP TRIGGER full_disk ON item").await,
        Place::MySql { .. } => execute(place, "DROP TRIGGER full_disk").await,
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    }
    let db = place.open(1).await;
    apply::<All>(&db, ApplyOptions::default()).await.expect("there is space again");
    assert_eq!(asked(&db, "SELECT min(n), max(n) FROM item").await, [[Some("1".to_owned()), Some("1".to_owned())]]);
}

async fn m7_a_gap_that_a_newer_program_left_is_told(place: &Place) {
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    execute(place, "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9_newer', 1)").await;
    let error = refused::<Older>(&db).await;
    error.says(
        ErrorKind::Migration,
        &["`m4_unique` is pending though the newer `m9_newer` was applied", "nothing was run"],
    );
    assert_eq!(tables(&db).await, ["item", "shelf"]);
}

/// A column that is there already, an index that is, a table that is gone.
async fn a_table_that_was_changed_by_hand_is_told(place: &Place) {
    for (by_hand, put_back, said) in [
        (
            "ALTER TABLE item ADD COLUMN sku integer",
            "ALTER TABLE item DROP COLUMN sku",
            "step 1 of 5 (add column item.sku)",
        ),
        ("CREATE INDEX ix_item_sku ON item (n)", "", "step 3 of 5 (add index ix_item_sku on item)"),
        (
            "ALTER TABLE item RENAME TO elsewhere",
            "ALTER TABLE elsewhere RENAME TO item",
            "step 1 of 5 (add column item.sku)",
        ),
    ] {
        let place = super::apply::another(place).await;
        let db = place.open(1).await;
        apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
        execute(&place, by_hand).await;
        let error = refused::<All>(&db).await;
        let told = error.to_string();
        assert!(told.contains(&format!("`m2_grow`: {said} stopped")) && told.contains("run `apply` again"), "{told}");
        let put_back = match (&place, put_back) {
            (Place::MySql { .. }, "") => "DROP INDEX ix_item_sku ON item",
            (_, "") => "DROP INDEX ix_item_sku",
            (_, put_back) => put_back,
        };
        execute(&place, put_back).await;
        apply::<All>(&db, ApplyOptions::default()).await.expect("it goes on");
        super::apply::right(&db, by_hand).await;
        place.close().await;
    }
}

async fn s3_a_session_that_ends_in_the_middle_of_a_statement_is_told(place: &Place) {
    if let Place::Sqlite(_) = place {
        return;
    }
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    let beside = place.open(1).await;
    let mut reader = beside.backend().deploy().await.expect("a session");
    reader.begin().await.expect("begun");
    reader.ask("SELECT id FROM item WHERE id = 1 FOR UPDATE").await.expect("a lock");
    let applied = tokio::spawn(async move { (apply::<All>(&db, ApplyOptions::default()).await, db) });
    // The first statement waits for the reader, and they end together.
    tokio::time::sleep(Duration::from_secs(1)).await;
    place.end_sessions().await;
    let (outcome, db) = applied.await.expect("it answers");
    let error = outcome.expect_err("the session ended");
    let told = error.to_string();
    assert!(matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::WriteUnknown), "{error}");
    assert!(told.contains("`m2_grow`: step 1 of 5 (add column item.sku) stopped"), "{told}");
    assert!(told.contains("run `apply` again: it goes on from there"), "{told}");
    apply::<All>(&db, ApplyOptions::default()).await.expect("it goes on");
    super::apply::right(&db, "after a lost connection").await;
}

async fn s3_a_step_that_was_taken_away_after_it_began_is_told(place: &Place) {
    // The backends play side by side.
    let _alone = ONE_AT_A_TIME.lock().await;
    let db = place.open(1).await;
    apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
    refused::<Shortened>(&db).await.says(ErrorKind::UniqueViolation, &["`m4_short`: step 3 of 3"]);
    if let Place::Sqlite(_) = place {
        return;
    }
    SHORT.store(true, Ordering::SeqCst);
    let error = apply::<Shortened>(&db, ApplyOptions::default()).await;
    SHORT.store(false, Ordering::SeqCst);
    let error = error.expect_err("the second step was taken away");
    error.says(
        ErrorKind::HalfApplied,
        &["`m4_short`: step 2 was taken away after it began", "resolve m4_short --rolled-back"],
    );
    assert!(tables(&db).await.contains(&"s2".to_owned()));
    execute(place, "UPDATE item SET n = id").await;
    apply::<Shortened>(&db, ApplyOptions::default()).await.expect("it is as it was, and goes on");
}

static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
