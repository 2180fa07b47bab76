//! `apply`: what is pending, oldest first.

use super::{Told, code, scene::Scene, style};
use crate::{
    Result,
    migration::{self, MigratorTrait},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    applied: Vec<String>,
}

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.new_database().await?;
    let connection = db.backend().migration_connection().await?;
    let applied = migration::up_on::<M>(&connection, args.steps).await;
    let applied = migration::closed(connection, applied).await?;
    db.close().await?;
    Ok(Answer { applied })
}

pub(super) fn tell(answer: &Answer) -> Told {
    Told { text: done(&answer.applied, "applied"), code: code::CLEAN }
}

/// A line for each, and how many they were.
pub(super) fn done(names: &[String], what: &str) -> String {
    let mut lines: Vec<String> =
        names.iter().map(|name| format!("{}: {name}", style::in_style(style::GOOD, what))).collect();
    lines.push(match names.len() {
        0 => format!("nothing to be {what}"),
        some => format!("{} {what}", style::count(some, "migration")),
    });
    lines.join("\n")
}
