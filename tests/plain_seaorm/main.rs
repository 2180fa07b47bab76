//! x
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod entities;
mod queries;
#[path = "../server/mod.rs"]
mod server;
mod support;
mod transactions;
mod values;
mod writes;
