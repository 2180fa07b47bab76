//! Why there is no connection, each reason by its own kind and within its bound (hazard H8); and whatever goes wrong, no secret is
//! in an error or a log (hazards S1 and S2).

use crate::{
    oracle::{Oracle, chain},
    proxy::Proxy,
    secrets::logged,
    support::{Place, server, with_database, with_password, with_port},
};
use seabed::{Context, Error, TransactionOptions, prelude::*};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};
use std::time::{Duration, Instant};
use tokio::{io::AsyncWriteExt, net::TcpListener};

/// What a call may take in all, and what a busy machine may add: a password costs work on both sides.
const BOUND: &str = "2s";
const LONGEST: Duration = Duration::from_secs(4);

/// Connects where that must fail.
async fn refused(oracle: &Oracle, url: &str, kind: ErrorKind) {
    let config = Config::builder()
        .url(url)
        .set("databases.main.connect_timeout", BOUND)
        .set("databases.main.tls.mode", "disable");
    let (unit, since) = (oracle.unit(), Instant::now());
    let answer = Database::connect(config.load().expect("a configuration")).await.map(drop);
    told(&answer, kind, url, since);
    oracle.heard(unit, &answer);
}

fn told<T>(answer: &Result<T>, kind: ErrorKind, what: &str, since: Instant) {
    let error = answer.as_ref().err().unwrap_or_else(|| panic!("{kind}: it must fail"));
    let place = what.rsplit_once('@').map_or(what, |(_, place)| place);
    assert!(error.is(kind), "{place} is {kind}: {error}");
    assert!(since.elapsed() < LONGEST, "{place} is told in {:?}", since.elapsed());
}

/// One call that must fail.
async fn fails(oracle: &Oracle, db: &Database, kind: ErrorKind) -> Error {
    let (unit, since) = (oracle.unit(), Instant::now());
    let answer = db.backend().ping(&Context::default()).await;
    told(&answer, kind, "a call", since);
    oracle.heard(unit, &answer);
    answer.expect_err("it was told")
}

/// A user who may open one connection, and the URL with it.
async fn user_of_one(backend: &str, url: &str) -> (String, String) {
    let user = format!("lone_{}", std::process::id());
    let (old, sql) = match backend {
        "postgres" => ("postgres", format!("CREATE ROLE {user} LOGIN PASSWORD 'hush-Qv7' CONNECTION LIMIT 1")),
        _ => ("root", format!("CREATE USER {user}@'%' IDENTIFIED BY 'hush-Qv7' WITH MAX_USER_CONNECTIONS 1")),
    };
    execute(backend, url, &sql).await;
    let url = with_password(url, "hush-Qv7").replacen(&format!("//{old}:"), &format!("//{user}:"), 1);
    (user, if backend == "mysql" { with_database(&url, "information_schema") } else { url })
}

async fn execute(backend: &str, url: &str, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if backend == "postgres" {
        PgConnection::connect(url).await.expect("the server").execute(sql).await.expect("an administrator may");
    } else {
        MySqlConnection::connect(url).await.expect("the server").execute(sql).await.expect("an administrator may");
    }
}

/// No server stays in its start for a test: its words are said here (PostgreSQL 15, 55.7: `ErrorResponse`).
async fn a_server_that_starts(oracle: &Oracle) {
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
    refused(oracle, &format!("postgres://user:hush-Qv7@127.0.0.1:{port}/db"), ErrorKind::Starting).await;
    answering.abort();
}

async fn f17(backend: &str) {
    let Some(url) = server(backend, "f17_each_reason_has_a_kind_of_its_own") else { return };
    let oracle = Oracle::of_nothing_stored(17, backend, &url);
    let proxy = Proxy::to(&url).await;
    let through = with_port(&url, proxy.port);

    refused(&oracle, &with_password(&through, "not-the-one"), ErrorKind::Authentication).await;
    assert_eq!(proxy.connections(), 1, "{backend}: a wrong password is not tried again");
    refused(&oracle, &with_database(&through, "nowhere_to_be_found"), ErrorKind::DatabaseNotFound).await;
    assert_eq!(proxy.connections(), 2, "{backend}: nor is a database that is not there");
    let unknown = url.replacen("127.0.0.1", "no-such-host.invalid", 1);
    refused(&oracle, &unknown, ErrorKind::Unreachable).await;
    let (user, full) = user_of_one(backend, &url).await;
    let one = Database::connect(Config::from_url(&full).expect("a URL")).await.expect("one is allowed");
    refused(&oracle, &full, ErrorKind::ServerFull).await;
    one.close().await.expect("closed");
    if backend == "postgres" {
        a_server_that_starts(&oracle).await;
    }

    let config = Config::builder()
        .url(&through)
        .set("databases.main.tls.mode", "disable")
        .set("databases.main.max_connections", 1)
        .set("databases.main.acquire_timeout", "300ms")
        .set("databases.main.connect_timeout", BOUND);
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    let held = db.begin(TransactionOptions::default()).await.expect("the only connection");
    fails(&oracle, &db, ErrorKind::PoolExhausted).await;
    held.rollback().await.expect("rolled back");
    proxy.cut();
    // The one that was there is met first.
    fails(&oracle, &db, ErrorKind::ConnectionLost).await;
    fails(&oracle, &db, ErrorKind::Unreachable).await;
    proxy.heal();
    oracle.healed();
    let unit = oracle.unit();
    let answer = db.backend().ping(&Context::default()).await;
    oracle.heard(unit, &answer);
    answer.expect("it is back");
    db.close().await.expect("closed");
    fails(&oracle, &db, ErrorKind::Closed).await;

    let host = if backend == "mysql" { "@'%'" } else { "" };
    let what = if backend == "mysql" { "USER" } else { "ROLE" };
    tokio::time::sleep(Duration::from_millis(200)).await;
    execute(backend, &url, &format!("DROP {what} {user}{host}")).await;
    oracle.count();
}

