//! What is noted in the database of its migrations: `_seabed.migrations` and `_seabed.steps`.

use super::{
    super::{keys::COUNTERS, references::REFERENCES, schema::there},
    MongoDeploy, session,
};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Booked, Books, DeployBooks, Noted},
};
use async_trait::async_trait;
use mongodb::bson::{self, Document, doc};
use serde::{Serialize, de::DeserializeOwned};

const MIGRATIONS: &str = "_seabed.migrations";
const STEPS: &str = "_seabed.steps";

#[async_trait]
impl DeployBooks for MongoDeploy {
    async fn books(&mut self) -> Result<Books> {
        Ok(Books { migrations: all(self, MIGRATIONS).await?, steps: all(self, STEPS).await?, seaql: Vec::new() })
    }

    /// With them comes what the rows need: a transaction makes no collection.
    async fn open_books(&mut self) -> Result<()> {
        for name in [MIGRATIONS, STEPS, COUNTERS, REFERENCES] {
            there(session::command(self, doc! { "create": name }).await)?;
        }
        let by_parent = doc! { "key": { "parent": 1 }, "name": "parent" };
        session::command(self, doc! { "createIndexes": REFERENCES, "indexes": [by_parent] }).await.map(drop)
    }

    async fn note_step(&mut self, noted: &Noted) -> Result<()> {
        let id = format!("{}/{:08}/{:08}", noted.migration, noted.step, noted.statement);
        put(self, STEPS, id, noted).await
    }

    async fn put_migration(&mut self, booked: &Booked) -> Result<()> {
        put(self, MIGRATIONS, booked.name.clone(), booked).await
    }

    async fn forget_migration(&mut self, migration: &str) -> Result<()> {
        let one = doc! { "q": { "_id": migration }, "limit": 1 };
        session::command(self, doc! { "delete": MIGRATIONS, "deletes": [one] }).await.map(drop)
    }

    async fn forget_steps(&mut self, migration: &str) -> Result<()> {
        let all = doc! { "q": { "migration": migration }, "limit": 0 };
        session::command(self, doc! { "delete": STEPS, "deletes": [all] }).await.map(drop)
    }
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

async fn put(deploy: &mut MongoDeploy, collection: &str, id: String, row: &impl Serialize) -> Result<()> {
    let mut document: Document = bson::serialize_to_document(row).map_err(|_| strange())?;
    document.insert("_id", &id);
    let one = doc! { "q": { "_id": id }, "u": document, "upsert": true };
    session::command(deploy, doc! { "update": collection, "updates": [one] }).await.map(drop)
}
