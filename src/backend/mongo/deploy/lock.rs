//! One deployer at a time (law S3). MongoDB has no lock that a session holds, so the right is a lease: a document with an owner and an
//! end, reckoned by the server's clock. A task of its own prolongs it while the deploy lives; whoever is killed leaves it, and it
//! runs out. Before each statement the deploy asks whether it is still the owner.
//!
//! A process that stands still for longer than the lease between that question and its statement may meet another deployer: a lease
//! cannot forbid that. Steps are made so that running them twice does no harm.

use super::{
    super::{checkout::GRACE, pool::Shared},
    MongoDeploy, session,
};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{DeployLock, host},
};
use async_trait::async_trait;
use mongodb::bson::{Bson, DateTime, Document, doc};
use std::{process, sync::Arc, time::Duration};
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};
use uuid::Uuid;

/// The collection of the lease.
const LOCK: &str = "_seabed.lock";
/// The lease's document.
const ONE: &str = "migrations";
/// How long the right lasts without being prolonged.
const LEASE: Duration = Duration::from_secs(15);
/// How often it is prolonged.
const BEAT: Duration = Duration::from_secs(4);

/// The right to deploy.
#[derive(Debug)]
pub(super) struct Lease {
    owner: String,
    beat: JoinHandle<()>,
}

impl Lease {
    /// Ends it without waiting. A command that may still run keeps others out until the end of the lease.
    pub fn leave(self, shared: &Arc<Shared>, keep: bool) {
        self.beat.abort();
        if let (false, Ok(runtime)) = (keep, Handle::try_current()) {
            let shared = Arc::clone(shared);
            drop(runtime.spawn(async move { shared.ask(given_back(&self.owner)).await }));
        }
    }
}

#[async_trait]
impl DeployLock for MongoDeploy {
    /// Somebody must have made the lease before it can be taken.
    async fn before_lock(&mut self, _: Duration) -> Result<()> {
        let free = doc! { "_id": ONE, "owner": "", "by": "", "until": DateTime::from_millis(0) };
        let insert = doc! { "insert": LOCK, "documents": [free], "writeConcern": { "w": "majority" } };
        match self.shared.ask(insert).await {
            Err(error) if !error.is(ErrorKind::UniqueViolation) => Err(error),
            _ => Ok(()),
        }
    }

    async fn take(&mut self) -> Result<bool> {
        let owner = Uuid::new_v4().simple().to_string();
        let now = clock(&self.shared).await?;
        let taken = self.shared.ask(taken(&owner, now, self.checkout.id())).await?;
        let Ok(before) = taken.get_document("value") else { return Ok(false) };
        if let Ok(left) = before.get_document("session") {
            end(&self.shared, left).await;
        }
        let beat = tokio::spawn(beat(Arc::clone(&self.shared), owner.clone()));
        self.lease = Some(Lease { owner, beat });
        Ok(true)
    }

    /// In his own words.
    async fn holder(&mut self) -> Result<Option<String>> {
        let find = doc! { "find": LOCK, "filter": { "_id": ONE }, "singleBatch": true };
        let found = self.shared.ask(find).await?;
        let rows = found.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
        let by = rows.ok().and_then(|rows| rows.first()?.as_document()?.get_str("by").ok().map(ToOwned::to_owned));
        Ok(by.filter(|by| !by.is_empty()))
    }

    async fn holds(&mut self) -> Result<bool> {
        session::sound(self)?;
        let Some(lease) = &self.lease else { return Ok(false) };
        prolong(&self.shared, &lease.owner).await
    }

    async fn unlock(&mut self) -> Result<()> {
        let Some(lease) = self.lease.take() else { return Ok(()) };
        lease.beat.abort();
        self.shared.ask(given_back(&lease.owner)).await.map(drop)
    }
}

/// Ends what a deploy left open whose lease ran out: its rows could not be written until the server did. Where it cannot be ended,
/// the next conflict says so.
async fn end(shared: &Shared, session: &Document) {
    let admin = shared.client.database("admin");
    let _ = timeout(GRACE, admin.run_command(doc! { "killSessions": [session] })).await;
}

async fn beat(shared: Arc<Shared>, owner: String) {
    loop {
        tokio::time::sleep(BEAT).await;
        // Where it fails the next question of the deploy finds out.
        let _ = prolong(&shared, &owner).await;
    }
}

/// Whether it is still this owner's, for a whole lease from now.
async fn prolong(shared: &Shared, owner: &str) -> Result<bool> {
    let until = after(clock(shared).await?, LEASE);
    let prolonged = changed(doc! { "_id": ONE, "owner": owner }, doc! { "until": until });
    Ok(shared.ask(prolonged).await?.get_document("value").is_ok())
}

/// The server's time: those of two deployers may differ.
async fn clock(shared: &Shared) -> Result<DateTime> {
    let hello = shared.ask(doc! { "hello": 1 }).await?;
    hello.get_datetime("localTime").copied().map_err(|_| Error::unsupported("the server does not tell its time"))
}

fn after(now: DateTime, by: Duration) -> DateTime {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    DateTime::from_millis(now.timestamp_millis().saturating_add(by))
}

/// Takes it where it has run out: one document is changed by one at a time. Answered is what it was before.
fn taken(owner: &str, now: DateTime, session: Option<&Document>) -> Document {
    let free = doc! { "_id": ONE, "until": { "$lt": now } };
    let session = session.map_or(Bson::Null, Bson::from);
    changed(free, doc! { "owner": owner, "by": who(), "until": after(now, LEASE), "session": session })
}

fn given_back(owner: &str) -> Document {
    let end = DateTime::from_millis(0);
    changed(doc! { "_id": ONE, "owner": owner }, doc! { "owner": "", "by": "", "until": end, "session": Bson::Null })
}

fn changed(query: Document, set: Document) -> Document {
    doc! { "findAndModify": LOCK, "query": query, "update": { "$set": set }, "writeConcern": { "w": "majority" } }
}

/// What another one is told of who holds it.
fn who() -> String {
    format!("seabed on {}, process {}", host(), process::id())
}
