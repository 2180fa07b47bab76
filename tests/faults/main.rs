//! What goes wrong: futures dropped half-way, servers that are not there, secrets in logs. On real servers, named by
//! `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL`; `cargo xtask test` starts them.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod cancel;
mod cancel_parts;
mod checks;
mod connect;
mod increments;
mod late;
mod lost;
mod secrets;
mod support;
mod writers;
