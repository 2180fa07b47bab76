//! stub
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
}
#[derive(Clone, Debug)]
pub struct ConnectionUrl;
impl ConnectionUrl {
    pub fn scheme(&self) -> Scheme {
        unimplemented!()
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
