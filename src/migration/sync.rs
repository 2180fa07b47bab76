//! Tables that are not as the entities want them, when a service starts: what is done about it the configuration says (`sync`).
//!
//! There is no migration here, so there is nothing to resume: a start that was stopped half-way is followed by one that plans anew.
//! What was made is noted in the books under one name, [`NAME`], so that the next plan knows what is ours.

use super::{pending, plan, run};
use crate::{
    Database, Error, ErrorKind, Result,
    backend::{Deploy, deploy::State},
    capability::Capability,
    config::SchemaSync,
    repository::EntityInfo,
    schema::{Action, Flavor, Plan, Planned, Risk, Snapshot, Table},
};
use std::{sync::Arc, time::Duration};

/// What the books call what was done without a migration.
const NAME: &str = "sync";
/// How long another service that starts is waited for.
const WITHIN: Duration = Duration::from_mins(1);

/// Does what the mode says, and answers the plan that was made; an empty one where all is as it is wanted.
///
/// # Errors
/// `SchemaMismatch` with the plan, where the mode refuses it; `PermissionDenied` where no scratch place may be made; `LockTimeout`
/// where another deployer does not finish; what the server says.
pub(crate) async fn sync(db: &Database, entities: &[EntityInfo], mode: SchemaSync) -> Result<Plan> {
    let tables = entities.iter().map(EntityInfo::table).collect::<Result<Vec<_>>>()?;
    let writes = matches!(mode, SchemaSync::Additive | SchemaSync::Dev);
    if mode == SchemaSync::Off {
        return Ok(Plan::default());
    }
    if !db.backend().info().capabilities.has(Capability::Migrations) {
        // What ends with the process has nothing that could be lost.
        return if writes { db.create_tables(entities).await.map(|()| Plan::default()) } else { Ok(Plan::default()) };
    }
    let mut deploy = db.backend().deploy().await?;
    let done = match mode {
        SchemaSync::Additive | SchemaSync::Dev => made(&mut *deploy, &tables, mode).await,
        _ => planned(&mut *deploy, &tables).await.and_then(|plan| judged(plan, mode)),
    };
    super::closed(deploy, done).await
}

async fn planned(deploy: &mut dyn Deploy, tables: &[Arc<Table>]) -> Result<Plan> {
    let owned = pending::owned(&deploy.books().await?)?;
    plan::against(deploy, tables, &owned).await
}

/// Refuses what the mode does not do.
fn judged(plan: Plan, mode: SchemaSync) -> Result<Plan> {
    let unsafe_step = |planned: &&Planned| planned.risk() > Risk::Safe;
    // What a newer program has made stays while this one runs; no service takes the tables of another away.
    let beside = |planned: &Planned| match (&planned.step.action, mode) {
        (Action::DropTable(_), SchemaSync::Check | SchemaSync::Dev) => true,
        (Action::DropColumn { column, .. }, SchemaSync::Check) => column.nullable,
        (Action::DropIndex { index, .. }, SchemaSync::Check) => !index.unique,
        _ => false,
    };
    let mut plan = plan;
    plan.steps.retain(|planned| !beside(planned));
    let refused = match mode {
        SchemaSync::Off | SchemaSync::Warn => false,
        SchemaSync::Check => !plan.is_empty(),
        SchemaSync::Additive => plan.steps.iter().any(|step| unsafe_step(&step)) || !plan.questions.is_empty(),
        SchemaSync::Dev => !plan.questions.is_empty(),
    };
    if !refused {
        return Ok(plan);
    }
    let why = match mode {
        SchemaSync::Check => "the tables are not as the entities want them",
        _ if !plan.questions.is_empty() => "whether something was renamed or went must be said (`renamed_from`)",
        _ => "a step is not safe, so nothing was done",
    };
    let why = format!("{why} (`sync = \"{mode}\"`); a migration makes them so:{}", listed(&plan));
    let error = Error::new(ErrorKind::SchemaMismatch, why);
    let about = plan.steps.iter().find(|step| mode != SchemaSync::Additive || unsafe_step(step));
    Err(match about.and_then(|step| step.step.action.table()) {
        Some(table) => error.entity(table),
        None => error,
    })
}

/// A plan as lines.
pub(crate) fn listed(plan: &Plan) -> String {
    let step = |planned: &Planned| format!("\n- {} ({})", run::what(&planned.step.action), planned.risk());
    let steps: String = plan.steps.iter().map(step).collect();
    let asks: String =
        plan.questions.iter().map(|it| format!("\n- was `{}` renamed to `{}`?", it.from, it.to)).collect();
    steps + &asks
}

async fn made(deploy: &mut dyn Deploy, tables: &[Arc<Table>], mode: SchemaSync) -> Result<Plan> {
    let first = judged(planned(deploy, tables).await?, mode)?;
    if first.is_empty() {
        return Ok(first);
    }
    deploy.lock(WITHIN).await?;
    let done = locked(deploy, tables, mode).await;
    // A release that fails is a session that has ended, and its lock with it.
    let _ = deploy.unlock().await;
    done
}

/// Plans anew, for another may have been first, and does it: in one transaction where the server can undo DDL.
async fn locked(deploy: &mut dyn Deploy, tables: &[Arc<Table>], mode: SchemaSync) -> Result<Plan> {
    deploy.open_books().await?;
    let file = deploy.flavor() == Some(Flavor::Sqlite);
    if file {
        // The file's lock is the transaction.
        deploy.begin().await?;
    }
    let whole = file || deploy.flavor() == Some(Flavor::Postgres);
    let done = async {
        let plan = judged(planned(deploy, tables).await?, mode)?;
        if whole && !file {
            deploy.begin().await?;
        }
        for statement in plan.steps.iter().flat_map(|step| &step.statements) {
            run::sure(deploy).await?;
            deploy.run(&statement.sql).await?;
        }
        let mut booked = run::begins(NAME, String::new(), State::Done);
        booked.tables = Snapshot::of(tables.iter().map(|table| &**table))?.to_text();
        booked.finished_at = run::now();
        deploy.note(&booked).await?;
        Ok(plan)
    };
    match done.await {
        Ok(plan) => {
            if whole {
                deploy.commit().await?;
            }
            Ok(plan)
        }
        Err(error) => {
            if whole {
                // The cause is what the caller needs; the session is closed next, which undoes it too.
                let _ = deploy.rollback().await;
            }
            Err(error)
        }
    }
}
