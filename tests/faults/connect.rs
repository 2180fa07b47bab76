//! What is wrong is said within the bound, each by its own kind (hazards H7, H8, H12).

use crate::{
    proxy::Proxy,
    support::{Place, server, with_database, with_password, with_port},
};
use seabed::prelude::*;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection, SqliteConnection};
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, net::TcpListener};

mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "row")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod prose {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "prose")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(column_type = "Text")]
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Connects, and gives the error and how long it took.
async fn refused(url: &str, bound: &str) -> (seabed::Error, Duration) {
    let config =
        Config::builder().url(url).set("databases.main.connect_timeout", bound).load().expect("a configuration");
    let since = Instant::now();
    let error = Database::connect(config).await.expect_err("the connection must be refused");
    (error, since.elapsed())
}

/// The kind, the bound, and that the URL is told without its password.
fn is(error: &seabed::Error, kind: ErrorKind) {
    assert_eq!(error.kind(), kind, "{error}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("secret"), "the password is shown: {shown}");
}

async fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port()
}

async fn an_unreachable_port_is_told_within_the_bound(scheme: &str) {
    let port = free_port().await;
    let (error, took) = refused(&format!("{scheme}://user:secret@127.0.0.1:{port}/db"), "700ms").await;
    is(&error, ErrorKind::Unreachable);
    assert!(took < Duration::from_millis(1_500), "it took {took:?}");
    assert_eq!(error.status(), seabed::Status::Temporary);
}

async fn a_server_that_never_answers_is_unreachable_within_the_bound(scheme: &str) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (error, took) = refused(&format!("{scheme}://user:secret@127.0.0.1:{port}/db"), "700ms").await;
    is(&error, ErrorKind::Unreachable);
    assert!(took < Duration::from_millis(1_500), "it took {took:?}");
}

async fn a_wrong_password_is_told_at_once(backend: &str) {
    let Some(url) = server(backend, "a_wrong_password_is_told_at_once") else { return };
    let (error, took) = refused(&with_password(&url, "not-the-secret"), "5s").await;
    is(&error, ErrorKind::Authentication);
    assert!(took < Duration::from_secs(2), "it was not tried again: {took:?}");
}

async fn a_database_that_is_not_there_is_told_at_once(backend: &str) {
    let Some(url) = server(backend, "a_database_that_is_not_there_is_told_at_once") else { return };
    let (error, took) = refused(&with_database(&url, "nowhere_to_be_found"), "5s").await;
    is(&error, ErrorKind::DatabaseNotFound);
    assert!(took < Duration::from_secs(2), "it was not tried again: {took:?}");
}

async fn an_exhausted_pool_says_so(backend: &str) {
    let Some(place) = Place::new(backend, "an_exhausted_pool_says_so").await else { return };
    let config = Config::builder()
        .url(place.url())
        .set("databases.main.max_connections", 1)
        .set("databases.main.acquire_timeout", "300ms");
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    let held = db.begin(seabed::TransactionOptions::default()).await.expect("the only connection");
    let since = Instant::now();
    let error = db.begin(seabed::TransactionOptions::default()).await.expect_err("no connection is left");
    is(&error, ErrorKind::PoolExhausted);
    assert!(since.elapsed() < Duration::from_secs(1), "it took {:?}", since.elapsed());
    held.rollback().await.expect("rolled back");
    db.begin(seabed::TransactionOptions::default())
        .await
        .expect("it is free again")
        .rollback()
        .await
        .expect("rolled back");
    db.close().await.expect("closed");
    let error = db.backend().ping(&seabed::Context::default()).await.expect_err("closed");
    is(&error, ErrorKind::Closed);
    place.close().await;
}

async fn health_says_reachable_and_why_not(backend: &str) {
    let Some(url) = server(backend, "health_says_reachable_and_why_not") else { return };
    let proxy = Proxy::to(&url).await;
    let config = Config::builder()
        .url(with_port(&url, proxy.port))
        .set("databases.main.tls.mode", "disable")
        .set("databases.main.connect_timeout", "500ms");
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    let health = db.health().await;
    assert!(health.is_reachable(), "{health:?}");
    assert!(!health.version.is_empty() && health.latency > Duration::ZERO && health.pool.max == 10, "{health:?}");
    assert_eq!((health.pool.in_use, health.pool.waiting), (0, 0), "{health:?}");

    proxy.cut();
    // The first question meets the cut connection, the next a port that nobody listens on.
    let kinds = [db.health().await, db.health().await].map(|health| health.error.map(|error| error.kind()));
    assert!(matches!(kinds[0], Some(ErrorKind::ConnectionLost | ErrorKind::Unreachable)), "{kinds:?}");
    assert_eq!(kinds[1], Some(ErrorKind::Unreachable), "{kinds:?}");
    let _ = db.close().await;
}

