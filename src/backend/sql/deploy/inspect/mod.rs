//! What a database has: some questions for all tables at once, never one per table.
//!
//! Who asks is abstract ([`Ask`]), so that a deploy and a look at a running database read with the same questions.

mod create;
mod mysql;
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use super::{SqlDeploy, session};
use crate::{
    Result,
    schema::{Flavor, Picture, picture::OtherPicture},
};
use std::future::Future;

/// The books of the migrations, which are in no picture.
pub(super) const BOOKS: [&str; 3] = ["seabed_migration", "seabed_step", "seaql_migrations"];

/// The picture of the schema that the session works in, or of another place: a scratch schema, a scratch database. SQLite has no
/// other. Nothing in it says where it was read, so that two places with the same tables have the same picture.
pub(super) async fn inspect(deploy: &SqlDeploy, place: Option<&str>) -> Result<Picture> {
    let mut asker = deploy;
    match (deploy.flavor, place) {
        (Flavor::Postgres, Some(place)) => Ok(sorted(postgres::at_home(&mut asker, place).await?, Flavor::Postgres)),
        _ => read(&mut asker, place).await,
    }
}

/// The picture of a place, asked by anybody; the session is left as it is. On PostgreSQL an expression says where it is when the
/// session's search path does not find it.
pub(in crate::backend::sql) async fn read<A: Ask>(asker: &mut A, place: Option<&str>) -> Result<Picture> {
    let flavor = asker.flavor();
    let picture = match flavor {
        Flavor::Sqlite => sqlite::read(asker).await?,
        Flavor::Postgres => postgres::read(asker, place).await?,
        Flavor::MySql | Flavor::MariaDb => mysql::read(asker, place).await?,
    };
    Ok(sorted(picture, flavor))
}

/// The same order on every server, whatever its collation.
fn sorted(mut picture: Picture, flavor: Flavor) -> Picture {
    for table in picture.tables.values_mut() {
        table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
        table.checks.sort_by(|one, other| (&one.name, &one.condition).cmp(&(&other.name, &other.condition)));
        if flavor == Flavor::Sqlite {
            table.foreign_keys.sort_by(|one, other| (&one.columns, &one.parent).cmp(&(&other.columns, &other.parent)));
        } else {
            table.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
        }
    }
    picture.others.sort();
    picture
}

/// Who asks a server.
pub(in crate::backend::sql) trait Ask: Send {
    /// What it speaks.
    fn flavor(&self) -> Flavor;

    /// The rows of a question whose `N` columns are all text.
    fn ask<const N: usize>(&mut self, sql: &str) -> impl Future<Output = Result<Vec<Row>>> + Send;
}

impl Ask for &SqlDeploy {
    fn flavor(&self) -> Flavor {
        self.flavor
    }

    async fn ask<const N: usize>(&mut self, sql: &str) -> Result<Vec<Row>> {
        Ok(session::ask(self, sql).await?.into_iter().map(Row).collect())
    }
}

/// The cells of a row, as text.
#[derive(Debug)]
pub(in crate::backend::sql) struct Row(pub Vec<Option<String>>);

impl Row {
    /// The cell, empty where it is null.
    fn get(&self, at: usize) -> &str {
        self.0.get(at).and_then(Option::as_deref).unwrap_or_default()
    }

    /// The cell, taken out of its row; empty where it is null.
    fn take(&mut self, at: usize) -> String {
        self.maybe(at).unwrap_or_default()
    }

    /// The cell, taken out of its row.
    fn maybe(&mut self, at: usize) -> Option<String> {
        self.0.get_mut(at).and_then(Option::take)
    }

    /// The cell, taken out of its row; none where nothing stands in it.
    fn said(&mut self, at: usize) -> Option<String> {
        self.maybe(at).filter(|text| !text.is_empty())
    }

    /// Whether the cell says yes, in the words of any server.
    fn yes(&self, at: usize) -> bool {
        matches!(self.get(at), "1" | "t" | "true" | "YES" | "ON")
    }
}

/// The last of a list, made where the row begins another one.
fn last<T>(list: &mut Vec<T>, same: impl FnOnce(&T) -> bool, new: impl FnOnce() -> T) -> Option<&mut T> {
    if !list.last().is_some_and(same) {
        list.push(new());
    }
    list.last_mut()
}

/// What else is to be said of a thing, in one text; none where nothing is.
fn odd(said: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// A thing that is no table.
fn other(kind: &str, name: String, table: Option<String>, text: String) -> OtherPicture {
    OtherPicture { kind: kind.to_owned(), name, table, text }
}
