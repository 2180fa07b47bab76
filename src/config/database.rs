//! What is configured of one database, and its defaults.

use super::{password::PasswordSource, tls::TlsConfig, url::ConnectionUrl};
use crate::Result;
use secrecy::SecretString;
use std::{fmt, time::Duration};

/// What is made of the findings of [`verify`](crate::Database::verify) at start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// Nothing is looked at.
    Off,
    /// Each finding is a warning in the log.
    #[default]
    Warn,
    /// A finding refuses the start.
    Strict,
}

impl Verify {
    pub(super) fn of(name: &str) -> Result<Self, String> {
        match name {
            "off" => Ok(Self::Off),
            "warn" => Ok(Self::Warn),
            "strict" => Ok(Self::Strict),
            _ => Err("must be `off`, `warn` or `strict`".to_owned()),
        }
    }
}

/// The mode, as it is written.
impl fmt::Display for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Strict => "strict",
        })
    }
}

/// What is done at start where the tables are not what the entities want; each mode but `Off` makes a plan, which needs a scratch
/// place: the right to create a schema (PostgreSQL) or a database (MySQL).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SchemaSync {
    /// Nothing: the tables come from migrations at deploy, and [`Verify`] looks at them.
    #[default]
    Off,
    /// The plan is a warning in the log.
    Warn,
    /// The start is refused, with the plan; what is there beyond it, of a newer release, is not: tables, columns that may be null,
    /// indexes that are not unique.
    Check,
    /// Steps that are safe are done; any other refuses the start, and nothing is done.
    Additive,
    /// Everything is done, drops of columns and rebuilds of what was ours included: for development. A table that no entity names any
    /// more stays, for it may be another service's.
    Dev,
}

impl SchemaSync {
    pub(super) fn of(name: &str) -> Result<Self, String> {
        match name {
            "off" => Ok(Self::Off),
            "warn" => Ok(Self::Warn),
            "check" => Ok(Self::Check),
            "additive" => Ok(Self::Additive),
            "dev" => Ok(Self::Dev),
            _ => Err("must be `off`, `warn`, `check`, `additive` or `dev`".to_owned()),
        }
    }
}

/// The mode, as it is written.
impl fmt::Display for SchemaSync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Check => "check",
            Self::Additive => "additive",
            Self::Dev => "dev",
        })
    }
}

/// One database of the configuration: `[databases.<name>]`. `Debug` shows no secret.
///
/// Every time is more than zero, unless said otherwise, and at most a day.
///
/// ```
/// use seabed::{Config, config::Scheme};
/// let config = Config::from_url("sqlite::memory:")?;
/// let main = config.database("main")?;
/// assert_eq!(main.url.scheme(), Scheme::Sqlite);
/// assert_eq!(main.max_connections, 10);
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatabaseConfig {
    /// Where it is and who asks.
    pub url: ConnectionUrl,
    /// Where the password comes from; it beats the URL's and is read at each new connection.
    pub password: Option<PasswordSource>,
    /// Encryption of the connections to a server.
    pub tls: TlsConfig,
    /// The schema of the tables, on PostgreSQL only; default: the server's, usually `public`.
    pub schema: Option<String>,
    /// The most connections at a time, 1 to 10,000; default 10.
    pub max_connections: u32,
    /// The longest that one new connection may take; default 5 s.
    pub connect_timeout: Duration,
    /// The longest that a call waits for a connection of the pool; default 5 s.
    pub acquire_timeout: Duration,
    /// A connection that was idle for longer is tried before it is used again, 0 tries each; default 5 s, or `max_lifetime`
    /// where that is shorter.
    pub idle_check: Duration,
    /// The longest that this trial may take; default 1 s, or `acquire_timeout` where that is shorter.
    pub idle_check_timeout: Duration,
    /// A connection that is older is closed when it comes back; default 30 min. The pool varies it a little, so that not
    /// all end at once.
    pub max_lifetime: Duration,
    /// The longest that one operation may take where its context has no deadline; default 30 s.
    pub timeout: Duration,
    /// The longest that a statement waits for a lock; default 5 s, or `timeout` where that is shorter.
    pub lock_timeout: Duration,
    /// The longest that `close` waits for the calls that still run; default 5 s.
    pub close_timeout: Duration,
    /// Slower operations are warned of; default 500 ms, 0 warns of each.
    pub slow: Duration,
    /// Whether the log shows the values of an operation. They are user data: default false.
    pub log_values: bool,
    /// Whether rows that are loaded one at a time, in a loop, are told to the log; default: in builds with debug assertions.
    pub detect_loops: bool,
    /// What signs the tokens of pages, each 32 characters or more: the first signs, all are taken. Default none: tokens are
    /// not signed.
    pub page_keys: Vec<SecretString>,
    /// Whether the schema and the settings are held against the entities at start, where the builder is given
    /// [`entities`](crate::database::Builder::entities); default: each finding is a warning.
    pub verify: Verify,
    /// What is done at start where the tables are not what those entities want; default: nothing.
    pub sync: SchemaSync,
}

impl DatabaseConfig {
    /// Every default for this URL.
    #[must_use]
    pub fn new(url: ConnectionUrl) -> Self {
        Self {
            tls: TlsConfig::default_for(&url),
            url,
            password: None,
            schema: None,
            max_connections: 10,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(5),
            idle_check: Duration::from_secs(5),
            idle_check_timeout: Duration::from_secs(1),
            max_lifetime: Duration::from_mins(30),
            timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(5),
            close_timeout: Duration::from_secs(5),
            slow: Duration::from_millis(500),
            log_values: false,
            detect_loops: cfg!(debug_assertions),
            page_keys: Vec::new(),
            verify: Verify::Warn,
            sync: SchemaSync::Off,
        }
    }

    /// The password for one new connection: of the configured file or command, read now, else the URL's.
    ///
    /// Read anew each time, so that a password can be changed without a restart. One newline at the end is dropped.
    ///
    /// # Errors
    /// `Config` where the file or the command gives no password; `Timeout` where it takes longer than `connect_timeout`.
    /// Neither quotes what was read.
    pub async fn read_password(&self) -> Result<Option<SecretString>> {
        match &self.password {
            Some(source) => source.read(self.connect_timeout).await.map(Some),
            None => Ok(self.url.password().cloned()),
        }
    }
}
