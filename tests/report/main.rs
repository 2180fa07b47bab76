//! The quickstart's own code on a nasty folder: the same report on every backend, word for word, and each file whole or not at
//! all. Servers are named by `SEABED_TEST_POSTGRES_URL`, `SEABED_TEST_MYSQL_URL` and
//! `SEABED_TEST_MONGODB_URL`; `cargo xtask test` starts them.
//!
//! On Linux only: elsewhere a file system may fold or refuse the names.
#![cfg(all(target_os = "linux", feature = "framework", feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod atomic;
mod folder;
#[path = "../../examples/quickstart/main.rs"]
#[expect(dead_code, reason = "its `main` is what people run, and not what is tested")]
mod quickstart;
mod same;
#[path = "../faults/support.rs"]
#[expect(dead_code, reason = "proxies are for the tests of faults")]
mod support;

use quickstart::{Run, register, report::report};
use seabed::{Database, framework::entity::prelude::*, prelude::*};
use std::path::Path;
use support::Place;

/// A migrated database of its own; `None` where its server is not there.
async fn open(backend: &str, test: &str) -> Option<(Place, Database)> {
    let place = Place::new(backend, test).await?;
    let db = place.open(4).await;
    seabed::migration::up::<migration::Migrator>(&db).await.expect("the tables");
    Some((place, db))
}

/// One run over the folder, and what it prints.
async fn run(db: &Database, folder: &Path) -> (Run, String) {
    let run = register(db, folder, std::future::pending()).await.expect("a run");
    let text = report(db, &run).await.expect("a report");
    (run, text)
}

/// How many datasets, annotations, audit events and error events there are.
async fn rows(db: &Database) -> [u64; 4] {
    [
        db.repository::<Dataset>().count(all()).await.expect("a count"),
        db.repository::<Annotation>().count(all()).await.expect("a count"),
        db.repository::<AuditEvent>().count(all()).await.expect("a count"),
        db.repository::<ErrorEvent>().count(all()).await.expect("a count"),
    ]
}

/// The same tests on each backend, each under its name.
macro_rules! on_backends {
    ($($test:ident)*) => {
        on_backends! { @ sqlite $($test)* }
        on_backends! { @ postgres $($test)* }
        on_backends! { @ mysql $($test)* }
        #[cfg(feature = "mongodb")]
        on_backends! { @ mongodb $($test)* }
    };
    (@ $backend:ident $($test:ident)*) => {
        mod $backend {
            $(
                #[tokio::test]
                async fn $test() {
                    let test = concat!(stringify!($backend), "::", stringify!($test));
                    let Some((place, db)) = crate::open(stringify!($backend), test).await else { return };
                    super::$test(&db).await;
                    db.close().await.expect("closed");
                    place.close().await;
                }
            )*
        }
    };
}
use on_backends;
