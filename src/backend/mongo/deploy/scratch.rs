//! Steps on an empty copy: a database of its own with the same collections, validators and indexes and no row, gone at the end.

use super::super::references::REFERENCES;
use super::{MongoDeploy, OURS, inspect, session, statements, text};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Rehearsal, Rehearsed, no_scratch},
    schema::{Action, Step, lint},
};
use mongodb::{
    Database,
    bson::{Document, doc},
};
use uuid::Uuid;

/// What the names of scratch databases begin with.
const PREFIX: &str = "seabed_scratch_";

/// Plays the steps.
///
/// # Errors
/// `Migration`, where this user may not make a database.
pub(super) async fn rehearse(deploy: &mut MongoDeploy, steps: &[Step]) -> Result<Rehearsal> {
    let id = Uuid::new_v4().simple().to_string();
    let name = format!("{PREFIX}{}", id.get(..12).unwrap_or(&id));
    let place = deploy.shared.client.database(&name);
    let played = play(deploy, &place, steps).await;
    let gone = run(deploy, &place, doc! { "dropDatabase": 1 }).await;
    let played = played?;
    gone.map_err(lacking)?;
    Ok(played)
}

async fn run(deploy: &mut MongoDeploy, place: &Database, command: Document) -> Result<u64> {
    session::run(deploy, place, &text::written(&command)).await
}

fn lacking(error: Error) -> Error {
    if error.kind() != ErrorKind::Authentication {
        return error;
    }
    let right = "the roles `dbAdminAnyDatabase` and `readWriteAnyDatabase`, or `dbOwner` on databases that begin with `seabed_scratch_`, \
                 allow it";
    no_scratch(&error, right)
}

async fn play(deploy: &mut MongoDeploy, place: &Database, steps: &[Step]) -> Result<Rehearsal> {
    copy(deploy, place).await.map_err(lacking)?;
    let mut rehearsal = Rehearsal { steps: Vec::new(), after: inspect::inspect(deploy, place).await? };
    for step in steps {
        let mut heard = Rehearsed::default();
        let refused = one(deploy, place, step, &rehearsal, &mut heard).await.err();
        if let Some(error) = refused.as_ref().filter(|error| error.is(ErrorKind::Unsupported)) {
            return Err(error.clone());
        }
        if !rehearsal.heard(heard, refused.as_ref(), steps.len()) {
            return Ok(rehearsal);
        }
        rehearsal.after = inspect::inspect(deploy, place).await?;
    }
    Ok(rehearsal)
}

async fn one(
    deploy: &mut MongoDeploy,
    place: &Database,
    step: &Step,
    now: &Rehearsal,
    heard: &mut Rehearsed,
) -> Result<()> {
    heard.statements = statements::statements(&step.action, &now.after)?;
    if let Action::Sql(sql) = &step.action {
        if !heard.statements.is_empty() {
            let why = format!("\"{}\" is a command of your own, which may reach beyond an empty copy", sql.what);
            heard.warnings.push(lint::NOT_REHEARSED.warn(why));
        }
        return Ok(());
    }
    for statement in &heard.statements {
        session::run(deploy, place, &statement.sql).await?;
    }
    Ok(())
}

/// The collections of the live database, as they were said, and what stands beside them.
async fn copy(deploy: &mut MongoDeploy, place: &Database) -> Result<()> {
    let live = deploy.shared.database.clone();
    // The first collection makes the database.
    run(deploy, place, doc! { "create": REFERENCES }).await?;
    for found in session::rows(deploy, &live, doc! { "listCollections": 1 }).await? {
        let name = found.get_str("name").unwrap_or_default();
        if !text::says(&found, "type", "collection") || name.starts_with(OURS) || name.starts_with("system.") {
            continue;
        }
        let mut create = doc! { "create": name };
        create.extend(found.get_document("options").cloned().unwrap_or_default());
        run(deploy, place, create).await?;
        let mut indexes = session::rows(deploy, &live, doc! { "listIndexes": name }).await?;
        indexes.retain(|index| !text::says(index, "name", "_id_"));
        for index in &mut indexes {
            index.remove("v");
            index.remove("ns");
        }
        if !indexes.is_empty() {
            run(deploy, place, doc! { "createIndexes": name, "indexes": indexes }).await?;
        }
    }
    let references = session::rows(deploy, &live, doc! { "find": REFERENCES }).await?;
    if !references.is_empty() {
        run(deploy, place, doc! { "insert": REFERENCES, "documents": references }).await?;
    }
    Ok(())
}
