//! The outbox on every backend, on the tables that the migrations make; on servers that `SEABED_TEST_POSTGRES_URL` and
//! `SEABED_TEST_MYSQL_URL` name.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

#[path = "../server/mod.rs"]
mod server;

mod dead;
#[path = "../server/give_up.rs"]
mod give_up;
mod gone;
mod inbox;
mod order;
mod place;
mod publish;

/// Runs each test on each backend.
macro_rules! on_each {
    ($($test:ident),* $(,)?) => {
        $crate::on_each! { @ memory $($test)* }
        $crate::on_each! { @ sqlite $($test)* }
        $crate::on_each! { @ postgres $($test)* }
        $crate::on_each! { @ mysql $($test)* }
    };
    (@ $backend:ident $($test:ident)*) => {
        mod $backend {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    if let Some(place) = crate::place::Place::new(stringify!($backend), stringify!($test)).await {
                        super::$test(&place).await;
                        place.end().await;
                    }
                }
            )*
        }
    };
}
use on_each;
