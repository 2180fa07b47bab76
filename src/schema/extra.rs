//! What the attributes of an entity cannot say of its table; said by the `schema` rule.

use serde::{Deserialize, Serialize};

/// A piece of SQL: one text for every server of SQL, or one for each; and JSON for MongoDB, which reads no SQL.
///
/// ```
/// use seabed::schema::{Flavor, Words};
/// let words = Words::from("lower(name)").mysql("lcase(name)");
/// assert_eq!(words.on(Flavor::MariaDb), Some("lcase(name)"));
/// assert_eq!(words.on(Flavor::Sqlite), Some("lower(name)"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// For those that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
    /// For SQLite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sqlite: Option<String>,
    /// For PostgreSQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<String>,
    /// For MySQL and MariaDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mysql: Option<String>,
    /// For MongoDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mongodb: Option<String>,
}

impl Words {
    /// The text for SQLite.
    #[must_use]
    pub fn sqlite(mut self, text: impl Into<String>) -> Self {
        self.sqlite = Some(text.into());
        self
    }

    /// The text for PostgreSQL.
    #[must_use]
    pub fn postgres(mut self, text: impl Into<String>) -> Self {
        self.postgres = Some(text.into());
        self
    }

    /// The text for MySQL and MariaDB.
    #[must_use]
    pub fn mysql(mut self, text: impl Into<String>) -> Self {
        self.mysql = Some(text.into());
        self
    }

    /// The JSON for MongoDB (extended JSON, as its shell writes it): an expression where a value is made, such as
    /// `{"$add": ["$n", 1]}`; a query where rows are chosen, such as `{"code": null}`; a command where it is a statement.
    #[must_use]
    pub fn mongodb(mut self, json: impl Into<String>) -> Self {
        self.mongodb = Some(json.into());
        self
    }

    /// The text for this server; none where nothing is said for it.
    #[must_use]
    pub fn on(&self, flavor: super::Flavor) -> Option<&str> {
        let own = match flavor {
            super::Flavor::Sqlite => &self.sqlite,
            super::Flavor::Postgres => &self.postgres,
            super::Flavor::MySql | super::Flavor::MariaDb => &self.mysql,
        };
        own.as_deref().or(self.all.as_deref())
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self { all: Some(text.to_owned()), ..Self::default() }
    }
}

/// What else is said of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnExtra {
    /// A type of the server's own in place of the one that we would declare, with its collation. Who says one answers for the
    /// laws that it may break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<Words>,
    /// The name that it had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// A remark that the server keeps; not on SQLite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl ColumnExtra {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What else is said of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableExtra {
    /// Indexes beyond those of the attributes. Only a server looks at a unique one here: the memory backend does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexDef>,
    /// Checks in SQL; the memory backend does not look at them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// The name that it had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// A remark that the server keeps; not on SQLite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

impl TableExtra {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An index as a step names it: columns by name, so that it stands without its table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexDef {
    /// Its name, bounded.
    pub name: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// Whether two rows may not have the same values.
    #[serde(default)]
    pub unique: bool,
    /// The condition of the rows in it. Not on MySQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Words>,
    /// The name that it had before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
}

/// One part of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A column, ascending.
    Column(String),
    /// A column, descending.
    Descending(String),
    /// An expression. Not on MariaDB.
    Expression(Words),
}

impl Part {
    /// The column, where it is one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) | Self::Descending(name) => Some(name),
            Self::Expression(_) => None,
        }
    }
}

/// A condition that every row keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Its name, bounded.
    pub name: String,
    /// The condition.
    pub condition: Words,
}
