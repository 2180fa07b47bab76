//! Which migrations the database has, beside those that this program has, and how far the one is that stopped half-way.

use super::{MigratorTrait, Status, failed, stepwise};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Deploy, deploy,
        deploy::{Booked, Noted, State},
    },
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection,
    sea_query::{Order, Query},
};
use sea_orm_migration::{SchemaManager, seaql_migrations};
use sha2::{Digest, Sha256};

/// The table of sea-orm-migration's own book, unless the migrator says another.
const SEAQL: &str = "seaql_migrations";

/// All migrations, oldest first. Their names begin with the day they were written, so names order them.
pub(super) struct Books {
    rows: Vec<Status>,
    noted: deploy::Books,
}

impl Books {
    /// Reads the books; where there are none, nothing was applied. sea-orm-migration's own status refuses a database that is
    /// newer than the program, and its writing form needs the right to create tables.
    pub(super) async fn read<M: MigratorTrait>(deploy: &mut dyn Deploy) -> Result<Self> {
        let mut noted = deploy.books().await?;
        let mut applied = if deploy.flavor().is_some() {
            if M::migration_table_name().to_string() != SEAQL
                && let Some(connection) = deploy.seaorm()
            {
                noted.seaql = seaql::<M>(connection).await?;
            }
            // SeaORM's own command takes a migration back in its own book alone.
            noted.seaql.clone()
        } else {
            let done = |booked: &&Booked| matches!(booked.state, State::Done | State::Baselined | State::Undoing);
            noted.migrations.iter().filter(done).map(|booked| booked.name.clone()).collect()
        };
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
        Ok(Self { rows, noted })
    }

    pub(super) fn into_rows(self) -> Vec<Status> {
        self.rows
    }

    /// What is noted of a migration.
    pub(super) fn booked(&self, name: &str) -> Option<&Booked> {
        self.noted.migrations.iter().find(|booked| booked.name == name)
    }

    /// What is noted of its statements.
    pub(super) fn steps(&self, name: &str) -> Vec<Noted> {
        self.noted.steps.iter().filter(|noted| noted.migration == name).cloned().collect()
    }

    pub(super) fn is_applied(&self, name: &str) -> bool {
        self.rows.iter().any(|row| row.applied && row.name == name)
    }

    /// Whether sea-orm-migration's book has it.
    pub(super) fn in_seaql(&self, name: &str) -> bool {
        self.noted.seaql.iter().any(|one| one == name)
    }

    /// The oldest that is pending.
    pub(super) fn next(&self) -> Result<Option<String>> {
        Ok(self.pending()?.into_iter().next())
    }

    /// Those that are pending, oldest first.
    pub(super) fn pending(&self) -> Result<Vec<String>> {
        self.whole()?;
        let pending: Vec<String> = self.rows.iter().filter(|row| !row.applied).map(|row| row.name.clone()).collect();
        match (pending.first(), self.rows.last()) {
            (Some(pending), Some(last)) if !last.known => {
                let why = format!(
                    "`{pending}` is pending though the newer `{}` was applied, which this program does not have, so nothing was run. Build \
                     the program with both, and run `apply` of that one",
                    last.name
                );
                Err(Error::new(ErrorKind::Migration, why))
            }
            _ => Ok(pending),
        }
    }

    /// Refuses books with a migration that this program lacks, though it knows a newer one; one that was edited after it was
    /// applied; and, unless it is `taken_back` here, one that stopped while it was taken back.
    pub(super) fn sound(&self, taking_back: bool) -> Result<()> {
        self.whole()?;
        for booked in &self.noted.migrations {
            let Some(stepwise) = stepwise(&booked.name) else { continue };
            if self.is_applied(&booked.name)
                && !booked.checksum.is_empty()
                && booked.checksum != digest(stepwise.source)
            {
                let name = &booked.name;
                let why = format!(
                    "`{name}` was edited after it was applied ({}, by {}): its file is not what ran. Put it back as it was and write \
                     the change as a migration of its own; or, where the database has it all the same, run `resolve {name} --applied`",
                    booked.finished_at, booked.by
                );
                return Err(Error::new(ErrorKind::Migration, why));
            }
        }
        match self.noted.migrations.iter().find(|booked| booked.state == State::Undoing) {
            Some(booked) if !taking_back && self.is_applied(&booked.name) => {
                let name = &booked.name;
                let why = format!(
                    "`{name}` is taken back half-way (begun {}, by {}): `down` goes on with it; `resolve {name} --applied` or \
                     `resolve {name} --rolled-back` say what it is once you mended it by hand",
                    booked.started_at, booked.by
                );
                Err(Error::new(ErrorKind::HalfApplied, why))
            }
            _ => Ok(()),
        }
    }

    /// One that stopped on its way to be applied.
    pub(super) fn half(&self) -> Option<&Booked> {
        let stopped = |booked: &&Booked| matches!(booked.state, State::Started | State::Failed);
        self.noted.migrations.iter().filter(stopped).find(|booked| !self.is_applied(&booked.name))
    }

    /// The newest of this program that was applied, where it knows all that were.
    pub(super) fn newest(&self) -> Option<&str> {
        let last = self.rows.iter().rev().find(|row| row.applied)?;
        last.known.then_some(&*last.name)
    }

    fn whole(&self) -> Result<()> {
        let newest = self.rows.iter().rposition(|row| row.known);
        match self.rows.iter().take(newest.unwrap_or(0)).find(|row| !row.known) {
            Some(lost) => {
                let name = &lost.name;
                let why = format!(
                    "`{name}` was applied and this program does not have it, so nothing was run. Build the program with its file; or, once \
                     the database has nothing of it any more, run `resolve {name} --rolled-back`"
                );
                Err(Error::new(ErrorKind::Migration, why))
            }
            None => Ok(()),
        }
    }

    /// The newest that was applied.
    pub(super) fn last(&self) -> Result<Option<String>> {
        self.whole()?;
        match self.rows.iter().rev().find(|row| row.applied) {
            Some(row) if !row.known => {
                let why = format!("`{}` was applied by a newer program, which must take it back", row.name);
                Err(Error::new(ErrorKind::Migration, why))
            }
            row => Ok(row.map(|row| row.name.clone())),
        }
    }
}

/// The names in a book that the migrator calls otherwise.
async fn seaql<M: MigratorTrait>(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let unreadable = |error| failed("the books could not be read", &error);
    let table = M::migration_table_name();
    let mut names = Vec::new();
    if SchemaManager::new(connection).has_table(table.to_string()).await.map_err(unreadable)? {
        let version = seaql_migrations::Column::Version;
        let select = Query::select().column(version).from(table).order_by(version, Order::Asc).take();
        for row in connection.query_all(&select).await.map_err(unreadable)? {
            names.push(row.try_get_by_index::<String>(0).map_err(unreadable)?);
        }
    }
    Ok(names)
}

/// The digest of a source (law S4). Ends of lines and what is blank at them do not count: a checkout on another system differs in
/// them.
pub(super) fn digest(source: &str) -> String {
    let mut digest = Sha256::new();
    for line in source.trim_start_matches('\u{feff}').trim_end().lines() {
        digest.update(line.trim_end());
        digest.update("\n");
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn a_digest_knows_no_ends_of_lines() {
        assert_eq!(digest("a\n  b\n"), digest("\u{feff}a \r\n  b\t\r\n\r\n"));
        assert_ne!(digest("a\n  b\n"), digest("a\n b\n"));
        assert_ne!(digest("a\nb"), digest("ab"));
    }
}
