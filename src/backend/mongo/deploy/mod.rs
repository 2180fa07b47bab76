//! A deploy on MongoDB. A statement is a command as JSON; what MongoDB has no command for is one of ours (`session`).
//!
//! `session` runs and asks, `lock` keeps others out, `books` notes, `inspect` reads what is there and tells what is wanted, `scratch`
//! rehearses steps on an empty copy, `statements` says a step in commands, `lint` what is to be known of it, `way` how a backfill goes.

mod books;
mod convert;
mod inspect;
mod lint;
mod lock;
mod scratch;
mod session;
mod statements;
mod text;
mod validator;
mod way;

use super::{checkout::Checkout, pool::Shared};
use crate::{
    Error, Result,
    backend::deploy::{Deploy, DeployLock as _, Rehearsal, Way},
    schema::{
        Action, Backfill, Flavor, Picture, Statement, Step, Table, Warning, Words, lint::judge_each,
        picture::TablePicture,
    },
};
use async_trait::async_trait;
use lock::Lease;
use std::{fmt, sync::Arc};

/// What the names of our own collections begin with; they are in no picture.
const OURS: &str = "_seabed.";

/// One session for a deploy.
pub(super) struct MongoDeploy {
    checkout: Checkout,
    shared: Arc<Shared>,
    /// The right to deploy, while it is ours.
    lease: Option<Lease>,
    /// A command was lost: what comes after it would not know what was done.
    broken: bool,
}

impl MongoDeploy {
    pub fn new(checkout: Checkout) -> Self {
        let shared = Arc::clone(checkout.shared());
        Self { checkout, shared, lease: None, broken: false }
    }
}

impl fmt::Debug for MongoDeploy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MongoDeploy")
            .field("checkout", &self.checkout)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

/// What is said for MongoDB. Words for every server are SQL, which it does not read: then it is refused rather than left out.
///
/// # Errors
/// `Unsupported`.
fn said(words: &Words) -> Result<Option<&str>> {
    match (&words.mongodb, &words.all) {
        (Some(json), _) => Ok(Some(json)),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Error::unsupported(
            "it is said in SQL for every server, which MongoDB does not read: say it for MongoDB too (`.mongodb(\"{ … }\")`), or for \
             each server of SQL alone",
        )),
    }
}

#[async_trait]
impl Deploy for MongoDeploy {
    fn flavor(&self) -> Option<Flavor> {
        None
    }

    async fn inspect(&mut self) -> Result<Picture> {
        inspect::inspect(self, &self.shared.database.clone()).await
    }

    async fn want(&mut self, tables: &[Arc<Table>]) -> Result<Picture> {
        inspect::want(tables)
    }

    fn completed(&self, have: &mut Picture, want: &mut Picture, tables: &[Arc<Table>], owned: &[Table]) {
        inspect::completed(have, want, tables, owned);
    }

    fn statements(&self, action: &Action, have: &Picture) -> Result<Vec<Statement>> {
        statements::statements(action, have)
    }

    fn judge(&self, steps: &[Step], have: &Picture) -> Vec<Vec<Warning>> {
        judge_each(steps, have, lint::judge)
    }

    fn way(&self, backfill: &Backfill, table: &TablePicture) -> Result<Box<dyn Way>> {
        Ok(Box::new(way::Along::of(backfill, table)?))
    }

    async fn rehearse(&mut self, _: &Picture, steps: &[Step]) -> Result<Rehearsal> {
        scratch::rehearse(self, steps).await
    }

    fn seaorm(&self) -> Option<&sea_orm::DatabaseConnection> {
        None
    }

    async fn close(mut self: Box<Self>) -> Result<()> {
        self.unlock().await
    }
}

impl Drop for MongoDeploy {
    /// Who goes in the middle of something gives the right back, unless a command of his may still run: then it runs out.
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.leave(&self.shared, self.checkout.is_in_flight() || self.broken);
        }
    }
}
