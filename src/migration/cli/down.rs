//! `down`: what was applied is taken back, newest first.

use super::{Told, apply::done, code, progress, scene::Scene};
use crate::{
    Result,
    migration::{self, Applied, ApplyOptions, MigratorTrait},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) steps: u32,
    /// What may be lost with it, by its code: `drops-table`, `drops-column`
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(super) lose: Vec<String>,
}

pub(super) type Answer = Applied;

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let options = ApplyOptions::default().steps(args.steps).lose(&args.lose).progress(progress::heard());
    let taken = migration::take_back::<M>(&db, options).await;
    db.close().await?;
    taken
}

pub(super) fn tell(answer: &Answer) -> Told {
    Told { text: done(&answer.names, "taken back"), code: code::CLEAN }
}
