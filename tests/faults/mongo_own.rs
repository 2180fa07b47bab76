//! Servers of MongoDB's protocol that a test starts for itself: one that is killed and started again under load, one that is no
//! replica set, one that speaks TLS.

use crate::{
    oracle::{Oracle, all_parts, effect, part},
    proxy::{At, Proxy, Reach},
    support::{Place, server, with_port},
};
use mongodb::{Client, bson::doc};
use seabed::{Config, Context, TransactionOptions, prelude::*, transaction::key};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A server of the test's own, that it may kill.
struct Own {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
    more: Vec<String>,
    /// What its clients say of TLS.
    tls: String,
}

/// `SecantusDB`, where `cargo xtask servers` has installed it.
fn program() -> Option<PathBuf> {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/mongo-venv/bin/secantusd-py");
    program.exists().then_some(program)
}

fn start(folder: &tempfile::TempDir, port: u16, more: &[String]) -> Child {
    let mut command = Command::new(program().expect("it was there"));
    command.args(["--host", "127.0.0.1", "--port", &port.to_string(), "--sync-on-commit", "--cache-size", "256M"]);
    command.arg("--storage-path").arg(folder.path().join("data")).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
}

impl Own {
    async fn new(test: &str, more: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        Self::of(test, folder, more.iter().map(ToString::to_string).collect(), String::new()).await
    }

