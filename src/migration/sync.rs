//! Tables are brought to what the entities want when a service starts, without migrations: for development, and for services whose
//! tables only ever grow.

use super::{generate, pending, plan, run};
use crate::{
    Database, Error, ErrorKind, Result,
    backend::{Deploy, deploy::State},
    config::SchemaSync,
    schema::{Plan, Planned, Risk, Snapshot, Table},
};
use std::{sync::Arc, time::Duration};

/// The row of the books that says which tables a sync left. It is no migration's name.
const SYNC: &str = "sync";
/// How long another service that starts is waited for.
const WITHIN: Duration = Duration::from_mins(1);

/// Does with tables that are not as these are wanted what the mode says, and gives the plan: of what was done, or, by
/// [`SchemaSync::Warn`], of what would be.
///
/// # Errors
/// `SchemaMismatch` that lists the steps: every one by [`SchemaSync::Check`], those that are not safe by [`SchemaSync::Additive`],
/// and where a drop and an addition may be one under a new name; `LockTimeout` where another deployer is at work; what the server says.
pub async fn sync(db: &Database, tables: &[Arc<Table>], mode: SchemaSync) -> Result<Plan> {
    if mode == SchemaSync::Off {
        return Ok(Plan::default());
    }
    let mut deploy = db.backend().deploy().await?;
    let plan = on(&mut *deploy, tables, mode).await;
    super::closed(deploy, plan).await
}

async fn on(deploy: &mut dyn Deploy, tables: &[Arc<Table>], mode: SchemaSync) -> Result<Plan> {
    let plan = planned(deploy, tables).await?;
    if plan.is_empty() || mode == SchemaSync::Warn {
        return Ok(plan);
    }
    permitted(&plan, mode)?;
    deploy.lock(WITHIN).await?;
    let done = locked(deploy, tables, mode).await;
    // A release that fails is a session that has ended, and its lock with it.
    let _ = deploy.unlock().await;
    done
}

async fn planned(deploy: &mut dyn Deploy, tables: &[Arc<Table>]) -> Result<Plan> {
    let owned = pending::owned(&deploy.books().await?)?;
    plan::against(deploy, tables, &owned).await
}

/// Another service may have been first until now: so the plan is made anew.
async fn locked(deploy: &mut dyn Deploy, tables: &[Arc<Table>], mode: SchemaSync) -> Result<Plan> {
    let plan = planned(deploy, tables).await?;
    permitted(&plan, mode)?;
    deploy.open_books().await?;
    deploy.begin().await?;
    match done(deploy, tables, &plan).await {
        Ok(()) => deploy.commit().await.map(|()| plan),
        Err(error) => {
            let _ = deploy.rollback().await;
            Err(error)
        }
    }
}

async fn done(deploy: &mut dyn Deploy, tables: &[Arc<Table>], plan: &Plan) -> Result<()> {
    for planned in &plan.steps {
        for statement in &planned.statements {
            let what = || run::what(&planned.step.action);
            deploy.run(&statement.sql).await.map_err(|error| {
                let told = Error::new(
                    error.kind(),
                    format!("the tables could not be brought to what the entities want: {}", what()),
                );
                let told = if let Some(detail) = error.detail() { told.with_detail(detail) } else { told };
                told.with_source(error)
            })?;
        }
    }
    let mut booked = run::begins(SYNC, String::new(), State::Done);
    booked.finished_at.clone_from(&booked.started_at);
    booked.tables = Snapshot::of(tables.iter().map(AsRef::as_ref))?.to_text();
    deploy.note(&booked).await
}

fn permitted(plan: &Plan, mode: SchemaSync) -> Result<()> {
    let refused = |planned: &&Planned| match mode {
        SchemaSync::Check => true,
        SchemaSync::Additive => planned.risk() > Risk::Safe,
        SchemaSync::Off | SchemaSync::Warn | SchemaSync::Dev => false,
    };
    let steps: Vec<&Planned> = plan.steps.iter().filter(refused).collect();
    if steps.is_empty() && plan.questions.is_empty() {
        return Ok(());
    }
    let mut why = "the tables are not what the entities want, and `sync` may not bring them there".to_owned();
    for planned in &steps {
        let does = generate::in_words(&planned.step.action)?;
        why += &format!("\n- {does} ({})", planned.risk());
    }
    for question in &plan.questions {
        let table = question.table.iter().map(|table| format!("{table}.")).collect::<String>();
        why += &format!(
            "\n- is `{table}{}` the new name of `{table}{}`? `renamed_from` says it",
            question.to, question.from
        );
    }
    let error = Error::new(ErrorKind::SchemaMismatch, why);
    Err(match steps.first().and_then(|planned| planned.step.action.table()) {
        Some(table) => error.entity(table),
        None => error,
    })
}
