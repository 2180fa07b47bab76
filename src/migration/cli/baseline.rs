//! `baseline`: a database that is there already is taken over.

use super::{Told, apply::done, code, scene::Scene};
use crate::{
    Result,
    migration::{self, Baselined, MigratorTrait},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The newest migration that the database has all of
    name: String,
}

pub(super) type Answer = Baselined;

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let tables = scene.tables()?;
    let db = scene.database().await?;
    let baselined = migration::baseline::<M>(&db, &args.name, &tables).await;
    db.close().await?;
    baselined
}

pub(super) fn tell(answer: &Answer) -> Told {
    if answer.plan.steps.is_empty() {
        return Told { text: done(&answer.names, "taken over"), code: code::CLEAN };
    }
    let text = format!(
        "nothing was noted: the database is not what the migrations make. What is missing:\n\n{}",
        super::drawn(&answer.plan)
    );
    Told { text, code: code::DRIFT }
}
