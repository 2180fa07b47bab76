//! A deploy on a SQL server: one session, over SeaORM's own connection, because migrations written by hand need that.
//!
//! `session` runs and asks, `lock` keeps others out (on SQLite by a file, `beside`), `books` notes, `inspect` reads what is there, `scratch` builds what is wanted
//! and rehearses steps on an empty copy. The statements themselves are the emitter's (`schema::ddl`).

mod beside;
mod books;
pub(super) mod inspect;
mod lock;
mod scratch;
mod session;
#[cfg(test)]
mod step_tests;

use crate::{
    Error, ErrorKind, Result,
    backend::{
        deploy::{Deploy, Rehearsal},
        raw::{Words, several},
    },
    schema::{Action, Flavor, Picture, Statement, Step, Table, ddl},
};
use async_trait::async_trait;
use sea_orm::DatabaseConnection;
use std::{fs::File, sync::Arc};

/// One session for a deploy.
#[derive(Debug)]
pub(super) struct SqlDeploy {
    connection: DatabaseConnection,
    flavor: Flavor,
    /// Whether the server's lock is ours.
    locked: bool,
    /// SQLite's, which is a file beside the database.
    beside: Option<File>,
    /// The references that were broken before what is to be whole began; none where SQLite cannot look at them, or need not.
    broken: Option<Vec<String>>,
}

impl SqlDeploy {
    /// Over a pool of exactly one.
    pub(super) fn new(connection: DatabaseConnection, flavor: Flavor) -> Self {
        Self { connection, flavor, locked: false, beside: None, broken: None }
    }
}

#[async_trait]
impl Deploy for SqlDeploy {
    fn flavor(&self) -> Option<Flavor> {
        Some(self.flavor)
    }

    async fn inspect(&mut self) -> Result<Picture> {
        inspect::inspect(self, None).await
    }

    async fn want(&mut self, tables: &[Arc<Table>]) -> Result<Picture> {
        scratch::want(self, tables).await
    }

    fn statements(&self, action: &Action, have: &Picture) -> Result<Vec<Statement>> {
        if let Action::Sql(sql) = action
            && self.flavor.is_mysql()
            && sql.up.on(self.flavor).is_some_and(|up| several(up, Words::MySql))
        {
            // It keeps each statement at once, so what is run again would begin with one that is done.
            let why = format!(
                "\"{}\" holds several statements, and {} undoes none: write a step for each",
                sql.what, self.flavor
            );
            return Err(Error::new(ErrorKind::InvalidQuery, why));
        }
        ddl::step::statements(action, have, self.flavor)
    }

    async fn rehearse(&mut self, have: &Picture, steps: &[Step]) -> Result<Rehearsal> {
        scratch::rehearse(self, have, steps).await
    }

    fn seaorm(&self) -> Option<&DatabaseConnection> {
        Some(&self.connection)
    }

    async fn close(self: Box<Self>) -> Result<()> {
        session::close(self.connection, self.flavor).await
    }
}
