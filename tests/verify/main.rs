//! `db.verify()`: a clean schema has no finding, and every breakage made by hand is found with its law, entity and field, and
//! mended by the statement that the finding gives.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
#![cfg(feature = "conformance")]

#[path = "../server/mod.rs"]
mod server;

mod breakage;
mod clean;
mod entities;
mod memory;
#[cfg(feature = "mysql")]
mod mysql;
mod place;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod start;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod types;