/// Everything that can be said while a network fails, said aloud.
async fn f25(backend: &str) {
    let Some(place) = Place::new(backend, "f25_no_secret_is_shown_while_things_go_wrong").await else { return };
    #[cfg(feature = "mongodb")]
    let place = place.with_user().await;
    let oracle = Oracle::new(25, backend, &place, 1).await;
    let ((), log) = logged(async {
        let wrong = with_password(&place.url(), "Tr0ub4dor-wrong");
        let unit = oracle.unit();
        let answer = Database::connect(Config::from_url(&wrong).expect("a URL")).await.map(drop);
        oracle.heard(unit, &answer);
        let said = chain(&answer.expect_err("a wrong password"));
        assert!(!said.contains("Tr0ub4dor-wrong"), "{said}");

        let proxy = Proxy::to(&place.url()).await;
        let settings =
            [("max_connections", "2"), ("timeout", "400ms"), ("acquire_timeout", "300ms"), ("connect_timeout", "2s")];
        let db = place.open_with(Some(&proxy), &settings).await;
        oracle.holds_no_secret(&format!("{db:?} {:?} {:?}", db.info(), db.backend()));
        for trouble in [Proxy::cut_once, Proxy::forget, Proxy::go_dark, Proxy::cut] {
            let _ = oracle.insert(&db).await;
            trouble(&proxy);
            for _ in 0..2 {
                let _ = oracle.insert(&db).await;
                let _ = oracle.transact(&db, TransactionOptions::default().deadline(Duration::from_millis(300))).await;
            }
            oracle.holds_no_secret(&format!("{:?}", db.health().await));
            proxy.heal();
        }
        oracle.healed();
        let until = Instant::now() + Duration::from_secs(5);
        while oracle.insert(&db).await.is_err() {
            assert!(Instant::now() < until, "{backend}: it does not recover");
        }
        db.close().await.expect("closed");
    })
    .await;
    assert!(log.contains("operation"), "{backend}: it was logged");
    oracle.holds_no_secret(&log);
    assert!(!log.contains("Tr0ub4dor-wrong"), "{backend}: the wrong password is in the log");
    oracle.judge(&place).await;
    #[cfg(feature = "mongodb")]
    let place = place.without_users().await;
    place.close().await;
}

/// MongoDB makes a database with its first collection, and ends the connections that are too many without a word.
#[cfg(feature = "mongodb")]
async fn f17_mongodb() {
    let Some(place) = Place::new("mongodb", "f17_each_reason_has_a_kind_of_its_own").await else { return };
    let place = place.with_user().await;
    let oracle = Oracle::of_nothing_stored(17, "mongodb", &place.url());
    let proxy = Proxy::to(&place.url()).await;
    let through = with_port(&place.url(), proxy.port);
    let since = Instant::now();
    refused(&oracle, &with_password(&through, "not-the-one"), ErrorKind::Authentication).await;
    assert!(since.elapsed() < Duration::from_secs(1), "it was not tried again: {:?}", since.elapsed());
    refused(&oracle, &place.url().replacen("127.0.0.1", "no-such-host.invalid", 1), ErrorKind::Unreachable).await;

    let settings = [("max_connections", "1"), ("acquire_timeout", "300ms"), ("connect_timeout", BOUND)];
    let db = place.open_with(Some(&proxy), &settings).await;
    let held = db.begin(TransactionOptions::default()).await.expect("the only session");
    fails(&oracle, &db, ErrorKind::PoolExhausted).await;
    held.rollback().await.expect("rolled back");
    proxy.cut();
    // Whether the connection that was there is met first is a race with the driver's own questions.
    for kinds in [&[ErrorKind::ConnectionLost, ErrorKind::Unreachable][..], &[ErrorKind::Unreachable]] {
        let (unit, since) = (oracle.unit(), Instant::now());
        let answer = db.backend().ping(&Context::default()).await;
        oracle.heard(unit, &answer);
        let error = answer.expect_err("it is cut");
        assert!(kinds.contains(&error.kind()) && since.elapsed() < LONGEST, "{error} after {:?}", since.elapsed());
    }
    proxy.heal();
    oracle.healed();
    let unit = oracle.unit();
    let answer = db.backend().ping(&Context::default()).await;
    oracle.heard(unit, &answer);
    answer.expect("it is back");
    db.close().await.expect("closed");
    fails(&oracle, &db, ErrorKind::Closed).await;
    oracle.count();
    place.without_users().await.close().await;
}

macro_rules! on_servers {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f17_each_reason_has_a_kind_of_its_own() {
                super::f17(stringify!($backend)).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn f25_no_secret_is_shown_while_things_go_wrong() {
                super::f25(stringify!($backend)).await;
            }
        }
    )* };
}
on_servers! { postgres mysql }

#[cfg(feature = "mongodb")]
mod mongodb {
    #[tokio::test(flavor = "multi_thread")]
    async fn f17_each_reason_has_a_kind_of_its_own() {
        super::f17_mongodb().await;
    }
    #[tokio::test(flavor = "multi_thread")]
    async fn f25_no_secret_is_shown_while_things_go_wrong() {
        super::f25("mongodb").await;
    }
}
