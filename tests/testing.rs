//! The tools for users' tests: snapshots, faults on a whole database, fixtures, bodies that are rolled back.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

use sea_orm::{ActiveEnum, NotSet};
use seabed::{
    Context,
    prelude::*,
    testing::{Fixtures, MemoryDatabase, rolled_back},
};
use std::time::Duration;

mod author {
    use sea_orm::entity::prelude::*;
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "author")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod book {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
    pub enum Cover {
        Hard,
        Soft,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "book")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub author_id: i64,
        pub title: Option<String>,
        pub pages: Option<u16>,
        #[sea_orm(column_type = "Decimal(Some((8, 2)))")]
        pub price: Option<Decimal>,
        pub weight: Option<f64>,
        pub sold: Option<bool>,
        pub scan: Option<Vec<u8>>,
        pub extra: Option<Json>,
        pub at: Option<DateTimeUtc>,
        pub local: Option<DateTime>,
        pub day: Option<Date>,
        pub clock: Option<Time>,
        pub cover: Option<Cover>,
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "Restrict")]
        pub author: BelongsTo<super::author::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

async fn database() -> MemoryDatabase {
    MemoryDatabase::with_tables(&seabed::entities![author, book]).await.expect("tables")
}

fn named(name: &str) -> author::ActiveModel {
    author::ActiveModel { id: NotSet, name: Set(name.into()) }
}

#[tokio::test]
async fn a_snapshot_brings_back_rows_keys_and_tables() {
    let db = database().await;
    let authors = db.repository::<author::Entity>();
    authors.insert_many(["a", "b"].map(named)).await.expect("rows");
    let then = db.snapshot().expect("a snapshot");
    assert_eq!(authors.insert(named("c")).await.expect("a row").id, 3);
    authors.delete(1).await.expect("gone");
    for _ in 0..2 {
        db.restore(&then).await.expect("restored");
        let names: Vec<_> = authors.find(all().limit(9)).await.expect("rows").into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(authors.insert(named("d")).await.expect("a row").id, 3, "the keys go on as then");
    }
    let empty = MemoryDatabase::new().snapshot().expect("a snapshot");
    db.restore(&empty).await.expect("restored");
    assert!(authors.count(all()).await.expect_err("no table").is(ErrorKind::TableNotFound));
}

#[tokio::test]
async fn a_restore_waits_for_who_is_writing_and_leaves_readers_alone() {
    let db = MemoryDatabase::over(seabed::backend::memory::Memory::with_lock_timeout(Duration::from_millis(50)));
    db.create_tables(&seabed::entities![author]).await.expect("a table");
    let then = db.snapshot().expect("a snapshot");
    let tx = db.begin(seabed::TransactionOptions::default()).await.expect("a transaction");
    tx.repository::<author::Entity>().insert(named("a")).await.expect("a row");
    assert!(db.restore(&then).await.expect_err("one is writing").is(ErrorKind::LockTimeout));
    tx.commit().await.expect("committed");
    let reader = db.begin(seabed::TransactionOptions::default().read_only()).await.expect("a transaction");
    db.restore(&then).await.expect("restored");
    assert_eq!(reader.repository::<author::Entity>().count(all()).await.expect("a count"), 1);
    assert_eq!(db.repository::<author::Entity>().count(all()).await.expect("a count"), 0);
}

#[tokio::test]
async fn a_fault_in_a_transaction_keeps_nothing_of_it() {
    let db = database().await;
    let two = || {
        db.transact(|tx| async move {
            tx.repository::<author::Entity>().insert(named("a")).await?;
            tx.repository::<book::Entity>().count(all()).await.map(drop)
        })
    };
    // One that `transact` does not run again.
    db.fail_next_on::<book::Entity>(ErrorKind::StorageFull);
    assert!(two().await.expect_err("asked for").is(ErrorKind::StorageFull));
    let authors = db.repository::<author::Entity>();
    assert_eq!(authors.count(all()).await.expect("a count"), 0);
    db.faults().fail_next_commit(ErrorKind::CommitUnknown);
    assert!(two().await.expect_err("asked for").is(ErrorKind::CommitUnknown));
    assert_eq!(authors.count(all()).await.expect("a count"), 0);
    db.faults().lose_next_commit();
    assert!(two().await.expect_err("asked for").is(ErrorKind::CommitUnknown));
    assert_eq!(authors.count(all()).await.expect("a count"), 1, "it was kept, and nobody knew");
}

#[tokio::test]
async fn a_slow_call_ends_at_its_deadline() {
    let db = database().await;
    db.faults().latency(Duration::from_secs(20));
    let context = Context::default().within(Duration::from_millis(30));
    let counted = context.scope(async { db.repository::<author::Entity>().count(all()).await }).await;
    assert!(counted.expect_err("too slow").is(ErrorKind::Timeout));
}

const BOOKS: &str = r#"[{
    "id": "00000000-0000-0000-0000-000000000007", "author_id": 7, "title": "Notes", "pages": 66, "price": "12.50", "weight": 1,
    "sold": true, "scan": "00ff", "extra": {"a": [null]}, "at": "2026-01-31T13:00:00+01:00", "local": "2026-01-31T12:00:00",
    "day": "2026-01-31", "clock": "12:00:00", "cover": "hard"
}, { "author_id": 7, "price": 3.25, "title": null }]"#;

