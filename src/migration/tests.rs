#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
use super::{prelude::*, *};
use sea_orm::{ConnectOptions, Statement};
use std::ffi::OsString;

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

async fn open(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.expect("a database")
}

async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations' ORDER BY name";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("rows");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect()
}

async fn rows<M: MigratorTrait>(db: &DatabaseConnection) -> Vec<(String, bool, bool)> {
    let books = Books::read::<M>(db).await.expect("books");
    books.into_rows().into_iter().map(|row| (row.name, row.applied, row.known)).collect()
}

#[tokio::test]
async fn up_applies_what_is_pending_and_down_takes_it_back() {
    let db = open("sqlite::memory:").await;
    assert_eq!(up_on::<New>(&db, Some(1)).await.expect("up"), ["m1_one"]);
    assert_eq!(up_on::<New>(&db, None).await.expect("up"), ["m2_two"]);
    assert!(up_on::<New>(&db, None).await.expect("up").is_empty());
    assert_eq!(tables(&db).await, ["one", "three", "two"]);
    assert_eq!(down_on::<New>(&db, 1).await.expect("down"), ["m2_two"]);
    assert_eq!(tables(&db).await, ["one"]);
    assert_eq!(down_on::<New>(&db, 9).await.expect("down"), ["m1_one"]);
    assert!(tables(&db).await.is_empty());
}

#[tokio::test]
async fn asking_for_the_status_changes_nothing() {
    let db = open("sqlite::memory:").await;
    assert_eq!(rows::<Old>(&db).await, [("m1_one".to_owned(), false, true)]);
    let books = SchemaManager::new(&db).has_table("seaql_migrations").await.expect("asked");
    assert!(!books);
}

#[tokio::test]
async fn a_failed_migration_leaves_nothing_behind() {
    let db = open("sqlite::memory:").await;
    let error = up_on::<Bad>(&db, None).await.expect_err("`one` is there already");
    assert_eq!(error.kind(), ErrorKind::Migration);
    assert!(error.to_string().contains("m3_broken"), "{error}");
    assert!(error.detail().is_some_and(|detail| detail.contains("already exists")), "{:?}", error.detail());
    assert_eq!(tables(&db).await, ["one", "three", "two"], "`four` was rolled back");
    assert_eq!(rows::<Bad>(&db).await[2], ("m3_broken".to_owned(), false, true));
    assert!(up_on::<New>(&db, None).await.expect("the connection is whole").is_empty());
}

#[tokio::test]
async fn an_older_program_starts_on_a_newer_database() {
    let db = open("sqlite::memory:").await;
    up_on::<New>(&db, None).await.expect("up");
    assert!(up_on::<Old>(&db, None).await.expect("nothing is pending").is_empty());
    assert_eq!(rows::<Old>(&db).await[1], ("m2_two".to_owned(), true, false));
    let error = down_on::<Old>(&db, 1).await.expect_err("it does not know how");
    assert!(error.to_string().contains("m2_two"), "{error}");
}

#[tokio::test]
async fn an_older_migration_that_is_missing_is_an_error() {
    let db = open("sqlite::memory:").await;
    up_on::<Old>(&db, None).await.expect("up");
    let error = up_on::<Gap>(&db, None).await.expect_err("m1_one is missing here");
    assert!(error.to_string().contains("m1_one"), "{error}");
}

/// Where nothing is pending sea-orm-migration is not asked, and would not say it.
#[tokio::test]
async fn a_missing_migration_is_an_error_though_nothing_is_pending() {
    let db = open("sqlite::memory:").await;
    up_on::<New>(&db, None).await.expect("up");
    let error = up_on::<Gap>(&db, None).await.expect_err("m1_one is missing here");
    assert!(error.to_string().contains("m1_one"), "{error}");
}

#[tokio::test]
async fn two_deployers_apply_each_migration_once() {
    let folder = tempfile::tempdir().expect("a folder");
    // They do not meet every time.
    for round in 0..30 {
        let url = format!("sqlite://{}?mode=rwc", folder.path().join(format!("{round}.db")).display());
        let (a, b) = (open(&url).await, open(&url).await);
        let (one, two) = tokio::join!(up_on::<New>(&a, None), up_on::<New>(&b, None));
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
    let db = open(&format!("{url}?mode=rw")).await;
    db.execute_unprepared("ALTER TABLE one RENAME TO two").await.expect("changed by hand");
    assert_eq!(code(&["verify", "--json"]).await, of(3));
}

#[test]
fn a_service_may_migrate_from_any_task() {
    fn sendable<T: Send>(_: impl FnOnce(&'static Database) -> T) {}
    sendable(up::<New>);
    sendable(|db| down::<New>(db, 1));
    sendable(status::<New>);
}
