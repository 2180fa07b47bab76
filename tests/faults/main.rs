//! What goes wrong: futures dropped half-way, servers that are not there, secrets in logs. On real servers, named by
//! `SEABED_TEST_POSTGRES_URL` and `SEABED_TEST_MYSQL_URL`; `cargo xtask test` starts them.

mod cancel;
mod connect;
mod secrets;
mod support;
