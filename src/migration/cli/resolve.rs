//! `resolve`: a person says what the books cannot know.

use super::{Told, code, scene::Scene};
use crate::{
    Result,
    migration::{self, MigratorTrait, Resolution},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The migration
    name: String,
    #[command(flatten)]
    saw: Saw,
}

/// What a person saw in the database.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line, and clap sees to it that one is given"
)]
struct Saw {
    /// It has all of the migration, as its file is now
    #[arg(long)]
    applied: bool,
    /// The statement in doubt was done: the next run goes on behind it
    #[arg(long)]
    done: bool,
    /// What is in doubt was not done, or can be done again: the next run begins with it
    #[arg(long)]
    retry: bool,
    /// It has nothing of the migration any more
    #[arg(long)]
    rolled_back: bool,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    migration: String,
    noted: &'static str,
}

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let (resolution, noted) = match args.saw {
        Saw { applied: true, .. } => (Resolution::Applied, "applied"),
        Saw { done: true, .. } => (Resolution::Done, "its statement in doubt is done"),
        Saw { retry: true, .. } => (Resolution::Retry, "its statement in doubt runs again"),
        Saw { .. } => (Resolution::RolledBack, "rolled back"),
    };
    let db = scene.database().await?;
    let resolved = migration::resolve::<M>(&db, &args.name, resolution).await;
    db.close().await?;
    resolved.map(|()| Answer { migration: args.name.clone(), noted })
}

pub(super) fn tell(answer: &Answer) -> Told {
    Told { text: format!("noted: {}: {}", answer.migration, answer.noted), code: code::CLEAN }
}
