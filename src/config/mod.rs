//! stub
use std::time::Duration;
#[derive(Clone, Debug)]
pub struct Config(DatabaseConfig);
impl Config {
    pub fn from_url(url: &str) -> crate::Result<Self> {
        Ok(Self(DatabaseConfig {
            url: ConnectionUrl(url.to_owned()),
            slow: Duration::from_millis(500),
            log_values: false,
            timeout: Duration::from_secs(30),
            close_timeout: Duration::from_secs(5),
        }))
    }
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder(String::new())
    }
    pub fn database(&self, _: &str) -> crate::Result<&DatabaseConfig> {
        Ok(&self.0)
    }
}
pub struct ConfigBuilder(String);
impl ConfigBuilder {
    pub fn url(self, url: impl Into<String>) -> Self {
        Self(url.into())
    }
    pub fn set(self, _: &str, _: impl std::fmt::Display) -> Self {
        self
    }
    pub fn load(self) -> crate::Result<Config> {
        Config::from_url(&self.0)
    }
}
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    pub url: ConnectionUrl,
    pub slow: Duration,
    pub log_values: bool,
    pub timeout: Duration,
    pub close_timeout: Duration,
}
#[derive(Clone, Debug)]
pub struct ConnectionUrl(String);
impl ConnectionUrl {
    pub fn scheme(&self) -> Scheme {
        match self.0.split(':').next() {
            Some("memory") => Scheme::Memory,
            Some("postgres") => Scheme::Postgres,
            Some("mysql") => Scheme::MySql,
            _ => Scheme::Sqlite,
        }
    }
}
#[derive(Clone, Copy, Debug)]
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
