//! A server that tests are given by the environment, and what they do on it beside the library: through SeaORM's own
//! connection, so that a fault of the library cannot hide itself.

use seabed::{
    Error, ErrorKind, Result,
    sea_orm::{ConnectOptions, ConnectionTrait, Database},
};
use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// A server, by the variable that holds its URL.
#[derive(Clone, Copy)]
pub struct Server {
    variable: &'static str,
}

impl Server {
    pub fn new(variable: &'static str) -> Self {
        Self { variable }
    }

    /// The URL, where there is one.
    pub fn url(self) -> Option<String> {
        std::env::var(self.variable).ok().filter(|url| !url.is_empty())
    }

    /// Why there is none.
    pub fn absent(self) -> String {
        format!("{} is not set", self.variable)
    }

    /// Runs statements on a connection of its own.
    pub async fn execute(self, statements: Vec<String>) -> Result<()> {
        let url = self.url().ok_or_else(|| Error::new(ErrorKind::Config, self.absent()))?;
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let connection = Database::connect(options).await.map_err(failed)?;
        for statement in statements {
            connection.execute_unprepared(&statement).await.map_err(failed)?;
        }
        connection.close().await.map_err(failed)
    }
}

fn failed(error: seabed::sea_orm::DbErr) -> Error {
    Error::new(ErrorKind::Other, "the harness's own statement failed").with_detail(error.to_string())
}

/// A name that no other case has, in this run or in one beside it: short enough for every server.
pub fn unique(case: &str) -> String {
    static RUN: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
    static CASES: AtomicU32 = AtomicU32::new(0);
    let law = case.split('_').nth(2).unwrap_or("case");
    format!("seabed_{law}_{:08x}_{}", *RUN & 0xffff_ffff, CASES.fetch_add(1, Ordering::Relaxed))
}
