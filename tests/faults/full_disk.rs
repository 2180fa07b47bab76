//! The disk is full in the middle of a transaction: `StorageFull`, nothing of it is there, and once there is space again the same
//! pool writes (hazard H6).
//!
//! Where root may mount one, the disk is a small `tmpfs`: SQLite's file, a tablespace of PostgreSQL, the file of MariaDB's table is
//! on it. Elsewhere, as with a server in a container, SQLite is bounded by `max_page_count`, and the others are told by a trigger
//! to answer as they do on a full disk; what they do to their files then is not seen.

use crate::{
    oracle::Oracle,
    support::{Place, execute},
};
use seabed::prelude::*;
use sqlx::{Connection, Executor, MySqlConnection, PgConnection, SqliteConnection};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::PathBuf,
    process::Command,
};

/// Rows of an operation: a few hundred kilobytes. On SQLite more than its cache holds, so that the disk is full before the commit.
fn parts(backend: &str) -> i64 {
    if backend == "sqlite" { 40_000 } else { 3_000 }
}

/// A small disk, and a file on it that can be taken away.
struct Disk {
    /// Taken where it is left behind.
    folder: Option<tempfile::TempDir>,
    path: PathBuf,
}

impl Disk {
    /// `None` where it cannot be mounted.
    fn mount(mebibytes: u64) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        // Servers run as users of their own.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("a mode");
        let size = format!("size={mebibytes}m,mode=0777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        if !mounted.is_ok_and(|mounted| mounted.status.success()) {
            return None;
        }
        let path = folder.path().to_owned();
        let disk = Self { folder: Some(folder), path };
        fs::write(disk.filler(), vec![1; usize::try_from(mebibytes * 1024 * 1024 / 2).expect("small")])
            .expect("a file");
        Some(disk)
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }

    /// Half of it is free again.
    fn free(&self) {
        fs::remove_file(self.filler()).expect("it was there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A PostgreSQL that cannot write a tablespace can make no checkpoint, and so drop no database of any test.
            let left = self.folder.take().map(tempfile::TempDir::keep);
            eprintln!("left mounted for a server that may still write there: {left:?}");
            return;
        }
        // Also where a server still has a file open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.path).status();
    }
}

/// What makes the disk full, and what frees it.
enum Full {
    Disk(Disk),
    Told,
}

/// A folder on the disk that belongs to who owns this one; `None` where that is not a folder of this machine.
fn folder_like(disk: &Disk, name: &str, owner: &str) -> Option<PathBuf> {
    let owner = fs::metadata(owner).ok()?.uid();
    let folder = disk.path.join(name);
    fs::create_dir(&folder).ok()?;
    chown(&folder, Some(owner), None).ok()?;
    Some(folder)
}

/// Brings the table of effects onto a small disk, in a server of this machine.
async fn move_to(disk: &Disk, place: &Place) -> Option<()> {
    match place {
        Place::Sqlite(_) => Some(()),
        Place::Postgres { name, .. } => {
            let mut direct = PgConnection::connect(&place.url()).await.expect("the server");
            let data: String = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut direct).await.expect("a path");
            let folder = folder_like(disk, "space", &data)?;
            let create = format!("CREATE TABLESPACE {name} LOCATION '{}'", folder.display());
            direct.execute(sqlx::AssertSqlSafe(create)).await.ok()?;
            execute(place, &format!("ALTER TABLE effect SET TABLESPACE {name}")).await;
            Some(())
        }
        Place::MySql { .. } => {
            let mut direct = MySqlConnection::connect(&place.url()).await.expect("the server");
            let data: String = sqlx::query_scalar("SELECT @@datadir").fetch_one(&mut direct).await.expect("a path");
            let folder = folder_like(disk, "space", &data)?;
            let (_, create): (String, String) =
                sqlx::query_as("SHOW CREATE TABLE effect").fetch_one(&mut direct).await.expect("the table");
            execute(place, "DROP TABLE effect").await;
            execute(place, &format!("{create} DATA DIRECTORY = '{}'", folder.display())).await;
            Some(())
        }
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("a full disk is not made for it"),
    }
}

