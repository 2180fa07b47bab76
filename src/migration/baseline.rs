//! A database that was there before its migrations is taken over: what they would make is there, so they are noted and not run.

use super::{
    ApplyOptions, MigratorTrait, apply,
    books::{self, Books},
    hand, pending, plan, run, stepwise,
};
use crate::{
    Database, Error, ErrorKind, Result,
    backend::{Deploy, deploy::State},
    schema::{Plan, Snapshot, Table},
};
use std::sync::Arc;

/// What [`baseline`] did.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Baselined {
    /// The migrations that were noted; none where the database is not what they make.
    pub names: Vec<String>,
    /// What is missing to be that, and what is there beside it, which is left alone.
    pub plan: Plan,
}

/// Notes the migrations up to this one as done without running them, where the database is what they would make: the same tables,
/// columns, keys, indexes, references and checks. What is there beside them is told and left alone. `entities` are asked where a
/// migration is written by hand: then only the newest can be named.
///
/// # Errors
/// `Migration` for a name that this program lacks, for a database that has one of the migrations already, and where what they make is not
/// known; `LockTimeout` where another deployer is at work; what the server says.
pub async fn baseline<M: MigratorTrait>(db: &Database, upto: &str, entities: &[Arc<Table>]) -> Result<Baselined> {
    let mut deploy = db.backend().deploy().await?;
    let baselined = on::<M>(&mut *deploy, upto, entities).await;
    super::closed(deploy, baselined).await
}

async fn on<M: MigratorTrait>(deploy: &mut dyn Deploy, upto: &str, entities: &[Arc<Table>]) -> Result<Baselined> {
    let names = pending::names::<M>();
    let Some(last) = names.iter().position(|name| name == upto) else {
        return Err(refused(format!(
            "this program has no migration `{upto}`: its newest is `{}`",
            names.last().map_or("none", |name| name)
        )));
    };
    let names = &names[..=last];
    let after = after(names, last + 1 == pending::names::<M>().len(), entities)?;
    let mut plan = plan::against(deploy, &after.parents_first()?, &[]).await?;
    if !plan.steps.is_empty() || !plan.questions.is_empty() {
        return Ok(Baselined { names: Vec::new(), plan });
    }
    apply::lock::<M>(deploy, &ApplyOptions::default()).await?;
    let noted = noted::<M>(deploy, names, &after).await;
    let _ = deploy.unlock().await;
    noted?;
    plan.steps.clear();
    Ok(Baselined { names: names.to_vec(), plan })
}

/// The tables that these migrations leave.
fn after(names: &[String], all: bool, entities: &[Arc<Table>]) -> Result<Snapshot> {
    let mut after = Snapshot::default();
    for name in names {
        match pending::steps(name)? {
            Some(steps) => steps.iter().try_for_each(|step| after.apply(&step.action))?,
            None if all => return Snapshot::of(entities.iter().map(AsRef::as_ref)),
            None => {
                let why = format!(
                    "`{name}` is written by hand, so what it makes is not known: name the newest migration, whose tables are the entities'"
                );
                return Err(refused(why));
            }
        }
    }
    Ok(after)
}

async fn noted<M: MigratorTrait>(deploy: &mut dyn Deploy, names: &[String], after: &Snapshot) -> Result<()> {
    deploy.begin().await?;
    let done = async {
        let books = Books::read::<M>(deploy).await?;
        for (at, name) in names.iter().enumerate() {
            if books.is_applied(name) || books.booked(name).is_some() {
                return Err(refused(format!(
                    "the database has `{name}` in its books already: `apply` goes on from there"
                )));
            }
            let digest = stepwise::stepwise(name).map(|stepwise| books::digest(stepwise.source)).unwrap_or_default();
            let mut booked = run::begins(name, digest, State::Baselined);
            booked.finished_at.clone_from(&booked.started_at);
            if at + 1 == names.len() {
                booked.tables = after.to_text();
            }
            if let Some(flavor) = deploy.flavor() {
                deploy.run(&hand::seaql::<M>(name, false, flavor)?).await?;
            }
            deploy.note(&booked).await?;
        }
        Ok(())
    };
    match done.await {
        Ok(()) => deploy.commit().await,
        Err(error) => {
            let _ = deploy.rollback().await;
            Err(error)
        }
    }
}

fn refused(why: String) -> Error {
    Error::new(ErrorKind::Migration, why)
}