/// The settings stand on every physical connection: each of three that wait for a lock gives up at the bound.
async fn settings_stand_on_every_connection(backend: &str) {
    let Some(place) = Place::new(backend, "settings_stand_on_every_connection").await else { return };
    let config = Config::builder()
        .url(place.url())
        .set("databases.main.max_connections", 3)
        .set("databases.main.lock_timeout", "1s");
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    db.create_tables(&seabed::entities![row]).await.expect("a table");
    let rows = db.repository::<row::Entity>();
    rows.insert(row::Model { id: 1, text: "a".to_owned() }).await.expect("a row");

    let other = place.open(1).await;
    let holder = other.begin(seabed::TransactionOptions::default()).await.expect("a transaction");
    let held = holder.repository::<row::Entity>();
    held.update(row::ActiveModel { id: Set(1), text: Set("b".to_owned()) }).await.expect("a lock");
    let since = Instant::now();
    let wait = || rows.update(row::ActiveModel { id: Set(1), text: Set("c".to_owned()) });
    for waited in futures::future::join_all([wait(), wait(), wait()]).await {
        is(&waited.expect_err("the row is locked"), ErrorKind::LockTimeout);
    }
    // SQLite's writer is one: there they wait one after the other.
    assert!(since.elapsed() < Duration::from_secs(5), "they waited {:?}", since.elapsed());
    holder.rollback().await.expect("rolled back");
    other.close().await.expect("closed");
    db.close().await.expect("closed");
    place.close().await;
}

macro_rules! on_servers {
    ($($backend:ident)*) => { $(
        mod $backend {

            const NAME: &str = stringify!($backend);

            #[tokio::test]
            async fn h8_an_unreachable_port_is_told_within_the_bound() {
                super::an_unreachable_port_is_told_within_the_bound(NAME).await;
            }
            #[tokio::test]
            async fn h7_a_server_that_never_answers_is_unreachable_within_the_bound() {
                super::a_server_that_never_answers_is_unreachable_within_the_bound(NAME).await;
            }
            #[tokio::test]
            async fn h8_a_wrong_password_is_told_at_once() {
                super::a_wrong_password_is_told_at_once(NAME).await;
            }
            #[tokio::test]
            async fn h8_a_database_that_is_not_there_is_told_at_once() {
                super::a_database_that_is_not_there_is_told_at_once(NAME).await;
            }
            #[tokio::test]
            async fn h8_an_exhausted_pool_says_so() {
                super::an_exhausted_pool_says_so(NAME).await;
            }
            #[tokio::test]
            async fn h8_health_says_reachable_and_why_not() {
                super::health_says_reachable_and_why_not(NAME).await;
            }
            #[tokio::test]
            async fn h12_settings_stand_on_every_connection() {
                super::settings_stand_on_every_connection(NAME).await;
            }
        }
    )* };
}
on_servers! { postgres mysql }

#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test]
    async fn h8_an_unreachable_port_is_told_within_the_bound() {
        super::an_unreachable_port_is_told_within_the_bound("mongodb").await;
    }
    #[tokio::test]
    async fn h7_a_server_that_never_answers_is_unreachable_within_the_bound() {
        super::a_server_that_never_answers_is_unreachable_within_the_bound("mongodb").await;
    }
    #[tokio::test]
    async fn h8_an_exhausted_pool_says_so() {
        super::an_exhausted_pool_says_so("mongodb").await;
    }
    #[tokio::test]
    async fn h8_health_says_reachable_and_why_not() {
        super::health_says_reachable_and_why_not("mongodb").await;
    }
    #[tokio::test]
    async fn h12_settings_stand_on_every_connection() {
        super::settings_stand_on_every_connection("mongodb").await;
    }
}

mod sqlite {
    use super::*;

