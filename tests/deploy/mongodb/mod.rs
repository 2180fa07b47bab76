//! The same on MongoDB, whose words are commands: named by `SEABED_TEST_MONGODB_URL`.

mod lint;
mod migrators;
mod place;

use migrators::{All, ByHand, Doubtful, First, ROWS, Spoken};
use mongodb::bson::{Bson, doc};
use place::Place;
use seabed::{
    Config, Database, ErrorKind,
    backend::deploy::{Booked, Books, Noted, State},
    migration::{ApplyOptions, Progress, Resolution, apply, baseline, plan, resolve, status, take_back},
    repository::EntityInfo,
    schema::{Action, Snapshot, Step, Table},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

macro_rules! on_mongodb {
    ($($test:ident),* $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $test() {
            let Some(place) = $crate::mongodb::place::Place::new(stringify!($test)).await else { return };
            tests::$test(&place).await;
            place.close().await;
        }
    )*};
}
use on_mongodb;

on_mongodb! {
    s2_after_the_first_deploy_nothing_is_left_to_do,
    s3_wherever_a_run_ends_the_next_one_goes_on,
    s3_four_deployers_apply_once,
    s3_what_nobody_can_know_is_asked,
    s3_the_lock_is_one_sessions_and_ends_with_its_lease,
    s3_books_give_back_what_was_noted,
    s2_what_is_there_is_taken_over,
    s2_a_start_does_what_is_safe_and_refuses_the_rest,
    s2_what_mongodb_cannot_do_is_refused_by_name,
}

/// The tables that some migrations leave.
fn tables(names: &[&str]) -> Vec<Arc<Table>> {
    let mut snapshot = Snapshot::default();
    for name in names {
        let steps: Vec<Step> = (seabed::migration::stepwise(name).expect("a migration").steps)().expect("steps");
        steps.iter().try_for_each(|step| snapshot.apply(&step.action)).expect("played");
    }
    snapshot.parents_first().expect("tables")
}

const NAMES: [&str; 2] = ["n1_shop", "n2_grow"];

/// Every row was counted up once, and all is as the migrations make it.
async fn right(place: &Place, when: &str) {
    let rows = place.rows("item").await;
    assert_eq!(rows.len(), usize::try_from(ROWS).expect("few"), "{when}");
    for (row, id) in rows.iter().zip(1_i64..) {
        let number = |name: &str| match row.get(name) {
            Some(Bson::Int32(n)) => i64::from(*n),
            Some(Bson::Int64(n)) => *n,
            other => panic!("{when}: {name} is {other:?}"),
        };
        assert_eq!((number("id"), number("n"), number("price")), (id, 1, id), "{when}");
        assert_eq!(row.get_str("code").ok(), Some(&*format!("Srow {id}")), "{when}");
        assert_eq!(row.len(), 6, "{when}: {row}");
    }
    let (db, mut deploy) = place.session().await;
    let plan = plan::against(&mut *deploy, &tables(&NAMES), &[]).await.expect("a plan");
    assert!(plan.is_empty() && plan.drift.is_empty(), "{when}: {plan:#?}");
    let picture = deploy.inspect().await.expect("a picture");
    assert_eq!(picture.tables["item"].foreign_keys[0].parent, "place", "{when}");
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
}

/// Runs until the n-th thing is told, where the task ends; and whether the end was beyond it.
async fn ended_at(place: &Place, n: usize) -> bool {
    let told: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    let options = ApplyOptions::default().pause(Duration::ZERO).progress(move |_: &Progress<'_>| {
        if told.fetch_add(1, Ordering::SeqCst) == n {
            std::panic::resume_unwind(Box::new("it ends here"));
        }
    });
    let db = place.open().await;
    let first = tokio::spawn(async move { apply::<All>(&db, options).await.map(drop) }).await;
    if let Ok(Err(error)) = first {
        panic!("{n}: {error} {:?}", error.detail());
    }
    told.load(Ordering::SeqCst) <= n
}

mod thing {
    pub mod first {
        use seabed::sea_orm::{self, entity::prelude::*};

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "thing")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            pub name: String,
            pub old: Option<i32>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod second {
        use seabed::sea_orm::{self, entity::prelude::*};

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "thing")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            #[sea_orm(indexed)]
            pub name: String,
            pub note: Option<String>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

async fn start(place: &Place, mode: &str, entities: Vec<EntityInfo>) -> seabed::Result<()> {
    let config = Config::builder().url(place.url()).set("database.sync", mode).set("database.verify", "off").load()?;
    Database::builder(config).entities(entities).connect().await?.close().await
}

/// The columns of the table; none where it is not there.
async fn columns(place: &Place) -> Vec<String> {
    let (_db, mut deploy) = place.session().await;
    let picture = deploy.inspect().await.expect("inspected");
    deploy.close().await.expect("closed");
    let table = picture.tables.get("thing");
    table.map(|table| table.columns.iter().map(|column| column.name.clone()).collect()).unwrap_or_default()
}

mod tests {
    use super::*;

