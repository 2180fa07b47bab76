//! What a database has, in the server's own words: what inspection reads, and what two of which are compared.
//!
//! Nothing in it is made neutral: a picture of what is wanted is read from the same server as the picture of what is there, so
//! that equal things have equal words.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole database, or the schema of it that the connection works in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The tables by name; one in another schema as `schema.table`.
    pub tables: BTreeMap<String, TablePicture>,
    /// What is there and is no table: views, routines, sequences, types. Triggers too.
    pub others: Vec<OtherPicture>,
}

impl Picture {
    /// A table. The connection's own schema is not said in a picture, a step may say it.
    #[must_use]
    pub fn table(&self, whole: &str) -> Option<&TablePicture> {
        self.tables.get(self.name_of(whole)?)
    }

    /// The name under which a picture has it.
    pub(crate) fn name_of<'n>(&self, whole: &'n str) -> Option<&'n str> {
        let own = || whole.split_once('.').map(|(_, name)| name);
        [Some(whole), own()].into_iter().flatten().find(|name| self.tables.contains_key(*name))
    }
}

/// One table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TablePicture {
    /// The columns, in the table's order.
    pub columns: Vec<ColumnPicture>,
    /// The primary key.
    pub key: Option<KeyPicture>,
    /// The indexes, unique ones and those of constraints included, by name; the primary key's is not among them.
    pub indexes: Vec<IndexPicture>,
    /// The references to parents, by name (SQLite: by their columns).
    pub foreign_keys: Vec<ForeignKeyPicture>,
    /// The checks, by name.
    pub checks: Vec<CheckPicture>,
    /// What else the server says of the table and a table of ours says otherwise: engine, charset, collation, persistence,
    /// partitioning. Only what is not the server's own default for a table of ours.
    pub options: BTreeMap<String, String>,
    /// Its comment.
    pub comment: Option<String>,
    /// SQLite: the text of its CREATE TABLE, which a rebuild edits. Not compared.
    pub create: Option<String>,
}

/// One column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnPicture {
    /// Its name.
    pub name: String,
    /// Its full type, such as `character varying(80)`.
    pub declared: String,
    /// Whether it takes null.
    pub nullable: bool,
    /// The expression of its default, as the server writes it.
    pub default: Option<String>,
    /// The expression that computes it, with `stored` or `virtual` behind it.
    pub generated: Option<String>,
    /// Whether the database makes its values: empty, `yes`, `always`.
    pub auto: String,
    /// Its collation, where it has one of its own.
    pub collation: Option<String>,
    /// What the server sets at each change by itself (MySQL's ON UPDATE).
    pub touched: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// The primary key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPicture {
    /// The name of its constraint.
    pub name: String,
    /// Its columns, in the key's order.
    pub columns: Vec<String>,
}

/// One index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPicture {
    /// Its name.
    pub name: String,
    /// Its parts, in order.
    pub parts: Vec<PartPicture>,
    /// Columns that are only kept in it (INCLUDE).
    pub included: Vec<String>,
    /// Whether it is unique.
    pub unique: bool,
    /// The condition of a partial one.
    pub predicate: Option<String>,
    /// `btree`, `gin`, `fulltext` …
    pub method: String,
    /// Whether it belongs to a constraint.
    pub constraint: bool,
    /// Whether it is finished and looked at.
    pub valid: bool,
    /// Anything else that makes it not what a plain one is: `nulls not distinct`, `deferrable`, `ignored`.
    pub odd: Option<String>,
}

/// One part of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartPicture {
    /// The column, where it is one.
    pub column: Option<String>,
    /// The expression, where it is one.
    pub expression: Option<String>,
    /// Whether it is descending.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
    /// How many characters of the column (MySQL).
    pub prefix: Option<u32>,
    /// Its collation, where it is not the column's.
    pub collation: Option<String>,
}

/// A reference to a parent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyPicture {
    /// Its name; empty on SQLite where it has none.
    pub name: String,
    /// The columns here.
    pub columns: Vec<String>,
    /// The parent, with a schema where it is in another.
    pub parent: String,
    /// The parent's columns.
    pub parent_columns: Vec<String>,
    /// `RESTRICT`, `CASCADE`, `SET NULL`, `NO ACTION`, `SET DEFAULT`.
    pub on_delete: String,
    /// The same of an update of the parent's key.
    pub on_update: String,
    /// Anything else: `deferrable`, `not valid`.
    pub odd: Option<String>,
}

/// A check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckPicture {
    /// Its name; empty where it has none.
    pub name: String,
    /// The condition, as the server writes it.
    pub condition: String,
    /// Whether the server looks at it.
    pub enforced: bool,
}

/// What is there and is no table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OtherPicture {
    /// `view`, `materialized view`, `trigger`, `sequence`, `type`, `domain`, `routine`, `event` …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The table that it belongs to, where it does.
    pub table: Option<String>,
    /// Its text, as the server gives it.
    pub text: String,
}

impl TablePicture {
    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnPicture> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The index of this name.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<&IndexPicture> {
        self.indexes.iter().find(|index| index.name == name)
    }
}
