//! What is noted in the database of its migrations: `_seabed.migrations` and `_seabed.steps`.

use super::{
    super::{keys::COUNTERS, references::REFERENCES, schema::there},
    MongoDeploy, session,
};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Booked, Books, Noted, State},
};
use mongodb::bson::{self, Document, doc};
use serde::{Serialize, de::DeserializeOwned};

const MIGRATIONS: &str = "_seabed.migrations";
const STEPS: &str = "_seabed.steps";

pub(super) async fn read(deploy: &mut MongoDeploy) -> Result<Books> {
    Ok(Books { migrations: all(deploy, MIGRATIONS).await?, steps: all(deploy, STEPS).await?, seaql: Vec::new() })
}

async fn all<T: DeserializeOwned>(deploy: &mut MongoDeploy, collection: &str) -> Result<Vec<T>> {
    let database = deploy.shared.database.clone();
    let found = session::rows(deploy, &database, doc! { "find": collection, "sort": { "_id": 1 } }).await?;
    found.into_iter().map(|document| bson::deserialize_from_document(document).map_err(|_| strange())).collect()
}

fn strange() -> Error {
    let why = "the books have what this program does not know: a newer one may have written it";
    Error::new(ErrorKind::Migration, why)
}

/// Makes the books, and with them what the rows need: a transaction makes no collection.
pub(super) async fn open(deploy: &mut MongoDeploy) -> Result<()> {
    for name in [MIGRATIONS, STEPS, COUNTERS, REFERENCES] {
        there(session::command(deploy, doc! { "create": name }).await)?;
    }
    let by_parent = doc! { "key": { "parent": 1 }, "name": "parent" };
    session::command(deploy, doc! { "createIndexes": REFERENCES, "indexes": [by_parent] }).await.map(drop)
}

pub(super) async fn note(deploy: &mut MongoDeploy, booked: &Booked) -> Result<()> {
    put(deploy, MIGRATIONS, booked.name.clone(), booked).await?;
    if matches!(booked.state, State::Done | State::Baselined) {
        forget_steps(deploy, &booked.name).await
    } else {
        Ok(())
    }
}

pub(super) async fn note_step(deploy: &mut MongoDeploy, noted: &Noted) -> Result<()> {
    let id = format!("{}/{:08}/{:08}", noted.migration, noted.step, noted.statement);
    put(deploy, STEPS, id, noted).await
}

async fn put(deploy: &mut MongoDeploy, collection: &str, id: String, row: &impl Serialize) -> Result<()> {
    let mut document: Document = bson::serialize_to_document(row).map_err(|_| strange())?;
    document.insert("_id", &id);
    let one = doc! { "q": { "_id": id }, "u": document, "upsert": true };
    session::command(deploy, doc! { "update": collection, "updates": [one] }).await.map(drop)
}

pub(super) async fn forget(deploy: &mut MongoDeploy, migration: &str) -> Result<()> {
    forget_steps(deploy, migration).await?;
    let one = doc! { "q": { "_id": migration }, "limit": 1 };
    session::command(deploy, doc! { "delete": MIGRATIONS, "deletes": [one] }).await.map(drop)
}

async fn forget_steps(deploy: &mut MongoDeploy, migration: &str) -> Result<()> {
    let all = doc! { "q": { "migration": migration }, "limit": 0 };
    session::command(deploy, doc! { "delete": STEPS, "deletes": [all] }).await.map(drop)
}
