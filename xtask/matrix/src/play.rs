//! One case on one server: made, filled, changed, read back.

use crate::{
    cases::{Case, owner},
    hand::{self, Seen},
    place::Place,
    rows::{Row, Rows, same, sample},
};
use anyhow::{Context, Result, bail, ensure};
use sea_orm::Value;
use seabed::{
    Database, Error, ErrorKind,
    backend::Deploy,
    migration::plan,
    schema::{Action, Column, Flavor, Plan, Question, Risk, Step, Table, diff::Answer},
};
use std::sync::Arc;

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// Refused, as the case says it must be; what was said.
    Refused(String),
    Wrong(String),
    /// The server has no such thing.
    None,
}

/// Why it did not go on: a refusal of a plan, a statement or an entity is one, all else is a fault of the run.
enum Stop {
    Refused(String),
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stop {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

fn refused(error: &Error) -> Stop {
    let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
    Stop::Refused(format!("{error}{detail}"))
}

/// Plays it. The place is left as it ended.
pub async fn play(case: &Case, place: &Place<'_>) -> Verdict {
    let must = case.refused.filter(|(backends, _)| backends.contains(&place.server.backend));
    let begun = match begin(case, place).await {
        Ok(Some(begun)) => begun,
        Ok(None) => return Verdict::None,
        Err(fault) => return Verdict::Wrong(format!("the first version: {fault:#}")),
    };
    match (change(case, place, &begun).await, must) {
        (Ok(()), None) => match after(case, place, &begun).await {
            Ok(()) => Verdict::Right,
            Err(fault) => Verdict::Wrong(format!("{fault:#}")),
        },
        (Ok(()), Some(_)) => Verdict::Wrong("it was done, and was to be refused".to_owned()),
        (Err(Stop::Refused(why)), Some(_)) => match unchanged(case, place, &begun).await {
            Ok(()) => Verdict::Refused(why),
            Err(fault) => Verdict::Wrong(format!("refused ({why}), and then: {fault:#}")),
        },
        (Err(Stop::Refused(why)), None) => Verdict::Wrong(format!("refused: {why}")),
        (Err(Stop::Fault(fault)), _) => Verdict::Wrong(format!("{fault:#}")),
    }
}

/// What was there before the change.
struct Begun {
    tables: Vec<Arc<Table>>,
    owners: Vec<Row>,
    rows: Vec<Row>,
    seen: Seen,
}

async fn begin(case: &Case, place: &Place<'_>) -> Result<Option<Begun>> {
    let tables = vec![owner().info().table()?, case.before.info().table()?];
    let (db, mut deploy) = place.deploy().await?;
    let made = plan::against(&mut *deploy, &tables, &[]).await?;
    ensure!(made.drift.is_empty() && made.questions.is_empty(), "an empty place has drift: {:?}", made.drift);
    apply(&mut *deploy, &made).await?;
    ensure_done(&mut *deploy, &tables, &[], "of the first version").await?;
    let mut owners = Vec::new();
    let mut rows = Vec::new();
    owners.push(owner().insert(&db, &|column| sample(&column.name, column, 1)).await?);
    for k in 1..=2 {
        rows.push(case.before.insert(&db, &|column| sample(&column.name, column, k)).await.context("an insert")?);
    }
    let by_hand = hand::statements(case.company, place.server.flavor, &deploy.inspect().await?)?;
    if by_hand.is_empty() && matches!(case.company, hand::Company::Only(_)) {
        deploy.close().await?;
        db.close().await?;
        return Ok(None);
    }
    let meanwhile = case.meanwhile.as_ref().and_then(|words| place.server.said(words));
    for statement in by_hand.iter().map(String::as_str).chain(meanwhile) {
        deploy.run(statement).await.map_err(told).with_context(|| statement.to_owned())?;
    }
    let rows = if case.meanwhile.is_some() { case.before.read(&db).await? } else { rows };
    let seen = Seen::of(&deploy.inspect().await?, "item");
    if !by_hand.is_empty() {
        ensure!(seen.count() > 0, "inspection does not see what was made by hand");
    }
    deploy.close().await?;
    db.close().await?;
    Ok(Some(Begun { tables, owners, rows, seen }))
}

async fn change(case: &Case, place: &Place<'_>, begun: &Begun) -> Result<(), Stop> {
    let tables = wanted(case).map_err(|error| refused(&error))?;
    let owned: Vec<Table> = begun.tables.iter().map(|table| table.as_ref().clone()).collect();
    let (db, mut deploy) = place.deploy().await?;
    let outcome = async {
        let mut plan = plan::against(&mut *deploy, &tables, &owned).await.map_err(|error| refused(&error))?;
        let question = case.asks.map(|(table, from, to)| Question {
            table: table.map(ToOwned::to_owned),
            from: from.to_owned(),
            to: to.to_owned(),
        });
        let asked: Vec<Question> = question.into_iter().collect();
        if plan.questions != asked {
            return Err(Stop::Fault(anyhow::anyhow!("it asks {:?} and not {asked:?}", plan.questions)));
        }
        if !asked.is_empty() {
            let answers: Vec<_> = asked.into_iter().map(|question| Answer { question, renamed: true }).collect();
            let answered = plan::answered(&mut *deploy, &tables, &owned, &answers);
            plan = answered.await.map_err(|error| refused(&error))?;
        }
        if case.nothing && !plan.steps.is_empty() {
            let steps: Vec<_> = plan.steps.iter().map(|planned| &planned.step.action).collect();
            return Err(Stop::Fault(anyhow::anyhow!("there is nothing to do, and it plans {steps:?}")));
        }
        apply(&mut *deploy, &plan).await.map_err(|error| refused(&error))
    };
    let outcome = outcome.await;
    deploy.close().await?;
    db.close().await?;
    outcome
}

fn wanted(case: &Case) -> Result<Vec<Arc<Table>>, Error> {
    let each = [Some(owner()), case.after.clone(), case.beside.clone()];
    each.into_iter().flatten().map(|entity| entity.info().table()).collect()
}

/// Everything is as it is wanted, every row has what it should have, and more can be written.
async fn after(case: &Case, place: &Place<'_>, begun: &Begun) -> Result<()> {
    let tables = wanted(case)?;
    let (db, mut deploy) = place.deploy().await?;
    let owned: Vec<Table> = tables.iter().map(|table| table.as_ref().clone()).collect();
    ensure_done(&mut *deploy, &tables, &owned, "of the second plan").await?;
    let item = if case.name == "rename_table" { "item2" } else { "item" };
    if let Some(entity) = &case.after {
        let seen = Seen::of(&deploy.inspect().await?, item);
        ensure!(seen == begun.seen, "what was made by hand is not what it was: {:?} was {:?}", seen, begun.seen);
        by_hand_is_whole(case, &mut *deploy, item).await?;
        rows(case, entity.as_ref(), &db, begun).await?;
    }
    if let Some(entity) = &case.beside {
        entity.insert(&db, &|column| sample(&column.name, column, 1)).await.context("an insert beside it")?;
        ensure!(entity.read(&db).await?.len() == 1, "the new table does not keep its row");
    }
    ensure!(owner().read(&db).await? == begun.owners, "the parent's rows are not what they were");
    deploy.close().await?;
    db.close().await?;
    Ok(())
}

async fn rows(case: &Case, entity: &dyn Rows, db: &Database, begun: &Begun) -> Result<()> {
    let table = entity.info().table()?;
    let old = |name: &str| {
        let renamed = case.renamed.iter().find(|(_, to)| *to == name).map(|(from, _)| (*from).to_owned());
        renamed.unwrap_or_else(|| name.to_owned())
    };
    let value = |column: &Column, k: i64| sample(&old(&column.name), column, k);
    let read = entity.read(db).await.context("the rows are not read")?;
    ensure!(read.len() == begun.rows.len(), "{} rows of {}", read.len(), begun.rows.len());
    for (row, k) in read.iter().zip(1..) {
        for column in &table.columns {
            let was = begun.tables[1].column(&old(&column.name)).is_ok();
            let given = || column.default.clone().unwrap_or_else(|| column.kind.null());
            let lost = was && begun.rows[usize::try_from(k)? - 1].get(&old(&column.name)).is_some_and(is_null);
            let expected = if was && !lost { value(column, k) } else { given() };
            check(&column.name, row, &expected)?;
        }
    }
    let made = entity.insert(db, &|column| value(column, 3)).await.context("an insert of the new version")?;
    for column in &table.columns {
        check(&column.name, &made, &value(column, 3))?;
    }
    ensure!(entity.read(db).await?.len() == read.len() + 1, "the new row is not read back");
    Ok(())
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

fn check(column: &str, row: &Row, expected: &Value) -> Result<()> {
    let read = row.get(column).with_context(|| format!("no value for {column}"))?;
    ensure!(same(read, expected), "`{column}` is {read:?} and not {expected:?}");
    Ok(())
}

/// What was refused has left everything as it was.
async fn unchanged(case: &Case, place: &Place<'_>, begun: &Begun) -> Result<()> {
    let (db, mut deploy) = place.deploy().await?;
    ensure!(Seen::of(&deploy.inspect().await?, "item") == begun.seen, "what was made by hand is not what it was");
    by_hand_is_whole(case, &mut *deploy, "item").await?;
    ensure!(case.before.read(&db).await? == begun.rows, "the rows are not what they were");
    case.before.insert(&db, &|column| sample(&column.name, column, 3)).await.context("an insert of the old version")?;
    let owned: Vec<Table> = begun.tables.iter().map(|table| table.as_ref().clone()).collect();
    ensure_done(&mut *deploy, &begun.tables, &owned, "of what was there").await?;
    deploy.close().await?;
    db.close().await?;
    Ok(())
}

/// The rows of what was made by hand.
async fn by_hand_is_whole(case: &Case, deploy: &mut dyn Deploy, item: &str) -> Result<()> {
    let [kept, label, view] = hand::questions(item, deploy.flavor());
    if matches!(case.company, hand::Company::Full | hand::Company::Plain) {
        let asked = deploy.ask(&kept).await?;
        ensure!(asked[0][0].as_deref() == Some("2"), "the column made by hand has lost its values: {asked:?}");
        let asked = deploy.ask(&label).await?;
        ensure!(asked == [[Some("keep".to_owned())]], "the table made by hand has lost its row: {asked:?}");
    }
    if case.company == hand::Company::Full {
        deploy.ask(&view).await.map_err(told).context("the view made by hand")?;
    }
    Ok(())
}

/// There is nothing left to do, and what is told is what was made by hand.
async fn ensure_done(deploy: &mut dyn Deploy, tables: &[Arc<Table>], owned: &[Table], what: &str) -> Result<()> {
    let left = plan::against(deploy, tables, owned).await.map_err(told)?;
    let steps: Vec<&Action> = left.steps.iter().map(|planned| &planned.step.action).collect();
    ensure!(left.is_empty(), "{what} there is left {steps:?} {:?}", left.questions);
    let by_hand = |what: &str| {
        let name = what.rsplit(' ').next().unwrap_or_default();
        let check = what.strip_prefix("check (").unwrap_or_default();
        let is_check = check.starts_with("legacy ") || hand::is_check_of_documents(check);
        name.starts_with("hand_") || matches!(name, "legacy" | "lowered") || is_check
    };
    if let Some(drift) = left.drift.iter().find(|drift| !by_hand(&drift.what)) {
        bail!("{what} it tells of {drift:?}");
    }
    Ok(())
}

/// Runs a plan, step by step. What can be whole is: all of it, but on MySQL and MongoDB, which keep every statement at once.
async fn apply(deploy: &mut dyn Deploy, plan: &Plan) -> Result<(), Error> {
    let whole = deploy.flavor().is_some_and(|flavor| !matches!(flavor, Flavor::MySql | Flavor::MariaDb));
    if whole {
        deploy.begin().await?;
    }
    let mut outcome = Ok(());
    for planned in &plan.steps {
        outcome = one(deploy, &planned.step).await;
        if outcome.is_err() {
            break;
        }
    }
    match (whole, outcome) {
        (true, Ok(())) => deploy.commit().await,
        (true, Err(error)) => {
            deploy.rollback().await?;
            Err(error)
        }
        (false, outcome) => outcome,
    }
}

async fn one(deploy: &mut dyn Deploy, step: &Step) -> Result<(), Error> {
    let have = deploy.inspect().await?;
    // As a deploy does it: what depends on the rows is counted first, and refused where there are some.
    for warning in deploy.judge(std::slice::from_ref(step), &have).into_iter().flatten() {
        if let (Risk::DataDependent, Some(count)) = (warning.risk, &warning.count) {
            let rows = deploy.ask(count).await?;
            let rows = rows.first().and_then(|row| row.first()).cloned().flatten().unwrap_or_default();
            if rows != "0" {
                let why = format!("{}: {} ({rows} rows)", warning.code, warning.why);
                return Err(Error::new(ErrorKind::Migration, why));
            }
        }
    }
    for statement in deploy.statements(&step.action, &have)? {
        if std::env::var_os("MATRIX_SQL").is_some() {
            eprintln!("{}", statement.sql);
        }
        deploy.run(&statement.sql).await?;
    }
    Ok(())
}

/// With the server's words: nobody's data is in it.
fn told(error: Error) -> anyhow::Error {
    let detail = error.detail().map(ToOwned::to_owned).unwrap_or_default();
    anyhow::anyhow!("{error} ({detail})")
}
