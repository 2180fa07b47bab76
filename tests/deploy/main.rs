//! Deploys: one at a time, in one session, with books that say how far each is (laws S3 and S4). On
//! real servers, named by `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL`; `cargo xtask test` starts them.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

#[macro_use]
mod migrators;

mod apply;
mod beside;
mod chinook;
mod contract;
#[cfg(feature = "mongodb")]
mod documents;
mod flow;
mod input;
mod random;
mod scratch;
mod session;
#[path = "../faults/support.rs"]
#[allow(dead_code, reason = "the faults use more of it")]
mod support;
mod sync;

use crate::support::Place;
use seabed::{Database, backend::Deploy};

/// A body on each backend, in a place of its own.
macro_rules! on_each {
    ($($test:ident),* $(,)?) => {
        on_each! { @ sqlite $($test)* }
        on_each! { @ postgres $($test)* }
        on_each! { @ mysql $($test)* }
    };
    (@ $backend:ident $($test:ident)*) => {
        mod $backend {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let Some(place) = crate::support::Place::new(stringify!($backend), stringify!($test)).await else { return };
                super::$test(&place).await;
                place.close().await;
            })*
        }
    };
}
use on_each;

/// A session for a deploy, and the database that it is of.
async fn session(place: &Place) -> (Database, Box<dyn Deploy>) {
    let db = place.open(1).await;
    let deploy = db.backend().deploy().await.expect("a session");
    (db, deploy)
}
