#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
use super::{prelude::*, *};
use crate::Config;
use std::ffi::OsString;
use tempfile::TempDir;

struct One;
struct Two;
struct Broken;

macro_rules! migration {
    ($migration:ident, $name:literal, $tables:expr) => {
        impl MigrationName for $migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[async_trait]
        impl MigrationTrait for $migration {
            async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                create_tables(manager, $tables).await
            }

            async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                drop_tables(manager, $tables).await
            }
        }
    };
}

fn simple(name: &str) -> Result<Table> {
    table(name).uuid("id").primary_key(&["id"]).build()
}

migration!(One, "m1_one", [simple("one")]);
migration!(Two, "m2_two", [simple("two"), simple("three")]);
migration!(Broken, "m3_broken", [simple("four"), simple("one")]);

struct Old;
struct New;
struct Bad;
struct Gap;

macro_rules! migrator {
    ($migrator:ident, $($migration:ident),*) => {
        impl MigratorTrait for $migrator {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$(Box::new($migration)),*]
            }
        }
    };
}

migrator!(Old, One);
migrator!(New, One, Two);
migrator!(Bad, One, Two, Broken);
migrator!(Gap, Two);

async fn open(url: &str) -> Box<dyn Deploy> {
    let db = Database::connect(Config::from_url(url).expect("a URL")).await.expect("a database");
    db.backend().deploy().await.expect("a session")
}

/// A file of its own.
async fn fresh() -> (TempDir, Box<dyn Deploy>) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    (folder, open(&url).await)
}

async fn tables(deploy: &mut dyn Deploy) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sea%' ORDER BY name";
    deploy.ask(sql).await.expect("rows").into_iter().flatten().flatten().collect()
}

async fn rows<M: MigratorTrait>(deploy: &mut dyn Deploy) -> Vec<(String, bool, bool)> {
    let books = Books::read::<M>(deploy).await.expect("books");
    books.into_rows().into_iter().map(|row| (row.name, row.applied, row.known)).collect()
}

#[tokio::test]
async fn up_applies_what_is_pending_and_down_takes_it_back() {
    let (_folder, mut db) = fresh().await;
    assert_eq!(up_on::<New>(&mut *db, Some(1)).await.expect("up"), ["m1_one"]);
    assert_eq!(up_on::<New>(&mut *db, None).await.expect("up"), ["m2_two"]);
    assert!(up_on::<New>(&mut *db, None).await.expect("up").is_empty());
    assert_eq!(tables(&mut *db).await, ["one", "three", "two"]);
    assert_eq!(down_on::<New>(&mut *db, 1).await.expect("down"), ["m2_two"]);
    assert_eq!(tables(&mut *db).await, ["one"]);
    assert_eq!(down_on::<New>(&mut *db, 9).await.expect("down"), ["m1_one"]);
    assert!(tables(&mut *db).await.is_empty());
}

#[tokio::test]
async fn asking_for_the_status_changes_nothing() {
    let (_folder, mut db) = fresh().await;
    assert_eq!(rows::<Old>(&mut *db).await, [("m1_one".to_owned(), false, true)]);
    assert_eq!(db.books().await.expect("asked"), crate::backend::deploy::Books::default());
    assert!(db.ask("SELECT name FROM sqlite_master").await.expect("asked").is_empty());
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing_behind() {
    let (_folder, mut db) = fresh().await;
    let error = up_on::<Bad>(&mut *db, None).await.expect_err("`one` is there already");
    assert_eq!(error.kind(), ErrorKind::Migration);
    assert!(error.to_string().contains("m3_broken"), "{error}");
    assert!(error.detail().is_some_and(|detail| detail.contains("already exists")), "{:?}", error.detail());
    assert_eq!(tables(&mut *db).await, ["one", "three", "two"], "`four` was rolled back");
    assert_eq!(rows::<Bad>(&mut *db).await[2], ("m3_broken".to_owned(), false, true));
    assert!(up_on::<New>(&mut *db, None).await.expect("the connection is whole").is_empty());
}

#[tokio::test]
async fn an_older_program_starts_on_a_newer_database() {
    let (_folder, mut db) = fresh().await;
    up_on::<New>(&mut *db, None).await.expect("up");
    assert!(up_on::<Old>(&mut *db, None).await.expect("nothing is pending").is_empty());
    assert_eq!(rows::<Old>(&mut *db).await[1], ("m2_two".to_owned(), true, false));
    let error = down_on::<Old>(&mut *db, 1).await.expect_err("it does not know how");
    assert!(error.to_string().contains("m2_two"), "{error}");
}

#[tokio::test]
async fn an_older_migration_that_is_missing_is_an_error() {
    let (_folder, mut db) = fresh().await;
    up_on::<Old>(&mut *db, None).await.expect("up");
    let error = up_on::<Gap>(&mut *db, None).await.expect_err("m1_one is missing here");
    assert!(error.to_string().contains("m1_one"), "{error}");
}

/// Where nothing is pending sea-orm-migration is not asked, and would not say it.
#[tokio::test]
async fn a_missing_migration_is_an_error_though_nothing_is_pending() {
    let (_folder, mut db) = fresh().await;
    up_on::<New>(&mut *db, None).await.expect("up");
    let error = up_on::<Gap>(&mut *db, None).await.expect_err("m1_one is missing here");
    assert!(error.to_string().contains("m1_one"), "{error}");
}

#[tokio::test]
async fn two_deployers_apply_each_migration_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // They do not meet every time.
    for round in 0..30 {
        let url = format!("sqlite://{}?mode=rwc", folder.path().join(format!("{round}.db")).display());
        let (mut a, mut b) = (open(&url).await, open(&url).await);
        let (one, two) = tokio::join!(up_on::<New>(&mut *a, None), up_on::<New>(&mut *b, None));
        let mut applied = [one.expect("one deployer"), two.expect("the other")].concat();
        applied.sort();
        assert_eq!(applied, ["m1_one", "m2_two"]);
    }
}

#[tokio::test]
async fn wrong_usage_has_its_own_exit_code() {
    let code = |words: &'static [&'static str]| run_from::<New>(words.iter().map(OsString::from), Vec::new());
    assert_eq!(
        format!("{:?}", code(&["migration", "sideways"]).await),
        format!("{:?}", std::process::ExitCode::from(64))
    );
    assert_eq!(format!("{:?}", code(&["migration", "--help"]).await), format!("{:?}", std::process::ExitCode::SUCCESS));
}

mod one {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "one")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[tokio::test]
async fn verify_has_an_exit_code_for_what_it_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("shop.db").display());
    let code = async |words: &[&str]| {
        let words = [&["migration"], words, &["--url", &url]].concat();
        format!("{:?}", run_from::<Old>(words.into_iter().map(OsString::from), crate::entities![one]).await)
    };
    let of = |code: u8| format!("{:?}", std::process::ExitCode::from(code));
    assert_eq!(code(&["verify"]).await, of(1), "there is no file");
    assert_eq!(code(&["up"]).await, of(0));
    assert_eq!(code(&["verify"]).await, of(0));
    let mut db = open(&format!("{url}?mode=rw")).await;
    db.run("ALTER TABLE one RENAME TO two").await.expect("changed by hand");
    assert_eq!(code(&["verify", "--json"]).await, of(3));
}

#[test]
fn a_service_may_migrate_from_any_task() {
    fn sendable<T: Send>(_: impl FnOnce(&'static Database) -> T) {}
    sendable(up::<New>);
    sendable(|db| down::<New>(db, 1));
    sendable(status::<New>);
}
