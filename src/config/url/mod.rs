//! The URL of a database, taken apart by us.
//!
//! The drivers print what they are given: `{:?}` of their options, the errors of their parsers and their spans at level
//! `TRACE` carry the password. So the URL is parsed here, the parts go to the driver one by one, and whatever prints
//! this type sees `***`.

mod display;
mod parameter;
mod parse;

use super::{scheme::Scheme, tls::TlsMode};
use crate::Result;
use secrecy::SecretString;
use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

/// Where a database is and who asks. `Debug` and `Display` mask the password.
///
/// ```
/// use seabed::config::ConnectionUrl;
/// let url = ConnectionUrl::parse("postgres://app:s3cret@db.example/shop?application_name=till")?;
/// assert_eq!((url.host(), url.port(), url.database()), ("db.example", 5432, Some("shop")));
/// assert_eq!(url.to_string(), "postgres://app:***@db.example:5432/shop?application_name=till");
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Clone)]
pub struct ConnectionUrl {
    scheme: Scheme,
    user: Option<String>,
    password: Option<SecretString>,
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
    path: SqlitePath,
    socket: Option<PathBuf>,
    tls_mode: Option<TlsMode>,
    sqlite_mode: SqliteMode,
    parameters: Vec<(String, String)>,
}

/// Where a SQLite database lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlitePath {
    /// In memory: it ends with its last connection.
    Memory,
    /// In a file; a relative path starts at the working directory.
    File(PathBuf),
}

/// What may be done to a SQLite file: the parameter `mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SqliteMode {
    /// `mode=ro`: read only; the file must be there.
    ReadOnly,
    /// `mode=rw`: the file must be there.
    ReadWrite,
    /// `mode=rwc`: made where it is missing. The default.
    #[default]
    Create,
}

impl ConnectionUrl {
    /// Takes a URL apart.
    ///
    /// | form | opens |
    /// |---|---|
    /// | `sqlite:path/rel.db`, `sqlite://rel.db`, `sqlite:///abs.db` | a file; parameter `mode` = `ro`, `rw` or `rwc` (default) |
    /// | `sqlite::memory:`, `sqlite://:memory:` | SQLite in memory |
    /// | `postgres://user:password@host:5432/db` | also `postgresql:`; parameters `host`, `sslmode`, `application_name` |
    /// | `mysql://user:password@host:3306/db` | also `mariadb:`; parameters `socket`, `ssl-mode` |
    /// | `mongodb://user:password@host:27017/db` | parameters `replicaSet`, `authSource`, `directConnection`, `accept_losses`, `sslmode` |
    /// | `memory:` | the reference backend |
    ///
    /// User, password and database are percent-decoded. White space around the URL is dropped.
    ///
    /// # Errors
    /// `UnknownScheme` for a URL of no backend; `Config` for one that cannot be read, or with an unknown parameter. The
    /// message quotes nothing that can be part of a password.
    pub fn parse(text: &str) -> Result<Self> {
        parse::parse(text.trim())
    }

    /// What the scheme opens and nothing else; the parser fills in the rest.
    fn bare(scheme: Scheme) -> Self {
        Self {
            scheme,
            user: None,
            password: None,
            host: None,
            port: None,
            database: None,
            path: SqlitePath::Memory,
            socket: None,
            tls_mode: None,
            sqlite_mode: SqliteMode::default(),
            parameters: Vec::new(),
        }
    }

    /// `memory:`.
    pub(super) fn memory() -> Self {
        Self::bare(Scheme::Memory)
    }

    /// Which backend it opens.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host without the brackets of an IPv6 address; `localhost` where none is named.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.as_deref().unwrap_or("localhost")
    }

    /// The port; default 5432 for PostgreSQL, 3306 for MySQL and 27017 for MongoDB, 0 without a server.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| self.scheme.port())
    }

    /// The user, decoded.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password, decoded. A password source of the configuration beats it:
    /// [`read_password`](super::DatabaseConfig::read_password).
    #[must_use]
    pub fn password(&self) -> Option<&SecretString> {
        self.password.as_ref()
    }

    /// The name of the database on the server, decoded; `None` for SQLite and memory.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Where a `sqlite:` database lives; [`SqlitePath::Memory`] for every other scheme.
    #[must_use]
    pub fn path(&self) -> SqlitePath {
        self.path.clone()
    }

    /// What may be done to a SQLite file; default [`SqliteMode::Create`].
    #[must_use]
    pub fn sqlite_mode(&self) -> SqliteMode {
        self.sqlite_mode
    }

    /// The parameters behind `?`, decoded, in order. Each is one that the scheme knows.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// The value of one parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The Unix socket: for PostgreSQL the directory that holds it (`host=/run/postgresql`), for MySQL the socket itself
    /// (`socket=/run/mysqld/mysqld.sock`).
    #[must_use]
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// Whether no network lies between: no server at all, a Unix socket, `localhost` or a loopback address.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let host = self.host();
        !self.scheme.has_server()
            || self.socket.is_some()
            || host.eq_ignore_ascii_case("localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// What `sslmode` or `ssl-mode` says.
    pub(super) fn tls_mode(&self) -> Option<TlsMode> {
        self.tls_mode
    }
}

#[cfg(test)]
mod tests;
