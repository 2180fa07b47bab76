//! The migrations on the servers that `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL` name, each test in a database of
//! its own that is dropped afterwards. Without a URL the test says that it did nothing.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

use super::{prelude::*, *};
use crate::{Config, schema::ddl::tests::every_kind};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};

struct Pair;
struct Trio;
struct First;
struct Second;
struct Broken;

fn simple(name: &str) -> Result<Table> {
    table(name).uuid("id").text("name", 20).primary_key(&["id"]).unique(&["name"]).build()
}

impl MigratorTrait for Pair {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(First), Box::new(Second)]
    }
}

impl MigratorTrait for Trio {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(First), Box::new(Second), Box::new(Broken)]
    }
}

impl MigrationName for Broken {
    fn name(&self) -> &'static str {
        "m3_broken"
    }
}

#[async_trait]
impl MigrationTrait for Broken {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [simple("third")]).await?;
        manager.get_connection().execute_unprepared("SELECT nothing FROM nowhere").await.map(|_| ())
    }
}

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m1_first"
    }
}

impl MigrationName for Second {
    fn name(&self) -> &'static str {
        "m2_second"
    }
}

#[async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [simple("first")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [simple("first")]).await
    }
}

#[async_trait]
impl MigrationTrait for Second {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tables(manager, [table("parent").uuid("id").primary_key(&["id"]).build(), Ok(every_kind())]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, [table("parent").uuid("id").primary_key(&["id"]).build(), Ok(every_kind())]).await
    }
}

async fn open(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.expect("the server that the variable names")
}

pub(super) async fn session(url: &str) -> Box<dyn Deploy> {
    let db = Database::connect(Config::from_url(url).expect("a URL")).await.expect("the server");
    db.backend().deploy().await.expect("a session")
}

/// A database of its own on the server that a variable names.
pub(super) struct Scratch {
    admin: DatabaseConnection,
    name: String,
    pub(super) url: String,
}

impl Scratch {
    pub(super) async fn on(variable: &str) -> Option<Self> {
        let Ok(url) = std::env::var(variable) else {
            eprintln!("skipped: {variable} names no server");
            return None;
        };
        let admin = open(&url).await;
        let name = format!("seabed_migration_{}", uuid::Uuid::now_v7().simple());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
        let mut own = url::Url::parse(&url).expect("a URL");
        own.set_path(&name);
        Some(Self { admin, name, url: own.into() })
    }

    pub(super) async fn drop(self) {
        self.admin.execute_unprepared(&format!("DROP DATABASE {}", self.name)).await.expect("dropped");
        self.admin.close().await.expect("closed");
    }
}

/// What every server must do; `id` and `now` are written in its own SQL.
async fn migrates(variable: &str, id: &str, now: &str) {
    let Some(scratch) = Scratch::on(variable).await else { return };
    let (mut one, mut two) = (session(&scratch.url).await, session(&scratch.url).await);
    let (a, b) = (open(&scratch.url).await, open(&scratch.url).await);

    let applied = tokio::join!(up_on::<Pair>(&mut *one, None), up_on::<Pair>(&mut *two, None));
    let mut applied = [applied.0.expect("one deployer"), applied.1.expect("the other")].concat();
    applied.sort();
    assert_eq!(applied, ["m1_first", "m2_second"], "each migration is applied once");

    let error = up_on::<Trio>(&mut *one, None).await.expect_err("a table that is not there");
    assert!(error.to_string().contains("`m3_broken` failed"), "{error}");
    assert!(error.detail().is_some_and(|detail| detail.contains("nowhere")), "{:?}", error.detail());
    assert!(up_on::<Pair>(&mut *two, None).await.expect("the lock is free again").is_empty());
    let left = SchemaManager::new(&b).has_table("third").await.expect("asked");
    if left {
        // What a hand-written one left nobody knows but who mends it by hand.
        let refused = down_on::<Pair>(&mut *one, 9).await.expect_err("it is half applied");
        assert_eq!(refused.kind(), crate::ErrorKind::HalfApplied, "{refused}");
        b.execute_unprepared("DROP TABLE third").await.expect("undone by hand");
        super::resolve::resolve_on::<Trio>(&mut *one, "m3_broken", super::Resolution::RolledBack)
            .await
            .expect("resolved");
    }
    assert_eq!(left, b.get_database_backend() == sea_orm::DbBackend::MySql, "MySQL cannot roll back DDL");

    a.execute_unprepared(&format!("INSERT INTO parent VALUES ({id})")).await.expect("a parent");
    let row = |variant: &str, title: &str| {
        format!(
            "INSERT INTO every (flag, tiny, octet, short, small, medium, large, count, total, ratio, amount, title, body, state, raw, extra, token, \
             at, local, day, clock) VALUES (true, -128, 255, 65535, 1, 1, 1, 4294967295, 1, 1.5, 99999999999999.9999, '{title}', '', '{variant}', \
             '', '{{\"a\": 1}}', {id}, {now}, '2026-01-02 03:04:05.678', '2026-01-02', '03:04:05.678')"
        )
    };
    a.execute_unprepared(&row("it''s", "a")).await.expect("a row of every kind");
    let refused = a.execute_unprepared(&row("IT''S", "b")).await.expect_err("no such variant");
    assert!(refused.to_string().contains("ck_every_state"), "{refused}");
    let refused =
        a.execute_unprepared(&format!("DELETE FROM parent WHERE id = {id}")).await.expect_err("a child is there");
    assert!(refused.to_string().contains("fk_every_token"), "{refused}");
    for (name, new) in [("plain", true), ("PLAIN", true), ("plain ", true), ("pläin", true), ("plain", false)] {
        let id = uuid::Uuid::now_v7().simple().to_string();
        let id =
            if a.get_database_backend() == sea_orm::DbBackend::MySql { format!("x'{id}'") } else { format!("'{id}'") };
        let inserted = a.execute_unprepared(&format!("INSERT INTO first (id, name) VALUES ({id}, '{name}')")).await;
        assert_eq!(inserted.is_ok(), new, "text is equal by code point: `{name}`: {inserted:?}");
    }

    assert_eq!(down_on::<Pair>(&mut *one, 9).await.expect("the way back"), ["m2_second", "m1_first"]);
    assert_eq!(up_on::<Pair>(&mut *two, None).await.expect("and again").len(), 2);
    one.close().await.expect("closed");
    two.close().await.expect("closed");
    a.close().await.expect("closed");
    b.close().await.expect("closed");
    scratch.drop().await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_migrates_once_and_keeps_types() {
    migrates("SEABED_TEST_POSTGRES_URL", "'00112233445566778899aabbccddeeff'", "now()").await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_migrates_once_and_keeps_types() {
    migrates("SEABED_TEST_MYSQL_URL", "x'00112233445566778899aabbccddeeff'", "now(6)").await;
}
