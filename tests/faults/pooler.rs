//! A pooler between us and PostgreSQL (hazard H16): pgbouncer in session mode works, in transaction mode it is told by name.

use crate::support::server;
use seabed::{
    backend::{RawStatement, RawWant},
    prelude::*,
    sea_orm::DbBackend,
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::{TcpListener, TcpStream};

/// One that runs until it is dropped.
struct Pgbouncer {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Pgbouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders.map(|folder: PathBuf| folder.join("pgbouncer")).find(|file| file.is_file())
}

/// User, password and port of a URL.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (user, rest) = url.split_once("://")?.1.rsplit_once('@')?;
    let (user, password) = user.split_once(':')?;
    let (_, port) = rest.split_once('/')?.0.rsplit_once(':')?;
    Some((user, password, port))
}

impl Pgbouncer {
    /// Before this server; `None`, said aloud, where it cannot be had.
    async fn start(url: &str, settings: &str, test: &str) -> Option<Self> {
        let Some((program, (user, password, server))) = program().zip(parts(url)) else {
            println!("SKIPPED {test}: pgbouncer is not installed, or the URL has no user, password and port");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address").port();
        let file = folder.path().join("pgbouncer.ini");
        let lines = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user={user} password={password}\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n{settings}"
        );
        fs::write(&file, lines).expect("a file");
        let mut command = Command::new(program);
        if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            // It refuses to run as root, and reads its file as whoever it is then.
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("readable");
            command.args(["-u", "nobody"]);
        }
        let child = command.arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("pgbouncer starts");
        let started = Self { child, port, _folder: folder };
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(Instant::now() < until, "pgbouncer does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Some(started)
    }

    fn config(&self) -> Config {
        let config = Config::builder()
            .url(format!("postgres://somebody@127.0.0.1:{}/postgres", self.port))
            .set("databases.main.max_connections", 2)
            .set("databases.main.connect_timeout", "3s")
            .set("databases.main.tls.mode", "disable");
        config.load().expect("a configuration")
    }
}

/// One session in the server for both connections of ours: what the first one prepared, the second one finds there.
const TRANSACTION: &str =
    "pool_mode = transaction\ndefault_pool_size = 1\nignore_startup_parameters = extra_float_digits\n";
const SESSION: &str = "pool_mode = session\ndefault_pool_size = 2\nignore_startup_parameters = extra_float_digits\n";
const AS_IT_COMES: &str = "pool_mode = session\ndefault_pool_size = 2\n";

/// Two calls at once, each on a connection of its own, as often as this.
async fn ask(db: &Database, times: u32) -> Result<()> {
    let count = |name: &str| {
        let sql = "SELECT count(*) FROM pg_class WHERE relname = $1";
        RawStatement::new(DbBackend::Postgres, sql, vec![name.into()], RawWant::Rows).expect("one statement")
    };
    let (backend, context) = (db.backend(), Context::default());
    for _ in 0..times {
        let (one, other) = tokio::join!(backend.raw(&context, count("one")), backend.raw(&context, count("other")));
        assert_eq!((one?.len(), other?.len()), (1, 1));
    }
    Ok(())
}

#[tokio::test]
async fn h16_pgbouncer_in_transaction_mode_is_told_by_name() {
    let test = "h16_pgbouncer_in_transaction_mode_is_told_by_name";
    let Some(url) = server("postgres", test) else { return };
    let Some(pooler) = Pgbouncer::start(&url, TRANSACTION, test).await else { return };
    let db = Database::connect(pooler.config()).await.expect("connecting asks nothing that must stay");
    let error = ask(&db, 200).await.expect_err("what one session prepared, another is asked for");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Unsupported, seabed::Status::Permanent), "{error}");
    for told in ["pgbouncer", "pool_mode = session", "max_prepared_statements"] {
        assert!(error.to_string().contains(told), "{error}");
    }
    assert_eq!(db.backend().pool().idle, db.backend().pool().size, "nobody holds a connection");
    db.close().await.expect("closed");
}

#[tokio::test]
async fn h16_pgbouncer_in_session_mode_works() {
    let test = "h16_pgbouncer_in_session_mode_works";
    let Some(url) = server("postgres", test) else { return };
    let Some(pooler) = Pgbouncer::start(&url, SESSION, test).await else { return };
    let db = Database::connect(pooler.config()).await.expect("a connection");
    ask(&db, 200).await.expect("a session stays with its connection");
    db.close().await.expect("closed");
}

/// As it comes, pgbouncer 1.18 does not let the driver in.
#[tokio::test]
async fn h16_pgbouncer_that_refuses_a_parameter_is_told_by_name() {
    let test = "h16_pgbouncer_that_refuses_a_parameter_is_told_by_name";
    let Some(url) = server("postgres", test) else { return };
    let Some(pooler) = Pgbouncer::start(&url, AS_IT_COMES, test).await else { return };
    match Database::connect(pooler.config()).await {
        // A newer one, which ignores it by itself.
        Ok(db) => db.close().await.expect("closed"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            for told in ["pgbouncer", "ignore_startup_parameters = extra_float_digits"] {
                assert!(error.to_string().contains(told), "{error}");
            }
        }
    }
}