    pub async fn s2_after_the_first_deploy_nothing_is_left_to_do(place: &Place) {
        let db = place.open().await;
        let applied = apply::<First>(&db, ApplyOptions::default()).await.expect("applied");
        assert_eq!(applied.names, NAMES[..1]);
        assert!(status::<First>(&db).await.expect("rows").iter().all(|row| row.applied));
        place.run(doc! { "create": "by_hand" }).await;
        let mut deploy = db.backend().deploy().await.expect("a session");
        let want = tables(&NAMES[..1]);
        let plan = plan::against(&mut *deploy, &want, &[]).await.expect("a plan");
        assert!(plan.is_empty(), "{plan:#?}");
        assert_eq!(plan.drift.iter().map(|drift| &*drift.what).collect::<Vec<_>>(), ["table by_hand"]);
        let context = seabed::Context::default();
        assert_eq!(db.backend().verify(&context, &want).await.expect("looked"), []);
        assert_eq!(apply::<First>(&db, ApplyOptions::default()).await.expect("nothing").names, Vec::<String>::new());
        place.nothing_is_left().await;
        deploy.close().await.expect("closed");
        // The way back leaves what is not its own.
        assert_eq!(take_back::<First>(&db, ApplyOptions::default()).await.expect("back").names, NAMES[..1]);
        let mut deploy = db.backend().deploy().await.expect("a session");
        assert_eq!(deploy.inspect().await.expect("a picture").tables.keys().collect::<Vec<_>>(), ["by_hand"]);
        assert_eq!(deploy.books().await.expect("books"), Books::default());
        deploy.close().await.expect("closed");
    }

    pub async fn s3_wherever_a_run_ends_the_next_one_goes_on(like: &Place) {
        let (mut n, step) = (0, 3);
        loop {
            let place = Place::new("another").await.expect("it was there before");
            let beyond = ended_at(&place, n).await;
            let again = apply::<All>(&place.open().await, ApplyOptions::default()).await;
            again.unwrap_or_else(|error| panic!("{n}: {error} {:?}", error.detail()));
            right(&place, &format!("ended at {n}")).await;
            place.close().await;
            if beyond {
                break;
            }
            n += step;
        }
        assert!(n > 60, "only {n} things were told on {}", like.name);
    }

    pub async fn s3_four_deployers_apply_once(place: &Place) {
        let one =
            || async { apply::<All>(&place.open().await, ApplyOptions::default()).await.expect("it waits").names };
        let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
        let mut all = [a, b, c, d].concat();
        all.sort();
        assert_eq!(all, NAMES);
        right(place, "four deployers").await;
    }

    pub async fn s3_what_nobody_can_know_is_asked(place: &Place) {
        let db = place.open().await;
        let options = ApplyOptions::default().progress(|progress: &Progress<'_>| {
            if matches!(progress, Progress::Ran { sql } if sql.contains("$inc")) {
                std::panic::resume_unwind(Box::new("it ends here"));
            }
        });
        let there = place.open().await;
        tokio::spawn(async move { apply::<Doubtful>(&there, options).await.map(drop) }).await.expect_err("it ended");
        let error = apply::<Doubtful>(&db, ApplyOptions::default()).await.expect_err("nobody knows");
        assert!(error.is(ErrorKind::HalfApplied) && error.to_string().contains("resolve n8_doubt --done"), "{error}");
        resolve::<Doubtful>(&db, "n8_doubt", Resolution::Done).await.expect("somebody looked");
        apply::<Doubtful>(&db, ApplyOptions::default()).await.expect("it goes on");
        assert!(place.rows("item").await.iter().all(|row| row.get("n").is_some_and(|n| n.to_string() == "1")));
    }

    pub async fn s3_the_lock_is_one_sessions_and_ends_with_its_lease(place: &Place) {
        let ((_a, mut first), (_b, mut second)) = (place.session().await, place.session().await);
        first.lock(Duration::ZERO).await.expect("it is free");
        assert!(first.holds().await.expect("asked") && !second.holds().await.expect("asked"));
        let refused = second.lock(Duration::from_millis(300)).await.expect_err("it is the other's");
        assert!(refused.is(ErrorKind::LockTimeout), "{refused}");
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
        first.unlock().await.expect("given back");
        assert!(!first.holds().await.expect("asked"));
        second.lock(Duration::ZERO).await.expect("it is free");
        // Who was away for longer than his lease, while another took it, does nothing more.
        let past =
            doc! { "$set": { "owner": "another", "until": Bson::DateTime(mongodb::bson::DateTime::from_millis(0)) } };
        place.run(doc! { "update": "_seabed.lock", "updates": [{ "q": {}, "u": past }] }).await;
        assert!(!second.holds().await.expect("asked"), "the lease is another's");
        let began = Instant::now();
        first.lock(Duration::from_secs(5)).await.expect("a lease that ran out is free");
        assert!(began.elapsed() < Duration::from_secs(3));
        second.close().await.expect("closed");
        assert!(first.holds().await.expect("asked"), "who left took only his own");
        drop(first);
        let (_c, mut third) = place.session().await;
        third.lock(Duration::from_secs(5)).await.expect("who is dropped leaves it");
        third.close().await.expect("closed");
    }

