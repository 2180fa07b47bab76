//! What a service is told from outside: which databases, where, and within which bounds.
//!
//! Configuration is where a deployment fails first, so a fault is found at start and not at the first request: unknown keys
//! are refused, rules between keys are checked, and everything that is wrong is told at once, each with the line or the
//! variable that it was written in. Nothing here prints a secret.

mod database;
mod fault;
mod key;
mod load;
mod merge;
mod nearest;
mod password;
mod scheme;
mod source;
mod tls;
mod url;
mod validate;
mod value;

pub use database::{DatabaseConfig, SchemaSync, Verify};
pub(crate) use key::page_key;
pub use load::ConfigBuilder;
pub use password::PasswordSource;
pub use scheme::Scheme;
pub use tls::{TlsConfig, TlsMode};
pub use url::{ConnectionUrl, SqliteMode, SqlitePath};

use crate::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// The configured databases, by name. `Debug` shows no secret.
///
/// ```
/// use seabed::Config;
/// use std::time::Duration;
/// let config = Config::builder()
///     .toml(
///         r#"
///         [database]
///         url = "postgres://app@localhost/shop"
///         max_connections = 20
///         timeout = "10s"
///
///         [databases.audit]
///         url = "sqlite:audit.db"
///         "#,
///     )
///     .set("database.max_connections", 5)
///     .load()?;
/// assert_eq!(config.names().collect::<Vec<_>>(), ["audit", "main"]);
/// assert_eq!(config.database("main")?.max_connections, 5);
/// assert_eq!(config.database("main")?.timeout, Duration::from_secs(10));
/// # Ok::<_, seabed::Error>(())
/// ```
///
/// Every key, its default and its range:
#[doc = include_str!("../../docs/configuration.md")]
#[derive(Clone, Debug)]
pub struct Config {
    databases: BTreeMap<String, DatabaseConfig>,
}

impl Config {
    /// What this process was told: `./seabed.toml`, or the file that `SEABED_CONFIG` names; then `DATABASE_URL`; then
    /// `SEABED_…`. Each beats the one before.
    ///
    /// # Errors
    /// `Config` that lists every fault; `UnknownScheme` where nothing else is wrong.
    pub fn load() -> Result<Self> {
        Self::builder().default_file().env(true).load()
    }

    /// Nothing yet: each source is named. What is set in code beats all.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// The database `main` at this URL, with every default. Neither file nor environment is read.
    ///
    /// # Errors
    /// As [`ConnectionUrl::parse`].
    pub fn from_url(url: &str) -> Result<Self> {
        let main = DatabaseConfig::new(ConnectionUrl::parse(url)?);
        Ok(Self { databases: BTreeMap::from([(merge::MAIN.to_owned(), main)]) })
    }

    /// One database.
    ///
    /// # Errors
    /// `Config` where none has this name; it lists those that are there.
    pub fn database(&self, name: &str) -> Result<&DatabaseConfig> {
        self.databases.get(name).ok_or_else(|| {
            let message = if self.databases.is_empty() {
                "no database is configured: set `DATABASE_URL`, or `url` below `[database]` in `seabed.toml`".to_owned()
            } else {
                let names: Vec<String> = self.names().map(|known| format!("`{known}`")).collect();
                format!("no database `{name}` is configured: known are {}", names.join(", "))
            };
            Error::new(ErrorKind::Config, message)
        })
    }

    /// The names of the databases, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.databases.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests;
