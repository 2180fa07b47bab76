//! Random tables, changed at random by a plan that is applied and taken back: what is there is what is wanted, and every row survives.
//!
//! `SEABED_RANDOM_PAIRS` says how many (a few by default), `SEABED_RANDOM_SEED` which is the first: one seed is one pair.

mod change;
mod rows;
mod spec;

use crate::support::Place;
use change::Dice;
use rust_decimal::Decimal;
use seabed::{
    Database, Error, ErrorKind, Result,
    backend::{Deploy, Row},
    migration::{ApplyOptions, Stepwise, apply, plan, prelude::*, take_back},
    schema::{Flavor, Kind, Plan, Risk, Snapshot, diff::Answer},
    sea_orm::Value,
};
use spec::Spec;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// The two migrations of the pair that is played on a backend.
macro_rules! pair {
    ($backend:ident, $first:literal, $second:literal) => {
        mod $backend {
            use super::*;

            pub static STEPS: Mutex<[Vec<Step>; 2]> = Mutex::new([Vec::new(), Vec::new()]);

            fn steps(at: usize) -> Result<Vec<Step>> {
                Ok(STEPS.lock().expect("nobody fails with it")[at].clone())
            }

            stepwise!(One, $first, one);
            stepwise!(Two, $second, two);
            migrator!(First, One);
            migrator!(Both, One, Two);

            fn one() -> Result<Vec<Step>> {
                steps(0)
            }

            fn two() -> Result<Vec<Step>> {
                steps(1)
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn s2_random_tables_become_others_and_are_taken_back() {
                play::<First, Both>(stringify!($backend), &STEPS).await;
            }
        }
    };
}

pair!(sqlite, "r1_sqlite", "r2_sqlite");
pair!(postgres, "r1_postgres", "r2_postgres");
pair!(mysql, "r1_mysql", "r2_mysql");

type Steps = Mutex<[Vec<Step>; 2]>;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

async fn play<First: MigratorTrait, Both: MigratorTrait>(backend: &str, steps: &Steps) {
    let (first, pairs) = (number("SEABED_RANDOM_SEED", 1), number("SEABED_RANDOM_PAIRS", 4));
    let mut ended: BTreeMap<String, u64> = BTreeMap::new();
    let mut wrong = Vec::new();
    for seed in first..first + pairs {
        let Some(place) = Place::new(backend, "random").await else { return };
        match pair::<First, Both>(&place, seed, steps).await {
            Ok(how) => *ended.entry(how).or_default() += 1,
            Err(why) => wrong.push(format!("seed {seed}: {why}")),
        }
        place.close().await;
    }
    println!("{backend}: {ended:#?}");
    assert!(wrong.is_empty(), "{} of {pairs} on {backend}:\n{}", wrong.len(), wrong.join("\n"));
}

/// What a failure says, with the server's words.
fn said(what: &str) -> impl Fn(Error) -> String + '_ {
    move |error| format!("{what}: {error} ({})", error.detail().unwrap_or_default())
}

