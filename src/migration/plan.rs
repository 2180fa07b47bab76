//! What would run on a database, before anything does (law S2).

use crate::{
    Error, ErrorKind, Result,
    backend::{Deploy, deploy::Rehearsed},
    schema::{
        Flavor, Picture, Plan, Planned, Step, Table,
        diff::{self, Answer},
        lint,
    },
};
use std::sync::Arc;

/// What makes the database what these tables want. `owned` are the tables that the last migration or sync left: what they have
/// and `tables` do not is dropped, all else is drift; without any, nothing is dropped.
///
/// Changes nothing: what is wanted is built in a scratch place, and the steps are rehearsed on an empty copy.
///
/// # Errors
/// `SchemaMismatch` with entity and field for a `renamed_from` that names nothing; `Unsupported` with both for what this server
/// cannot hold or do, and with the entity for one in another schema than the connection's; what the server says.
pub async fn against(deploy: &mut dyn Deploy, tables: &[Arc<Table>], owned: &[Table]) -> Result<Plan> {
    answered(deploy, tables, owned, &[]).await
}

/// The same with answers to the questions of an earlier plan.
///
/// # Errors
/// As [`against`].
pub async fn answered(
    deploy: &mut dyn Deploy,
    tables: &[Arc<Table>],
    owned: &[Table],
    answers: &[Answer],
) -> Result<Plan> {
    within(deploy, tables).await?;
    let have = deploy.inspect().await?;
    let want = deploy.want(tables).await?;
    let (mut told, mut want) = (have.clone(), want);
    deploy.completed(&mut told, &mut want, tables, owned);
    let difference = diff::pictures(&told, &want, tables, owned, answers)?;
    let steps: Vec<Step> = difference.steps.into_iter().map(Step::from).collect();
    let steps = planned(deploy, &have, steps).await?;
    Ok(Plan { steps, drift: difference.drift, questions: difference.questions })
}

/// A deploy is of the schema that its connection works in, for nothing else is inspected: a table elsewhere would be planned anew for
/// ever. A file of SQLite has no schemas: there the name is part of the table's.
async fn within(deploy: &mut dyn Deploy, tables: &[Arc<Table>]) -> Result<()> {
    let question = match deploy.flavor() {
        Some(Flavor::Postgres) => "SELECT current_schema()::text",
        Some(Flavor::MySql | Flavor::MariaDb) => "SELECT DATABASE()",
        Some(Flavor::Sqlite) | None => return Ok(()),
    };
    if tables.iter().all(|table| table.schema.is_none()) {
        return Ok(());
    }
    let home = deploy.ask(question).await?.into_iter().flatten().next().flatten().unwrap_or_default();
    let elsewhere = tables.iter().find(|table| table.schema.as_ref().is_some_and(|schema| *schema != home));
    let Some((table, schema)) = elsewhere.and_then(|table| Some((table, table.schema.as_ref()?))) else {
        return Ok(());
    };
    let why = format!(
        "the entity is in the schema `{schema}`, and this deploy works in `{home}`: give it no schema, or a database of the configuration \
         with `schema = \"{schema}\"` and migrations of its own"
    );
    Err(Error::unsupported(why).entity(&table.name))
}

/// What these steps mean on a database that has this: their statements, the way back, and what is to be known.
///
/// # Errors
/// `Unsupported` with entity and field for what this server cannot do; what the server says.
pub async fn planned(deploy: &mut dyn Deploy, have: &Picture, steps: Vec<Step>) -> Result<Vec<Planned>> {
    if steps.is_empty() {
        return Ok(Vec::new());
    }
    let rehearsed = match deploy.rehearse(have, &steps).await {
        Ok(rehearsal) => rehearsal.steps,
        // Without an empty copy the statements are those of what is there now.
        Err(error) if error.is(ErrorKind::Unsupported) => {
            let alone = |step: &Step| {
                let statements = deploy.statements(&step.action, have)?;
                Ok(Rehearsed { statements, warnings: Vec::new() })
            };
            steps.iter().map(alone).collect::<Result<_>>()?
        }
        Err(error) => return Err(error),
    };
    let judged = deploy.judge(&steps, have);
    let each = steps.into_iter().zip(rehearsed).zip(judged);
    Ok(each
        .map(|((step, rehearsed), judged)| Planned {
            statements: rehearsed.statements,
            reverse: step.action.reverse().map(|back| back.into_iter().map(Step::from).collect()),
            warnings: lint::joined(rehearsed.warnings, judged),
            step,
        })
        .collect())
}
