//! One step in a process of its own.

use super::Step;
use anyhow::{Context as _, Result, bail, ensure};
use futures::TryStreamExt;
use seabed::{Config, Database, all};
use std::{fs, time::Instant};

mod passage {
    use seabed::sea_orm::{self, entity::prelude::*};

    /// Two hundred bytes of text and a little more.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "seabed_trial_passage")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub chapter: Option<i32>,
        pub text: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Rows per insert.
const CHUNK: u32 = 10_000;

pub fn run(step: Step, url: &str, rows: u32) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        // Chunks of a million rows may be slow on a busy machine; the trial is not about that.
        let config = Config::builder().url(url).set("database.timeout", "10m").load()?;
        let db = Database::connect(config).await?;
        match step {
            Step::Fill => {
                clear(&db).await?;
                fill(&db, rows).await?;
            }
            Step::Stream => stream(&db, rows).await?,
            Step::FillAndStream => {
                fill(&db, rows).await?;
                stream(&db, rows).await?;
            }
            Step::Clear => clear(&db).await?,
        }
        db.close().await?;
        Ok(())
    })
}

async fn clear(db: &Database) -> Result<()> {
    let mut deploy = db.backend().deploy().await?;
    // MongoDB refuses to drop what is not there, by its documentation before 7.0.
    let dropped = match deploy.flavor() {
        Some(_) => deploy.run("DROP TABLE IF EXISTS seabed_trial_passage").await,
        None => deploy.run(r#"{"drop": "seabed_trial_passage"}"#).await.or(Ok(0)),
    };
    deploy.close().await?;
    dropped?;
    Ok(())
}

async fn fill(db: &Database, rows: u32) -> Result<()> {
    db.create_tables(&seabed::entities![passage]).await?;
    let passages = db.repository::<passage::Entity>();
    let mut id = 0;
    while id < rows {
        let until = rows.min(id.saturating_add(CHUNK));
        let row = |id: u32| passage::Model {
            id: id.into(),
            chapter: (!id.is_multiple_of(3)).then_some(i32::try_from(id / 1_000).unwrap_or_default()),
            text: format!("{id:0200}"),
        };
        passages.insert_many((id..until).map(row).collect::<Vec<_>>()).await?;
        id = until;
    }
    Ok(())
}

async fn stream(db: &Database, rows: u32) -> Result<()> {
    let passages = db.repository::<passage::Entity>();
    // What the first call makes for good, connections and statements among it, is no growth.
    ensure!(passages.get(0).await?.is_some(), "the rows are there");
    let before = forget_peak()?;
    let started = Instant::now();
    let mut passing = passages.stream(all());
    let mut seen = 0_u32;
    while let Some(passage) = passing.try_next().await? {
        ensure!(passage.id == i64::from(seen) && passage.text.len() == 200, "row {seen} is the next one");
        seen += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    ensure!(seen == rows, "{seen} of {rows} rows came");
    let growth = status("VmHWM:")?.saturating_sub(before);

    let mut dropped = passages.stream(all());
    ensure!(dropped.try_next().await?.is_some(), "a first row");
    let started = Instant::now();
    drop(dropped);
    ensure!(passages.get(1).await?.is_some(), "the call after it");
    println!("{seconds} {growth} {}", started.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// Makes the present size the peak, and gives it: KiB.
fn forget_peak() -> Result<u64> {
    fs::write("/proc/self/clear_refs", "5").context("the peak of the memory cannot be set back: Linux alone can")?;
    status("VmRSS:")
}

/// A size of this process, in KiB.
fn status(name: &str) -> Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let Some(line) = text.lines().find_map(|line| line.strip_prefix(name)) else { bail!("no {name} in the status") };
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