/// How the change ended, where that is right.
async fn pair<First: MigratorTrait, Both: MigratorTrait>(
    place: &Place,
    seed: u64,
    steps: &Steps,
) -> Result<String, String> {
    let db = place.open(2).await;
    let flavor = deploy(&db).await?.flavor().expect("SQL");
    let mut dice = Dice::new(seed, flavor);
    let mut before: Vec<Spec> = Vec::new();
    for _ in 0..dice.rng.u32(1..4) {
        before.extend(dice.table(&before));
    }
    let after = dice.changed(&before);
    let (from, to) = (tables(&before)?, tables(&after)?);

    let plan = planned(&db, &from, &[]).await.map_err(|it| format!("first {it}"))?;
    *steps.lock().expect("nobody fails with it") = [accepted(&plan), Vec::new()];
    apply::<First>(&db, ApplyOptions::default()).await.map_err(said("the first"))?;
    clean(&db, &from, "after the first").await?;
    for (spec, table) in before.iter().zip(&from) {
        for k in 1..=rows::ROWS {
            rows::insert(&db, spec, table, k).await.map_err(said("an insert"))?;
        }
    }
    let was = all(&db, &from).await?;

    let plan = planned(&db, &to, &from).await.map_err(|it| format!("second {it}"))?;
    let text = plan_text(&plan);
    steps.lock().expect("nobody fails with it")[1] = accepted(&plan);
    snapshot(&plan, &from, &to, flavor).map_err(|it| format!("{it}\n{text}"))?;
    if let Err(error) = apply::<Both>(&db, ApplyOptions::default()).await {
        let detail = error.detail().unwrap_or_default().to_owned();
        let warned = plan.steps.iter().flat_map(|planned| &planned.warnings);
        let warned = warned.filter(|warning| matches!(&*warning.code, "converts-values" | "refused")).count() > 0;
        let server = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::Other | ErrorKind::Unsupported);
        let expected = of_rows(&error) || (warned && server);
        if !expected {
            return Err(format!("{}\n{text}", said("the second")(error)));
        }
        if !flavor.is_mysql() && plan.steps.len() == 1 {
            let now = all(&db, &from).await?;
            if now != was {
                return Err(format!("refused, and the rows are others: {error}"));
            }
            clean(&db, &from, "after a refusal").await?;
        }
        let told = error.to_string();
        let why =
            told.split(" in the way ").nth(1).map_or(detail, |why| why.split(':').next().unwrap_or_default().into());
        return Ok(format!("refused for the rows: {:?} {why}", error.kind()));
    }
    clean(&db, &to, "after the second").await.map_err(|it| format!("{it}\n{text}"))?;
    let is = all(&db, &to).await.map_err(|it| format!("{it}\n{text}"))?;
    survived(&before, &was, &after, &is).map_err(|it| format!("{it}\n{text}"))?;
    for (spec, table) in after.iter().zip(&to) {
        let there = is.get(&table.name).is_some_and(|rows| !rows.is_empty());
        if there || spec.references.is_empty() {
            // A reference may have the value of another row.
            match rows::insert(&db, spec, table, 9).await {
                Err(error) if !error.is(ErrorKind::UniqueViolation) => return Err(said("a new row")(error) + &text),
                _ => {}
            }
        }
    }
    match take_back::<Both>(&db, ApplyOptions::default().lose(["drops-table", "drops-column", "converts-values"])).await
    {
        Ok(_) => {}
        Err(error)
            if of_rows(&error) || error.is(ErrorKind::InvalidValue) || error.to_string().contains("no way back") =>
        {
            return Ok(format!("there, and not back: {:?}", error.kind()));
        }
        Err(error) => return Err(format!("{}\n{text}", said("the way back")(error))),
    }
    clean(&db, &from, "after the way back").await.map_err(|it| format!("{it}\n{text}"))?;
    let back = all(&db, &from).await.map_err(|it| format!("back {it}\n{text}"))?;
    survived(&after, &is, &before, &back).map_err(|it| format!("back {it}\n{text}"))?;
    Ok("there and back".to_owned())
}

fn tables(specs: &[Spec]) -> Result<Vec<Arc<Table>>, String> {
    specs.iter().map(|spec| spec.table().map(Arc::new).map_err(said("a table"))).collect()
}

async fn deploy(db: &Database) -> Result<Box<dyn Deploy>, String> {
    db.backend().deploy().await.map_err(said("a session"))
}

/// What the plan says, with every question answered by no: what was renamed says so.
async fn planned(db: &Database, tables: &[Arc<Table>], owned: &[Arc<Table>]) -> Result<Plan, String> {
    let owned: Vec<Table> = owned.iter().map(|table| (**table).clone()).collect();
    let mut deploy = deploy(db).await?;
    let mut plan = plan::against(&mut *deploy, tables, &owned).await.map_err(said("plan"))?;
    if !plan.questions.is_empty() {
        let answers: Vec<Answer> =
            plan.questions.into_iter().map(|question| Answer { question, renamed: false }).collect();
        plan = plan::answered(&mut *deploy, tables, &owned, &answers).await.map_err(said("plan"))?;
    }
    deploy.close().await.map_err(said("close"))?;
    if !plan.drift.is_empty() || !plan.questions.is_empty() {
        return Err(format!("drift {:?}, questions {:?}", plan.drift, plan.questions));
    }
    Ok(plan)
}

/// There is nothing to do.
async fn clean(db: &Database, tables: &[Arc<Table>], when: &str) -> Result<(), String> {
    let plan = planned(db, tables, tables).await.map_err(|it| format!("{when} {it}"))?;
    if plan.steps.is_empty() { Ok(()) } else { Err(format!("{when} there is left\n{}", plan_text(&plan))) }
}

