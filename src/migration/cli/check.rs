//! `check`: entities, snapshot and migrations say one thing.

use super::{Told, code, scene::Scene};
use crate::{
    Result,
    migration::{self, Checked, MigratorTrait, show::Style},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) type Answer = Checked;

pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    migration::check::<M>(&scene.folder()?, &scene.tables()?).await
}

pub(super) fn tell(answer: &Answer) -> Told {
    let mut lines: Vec<String> = answer.skipped.iter().map(|why| format!("skipped: {why}")).collect();
    lines.extend(answer.faults.iter().map(|fault| format!("{} {fault}", Style::Removed.paint("-"))));
    if answer.faults.is_empty() {
        lines.push("the entities, the snapshot and the migrations say one thing".to_owned());
    }
    Told { text: lines.join("\n"), code: if answer.faults.is_empty() { code::CLEAN } else { code::DRIFT } }
}
