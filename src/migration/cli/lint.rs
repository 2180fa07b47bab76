//! `lint`: what is to be known of what is pending.

use super::{
    Told, code,
    plan::{self, ended},
    scene::Scene,
    style,
};
use crate::{
    Result,
    migration::{MigratorTrait, generate},
    schema::{Risk, Warning, lint},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    findings: Vec<Found>,
    /// The exit code that they come to.
    code: u8,
}

/// A warning of a step.
#[derive(Debug, serde::Serialize)]
struct Found {
    migration: Option<String>,
    step: usize,
    /// The step in the words of its constructor.
    does: String,
    warning: Warning,
    /// Why it was accepted; none where it was not.
    accepted: Option<String>,
}

pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let parts = plan::ask::<M>(&plan::Args { entities: false }, scene).await?;
    let mut findings = Vec::new();
    for part in &parts {
        for (at, planned) in part.plan.steps.iter().enumerate() {
            let accepted = lint::accept(&planned.step, planned.warnings.clone());
            let standing = accepted.standing.into_iter().map(|warning| (warning, None));
            let accepted = accepted.accepted.into_iter().map(|(warning, reason)| (warning, Some(reason)));
            let does = generate::in_words(&planned.step.action)?;
            findings.extend(standing.chain(accepted).map(|(warning, accepted)| Found {
                migration: part.migration.clone(),
                step: at + 1,
                does: does.clone(),
                warning,
                accepted,
            }));
        }
    }
    let destructive = ended(&parts) == code::DESTRUCTIVE;
    Ok(Answer { findings, code: if destructive { code::DESTRUCTIVE } else { code::CLEAN } })
}

pub(super) fn tell(answer: &Answer) -> Told {
    let mut text = String::new();
    let mut step = None;
    for found in &answer.findings {
        let place = (found.migration.as_deref(), found.step);
        if step.replace(place) != Some(place) {
            text += &format!(
                "{}{}{} step {}: {}\n",
                style::STRONG,
                place.0.unwrap_or_default(),
                style::END,
                found.step,
                found.does
            );
        }
        let colour = if found.warning.risk >= Risk::Destructive { style::BAD } else { style::GOOD };
        let risk = style::in_style(colour, &found.warning.risk.to_string());
        text += &format!("  {} ({risk}): {}\n", found.warning.code, found.warning.why);
        text.extend(found.warning.safer.iter().map(|safer| format!("    safer: {safer}\n")));
        text.extend(found.warning.count.iter().map(|count| format!("    how many: {count}\n")));
        text.extend(found.accepted.iter().map(|reason| format!("    accepted: {reason}\n")));
    }
    if answer.findings.is_empty() {
        text += "nothing to be known: what is pending is safe";
    }
    Told { text, code: answer.code }
}
