//! `verify`: where the database breaks the contract or differs from the entities.

use super::{Told, code, scene::Scene, style};
use crate::{Result, backend::Finding, migration::MigratorTrait};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) type Answer = Vec<Finding>;

pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let findings = db.verify(scene.entities).await?;
    db.close().await?;
    Ok(findings)
}

pub(super) fn tell(findings: &Answer) -> Told {
    if findings.is_empty() {
        let text = "no finding: the server and the tables of the entities keep the contract".to_owned();
        return Told { text, code: code::CLEAN };
    }
    let mut table = style::table(["law", "where", "what was found", "what would mend it"]);
    for finding in findings {
        let place = [finding.entity.as_deref(), finding.field.as_deref()];
        let place: Vec<&str> = place.into_iter().flatten().collect();
        let mend = finding.mend.as_deref().unwrap_or_default();
        table.add_row([finding.law, &place.join("."), &finding.why, mend]);
    }
    Told { text: table.to_string(), code: code::DRIFT }
}
