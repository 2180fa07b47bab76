//! Statements in the server's own words, and `SeaORM`'s queries: on a file, on the servers of `SEABED_TEST_POSTGRES_URL` and
//! `SEABED_TEST_MYSQL_URL`, and refused on memory; commands of MongoDB on that of `SEABED_TEST_MONGODB_URL`.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]

#[path = "../server/mod.rs"]
mod server;

mod entities;
mod holes;
#[cfg(feature = "mongodb")]
mod mongo;
mod place;
mod refused;
mod sea_orm;
mod session;
mod transactions;
mod values;