#[tokio::test]
async fn fixtures_hold_every_type_and_may_be_loaded_again() {
    let fixtures = Fixtures::new()
        .rows::<author::Entity>([author::Model { id: 7, name: "Ada".into() }])
        .rows::<author::Entity>([named("Grace")])
        .json::<book::Entity>(BOOKS)
        .expect("books");
    for _ in 0..2 {
        let db = database().await;
        fixtures.load(&db).await.expect("loaded");
        assert_eq!(db.repository::<author::Entity>().count(all()).await.expect("a count"), 2);
        let books = db.repository::<book::Entity>();
        let id = sea_orm::prelude::Uuid::from_u128(7);
        let book = books.get(id).await.expect("an answer").expect("the book");
        let noon =
            sea_orm::prelude::Date::from_ymd_opt(2026, 1, 31).expect("a day").and_hms_opt(12, 0, 0).expect("noon");
        let expected = book::Model {
            id,
            author_id: 7,
            title: Some("Notes".into()),
            pages: Some(66),
            price: Some("12.50".parse().expect("a decimal")),
            weight: Some(1.0),
            sold: Some(true),
            scan: Some(vec![0, 255]),
            extra: Some("{\"a\":[null]}".parse().expect("JSON")),
            at: Some(noon.and_utc()),
            local: Some(noon),
            day: Some(noon.date()),
            clock: Some(noon.time()),
            cover: Some(book::Cover::Hard),
        };
        assert_eq!(book, expected);
        let other = books.one(col(book::COLUMN.price).lt(4)).await.expect("an answer").expect("the other");
        assert_eq!((other.title, other.pages, other.id.get_version_num()), (None, None, 7), "its key was made");
    }
    assert_eq!(book::Cover::Hard.to_value(), "hard");
}

#[tokio::test]
async fn fixtures_are_there_in_whole_or_not_at_all() {
    let db = database().await;
    let wrong = Fixtures::new().rows::<author::Entity>([named("a")]).json::<book::Entity>(BOOKS).expect("books");
    let error = wrong.load(&db).await.expect_err("no such author");
    assert_eq!((error.kind(), error.entity_name()), (ErrorKind::ForeignKeyViolation, Some("book")));
    assert_eq!(error.fields(), ["author_id"]);
    assert_eq!(db.repository::<author::Entity>().count(all()).await.expect("a count"), 0);
}

#[test]
fn a_fixture_that_does_not_fit_names_entity_field_and_row() {
    for (text, kind, fields) in [
        (r#"[{}, { "pages": 70000 }]"#, ErrorKind::InvalidValue, vec!["pages"]),
        (r#"[{}, { "pages": "7" }]"#, ErrorKind::InvalidValue, vec!["pages"]),
        (r#"[{}, { "id": "secret" }]"#, ErrorKind::InvalidValue, vec!["id"]),
        (r#"[{}, { "author_id": null }]"#, ErrorKind::InvalidValue, vec!["author_id"]),
        (r#"[{}, { "day": "secret" }]"#, ErrorKind::InvalidValue, vec!["day"]),
        (r#"[{}, { "cover": "secret" }]"#, ErrorKind::InvalidValue, vec!["cover"]),
        (r#"[{}, { "secret": 1 }]"#, ErrorKind::InvalidQuery, vec!["secret"]),
    ] {
        let error = Fixtures::new().json::<book::Entity>(text).expect_err(text);
        assert_eq!((error.kind(), error.entity_name()), (kind, Some("book")), "{text}: {error}");
        assert_eq!(error.fields(), fields, "{text}: {error}");
        assert!(error.context().contains(&("row", "2".to_owned())), "{text}: {error}");
        assert!(fields == ["secret"] || !error.to_string().contains("secret"), "it quotes no value: {error}");
    }
    let error = Fixtures::new().json::<book::Entity>("[{\"title\": secret}]").expect_err("no JSON");
    assert!(error.to_string().contains("line 1") && !error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn a_body_is_rolled_back_whatever_becomes_of_it() {
    let db = database().await;
    let authors = db.repository::<author::Entity>();
    let answer = rolled_back(&db, |tx| async move {
        tx.transact(|inner| async move { inner.repository::<author::Entity>().insert(named("a")).await }).await?;
        tx.repository::<author::Entity>().count(all()).await
    });
    assert_eq!(answer.await.expect("an answer"), 1);
    let failed = rolled_back(&db, |tx| async move {
        tx.repository::<author::Entity>().insert(named("a")).await?;
        Err::<(), _>(Error::rejected("no"))
    });
    assert!(failed.await.expect_err("it says so").is(ErrorKind::Rejected));
    let other = (*db).clone();
    let panicked = tokio::spawn(async move {
        let body = |tx: Transaction| async move {
            tx.repository::<author::Entity>().insert(named("a")).await?;
            let nobody = tx.repository::<author::Entity>().get(99).await?;
            Ok::<_, Error>(nobody.expect("nobody is there").id)
        };
        rolled_back(&other, body).await
    });
    assert!(panicked.await.is_err(), "the panic is the test's own");
    assert_eq!(authors.count(all()).await.expect("a count"), 0, "nothing is left of any");
}