    pub async fn s3_books_give_back_what_was_noted(place: &Place) {
        let (_db, mut deploy) = place.session().await;
        assert_eq!(deploy.books().await.expect("there are none"), Books::default());
        for _ in 0..2 {
            deploy.open_books().await.expect("books");
        }
        let booked = Booked {
            name: "m1_it's".into(),
            checksum: "ab".into(),
            state: State::Started,
            tables: r#"[{"name": "\\ ä"}]"#.into(),
            started_at: "2026-01-02T03:04:05Z".into(),
            finished_at: String::new(),
            by: "a host, process 1".into(),
        };
        let noted = Noted {
            migration: booked.name.clone(),
            step: 1,
            statement: 2,
            hash: "cd".into(),
            text: r#"{"sql": "{\"$x\": 1}"}"#.into(),
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
        let noted = Noted { state: State::Failed, error: "it broke".into(), ..noted };
        deploy.note_step(&noted).await.expect("noted anew");
        let books = deploy.books().await.expect("books");
        assert_eq!((&books.migrations[..], &books.steps[..]), (&[booked.clone()][..], &[other, noted][..]));
        let booked = Booked { state: State::Done, ..booked };
        deploy.note(&booked).await.expect("noted anew");
        let books = deploy.books().await.expect("books");
        assert_eq!((books.migrations, books.steps), (vec![booked.clone()], vec![]));
        deploy.forget(&booked.name).await.expect("forgotten");
        assert_eq!(deploy.books().await.expect("books"), Books::default());
        deploy.close().await.expect("closed");
    }

    pub async fn s2_what_is_there_is_taken_over(place: &Place) {
        let (db, mut deploy) = place.session().await;
        let all = tables(&NAMES[..1]);
        let have = deploy.inspect().await.expect("a picture");
        for (at, table) in all.iter().enumerate() {
            for statement in deploy.statements(&Action::CreateTable((**table).clone()), &have).expect("statements") {
                deploy.run(&statement.sql).await.expect("made");
            }
            let over = baseline::<First>(&db, "n1_shop", &[]).await.expect("looked at");
            assert_eq!(over.names.len(), usize::from(at == 1), "only where all is there: {:?}", over.plan);
        }
        let books = deploy.books().await.expect("books");
        assert_eq!(books.migrations[0].state, State::Baselined);
        assert_eq!(apply::<First>(&db, ApplyOptions::default()).await.expect("nothing").names, Vec::<String>::new());
        deploy.close().await.expect("closed");
    }

    pub async fn s2_a_start_does_what_is_safe_and_refuses_the_rest(place: &Place) {
        for mode in ["off", "warn"] {
            start(place, mode, seabed::entities![thing::first]).await.expect("it starts");
        }
        let error = start(place, "check", seabed::entities![thing::first]).await.expect_err("it is not there");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("thing")));
        assert!(columns(place).await.is_empty());
        let (one, two) = tokio::join!(
            start(place, "additive", seabed::entities![thing::first]),
            start(place, "additive", seabed::entities![thing::first])
        );
        one.and(two).expect("both start");
        assert_eq!(columns(place).await, ["id", "name", "old"]);
        start(place, "check", seabed::entities![thing::first]).await.expect("it is as it is wanted");
        let error =
            start(place, "additive", seabed::entities![thing::second]).await.expect_err("a column would be lost");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("thing")));
        assert_eq!(columns(place).await, ["id", "name", "old"]);
        place.run(doc! { "create": "by_hand" }).await;
        start(place, "dev", seabed::entities![thing::second]).await.expect("changed");
        assert_eq!(columns(place).await, ["id", "name", "note"]);
        start(place, "check", seabed::entities![thing::second]).await.expect("it is as it is wanted");
        place.run(doc! { "drop": "by_hand" }).await;
    }

    pub async fn s2_what_mongodb_cannot_do_is_refused_by_name(place: &Place) {
        let db = place.open().await;
        let error = apply::<Spoken>(&db, ApplyOptions::default()).await.expect_err("it reads no SQL");
        assert_eq!((error.kind(), error.entity_name()), (ErrorKind::Unsupported, Some("item")), "{error}");
        assert!(error.fields().contains(&"sku".to_owned()) && error.to_string().contains(".mongodb("), "{error}");
        let error = apply::<ByHand>(&place.open().await, ApplyOptions::default()).await.expect_err("it is SQL");
        assert!(error.is(ErrorKind::Unsupported) && error.to_string().contains("n9_hand"), "{error}");
    }
}
