//! `verify`: where the database breaks the contract or is not what the entities want.

use super::{Told, code, scene::Scene, table};
use crate::{
    Result,
    backend::Finding,
    migration::{MigratorTrait, pending, plan},
    schema::Plan,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    /// The laws that the server, its settings or a table break.
    pub(super) findings: Vec<Finding>,
    /// What would make the database what the entities want, and what is there beside it.
    pub(super) plan: Plan,
}

#[expect(clippy::extra_unused_type_parameters, reason = "every verb has the same two functions")]
pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let findings = db.verify(scene.entities).await?;
    let mut deploy = db.backend().deploy().await?;
    let plan = async {
        let owned = pending::owned(&deploy.books().await?)?;
        plan::against(&mut *deploy, &scene.tables()?, &owned).await
    };
    let plan = plan.await;
    deploy.close().await?;
    db.close().await?;
    Ok(Answer { findings, plan: plan? })
}

pub(super) fn tell(answer: &Answer) -> Told {
    let Answer { findings, plan } = answer;
    if findings.is_empty() && *plan == Plan::default() {
        let text = "no finding: the server keeps the contract, and the tables are what the entities want".to_owned();
        return Told { text, code: code::CLEAN };
    }
    let mut text = String::new();
    if !findings.is_empty() {
        let mut table = table(["law", "where", "what was found", "what would mend it"]);
        for finding in findings {
            let place = [finding.entity.as_deref(), finding.field.as_deref()];
            let place: Vec<&str> = place.into_iter().flatten().collect();
            let mend = finding.mend.as_deref().unwrap_or_default();
            table.add_row([finding.law, &place.join("."), &finding.why, mend]);
        }
        text += &format!("{table}\n\n");
    }
    if *plan != Plan::default() {
        text += &format!("What would make the database what the entities want:\n\n{}", super::drawn(plan));
    }
    Told { text, code: code::DRIFT }
}
