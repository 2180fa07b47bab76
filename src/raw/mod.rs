//! Statements in the server's own words, and `SeaORM`'s own queries, in our pool and in our transactions.
//!
#![doc = include_str!("../../docs/raw.md")]

mod answer;
mod call;
mod errors;
mod holes;
mod sea_orm;
mod text;

pub use answer::RawRow;
pub use call::RawCall;
pub(crate) use call::script;
pub use sea_orm::SeaOrm;

use crate::backend::raw::Words;
use ::sea_orm::Value;
use std::borrow::Cow;

/// A statement with holes, made by [`raw!`](crate::raw!); by hand where its text is made at run time. Values are bound, never
/// written into the text.
///
/// ```
/// use seabed::raw::Raw;
/// let table = "reading"; // a name cannot be bound: write those that you know, never one that a user sent
/// let one = Raw::new(format!("select * from {table} where id = {{id}} and kind in ({{..kinds}})"))
///     .bind("id", 7)
///     .bind_all("kinds", ["raw", "clean"]);
/// # let _ = one;
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a statement does nothing by itself: `db.raw(…).execute()`"]
pub struct Raw {
    general: Option<Cow<'static, str>>,
    special: Vec<(Words, Cow<'static, str>)>,
    bound: Vec<(Cow<'static, str>, Bound)>,
    writes: bool,
}

/// What a hole stands for.
#[derive(Clone, Debug)]
enum Bound {
    One(Value),
    All(Vec<Value>),
}

impl Raw {
    /// A text that every server of SQL understands.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self::default().general(text)
    }

    /// The text for the servers that have none of their own.
    pub fn general(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.general = Some(text.into());
        self
    }

    /// The text for SQLite.
    pub fn sqlite(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.special(Words::Sqlite, text.into())
    }

    /// The text for PostgreSQL.
    pub fn postgres(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.special(Words::Postgres, text.into())
    }

    /// The text for MySQL and MariaDB.
    pub fn mysql(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.special(Words::MySql, text.into())
    }

    /// The command for MongoDB, as a JSON document. There a brace is said once, and a hole is what stands in braces without quotes.
    pub fn mongodb(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.special(Words::Mongo, text.into())
    }

    fn special(mut self, words: Words, text: Cow<'static, str>) -> Self {
        self.special.retain(|(of, _)| *of != words);
        self.special.push((words, text));
        self
    }

    /// The value of the hole `{name}`.
    pub fn bind(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.bound.push((name.into(), Bound::One(value.into())));
        self
    }

    /// The values of the hole `{..name}`, with commas between them: for `in (…)`. An empty list is `InvalidQuery` when it runs,
    /// for SQL has none.
    pub fn bind_all<V: Into<Value>>(
        mut self,
        name: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.bound.push((name.into(), Bound::All(values.into_iter().map(Into::into).collect())));
        self
    }

    /// Says that it writes, where its words do not show it: a `select` of a function that does. Then it is kept out of
    /// transactions that only read, and a connection that is lost says `WriteUnknown`.
    pub fn writes(mut self) -> Self {
        self.writes = true;
        self
    }
}
