//! What goes wrong: futures dropped half-way, servers that are not there, secrets in logs. On real servers, named by
//! `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL`; `cargo xtask test` starts them.

#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod answers;
mod begun;
mod bulk;
mod cancel;
mod cancel_parts;
mod checks;
mod connect;
mod crowd;
mod dark;
mod doomed;
mod edges;
mod full_disk;
#[path = "../server/give_up.rs"]
mod give_up;
mod ignored;
mod increments;
mod kinds;
mod late;
mod levels;
mod lost;
#[cfg(feature = "mongodb")]
mod mongo;
#[cfg(feature = "mongodb")]
mod mongo_calls;
#[cfg(feature = "mongodb")]
mod mongo_own;
mod nth_message;
mod one_file;
mod oracle;
mod plans;
mod pooler;
mod proxy;
mod reasons;
mod secrets;
mod support;
mod trips;
mod writers;