    #[tokio::test]
    async fn h8_an_exhausted_pool_says_so() {
        super::an_exhausted_pool_says_so("sqlite").await;
    }

    #[tokio::test]
    async fn h12_settings_stand_on_every_connection() {
        super::settings_stand_on_every_connection("sqlite").await;
    }

    #[tokio::test]
    async fn h8_a_missing_file_and_a_missing_folder_are_no_database() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("missing.db");
        let (error, _) = refused(&format!("sqlite:{}?mode=rw", file.display()), "5s").await;
        is(&error, ErrorKind::DatabaseNotFound);
        assert!(!file.exists(), "nothing is created");
        let (error, _) = refused(&format!("sqlite:{}", folder.path().join("no/folder.db").display()), "5s").await;
        is(&error, ErrorKind::DatabaseNotFound);
    }

    #[tokio::test]
    async fn h8_a_file_that_is_no_database_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("text.db");
        std::fs::write(&file, "this is a text and no database".repeat(100)).expect("a file");
        let (error, _) = refused(&format!("sqlite:{}", file.display()), "5s").await;
        is(&error, ErrorKind::CorruptData);
    }

    /// Two programs that open a new file at once: the second meets the first one's write, and becoming WAL does not wait.
    #[tokio::test]
    async fn h14_a_new_file_that_another_writes_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("new.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).create_if_missing(true);
        let mut other = SqliteConnection::connect_with(&options).await.expect("a file");
        other.execute("CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)").await.expect("a write");
        let config = Config::from_url(&format!("sqlite:{}", file.display())).expect("a URL");
        let (opened, ()) = tokio::join!(Database::connect(config), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            other.execute("COMMIT").await.expect("committed");
        });
        opened.expect("it was waited for").close().await.expect("closed");
    }

    #[tokio::test]
    async fn h15_a_database_in_memory_outlives_its_connections() {
        let config = Config::builder().url("sqlite::memory:").set("databases.main.max_connections", 4);
        let db = Database::connect(config.load().expect("a configuration")).await.expect("a database");
        db.create_tables(&seabed::entities![row]).await.expect("a table");
        let rows = db.repository::<row::Entity>();
        rows.insert(row::Model { id: 1, text: "a".to_owned() }).await.expect("a row");
        // A transaction dropped in mid-flight makes the pool clean or discard its connection.
        for _ in 0..3 {
            let transaction = db.begin(seabed::TransactionOptions::default()).await.expect("a transaction");
            let halfway = transaction.repository::<row::Entity>();
            let _ = tokio::time::timeout(Duration::ZERO, halfway.count(all())).await;
        }
        assert_eq!(rows.count(all()).await.expect("a count"), 1, "the row is still there");
        let other = Database::connect(Config::from_url("sqlite::memory:").expect("a URL")).await.expect("a database");
        let kind = other.repository::<row::Entity>().count(all()).await.expect_err("another database").kind();
        assert_eq!(kind, ErrorKind::TableNotFound, "two databases in memory are two");
    }

    /// One comparison in SQLite that takes seconds: no interrupt reaches it, so the pool gives the connection up.
    #[tokio::test(flavor = "multi_thread")]
    async fn h15_a_database_in_memory_outlives_a_connection_that_is_given_up() {
        let db = Database::connect(Config::from_url("sqlite::memory:").expect("a URL")).await.expect("a database");
        db.create_tables(&seabed::entities![prose]).await.expect("a table");
        let rows = db.repository::<prose::Entity>();
        let haystack = |length: usize| prose::Model { id: 1, text: "a".repeat(length) };
        let needle = |length: usize| col(prose::COLUMN.text).contains("a".repeat(length / 2) + "b");
        // The time grows with the square of the length.
        let length = 100_000;
        rows.insert(haystack(length)).await.expect("a row");
        let since = Instant::now();
        rows.count(needle(length)).await.expect("a count");
        let seconds = 3.5;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a length, roughly"
        )]
        let length = (length as f64 * (seconds / since.elapsed().as_secs_f64()).sqrt()) as usize;
        rows.replace(haystack(length)).await.expect("a longer text");

        let gave_up = tokio::time::timeout(Duration::from_millis(50), rows.count(needle(length))).await;
        assert!(gave_up.is_err(), "the search takes seconds");
        let since = Instant::now();
        while db.backend().pool().size > 0 {
            assert!(since.elapsed() < Duration::from_secs(20), "the connection is given up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Until the search is over the old connection is there, and the database with it.
        tokio::time::sleep(Duration::from_secs_f64(2.0 * seconds).saturating_sub(since.elapsed())).await;
        assert_eq!(rows.count(all()).await.expect("the table is still there"), 1);
        db.close().await.expect("closed");
    }
}