    async fn of(test: &str, folder: tempfile::TempDir, more: Vec<String>, tls: String) -> Option<Self> {
        server("mongodb", test)?;
        if program().is_none() {
            println!("SKIPPED {test}: there is no program of a server that may be killed");
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
        let own = Self { child: start(&folder, port, &more), port, folder, more, tls };
        own.answers().await;
        Some(own)
    }

    fn url(&self) -> String {
        format!("mongodb://127.0.0.1:{}/faults?directConnection=true", self.port)
    }

    async fn answers(&self) {
        let until = Instant::now() + Duration::from_mins(1);
        loop {
            let url = format!("{}&serverSelectionTimeoutMS=1000&connectTimeoutMS=1000{}", self.url(), self.tls);
            let client = Client::with_uri_str(url).await.expect("a client");
            let answer = client.database("admin").run_command(doc! { "ping": 1 }).await;
            client.shutdown().immediate(true).await;
            if answer.is_ok() {
                return;
            }
            assert!(Instant::now() < until, "the server does not start");
        }
    }

    async fn ends_within(&mut self, within: Duration) {
        let until = Instant::now() + within;
        while Instant::now() < until && self.child.try_wait().expect("a child").is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn restart(&mut self, gently: bool) {
        if gently {
            let id = self.child.id().to_string();
            let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill is there");
            assert!(told.success(), "it was told to end");
            self.ends_within(Duration::from_secs(10)).await;
        }
        // SecantusDB sometimes does not hear under load that it is to end; who runs services kills such a one, too.
        let _ = self.child.kill();
        self.child.wait().expect("it ended");
        self.child = start(&self.folder, self.port, &self.more);
        self.answers().await;
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Eight writers, and a server that is ended and started again among them: what was acknowledged is there, and what was refused
/// is not.
async fn restarted(number: u32, test: &str, gently: bool) {
    const PARTS: i64 = 2;
    let Some(mut own) = Own::new(test, &[]).await else { return };
    let place = Place::Mongo { server: own.url(), name: "faults".to_owned() };
    let oracle = Oracle::new(number, "mongodb", &place, PARTS).await;
    let config = Config::builder().url(own.url()).set("databases.main.max_connections", 8);
    let db = Database::connect(
        config
            .set("databases.main.connect_timeout", "2s")
            .set("databases.main.timeout", "5s")
            .load()
            .expect("a configuration"),
    )
    .await
    .expect("a connection");
    let keys = key::table().expect("a constant");
    db.backend().create_tables(&Context::default(), &[keys]).await.expect("the table of keys");
    let stop = tokio::sync::watch::Sender::new(false);
    let writers = (0..8).map(|_| {
        let (db, oracle, stop) = (&db, &oracle, stop.subscribe());
        async move {
            let (mut done, mut failed) = (0_u32, 0_u32);
            while !*stop.borrow() {
                let unit = oracle.unit();
                // SecantusDB forgets at its end what it has committed, and answers the driver, who asks once more for a commit,
                // that there was none. MongoDB does not; here the key tells.
                let keyed = TransactionOptions::default().idempotency_key(format!("unit {unit}"));
                let answer = match all_parts(db, keyed, unit, PARTS).await {
                    Err(error) if error.is(ErrorKind::AlreadyDone) => Ok(()),
                    answer => answer,
                };
                oracle.heard(unit, &answer);
                match answer {
                    Ok(()) => done += 1,
                    Err(_) => {
                        failed += 1;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
            (done, failed)
        }
    });
    let trouble = async {
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            own.restart(gently).await;
            oracle.healed();
        }
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        stop.send_replace(true);
    };
    let (counts, ()) = tokio::join!(futures::future::join_all(writers), trouble);
    let done: u32 = counts.iter().map(|(done, _)| done).sum();
    let failed: u32 = counts.iter().map(|(_, failed)| failed).sum();
    println!("mongodb: {done} done, {failed} failed while the server was away");
    assert!(done > 20, "most are done: {done}");
    oracle.pool_is_back(&place, &db, 8).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_a_restart_under_load_loses_nothing() {
    restarted(8, "f08_a_restart_under_load_loses_nothing", true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f09_a_server_that_is_killed_under_load_loses_nothing_it_has_acknowledged() {
    restarted(9, "f09_a_server_that_is_killed_under_load_loses_nothing_it_has_acknowledged", false).await;
}

/// A server that forgets what it committed denies it when the driver asks once more, which nobody sees: such a commit is unknown, and
/// is not run again. Beside MongoDB's own word that the whole may be run again it would be done twice.
#[tokio::test(flavor = "multi_thread")]
async fn h11_a_commit_that_a_forgetful_server_denies_is_unknown() {
    let test = "h11_a_commit_that_a_forgetful_server_denies_is_unknown";
    let Some(mut own) = Own::new(test, &[]).await else { return };
    let place = Place::Mongo { server: own.url(), name: "faults".to_owned() };
    let oracle = Oracle::new(15, "mongodb", &place, 1).await;
    let proxy = Proxy::to(&own.url()).await;
    let config = Config::builder()
        .url(with_port(&own.url(), proxy.port))
        .set("databases.main.connect_timeout", "30s")
        .set("databases.main.timeout", "30s");
    let db = Database::connect(config.load().expect("a configuration")).await.expect("a connection");
    proxy.cut_for_good_at(At::Bytes(b"commitTransaction"), Reach::Answered);
    let trouble = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert!(!proxy.disarm(), "the commit came");
        own.restart(false).await;
        proxy.heal();
    };
    let (answer, ()) = tokio::join!(oracle.transact(&db, TransactionOptions::default()), trouble);
    let error = answer.expect_err("nobody knows");
    assert_eq!(error.kind(), ErrorKind::CommitUnknown, "{error}");
    db.close().await.expect("closed");
    drop(proxy);
    assert_eq!(place.mongo_effects().await.len(), 1, "it was committed, and once");
}

/// A standalone has no transactions: it is refused, and taken where somebody accepts what is lost.
#[tokio::test(flavor = "multi_thread")]
async fn t1_a_standalone_is_refused_and_taken_with_its_losses() {
    let Some(own) = Own::new("t1_a_standalone_is_refused_and_taken_with_its_losses", &["--standalone"]).await else {
        return;
    };
    let error = Database::connect(Config::from_url(&own.url()).expect("a URL")).await.map(drop).expect_err("refused");
    assert!(error.is(ErrorKind::Unsupported) && error.to_string().contains("accept_losses=W6,Q10,T1"), "{error}");

    let url = own.url() + "&accept_losses=W6,Q10,T1";
    let db = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("its losses are accepted");
    db.create_tables(&seabed::entities![effect]).await.expect("a table");
    let effects = db.repository::<effect::Entity>();
    let rows = effects.insert_many((0..600).map(|unit| part(unit, 0))).await.expect("rows");
    assert_eq!(rows.len(), 600);
    let units = col(effect::COLUMN.unit);
    assert_eq!(effects.find(units.is_in(0..400)).await.expect("in many commands").len(), 400);
    let changed = effects.update_many(units.lt(300), [col(effect::COLUMN.part).increment(1)]).await.expect("changed");
    assert_eq!(changed, 300);
    let again = effects.insert(rows[0].clone()).await.expect_err("its key is there");
    assert!(again.is(ErrorKind::UniqueViolation), "{again}");
    assert_eq!(effects.delete_many(units.gte(300)).await.expect("deleted"), 300);
    assert_eq!(effects.count(all()).await.expect("a count"), 300);
    for answer in [
        db.begin(TransactionOptions::default()).await.map(drop),
        db.transact(|tx| async move { tx.repository::<effect::Entity>().count(all()).await.map(drop) }).await,
    ] {
        let error = answer.expect_err("there are none");
        assert!(error.is(ErrorKind::Unsupported), "{error}");
    }
    db.close().await.expect("closed");
}

mod pair {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pair")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub a: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub b: i64,
        pub by: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Where no transaction keeps them apart, two upserts look for a key that is not there yet: the later one finds it when it is
/// tried again, in whichever order the key's columns are said.
#[tokio::test(flavor = "multi_thread")]
async fn w4_upserts_without_transactions_all_land() {
    let Some(own) = Own::new("w4_upserts_without_transactions_all_land", &["--standalone"]).await else { return };
    let url = own.url() + "&accept_losses=W6,Q10,T1";
    let db = Database::connect(Config::from_url(&url).expect("a URL")).await.expect("its losses are accepted");
    db.create_tables(&seabed::entities![pair]).await.expect("a table");
    for key in [[pair::Column::A, pair::Column::B], [pair::Column::B, pair::Column::A]] {
        for round in 0..30_i64 {
            let upserts = (0..6_i64).map(|by| {
                let db = db.clone();
                tokio::spawn(async move {
                    let row = pair::Model { a: round, b: 1, by };
                    db.repository::<pair::Entity>().upsert(row, key).await
                })
            });
            for upsert in futures::future::join_all(upserts).await {
                upsert.expect("no panic").expect("nobody fails because somebody else was faster");
            }
        }
        assert_eq!(db.repository::<pair::Entity>().delete_many(col(pair::COLUMN.b).eq(1)).await.expect("gone"), 30);
    }
    db.close().await.expect("closed");
}

/// An authority, and what it has signed for this machine.
fn certificates(folder: &Path, name: &str) {
    let at = |end: &str| folder.join(format!("{name}{end}")).display().to_string();
    std::fs::write(at(".ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost").expect("a file");
    let openssl = |words: &[&str]| {
        let made = Command::new("openssl").args(words).stderr(Stdio::null()).status().expect("openssl is there");
        assert!(made.success(), "openssl {words:?}");
    };
    let new = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=seabed test"];
    openssl(&[&new[..], &["-x509", "-days", "2", "-keyout", &at("-ca.key"), "-out", &at("-ca.pem")]].concat());
    openssl(&[&new[..], &["-keyout", &at(".key"), "-out", &at(".csr")]].concat());
    let sign = ["x509", "-req", "-days", "2", "-CAcreateserial", "-CA", &at("-ca.pem"), "-CAkey", &at("-ca.key")];
    let files = ["-in", &at(".csr"), "-extfile", &at(".ext"), "-out", &at(".pem")];
    openssl(&[&sign[..], &files[..]].concat());
}

/// Whoever does not trust its certificate is not connected, and nobody speaks without TLS.
#[tokio::test(flavor = "multi_thread")]
async fn s1_tls_is_asked_for_and_its_certificate_is_looked_at() {
    let test = "s1_tls_is_asked_for_and_its_certificate_is_looked_at";
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        println!("SKIPPED {test}: there is no openssl");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    certificates(folder.path(), "one");
    certificates(folder.path(), "other");
    let at = |end: &str| folder.path().join(end).display().to_string();
    let (ca, other) = (at("one-ca.pem"), at("other-ca.pem"));
    let more = ["--tls-cert-file", &at("one.pem"), "--tls-key-file", &at("one.key")].map(ToOwned::to_owned).to_vec();
    let Some(own) = Own::of(test, folder, more, format!("&tls=true&tlsCAFile={ca}")).await else { return };
    let opened = async |mode: &str, ca: Option<&str>| {
        let mut config = Config::builder().url(own.url()).set("databases.main.tls.mode", mode);
        config = config.set("databases.main.connect_timeout", "1500ms");
        if let Some(ca) = ca {
            config = config.set("databases.main.tls.ca", ca);
        }
        let since = Instant::now();
        let opened = Database::connect(config.load().expect("a configuration")).await;
        assert!(since.elapsed() < Duration::from_secs(3), "{mode}: it took {:?}", since.elapsed());
        opened
    };
    for (mode, ca) in [("verify-full", Some(&*ca)), ("require", None)] {
        let db = opened(mode, ca).await.expect("its certificate is good enough");
        assert!(db.health().await.is_reachable(), "{mode}");
        db.close().await.expect("closed");
    }
    for (mode, ca) in [("verify-full", Some(&*other)), ("verify-full", None), ("disable", None)] {
        let error = opened(mode, ca).await.map(drop).expect_err("not trusted");
        assert!(matches!(error.kind(), ErrorKind::Unreachable | ErrorKind::Tls), "{mode}: {error}");
    }
    let error = opened("verify-ca", None).await.map(drop).expect_err("the driver has no such mode");
    assert!(error.is(ErrorKind::Unsupported), "{error}");
}
