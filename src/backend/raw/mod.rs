//! A statement in the words of one server: what the contract leaves out.

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "mongodb"))]
mod bound;
mod document;
mod lex;
mod look;
mod said;
#[cfg(test)]
mod tests;

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "mongodb"))]
pub(crate) use bound::bound;
pub use document::BOUND;
pub use lex::{Lexer, Token, Words};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) use look::several;

use crate::Result;
use look::Look;
use sea_orm::{DbBackend, ExecResult, QueryResult, Value};

/// A statement as the server will read it, and the values that its placeholders stand for. There is none that would go round
/// the state of a transaction, nor one of several statements that is no script: [`new`](Self::new) refuses them.
#[derive(Clone, Debug)]
pub struct RawStatement {
    sql: String,
    values: Vec<Value>,
    want: RawWant,
    dialect: Option<DbBackend>,
    look: Look,
}

impl RawStatement {
    /// A statement in the words of this server, with its placeholders.
    ///
    /// # Errors
    /// `InvalidQuery` for `BEGIN`, `COMMIT` and what else controls a transaction; for several statements, unless a
    /// [`Script`](RawWant::Script) is wanted; for a quote that is not closed; where there are more or fewer values than
    /// placeholders.
    pub fn new(dialect: DbBackend, sql: impl Into<String>, values: Vec<Value>, want: RawWant) -> Result<Self> {
        let sql = sql.into();
        let look = look::look(&sql, words(dialect), want == RawWant::Script, values.len())?;
        Ok(Self { sql, values, want, dialect: Some(dialect), look })
    }

    /// A command of MongoDB as a JSON document, or as a list of them for a [`Script`](RawWant::Script). A document with the one
    /// field [`$bound`](BOUND) stands for the value of that number, in a list also for those of several numbers.
    ///
    /// ```
    /// use seabed::backend::{RawStatement, RawWant};
    /// let text = r#"{ "find": "reading", "filter": { "size": { "$gte": { "$bound": 0 } } } }"#;
    /// let read = RawStatement::document(text, vec![10_i64.into()], RawWant::Documents)?;
    /// assert!(read.reads());
    /// # Ok::<_, seabed::Error>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidQuery` for what is no document, for a command of transactions, sessions and cursors or of whoever runs the server,
    /// for a field that the library writes itself, and where there are more or fewer values than places.
    pub fn document(text: impl Into<String>, values: Vec<Value>, want: RawWant) -> Result<Self> {
        let sql = text.into();
        let look = document::look(&sql, want == RawWant::Script, values.len())?;
        Ok(Self { sql, values, want, dialect: None, look })
    }

    /// Says that it writes, where its words do not show it: a `SELECT` of a function that does.
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.look.reads = false;
        self
    }

    /// Its text.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values, in the order of the placeholders.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Its text and its values.
    #[must_use]
    pub fn into_parts(self) -> (String, Vec<Value>) {
        (self.sql, self.values)
    }

    /// What is wanted of it.
    #[must_use]
    pub fn want(&self) -> RawWant {
        self.want
    }

    /// Whose SQL it is written in; none where it is a command of MongoDB.
    #[must_use]
    pub fn dialect(&self) -> Option<DbBackend> {
        self.dialect
    }

    /// Whether its words only read. One that hides a write in a function is taken for a read, unless it was
    /// [said](Self::writing): SQLite refuses it then, and a lost connection says `ConnectionLost` of it.
    #[must_use]
    pub fn reads(&self) -> bool {
        self.look.reads
    }

    /// Whether it leaves something behind in its connection, such as a setting or a temporary table.
    #[must_use]
    pub fn changes_session(&self) -> bool {
        self.look.session
    }

    /// Whether the server commits a transaction for it: a definition on MySQL and MariaDB.
    #[must_use]
    pub fn commits(&self) -> bool {
        self.look.commits
    }
}

/// The quotes and comments of a server.
#[must_use]
pub fn words(dialect: DbBackend) -> Words {
    match dialect {
        DbBackend::Sqlite => Words::Sqlite,
        DbBackend::Postgres => Words::Postgres,
        DbBackend::MySql => Words::MySql,
        _ => Words::Any,
    }
}

/// What is wanted of a raw statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RawWant {
    /// Its rows.
    Rows,
    /// Its documents.
    Documents,
    /// How many rows it changed.
    Count,
    /// That it runs: several statements without values, one after the other.
    Script,
}

/// What a raw statement answers.
#[derive(Debug)]
#[non_exhaustive]
pub enum RawOutcome {
    /// Rows, as `SeaORM` reads them.
    Rows(Vec<QueryResult>),
    /// Documents, as JSON.
    Documents(Vec<serde_json::Value>),
    /// What the driver says of rows affected and of the last key made.
    Count(ExecResult),
    /// How many documents were written.
    Affected(u64),
    /// It ran to its end, and nothing more is told.
    Ran,
}

impl RawOutcome {
    /// Rows answered or affected.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.len() as u64,
            Self::Documents(documents) => documents.len() as u64,
            Self::Affected(count) => *count,
            Self::Count(counted) => counted.rows_affected(),
            Self::Ran => 0,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
