//! One deploy in a process of its own: a table that grows by two changes that write it anew, and a count that may not happen twice.

mod m1_big;
mod m2_change;

use anyhow::{Result, bail};
use seabed::{
    Config, Database,
    migration::{self, ApplyOptions, prelude::*},
};
use std::{
    io::{Write as _, stdout},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

pub const NAMES: [&str; 2] = ["m1_big", "m2_change"];

static ROWS: OnceLock<u32> = OnceLock::new();

/// How many rows the table has.
fn rows() -> u32 {
    ROWS.get().copied().unwrap_or(1_000)
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m1_big::Migration), Box::new(m2_change::Migration)]
    }
}

pub fn run(url: &str, rows: u32, abort_at: Option<usize>) -> Result<()> {
    if ROWS.set(rows).is_err() {
        bail!("one deploy in a process");
    }
    let told = AtomicUsize::new(0);
    let options = ApplyOptions::default().pause(Duration::ZERO).within(Duration::from_mins(2)).progress(move |_| {
        if Some(told.fetch_add(1, Ordering::SeqCst)) == abort_at {
            std::process::abort();
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let db = Database::connect(Config::from_url(url)?).await?;
        match migration::apply::<Migrator>(&db, options).await {
            Ok(applied) => writeln!(stdout(), "{}", applied.names.join(" "))?,
            Err(error) => bail!("{error}: {}", error.detail().unwrap_or_default()),
        }
        Ok(db.close().await?)
    })
}
