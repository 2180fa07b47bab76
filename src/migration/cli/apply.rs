//! `apply`: what is pending, oldest first.

use super::{Told, code, progress, scene::Scene};
use crate::{
    Result,
    migration::{
        self, Applied, ApplyOptions, MigratorTrait,
        show::{Style, words::counted},
    },
    schema::Snapshot,
};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
    /// How many seconds another deployer is waited for
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    within: u64,
}

pub(super) type Answer = Applied;

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let tables = scene.tables()?;
    let snapshot = Snapshot::of(tables.iter().map(AsRef::as_ref))?;
    let mut options = ApplyOptions::default().within(Duration::from_secs(args.within)).progress(progress::heard());
    if !tables.is_empty() {
        options = options.tables(snapshot.to_text());
    }
    options.steps = args.steps;
    let db = scene.new_database().await?;
    let applied = migration::apply::<M>(&db, options).await;
    db.close().await?;
    applied
}

pub(super) fn tell(answer: &Answer) -> Told {
    Told { text: done(&answer.names, "applied"), code: code::CLEAN }
}

/// A line for each, and how many they were.
pub(super) fn done(names: &[String], what: &str) -> String {
    let mut lines: Vec<String> = names.iter().map(|name| format!("{}: {name}", Style::Added.paint(what))).collect();
    lines.push(match names.len() {
        0 => format!("nothing to be {what}"),
        some => format!("{} {what}", counted(some, "migration")),
    });
    lines.join("\n")
}
