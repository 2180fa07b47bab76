//! stub
use secrecy::SecretString;
use std::time::Duration;
#[derive(Clone, Debug)]
pub struct Config;
impl Config {
    pub fn load() -> crate::Result<Self> {
        Ok(Self)
    }
    pub fn from_url(_: &str) -> crate::Result<Self> {
        Ok(Self)
    }
    pub fn database(&self, _: &str) -> crate::Result<&DatabaseConfig> {
        unimplemented!()
    }
}
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    pub url: ConnectionUrl,
    pub slow: Duration,
    pub log_values: bool,
    pub timeout: Duration,
    pub close_timeout: Duration,
    pub schema: Option<String>,
    pub max_connections: u32,
    pub connect_timeout: Duration,
    pub acquire_timeout: Duration,
    pub idle_check: Duration,
    pub idle_check_timeout: Duration,
    pub max_lifetime: Duration,
    pub lock_timeout: Duration,
    pub tls: TlsConfig,
}
impl DatabaseConfig {
    pub async fn read_password(&self) -> crate::Result<Option<SecretString>> {
        unimplemented!()
    }
}
#[derive(Clone, Debug)]
pub struct TlsConfig {
    pub mode: TlsMode,
    pub ca: Option<std::path::PathBuf>,
    pub certificate: Option<std::path::PathBuf>,
    pub key: Option<std::path::PathBuf>,
}
#[derive(Clone, Copy, Debug)]
pub enum TlsMode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}
#[derive(Clone, Debug)]
pub enum SqlitePath {
    Memory,
    File(std::path::PathBuf),
}
impl SqlitePath {
    pub fn is_memory(&self) -> bool {
        matches!(self, Self::Memory)
    }
}
#[derive(Clone, Debug)]
pub struct ConnectionUrl;
impl ConnectionUrl {
    pub fn scheme(&self) -> Scheme {
        unimplemented!()
    }
    pub fn host(&self) -> &str {
        ""
    }
    pub fn port(&self) -> u16 {
        0
    }
    pub fn user(&self) -> Option<&str> {
        None
    }
    pub fn database(&self) -> Option<&str> {
        None
    }
    pub fn path(&self) -> SqlitePath {
        unimplemented!()
    }
    pub fn parameters(&self) -> &[(String, String)] {
        &[]
    }
    pub fn socket(&self) -> Option<&std::path::Path> {
        None
    }
}
impl std::fmt::Display for ConnectionUrl {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    Sqlite,
    Postgres,
    MySql,
    Memory,
}
impl Scheme {
    pub fn feature(self) -> &'static str {
        ""
    }
}
impl std::fmt::Display for Scheme {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
