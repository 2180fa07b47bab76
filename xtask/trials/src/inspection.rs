//! How long inspection takes on a database of many tables: 20 columns, 3 indexes, 1 reference each.

use anyhow::{Context as _, Result, ensure};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use seabed::{
    Config, Database,
    backend::deploy::Deploy,
    schema::{Flavor, OnDelete, build, ddl},
};
use std::{env, time::Instant};

/// What is inspected.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Tables.
    #[arg(long, default_value_t = 200)]
    tables: usize,
    /// How often each database is read.
    #[arg(long, default_value_t = 9)]
    times: usize,
}

/// A database, and how its scratch place comes and goes.
struct Place {
    url: String,
    make: Option<String>,
    drop: Option<String>,
}

pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(all(options))
}

async fn all(options: &Options) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("inspection.db");
    let name = format!("seabed_inspection_{}", std::process::id());
    let mut places = vec![Place { url: format!("sqlite://{}", file.display()), make: None, drop: None }];
    if let Ok(url) = env::var("SEABED_TEST_POSTGRES_URL") {
        let make = format!("CREATE SCHEMA {name}; SET search_path = {name}");
        places.push(Place { url, make: Some(make), drop: Some(format!("DROP SCHEMA {name} CASCADE")) });
    }
    if let Ok(url) = env::var("SEABED_TEST_MYSQL_URL") {
        let make = format!("CREATE DATABASE {name}; USE {name}");
        places.push(Place { url, make: Some(make), drop: Some(format!("DROP DATABASE {name}")) });
    }
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["server", "tables", "first, ms", "median, ms"]);
    for place in places {
        let db = Database::connect(Config::builder().url(&place.url).set("database.timeout", "10m").load()?).await?;
        let mut deploy = db.backend().deploy().await?;
        if let Some(make) = &place.make {
            deploy.run(make).await?;
        }
        let measured = measure(&mut *deploy, options).await;
        if let Some(drop) = &place.drop {
            deploy.run(drop).await?;
        }
        let (first, median) = measured?;
        let server = deploy.flavor().map(|flavor| flavor.to_string()).unwrap_or_default();
        table.add_row([server, options.tables.to_string(), format!("{first:.1}"), format!("{median:.1}")]);
        deploy.close().await?;
        db.close().await?;
    }
    println!("{table}");
    Ok(())
}

async fn measure(deploy: &mut dyn Deploy, options: &Options) -> Result<(f64, f64)> {
    let flavor = deploy.flavor().context("a server that speaks SQL")?;
    deploy.begin().await?;
    for at in 0..options.tables {
        for statement in statements(at, flavor)? {
            deploy.run(&statement).await?;
        }
    }
    deploy.commit().await?;
    let mut taken = Vec::new();
    for _ in 0..options.times.max(1) {
        let start = Instant::now();
        let picture = deploy.inspect().await?;
        taken.push(start.elapsed().as_secs_f64() * 1_000.0);
        ensure!(picture.tables.len() == options.tables, "{} tables were read", picture.tables.len());
        let whole = picture.tables.values().all(|table| {
            table.columns.len() == 20
                && table.indexes.len() == 3
                && table.foreign_keys.len() == 1
                && table.key.is_some()
        });
        ensure!(whole, "a table was not read whole");
    }
    let first = taken[0];
    taken.sort_by(f64::total_cmp);
    Ok((first, taken[taken.len() / 2]))
}

/// One table: a key, a reference to the table before it, six texts, six numbers, six instants.
fn statements(at: usize, flavor: Flavor) -> Result<Vec<String>> {
    let mut table = build::table(format!("t{at:04}")).int64("id").int64("parent_id");
    for column in 0..6 {
        table = table.text(format!("title_{column}"), 80).uint32(format!("count_{column}"));
        table = table.instant(format!("at_{column}")).nullable();
    }
    let table = table
        .primary_key(&["id"])
        .unique(&["title_0"])
        .index(&["count_0", "at_0"])
        .index(&["parent_id", "title_1"])
        .references(&["parent_id"], &format!("t{:04}", at.saturating_sub(1)), &["id"], OnDelete::Restrict)
        .build()?;
    Ok(ddl::create_table(&table, flavor, false)?)
}
