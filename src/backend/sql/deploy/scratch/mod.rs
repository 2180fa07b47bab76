//! A scratch place: what is wanted is built there and read back, and steps are rehearsed on an empty copy of what is there.
//!
//! PostgreSQL: a schema in a transaction that is rolled back. MySQL, MariaDB: a database, which is dropped; a session that ended
//! before it could has lost the lock of its place's name too, and who comes next drops what no session holds. SQLite: memory.
//!
//! `want`, `copy` and `hear` are the same three everywhere: what is to be built, the empty copy of what is there, and what the server
//! says of a statement there.

mod guard;
mod mysql;
mod postgres;
mod sqlite;
mod wanted;

use super::{SqlDeploy, inspect};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Rehearsal, Rehearsed, no_scratch},
    schema::{Action, Flavor, Picture, Statement, Step, Table, Warning, ddl, lint},
};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;
use wanted::Wanted;

/// What the names of all scratch places begin with.
const PREFIX: &str = "seabed_scratch_";

/// What a database would have if these tables were made in it. Not inside a transaction.
pub(super) async fn want(deploy: &mut SqlDeploy, tables: &[Arc<Table>]) -> Result<Picture> {
    match deploy.flavor {
        Flavor::Sqlite => sqlite::want(tables).await,
        Flavor::Postgres => postgres::want(deploy, tables).await,
        Flavor::MySql | Flavor::MariaDb => mysql::want(deploy, tables).await,
    }
}

/// Plays steps on an empty copy. Not inside a transaction.
pub(super) async fn rehearse(deploy: &mut SqlDeploy, have: &Picture, steps: &[Step]) -> Result<Rehearsal> {
    match deploy.flavor {
        Flavor::Sqlite => sqlite::rehearse(deploy, steps).await,
        Flavor::Postgres => postgres::rehearse(deploy, have, steps).await,
        Flavor::MySql | Flavor::MariaDb => mysql::rehearse(deploy, have, steps).await,
    }
}

/// A name that no other place has.
fn name() -> String {
    let id = Uuid::new_v4().simple().to_string();
    format!("{PREFIX}{}", &id[..12])
}

/// An error whose message says which right is lacking; another error stays.
fn lacking(error: Error, right: &str) -> Error {
    let detail = error.detail().unwrap_or_default().to_lowercase();
    let refused = ["permission denied", "access denied", "command denied", "1044", "1142", "42501"];
    if !refused.iter().any(|word| detail.contains(word)) && error.kind() != ErrorKind::Authentication {
        return error;
    }
    no_scratch(&error, right)
}

/// What hears a server while statements run on a copy.
trait Ear {
    /// Runs one statement of a step and says what the server said of it.
    async fn run(&mut self, statement: &Statement, watched: &BTreeSet<String>) -> Result<Vec<Warning>>;

    /// The copy as it is now.
    async fn look(&mut self) -> Result<Picture>;
}

/// Plays the steps. What was made by them is not watched: nobody uses it yet.
async fn play(ear: &mut impl Ear, flavor: Flavor, home: Option<&str>, steps: &[Step]) -> Result<Rehearsal> {
    let mut rehearsal = Rehearsal { steps: Vec::new(), after: ear.look().await? };
    let mut watched: BTreeSet<String> = rehearsal.after.tables.keys().cloned().collect();
    for step in steps {
        let mut heard = Rehearsed::default();
        let played = play_one(ear, flavor, home, step, &rehearsal.after, &watched, &mut heard).await;
        if !rehearsal.heard(heard, played.err().as_ref(), steps.len()) {
            return Ok(rehearsal);
        }
        if let Action::RenameTable { from, to } = &step.action
            && watched.remove(from)
        {
            watched.insert(to.clone());
        }
        rehearsal.after = ear.look().await?;
    }
    Ok(rehearsal)
}

async fn play_one(
    ear: &mut impl Ear,
    flavor: Flavor,
    home: Option<&str>,
    step: &Step,
    now: &Picture,
    watched: &BTreeSet<String>,
    heard: &mut Rehearsed,
) -> Result<()> {
    let action = match guard::at_home(&step.action, home) {
        Ok(action) => action,
        Err(why) => {
            heard.warnings.push(lint::NOT_REHEARSED.warn(why));
            return Ok(());
        }
    };
    heard.statements = ddl::step::statements(&step.action, now, flavor)?;
    let mut played = ddl::step::statements(&action, now, flavor)?;
    if let Action::Backfill(backfill) = &action {
        played.extend(guard::backfill(backfill, flavor));
    }
    for statement in &played {
        if let Some(why) = guard::outside(&statement.sql, &action, flavor, home) {
            heard.warnings = lint::joined(std::mem::take(&mut heard.warnings), vec![lint::NOT_REHEARSED.warn(why)]);
            continue;
        }
        let said = ear.run(statement, watched).await?;
        heard.warnings = lint::joined(std::mem::take(&mut heard.warnings), said);
    }
    Ok(())
}