#[tokio::test]
async fn h8_a_mysql_url_without_a_database_is_told_at_once() {
    let (error, took) = refused("mysql://user:secret@127.0.0.1:1", "5s").await;
    is(&error, ErrorKind::DatabaseNotFound);
    assert!(error.to_string().contains("names none"), "{error}");
    assert!(took < Duration::from_secs(1), "it was not tried again: {took:?}");
}

#[tokio::test]
async fn h8_a_server_of_another_kind_is_told_as_such() {
    for (scheme, backend) in [("postgres", "mysql"), ("mysql", "postgres")] {
        let Some(url) = server(backend, "h8_a_server_of_another_kind_is_told_as_such") else { return };
        let port = url.rsplit_once(':').and_then(|(_, port)| port.split('/').next()).expect("a port");
        let (error, _) = refused(&format!("{scheme}://user:secret@127.0.0.1:{port}/db"), "700ms").await;
        is(&error, ErrorKind::Unreachable);
        assert!(error.to_string().contains(&format!("[url {scheme}://user:***@127.0.0.1:{port}/db]")), "{error}");
    }
}

/// A user who may open no second connection.
#[tokio::test]
async fn h8_a_full_postgres_says_so() {
    let Some(url) = server("postgres", "h8_a_full_postgres_says_so") else { return };
    let user = format!("one_{}", std::process::id());
    let mut direct = PgConnection::connect(&url).await.expect("the server");
    let create = format!("CREATE ROLE {user} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1");
    direct.execute(AssertSqlSafe(create)).await.expect("a role");
    let url = with_password(&url, "secret").replacen("//postgres:", &format!("//{user}:"), 1);
    let first = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("one is allowed");
    let (error, took) = refused(&url, "700ms").await;
    is(&error, ErrorKind::ServerFull);
    assert!(took < Duration::from_millis(1_500), "it took {took:?}");
    first.close().await.expect("closed");
    tokio::time::sleep(Duration::from_millis(200)).await;
    direct.execute(AssertSqlSafe(format!("DROP ROLE {user}"))).await.expect("dropped");
}

#[tokio::test]
async fn h8_a_full_mariadb_says_so() {
    let Some(url) = server("mysql", "h8_a_full_mariadb_says_so") else { return };
    let user = format!("one_{}", std::process::id());
    let mut direct = MySqlConnection::connect(&url).await.expect("the server");
    let create = format!("CREATE USER {user}@'%' IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS 1");
    direct.execute(AssertSqlSafe(create)).await.expect("a user");
    let url = with_database(
        &with_password(&url, "secret").replacen("//root:", &format!("//{user}:"), 1),
        "information_schema",
    );
    let first = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("one is allowed");
    let (error, took) = refused(&url, "700ms").await;
    is(&error, ErrorKind::ServerFull);
    assert!(took < Duration::from_millis(1_500), "it took {took:?}");
    first.close().await.expect("closed");
    direct.execute(AssertSqlSafe(format!("DROP USER {user}@'%'"))).await.expect("dropped");
}

/// A server in start-up answers the first message with SQLSTATE 57P03 and hangs up. No server holds that state for a test, so
/// its words are said here (PostgreSQL 15, 55.7: `ErrorResponse`).
#[tokio::test]
async fn h8_a_server_that_starts_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let answering = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
            let length = u32::try_from(fields.len() + 4).expect("short").to_be_bytes();
            let _ = stream.write_all(&[b"E", &length[..], fields].concat()).await;
            let _ = stream.shutdown().await;
        }
    });
    let (error, took) = refused(&format!("postgres://user:secret@127.0.0.1:{port}/db?sslmode=disable"), "700ms").await;
    is(&error, ErrorKind::Starting);
    assert!(took >= Duration::from_millis(400), "it is tried again while it starts: {took:?}");
    answering.abort();
}
