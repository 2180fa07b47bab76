//! The one list of keys: what each is called and what it sets.

use super::{
    database::{DatabaseConfig, SchemaSync, Verify},
    password::PasswordSource,
    tls::TlsMode,
    value::Value,
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// The most connections that one pool may hold.
const MOST_CONNECTIONS: u32 = 10_000;
/// PostgreSQL cuts longer names (4.1.1).
const SCHEMA_BYTES: usize = 63;
/// The fewest characters of a page key: those of 16 random bytes in hexadecimal.
const PAGE_KEY: usize = 32;
/// The shortest time that a bound may be.
const INSTANT: Duration = Duration::from_millis(1);

/// A key below `[databases.<name>]`.
pub(super) struct Key {
    /// The path, such as `tls.mode`.
    pub name: &'static str,
    /// Puts a value where it belongs, or says what is wrong with it.
    pub apply: fn(&mut DatabaseConfig, &Value) -> Result<(), String>,
}

/// Every key but `url`, which is read first: the defaults depend on it.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "password_file",
        apply: |to, value| set(&mut to.password, value.file().map(|it| Some(PasswordSource::File(it)))),
    },
    Key {
        name: "password_command",
        apply: |to, value| set(&mut to.password, value.command().map(|it| Some(PasswordSource::Command(it)))),
    },
    Key { name: "tls.mode", apply: |to, value| set(&mut to.tls.mode, value.text().and_then(TlsMode::of)) },
    Key { name: "tls.ca", apply: |to, value| set(&mut to.tls.ca, value.file().map(Some)) },
    Key { name: "tls.certificate", apply: |to, value| set(&mut to.tls.certificate, value.file().map(Some)) },
    Key { name: "tls.key", apply: |to, value| set(&mut to.tls.key, value.file().map(Some)) },
    Key { name: "schema", apply: |to, value| set(&mut to.schema, value.text().and_then(schema).map(Some)) },
    Key { name: "max_connections", apply: |to, value| set(&mut to.max_connections, value.whole(1, MOST_CONNECTIONS)) },
    Key { name: "connect_timeout", apply: |to, value| set(&mut to.connect_timeout, value.duration(INSTANT)) },
    Key { name: "acquire_timeout", apply: |to, value| set(&mut to.acquire_timeout, value.duration(INSTANT)) },
    Key { name: "idle_check", apply: |to, value| set(&mut to.idle_check, value.duration(Duration::ZERO)) },
    Key { name: "idle_check_timeout", apply: |to, value| set(&mut to.idle_check_timeout, value.duration(INSTANT)) },
    Key { name: "max_lifetime", apply: |to, value| set(&mut to.max_lifetime, value.duration(INSTANT)) },
    Key { name: "timeout", apply: |to, value| set(&mut to.timeout, value.duration(INSTANT)) },
    Key { name: "lock_timeout", apply: |to, value| set(&mut to.lock_timeout, value.duration(INSTANT)) },
    Key { name: "close_timeout", apply: |to, value| set(&mut to.close_timeout, value.duration(INSTANT)) },
    Key { name: "slow", apply: |to, value| set(&mut to.slow, value.duration(Duration::ZERO)) },
    Key { name: "page_key", apply: |to, value| set(&mut to.page_keys, value.secrets().and_then(page_keys)) },
    Key { name: "log_values", apply: |to, value| set(&mut to.log_values, value.boolean()) },
    Key { name: "detect_loops", apply: |to, value| set(&mut to.detect_loops, value.boolean()) },
    Key { name: "sync", apply: |to, value| set(&mut to.sync, value.text().and_then(SchemaSync::of)) },
    Key { name: "verify", apply: |to, value| set(&mut to.verify, value.text().and_then(Verify::of)) },
];

/// The names of every key, `url` among them.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    std::iter::once("url").chain(KEYS.iter().map(|key| key.name))
}

fn set<T>(to: &mut T, read: Result<T, String>) -> Result<(), String> {
    *to = read?;
    Ok(())
}

fn page_keys(keys: Vec<String>) -> Result<Vec<SecretString>, String> {
    let keys: Vec<SecretString> = keys.into_iter().map(Into::into).collect();
    keys.iter().try_for_each(page_key).map(|()| keys)
}

/// What is wrong with a page key: one that can be guessed signs nothing.
pub(crate) fn page_key(key: &SecretString) -> Result<(), String> {
    if key.expose_secret().chars().count() >= PAGE_KEY {
        Ok(())
    } else {
        Err(format!("must have at least {PAGE_KEY} characters"))
    }
}

fn schema(name: &str) -> Result<String, String> {
    if name.len() <= SCHEMA_BYTES && !name.contains(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(format!("must be a name of at most {SCHEMA_BYTES} bytes"))
    }
}
