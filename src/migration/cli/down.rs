//! `down`: what was applied is taken back, newest first.

use super::{Told, apply::done, code, scene::Scene};
use crate::{
    Result,
    migration::{self, MigratorTrait},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) steps: u32,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    taken_back: Vec<String>,
}

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let connection = db.backend().migration_connection().await?;
    let taken_back = migration::down_on::<M>(&connection, args.steps).await;
    let taken_back = migration::closed(connection, taken_back).await?;
    db.close().await?;
    Ok(Answer { taken_back })
}

pub(super) fn tell(answer: &Answer) -> Told {
    Told { text: done(&answer.taken_back, "taken back"), code: code::CLEAN }
}