/// The steps, with what would be lost accepted.
fn accepted(plan: &Plan) -> Vec<Step> {
    let each = plan.steps.iter().map(|planned| {
        let lost = planned.warnings.iter().filter(|warning| warning.risk >= Risk::Destructive);
        lost.fold(planned.step.clone(), |step, warning| step.allow(&*warning.code, "it is a test"))
    });
    each.collect()
}

/// The steps, played on what was noted, leave what is to be noted.
fn snapshot(plan: &Plan, from: &[Arc<Table>], to: &[Arc<Table>], flavor: Flavor) -> Result<(), String> {
    // The other servers keep less than a step says.
    if flavor != Flavor::Postgres {
        return Ok(());
    }
    let mut snapshot = Snapshot::of(from.iter().map(AsRef::as_ref)).map_err(said("snapshot"))?;
    for planned in &plan.steps {
        snapshot.apply(&planned.step.action).map_err(said("a step on a snapshot"))?;
    }
    let left =
        seabed::schema::diff::tables(&snapshot.tables().map_err(said("snapshot"))?, to, &[]).map_err(said("diff"))?;
    if left.steps.is_empty() { Ok(()) } else { Err(format!("the snapshot lacks {:?}", left.steps)) }
}

/// Whether it was the rows that stood in the way.
fn of_rows(error: &Error) -> bool {
    let kinds = [
        ErrorKind::UniqueViolation,
        ErrorKind::ForeignKeyViolation,
        ErrorKind::NotNullViolation,
        ErrorKind::CheckViolation,
    ];
    kinds.contains(&error.kind()) || error.to_string().contains("in the way")
}

async fn all(db: &Database, tables: &[Arc<Table>]) -> Result<BTreeMap<String, Vec<Row>>, String> {
    let mut all = BTreeMap::new();
    for table in tables {
        all.insert(table.name.clone(), rows::read(db, table).await.map_err(said("a read"))?);
    }
    Ok(all)
}

type Values = BTreeMap<String, Vec<Row>>;

/// Every row is there, and what could keep its value did.
fn survived(before: &[Spec], was: &Values, after: &[Spec], is: &Values) -> Result<(), String> {
    for spec in after {
        let id = spec.columns[0].id;
        let Some(old) = before.iter().find(|it| it.columns[0].id == id) else { continue };
        let (was, is) = (&was[&old.name], &is[&spec.name]);
        if was.len() > is.len() {
            return Err(format!("{} has {} rows of {}", spec.name, is.len(), was.len()));
        }
        for (at, col) in spec.columns.iter().enumerate() {
            let from = old.columns.iter().position(|it| it.id == col.id);
            for (was, is) in was.iter().zip(is) {
                let expected = match from {
                    Some(from) if is_null(&was[from]) => col.kind.null(),
                    Some(from) if text(&was[from]).is_some() && text(&is[at]).is_some() => was[from].clone(),
                    Some(_) => continue,
                    None if is_null(&is[at]) => continue,
                    None => col.default.clone().unwrap_or_else(|| col.kind.null()),
                };
                let same = expected == is[at] || (text(&expected).is_some() && text(&expected) == text(&is[at]));
                if !same && !matches!(col.kind, Kind::Bool | Kind::Json) {
                    return Err(format!("{}.{} is {:?} and not {expected:?}", spec.name, col.name, is[at]));
                }
            }
        }
    }
    Ok(())
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// A value in a form that is the same in each type that it could be converted to.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::SmallInt(Some(it)) => Some(it.to_string()),
        Value::Int(Some(it)) => Some(it.to_string()),
        Value::BigInt(Some(it)) => Some(it.to_string()),
        Value::Double(Some(it)) => Some(it.to_string()),
        Value::Decimal(Some(it)) => Some(it.normalize().to_string()),
        Value::String(Some(it)) => {
            Some(it.parse::<Decimal>().map_or_else(|_| it.clone(), |it| it.normalize().to_string()))
        }
        Value::Uuid(Some(it)) => Some(it.to_string()),
        _ => None,
    }
}

fn plan_text(plan: &Plan) -> String {
    let mut text = String::new();
    for planned in &plan.steps {
        text += &format!("  {:?}\n", planned.step.action);
        for statement in &planned.statements {
            text += &format!("      {}\n", statement.sql);
        }
    }
    text
}
