//! One deploy in a process of its own: a table that grows by two changes that write it anew, and a count that may not happen twice.

use anyhow::{Result, bail};
use seabed::{
    Config, Database,
    migration::{self, ApplyOptions, Stepwise, prelude::*},
    schema::{Step, Words},
    steps,
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

macro_rules! stepwise {
    ($migration:ident, $name:literal, $steps:path) => {
        struct $migration;

        impl MigrationName for $migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[async_trait]
        impl MigrationTrait for $migration {
            async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
                Err(migration::refused())
            }
        }

        seabed::__private::inventory::submit! {
            Stepwise { name: $name, source: $name, steps: $steps }
        }
    };
}

stepwise!(Big, "m1_big", big);
stepwise!(Change, "m2_change", change);

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Big), Box::new(Change)]
    }
}

fn big() -> seabed::Result<Vec<Step>> {
    let rows = ROWS.get().copied().unwrap_or(1_000);
    let digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 \
                  UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let number = "1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d";
    let fill = format!(
        "INSERT INTO big (id, v, m) SELECT {number}, 'a text of some length', 7 FROM {digits} a, {digits} b, {digits} c, {digits} e, \
         {digits} f WHERE {number} <= {rows}"
    );
    steps![
        create_table(table("big").int64("id").text("v", 60).int32("m").primary_key(&["id"])),
        sql("rows")
            .up(Words::from(&*fill))
            .probe("SELECT CASE WHEN EXISTS (SELECT 1 FROM big) THEN '1' ELSE '0' END")
            .down("DELETE FROM big"),
    ]
}

fn change() -> seabed::Result<Vec<Step>> {
    steps![
        add_column("big", int32("n")).fill("0"),
        alter_column("big", text("v", 60), text("v", 200)),
        backfill("big").set("n", "n + 1").batch(500).allow("overwrites-values", "it counts"),
        alter_column("big", int32("m"), int64("m")),
        add_index("big", index(&["n"])),
        rename_column("big", "v", "w"),
    ]
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
