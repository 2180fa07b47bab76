//! Where a step works: the table's name in its parts, and what is there.

use super::{done, found, missing, tokens};
use crate::{
    Error, ErrorKind, Result,
    schema::{
        Column, Done, Flavor, ForeignKey, OnDelete, Picture, Reference, Rules, Statement, Table, TableExtra,
        picture::TablePicture,
    },
};

/// One table of a database.
pub(super) struct Place<'a> {
    pub flavor: Flavor,
    /// As the step and the picture say it.
    pub whole: &'a str,
    pub schema: Option<&'a str>,
    pub name: &'a str,
    pub have: &'a Picture,
    live: Option<&'a TablePicture>,
}

impl<'a> Place<'a> {
    pub fn of(whole: &'a str, have: &'a Picture, flavor: Flavor) -> Self {
        let (schema, name) = match whole.split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, whole),
        };
        // The connection's own schema is not said in a picture, an entity may say it.
        let live = have.tables.get(whole).or_else(|| have.tables.get(name).filter(|_| flavor != Flavor::Sqlite));
        Self { flavor, whole, schema, name, have, live }
    }

    /// What is there of it.
    pub fn live(&self) -> Result<&'a TablePicture> {
        self.live
            .ok_or_else(|| Error::new(ErrorKind::SchemaMismatch, "the database has no such table").entity(self.whole))
    }

    /// The same where it need not be there.
    pub fn seen(&self) -> Option<&'a TablePicture> {
        self.live
    }

    /// Its quoted name.
    pub fn table(&self) -> String {
        self.beside(self.name)
    }

    /// The quoted name of something that lives in its schema.
    pub fn beside(&self, name: &str) -> String {
        let mut sql = String::new();
        self.flavor.qualified(&mut sql, self.schema, name);
        sql
    }

    pub fn quoted(&self, name: &str) -> String {
        self.flavor.quoted(name)
    }

    /// Quoted names with commas between them.
    pub fn list<S: AsRef<str>>(&self, names: &[S]) -> String {
        names.iter().map(|name| self.quoted(name.as_ref())).collect::<Vec<_>>().join(", ")
    }

    /// `ALTER TABLE x …`, its parts with commas between them.
    pub fn alter(&self, parts: &[String], proof: Done) -> Statement {
        done(format!("ALTER TABLE {} {}", self.table(), parts.join(", ")), proof)
    }

    /// Whether a column that is there takes null.
    pub fn nullable(&self, column: &str) -> Result<bool> {
        let live = self.live()?.column(column);
        live.map(|column| column.nullable)
            .ok_or_else(|| missing("the table in the database has no such column", self.whole, column))
    }

    /// Whether the table's key is this column alone.
    pub fn is_key(&self, column: &str) -> bool {
        self.live.and_then(|live| live.key.as_ref()).is_some_and(|key| key.columns == [column])
    }

    /// A table of this column alone, to be read by the emitter: with its key and what a delete of its parent does to it.
    pub fn with(&self, column: &Column) -> Table {
        let name = &column.name;
        let set_null = self.live.into_iter().flat_map(|live| &live.foreign_keys).filter(|key| {
            key.on_delete.eq_ignore_ascii_case("SET NULL") && key.columns.iter().any(|other| other == name)
        });
        Table {
            schema: self.schema.map(ToOwned::to_owned),
            name: self.name.to_owned(),
            columns: vec![column.clone()],
            key: if self.is_key(name) { vec![0] } else { Vec::new() },
            indexes: Vec::new(),
            foreign_keys: set_null
                .map(|key| ForeignKey {
                    name: key.name.clone(),
                    columns: vec![0],
                    parent: key.parent.clone(),
                    parent_columns: key.parent_columns.clone(),
                    on_delete: OnDelete::SetNull,
                    parent_tenant: None,
                })
                .collect(),
            rules: Rules::default(),
            extra: TableExtra::default(),
        }
    }

    /// `CONSTRAINT x FOREIGN KEY …`
    pub fn foreign_key(&self, key: &Reference) -> String {
        // A parent that is named without a schema lives beside its child.
        let parent = match key.parent.split_once('.') {
            Some((schema, name)) => {
                let mut sql = String::new();
                self.flavor.qualified(&mut sql, Some(schema), name);
                sql
            }
            None => self.beside(&key.parent),
        };
        format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {parent} ({}) ON DELETE {}",
            self.quoted(&key.name),
            self.list(&key.columns),
            self.list(&key.parent_columns),
            key.on_delete.words(),
        )
    }

    /// Refuses to take a column away that something of more columns names: a server would take that too, or narrow it, without
    /// a word.
    pub fn free(&self, column: &str) -> Result<()> {
        let Some(live) = self.live else { return Ok(()) };
        let refused = |what: &str, name: &str| {
            let why = format!("{what} names the column with others: it goes first");
            Err(missing(&why, self.whole, column).constraint(name))
        };
        let among = |columns: &[String]| columns.len() > 1 && columns.iter().any(|other| other == column);
        if let Some(key) = live.key.as_ref().filter(|key| key.columns.iter().any(|other| other == column)) {
            return refused("the primary key", &key.name);
        }
        for index in &live.indexes {
            let words =
                index.parts.iter().filter_map(|part| part.expression.as_deref()).chain(index.predicate.as_deref());
            let words: Vec<&str> = words.collect();
            let named = live.columns.iter().map(|column| &column.name).filter(|name| {
                index.parts.iter().any(|part| part.column.as_ref() == Some(name))
                    || words.iter().any(|text| tokens::names(text, name, self.flavor.is_mysql()))
            });
            if among(&named.cloned().collect::<Vec<String>>()) {
                return refused("an index", &index.name);
            }
        }
        if let Some(check) = found::checks_naming(self, column).1.first() {
            return refused("a check", &check.name);
        }
        match live.foreign_keys.iter().find(|key| among(&key.columns)) {
            Some(key) => refused("a foreign key", &key.name),
            None => Ok(()),
        }
    }
}

impl Place<'_> {
    /// On SQLite a parent's one name: it lives beside its child.
    pub fn with_schema(&self, parent: &str) -> String {
        match self.schema {
            Some(schema) if !parent.contains('.') => [schema, parent].join("."),
            _ => parent.to_owned(),
        }
    }
}