/// Says of the thousandth row of an operation that the disk is full.
async fn tell(place: &Place, db: &mut Database) {
    match place {
        Place::Sqlite(_) => {
            db.close().await.expect("closed");
            let small = format!("{}?max_page_count=40", place.url());
            *db = Database::connect(Config::from_url(&small).expect("a URL")).await.expect("a small file");
        }
        Place::Postgres { .. } => {
            let body =
                "BEGIN IF NEW.part = 1000 THEN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END IF; RETURN NEW; END";
            execute(place, &format!("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $${body}$$"))
                .await;
            let when = "BEFORE INSERT ON effect FOR EACH ROW EXECUTE FUNCTION full_disk()";
            execute(place, &format!("CREATE TRIGGER full_disk {when}")).await;
        }
        Place::MySql { .. } => {
            let body = "IF NEW.part = 1000 THEN SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114; END IF";
            execute(place, &format!("CREATE TRIGGER full_disk BEFORE INSERT ON effect FOR EACH ROW {body}")).await;
        }
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("a full disk is not made for it"),
    }
}

async fn free(full: &Full, place: &Place, db: &mut Database) {
    match (full, place) {
        (Full::Disk(disk), _) => disk.free(),
        (Full::Told, Place::Sqlite(_)) => {
            db.close().await.expect("closed");
            *db = place.open(2).await;
        }
        (Full::Told, Place::Postgres { .. }) => execute(place, "DROP TRIGGER full_disk ON effect").await,
        (Full::Told, Place::MySql { .. }) => execute(place, "DROP TRIGGER full_disk").await,
        #[cfg(feature = "mongodb")]
        (Full::Told, Place::Mongo { .. }) => unreachable!("a full disk is not made for it"),
    }
}

/// The lock of a transaction that writes is taken, whatever the driver thinks of the one before.
async fn the_next_begin_takes_the_lock(place: &Place, db: &Database) {
    let tx = db.begin(TransactionOptions::default()).await.expect("a transaction");
    let mut beside = SqliteConnection::connect(&place.url()).await.expect("the file");
    beside.execute("PRAGMA busy_timeout = 0").await.expect("a setting");
    let locked = beside.execute("BEGIN IMMEDIATE").await.expect_err("another one writes");
    assert!(locked.to_string().contains("locked"), "{locked}");
    beside.close().await.expect("closed");
    tx.rollback().await.expect("rolled back");
}

async fn f21(backend: &str) {
    let test = "f21_a_full_disk_leaves_nothing_and_is_survived";
    // MariaDB makes a file larger by four mebibytes at a time, and SQLite writes twice: its log first.
    let disk = Disk::mount(if backend == "postgres" { 6 } else { 24 });
    let place = match &disk {
        Some(disk) if backend == "sqlite" => {
            Some(Place::Sqlite(tempfile::tempdir_in(&disk.path).expect("a folder on the disk")))
        }
        _ => Place::new(backend, test).await,
    };
    let Some(place) = place else { return };
    let oracle = Oracle::new(21, backend, &place, parts(backend)).await;
    let mut db = place.open_with(None, &[("max_connections", "2")]).await;
    let full = match disk {
        Some(disk) if move_to(&disk, &place).await.is_some() => Full::Disk(disk),
        _ => Full::Told,
    };
    if matches!(full, Full::Told) {
        println!("{backend}: no small disk could be mounted for it: the server is told to say that its disk is full");
        tell(&place, &mut db).await;
    }
    let mut refused = 0;
    for _ in 0..100 {
        if let Err(error) = oracle.transact(&db, TransactionOptions::default()).await {
            assert!(error.is(ErrorKind::StorageFull), "{backend}: {error} {:?}", error.detail());
            assert_eq!(error.status(), seabed::Status::Temporary);
            refused += 1;
            if refused == 2 || backend == "sqlite" {
                break;
            }
        }
    }
    assert!(refused > 0, "{backend}: the disk became full");
    free(&full, &place, &mut db).await;
    oracle.healed();
    oracle.transact(&db, TransactionOptions::default()).await.expect("there is space again");
    if backend == "sqlite" {
        the_next_begin_takes_the_lock(&place, &db).await;
    }
    oracle.pool_is_back(&place, &db, 2).await;
    db.close().await.expect("closed");
    oracle.judge(&place).await;
    let space = match &place {
        Place::Postgres { server, name } if matches!(full, Full::Disk(_)) => {
            Some((server.clone(), format!("DROP TABLESPACE {name}")))
        }
        _ => None,
    };
    place.close().await;
    if let Some((server, drop)) = space {
        let mut direct = PgConnection::connect(&server).await.expect("the server");
        direct.execute(sqlx::AssertSqlSafe(drop)).await.expect("dropped");
    }
}

macro_rules! on_each {
    ($($backend:ident)*) => { $(
        mod $backend {
            #[tokio::test(flavor = "multi_thread")]
            async fn f21_a_full_disk_leaves_nothing_and_is_survived() {
                super::f21(stringify!($backend)).await;
            }
        }
    )* };
}
on_each! { sqlite postgres mysql }
