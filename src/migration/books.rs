//! Which migrations the database has, beside those that this program has.

use super::{MigratorTrait, Status, failed};
use crate::{Error, ErrorKind, Result};
use sea_orm::{
    ConnectionTrait, DatabaseConnection,
    sea_query::{Order, Query},
};
use sea_orm_migration::{SchemaManager, seaql_migrations};

/// All migrations, oldest first. Their names begin with the day they were written, so names order them.
pub(super) struct Books(Vec<Status>);

impl Books {
    /// Reads the books; where there are none, nothing was applied. sea-orm-migration's own status refuses a database that is
    /// newer than the program, and its writing form needs the right to create tables.
    pub(super) async fn read<M: MigratorTrait>(connection: &DatabaseConnection) -> Result<Self> {
        let unreadable = |error| failed("the books could not be read", &error);
        let table = M::migration_table_name();
        let mut applied = Vec::new();
        if SchemaManager::new(connection).has_table(table.to_string()).await.map_err(unreadable)? {
            let version = seaql_migrations::Column::Version;
            let select = Query::select().column(version).from(table).order_by(version, Order::Asc).take();
            for row in connection.query_all(&select).await.map_err(unreadable)? {
                applied.push(row.try_get_by_index::<String>(0).map_err(unreadable)?);
            }
        }
        let mut rows: Vec<Status> = M::migrations()
            .iter()
            .map(|migration| {
                let name = migration.name().to_owned();
                Status { applied: applied.contains(&name), name, known: true }
            })
            .collect();
        applied.retain(|name| rows.iter().all(|row| row.name != *name));
        // A migration that this program lacks is shown before the first of its own that is newer.
        for name in applied {
            let place = rows.iter().position(|row| row.name > name).unwrap_or(rows.len());
            rows.insert(place, Status { name, applied: true, known: false });
        }
        Ok(Self(rows))
    }

    pub(super) fn into_rows(self) -> Vec<Status> {
        self.0
    }

    /// The oldest that is pending.
    pub(super) fn next(&self) -> Result<Option<String>> {
        self.whole()?;
        let pending = self.0.iter().find(|row| !row.applied);
        match (pending, self.0.last()) {
            (Some(pending), Some(last)) if !last.known => {
                let why = format!("`{}` is pending though the newer `{}` was applied", pending.name, last.name);
                Err(Error::new(ErrorKind::Migration, why))
            }
            (pending, _) => Ok(pending.map(|row| row.name.clone())),
        }
    }

    /// Refuses books with a migration that this program lacks, though it knows a newer one.
    fn whole(&self) -> Result<()> {
        let newest = self.0.iter().rposition(|row| row.known);
        match self.0.iter().take(newest.unwrap_or(0)).find(|row| !row.known) {
            Some(lost) => {
                let why = format!("`{}` was applied and this program does not have it", lost.name);
                Err(Error::new(ErrorKind::Migration, why))
            }
            None => Ok(()),
        }
    }

    /// The newest that was applied.
    pub(super) fn last(&self) -> Result<Option<String>> {
        self.whole()?;
        match self.0.iter().rev().find(|row| row.applied) {
            Some(row) if !row.known => {
                let why = format!("`{}` was applied by a newer program, which must take it back", row.name);
                Err(Error::new(ErrorKind::Migration, why))
            }
            row => Ok(row.map(|row| row.name.clone())),
        }
    }
}
