//! `lint`: what is to be known of what is pending.

use super::{
    Told, code,
    plan::{self, Part, ended},
    scene::Scene,
};
use crate::{
    Result,
    backend::Deploy,
    migration::{
        MigratorTrait,
        counted::counted_so_far,
        generate,
        show::{Style, badge},
    },
    schema::{Warning, lint},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    findings: Vec<Found>,
    /// What is accepted and does not count.
    unused: Vec<Unused>,
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
    /// How many rows it is about now, before any step ran; none where the server cannot be asked yet, or where it is about none.
    rows: Option<u64>,
    /// Why it was accepted; none where it was not.
    accepted: Option<String>,
}

/// An acknowledgement to which no warning answers, or that gives no reason.
#[derive(Debug, serde::Serialize)]
struct Unused {
    migration: Option<String>,
    step: usize,
    why: String,
}

pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let mut deploy = db.backend().deploy().await?;
    let looked = async {
        let mut parts = plan::of_migrations::<M>(&mut *deploy).await?;
        let findings = findings(&mut *deploy, &mut parts).await?;
        Ok((parts, findings))
    };
    let looked: Result<_> = looked.await;
    deploy.close().await?;
    db.close().await?;
    let (parts, (findings, unused)) = looked?;
    let destructive = ended(&parts) == code::DESTRUCTIVE;
    Ok(Answer { findings, unused, code: if destructive { code::DESTRUCTIVE } else { code::CLEAN } })
}

async fn findings(deploy: &mut dyn Deploy, parts: &mut [Part]) -> Result<(Vec<Found>, Vec<Unused>)> {
    let (mut findings, mut unused) = (Vec::new(), Vec::new());
    for part in parts {
        for (at, planned) in part.plan.steps.iter_mut().enumerate() {
            let counted = counted_so_far(deploy, planned).await?;
            let rows = |warning: &Warning| counted.iter().find(|it| it.warning.code == warning.code).map(|it| it.rows);
            let accepted = lint::accept(&planned.step, planned.warnings.clone());
            let (migration, step) = (&part.migration, at + 1);
            unused.extend(accepted.unused.into_iter().map(|why| Unused { migration: migration.clone(), step, why }));
            let standing = accepted.standing.into_iter().map(|warning| (warning, None));
            let accepted = accepted.accepted.into_iter().map(|(warning, reason)| (warning, Some(reason)));
            let does = generate::in_words(&planned.step.action)?;
            findings.extend(standing.chain(accepted).map(|(warning, accepted)| Found {
                migration: migration.clone(),
                step,
                does: does.clone(),
                rows: rows(&warning),
                warning,
                accepted,
            }));
        }
    }
    Ok((findings, unused))
}

pub(super) fn tell(answer: &Answer) -> Told {
    let mut text = String::new();
    let mut step = None;
    for found in &answer.findings {
        let place = (found.migration.as_deref(), found.step);
        if step.replace(place) != Some(place) {
            let migration = Style::Bold.paint(place.0.unwrap_or_default());
            text += &format!("{migration} step {}: {}\n", found.step, found.does);
        }
        let risk = badge(found.warning.risk).paint(&found.warning.risk.to_string());
        text += &format!("  {} ({risk}): {}\n", found.warning.code, found.warning.why);
        text.extend(found.warning.safer.iter().map(|safer| format!("    safer: {safer}\n")));
        let rows = found.rows.map(|rows| format!("{rows} now, by ")).unwrap_or_default();
        text.extend(found.warning.count.iter().map(|count| format!("    rows: {rows}{count}\n")));
        text.extend(found.accepted.iter().map(|reason| format!("    accepted: {reason}\n")));
    }
    for Unused { migration, step, why } in &answer.unused {
        let migration = Style::Bold.paint(migration.as_deref().unwrap_or_default());
        text += &format!("{migration} step {step}: {why}\n");
    }
    if answer.findings.is_empty() && answer.unused.is_empty() {
        text += "nothing to be known: what is pending is safe";
    }
    Told { text, code: answer.code }
}
