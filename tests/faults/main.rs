//! What goes wrong: futures dropped half-way, servers that are not there, secrets in logs. On real servers, named by
//! `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL`; `cargo xtask test` starts them.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod cancel;
mod checks;
mod connect;
mod ignored;
mod kinds;
mod levels;
mod lost;
mod plans;
mod pooler;
mod secrets;
mod support;
mod trips;
mod writers;
