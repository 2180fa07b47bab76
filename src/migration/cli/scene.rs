//! What every verb works with.

use super::Cli;
use crate::{
    Config, Database, Error, ErrorKind, Result,
    config::{ConnectionUrl, SqlitePath},
    migration::Folder,
    repository::EntityInfo,
    schema::Table,
};
use std::sync::Arc;

/// The entities, the database and the source of the migrations; each is opened when a verb asks for it.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    cli: &'a Cli,
    pub(super) entities: &'a [EntityInfo],
}

impl<'a> Scene<'a> {
    pub(super) fn new(cli: &'a Cli, entities: &'a [EntityInfo]) -> Self {
        Self { cli, entities }
    }

    /// The tables that the entities want.
    pub(super) fn tables(&self) -> Result<Vec<Arc<Table>>> {
        self.entities.iter().map(EntityInfo::table).collect()
    }

    /// The source of the migrations.
    pub(super) fn folder(&self) -> Result<Folder> {
        Folder::open(&self.cli.folder)
    }

    /// The database, which must be there.
    pub(super) async fn database(&self) -> Result<Database> {
        there(&self.config()?.database(&self.cli.database)?.url)?;
        self.new_database().await
    }

    /// The database; a file of SQLite is made where it is missing.
    pub(super) async fn new_database(&self) -> Result<Database> {
        Database::builder(self.config()?).name(&self.cli.database).connect().await
    }

    fn config(&self) -> Result<Config> {
        match &self.cli.url {
            Some(url) => Config::from_url(url),
            None => Config::load(),
        }
    }
}

/// Only `apply` makes a SQLite file: asked of a wrong name, the others would leave an empty one.
fn there(url: &ConnectionUrl) -> Result<()> {
    match url.path() {
        SqlitePath::File(file) if !file.exists() => {
            let why = format!("the file `{}` is not there", file.display());
            Err(Error::new(ErrorKind::DatabaseNotFound, why))
        }
        _ => Ok(()),
    }
}
