//! `plan`: what would run, before anything does.

use super::{Told, code, scene::Scene};
use crate::{
    Result,
    backend::Deploy,
    migration::{MigratorTrait, pending, plan, show::Style},
    schema::{Plan, Planned, Risk, Step, lint},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What would make the database as the entities want it, without the migrations
    #[arg(long)]
    pub(super) entities: bool,
}

/// What a migration would do.
#[derive(Debug, serde::Serialize)]
pub(super) struct Part {
    /// Its name; none where it is planned from the entities.
    pub(super) migration: Option<String>,
    /// Whether its steps are known: those of one that is written by hand are not, nor what comes after it.
    pub(super) known: bool,
    pub(super) plan: Plan,
}

pub(super) type Answer = Vec<Part>;

pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let mut deploy = db.backend().deploy().await?;
    let answer =
        if args.entities { of_entities(&mut *deploy, scene).await } else { of_migrations::<M>(&mut *deploy).await };
    deploy.close().await?;
    db.close().await?;
    answer
}

async fn of_entities(deploy: &mut dyn Deploy, scene: &Scene<'_>) -> Result<Answer> {
    let owned = pending::owned(&deploy.books().await?)?;
    let plan = plan::against(deploy, &scene.tables()?, &owned).await?;
    Ok(if plan == Plan::default() { Vec::new() } else { vec![Part { migration: None, known: true, plan }] })
}

/// All steps that are known are rehearsed one after the other: each finds what those before it made.
pub(super) async fn of_migrations<M: MigratorTrait>(deploy: &mut dyn Deploy) -> Result<Answer> {
    let (mut parts, mut steps): (Answer, Vec<Step>) = (Vec::new(), Vec::new());
    let mut known = true;
    for name in pending::pending::<M>(&deploy.books().await?) {
        let own = pending::steps(&name)?;
        known &= own.is_some();
        let own = own.filter(|_| known).unwrap_or_default();
        let bare =
            |step: &Step| Planned { step: step.clone(), statements: Vec::new(), reverse: None, warnings: Vec::new() };
        let plan = Plan { steps: own.iter().map(bare).collect(), ..Plan::default() };
        parts.push(Part { migration: Some(name), known, plan });
        steps.extend(own);
    }
    let have = deploy.inspect().await?;
    let mut planned = plan::planned(deploy, &have, steps).await?.into_iter();
    for part in &mut parts {
        part.plan.steps = planned.by_ref().take(part.plan.steps.len()).collect();
    }
    Ok(parts)
}

pub(super) fn tell(parts: &Answer) -> Told {
    let mut text = String::new();
    for part in parts {
        if let Some(name) = &part.migration {
            text += &format!("{}\n", Style::Bold.paint(name));
        }
        if part.known {
            text += &super::drawn(&part.plan);
        } else {
            text += "its steps are not known before it runs: it, or one before it, is written by hand\n";
        }
        text += "\n";
    }
    if parts.is_empty() {
        text += "nothing to do";
    }
    Told { text, code: ended(parts) }
}

/// What is worst of it.
pub(super) fn ended(parts: &[Part]) -> u8 {
    let steps = || parts.iter().flat_map(|part| &part.plan.steps);
    let lost = |planned: &Planned| {
        let standing = lint::accept(&planned.step, planned.warnings.clone()).standing;
        standing.iter().any(|warning| warning.risk >= Risk::Destructive)
    };
    let something = steps().next().is_some() || parts.iter().any(|part| part.migration.is_some());
    if steps().any(lost) {
        code::DESTRUCTIVE
    } else if something || parts.iter().any(|part| !part.plan.questions.is_empty()) {
        code::PENDING
    } else if parts.iter().any(|part| !part.plan.drift.is_empty()) {
        code::DRIFT
    } else {
        code::CLEAN
    }
}
