//! Keys, unique indexes and foreign keys: what is there, what is not, and what refuses too much.

use super::{LiveForeignKey, LiveIndex, compare::Look};
use crate::{
    Result,
    schema::{Flavor, ForeignKey, Index, ddl, ddl::mend},
};
use std::collections::BTreeSet;

impl Look<'_> {
    fn same_columns(&self, wanted: &[&str], live: &[String]) -> bool {
        wanted.len() == live.len() && wanted.iter().all(|name| live.iter().any(|other| self.same(name, other)))
    }

    pub fn key(&mut self) {
        let wanted = self.table.names(&self.table.key);
        if self.same_columns(&wanted, &self.live.key) {
            return;
        }
        let why = if self.live.key.is_empty() {
            "the table has no primary key".to_owned()
        } else {
            format!("the primary key is of {}", self.live.key.join(", "))
        };
        let mend = if self.flavor == Flavor::Sqlite {
            self.rebuilt()
        } else {
            Some(mend::set_primary_key(self.table, self.live.key_name.as_deref(), self.flavor))
        };
        self.tell("W2", Some(&wanted.join(", ")), &why, mend);
    }

    /// Whether this index does what a unique index of these columns is to do.
    fn serves(&self, index: &LiveIndex, wanted: &[&str]) -> bool {
        let columns: Option<Vec<String>> = index.columns.iter().cloned().collect();
        index.unique && index.flaw.is_none() && columns.is_some_and(|columns| self.same_columns(wanted, &columns))
    }

    /// Whether a unique index refuses what the contract takes: its columns hold no unique key of the entity.
    pub fn is_extra(&self, index: &LiveIndex) -> bool {
        let unique = self.table.indexes.iter().filter(|index| index.unique).map(|index| &index.columns);
        let harmless = std::iter::once(&self.table.key).chain(unique).any(|columns| {
            let has = |name: &&str| index.columns.iter().flatten().any(|column| self.same(column, name));
            self.table.names(columns).iter().all(has)
        });
        index.unique && (index.flaw.is_some() || index.columns.contains(&None) || !harmless)
    }

    pub fn unique(&mut self) -> Result<()> {
        let table = self.table;
        for index in table.indexes.iter().filter(|index| index.unique) {
            let wanted = table.names(&index.columns);
            if self.live.indexes.iter().any(|live| self.serves(live, &wanted)) {
                continue;
            }
            let named = self.live.indexes.iter().find(|live| self.same(&live.name, &index.name));
            let why = match named.map(|live| live.flaw) {
                Some(Some(flaw)) => format!("the unique index {} does not do its work: {flaw}", index.name),
                Some(None) => format!("the index {} is not unique, or of other columns", index.name),
                None => format!("the unique index {} is not there", index.name),
            };
            let by_constraint = named.filter(|live| live.constraint);
            let mend = match by_constraint {
                Some(_) if self.flavor == Flavor::Sqlite => self.rebuilt(),
                Some(live) => {
                    let drop = mend::drop_named(table, "CONSTRAINT", &live.name, self.flavor);
                    Some(drop + "; " + &mend::set_index(table, index, false, self.flavor)?)
                }
                None => Some(mend::set_index(table, index, named.is_some(), self.flavor)?),
            };
            self.tell("W3", Some(&wanted.join(", ")), &why, mend);
        }
        for live in &self.live.indexes {
            // One that bears the name of a wanted one was told above.
            let named = table.indexes.iter().any(|index| index.unique && self.same(&index.name, &live.name));
            if named || !self.is_extra(live) {
                continue;
            }
            let columns: Vec<&str> = live.columns.iter().map(|it| it.as_deref().unwrap_or("an expression")).collect();
            let why = format!("the unique index {} refuses rows that the entity allows", live.name);
            let name = self.flavor.quoted(&live.name);
            let mend = match self.flavor {
                Flavor::Sqlite if live.constraint => self.rebuilt(),
                Flavor::Postgres if live.constraint => {
                    Some(mend::drop_named(table, "CONSTRAINT", &live.name, self.flavor))
                }
                Flavor::MySql | Flavor::MariaDb => Some(self.alter(&format!("DROP INDEX {name}"))),
                _ => {
                    let index = Index { name: live.name.clone(), columns: Vec::new(), unique: true };
                    Some(ddl::drop_index(table, &index, self.flavor))
                }
            };
            self.tell("W3", Some(&columns.join(", ")), &why, mend);
        }
        Ok(())
    }

    pub fn foreign_keys(&mut self) {
        let table = self.table;
        let mut known = BTreeSet::new();
        for key in &table.foreign_keys {
            let wanted = table.names(&key.columns);
            let found = self.live.foreign_keys.iter().find(|live| self.refers(live, key, &wanted));
            let on_delete = key.on_delete.words();
            let why = match found {
                None => format!("the foreign key to {} is not there", key.parent),
                Some(live) => {
                    known.insert(live.name.clone());
                    if live.on_delete != on_delete {
                        format!("ON DELETE is {} and has to be {on_delete}", live.on_delete)
                    } else if let Some(flaw) = live.flaw {
                        format!("the foreign key {} does not do its work: {flaw}", live.name)
                    } else {
                        continue;
                    }
                }
            };
            let add = mend::add_foreign_key(table, key, self.flavor);
            let mend = match (self.flavor, found) {
                (Flavor::Sqlite, _) => self.rebuilt(),
                (_, Some(live)) => Some(self.without(live) + "; " + &add),
                (_, None) => Some(add),
            };
            self.tell("W2", Some(&wanted.join(", ")), &why, mend);
        }
        for live in self.live.foreign_keys.iter().filter(|live| !known.contains(&live.name)) {
            let why = format!(
                "a foreign key to {} of which the entity says nothing: it refuses what is allowed",
                live.parent
            );
            let mend = if self.flavor == Flavor::Sqlite { self.rebuilt() } else { Some(self.without(live)) };
            self.tell("W2", Some(&live.columns.join(", ")), &why, mend);
        }
    }

    fn without(&self, live: &LiveForeignKey) -> String {
        let what = if self.flavor.is_mysql() { "FOREIGN KEY" } else { "CONSTRAINT" };
        mend::drop_named(self.table, what, &live.name, self.flavor)
    }

    /// Whether it goes from these columns to the same parent.
    fn refers(&self, live: &LiveForeignKey, key: &ForeignKey, columns: &[&str]) -> bool {
        let parent = match (&self.table.schema, self.flavor) {
            (Some(schema), Flavor::Sqlite) => format!("{schema}.{}", key.parent),
            _ => key.parent.clone(),
        };
        // SQLite names no columns where they are the parent's key.
        let to = live.parent_columns.is_empty()
            || (live.parent_columns.len() == key.parent_columns.len()
                && live.parent_columns.iter().zip(&key.parent_columns).all(|(one, other)| self.same(one, other)));
        self.same(&live.parent, &parent) && self.same_columns(columns, &live.columns) && to
    }
}
