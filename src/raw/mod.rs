//! Statements in the server's own words, and `SeaORM`'s own queries, in our pool and in our transactions.
//!
#![doc = include_str!("../../docs/raw.md")]

mod answer;
mod call;
mod sea_orm;
mod text;

pub use answer::RawRow;
pub use call::RawCall;
pub(crate) use call::script;
pub use sea_orm::SeaOrm;

use ::sea_orm::{DbBackend, Value};
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
    special: Vec<(DbBackend, Cow<'static, str>)>,
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
    /// A text that every server understands.
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
        self.special(DbBackend::Sqlite, text.into())
    }

    /// The text for PostgreSQL.
    pub fn postgres(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.special(DbBackend::Postgres, text.into())
    }

    /// The text for MySQL and MariaDB.
    pub fn mysql(self, text: impl Into<Cow<'static, str>>) -> Self {
        self.special(DbBackend::MySql, text.into())
    }

    fn special(mut self, dialect: DbBackend, text: Cow<'static, str>) -> Self {
        self.special.retain(|(of, _)| *of != dialect);
        self.special.push((dialect, text));
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

/// A statement in the server's own words. Its holes are variables in scope: they are bound on every server, never written into the
/// text, and a name that is not in scope does not compile.
///
/// | hole | is |
/// |---|---|
/// | `{id}` | the value of `id` |
/// | `{row.id}`, `{pair.0}` | a field of it |
/// | `{..kinds}` | each value of the list, with commas between: for `in (…)`. An empty list is `InvalidQuery` |
/// | `{{`, `}}` | a brace; in quotes and comments braces mean nothing |
///
/// Values are what `SeaORM` takes for a value: numbers, text, bytes, UUIDs, times, JSON, and an `Option` of them. Where servers need
/// unlike words, each has its own text, or one text has exceptions; `Unsupported` where there is none for the connected server.
///
/// ```
/// # use seabed::prelude::*;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::connect(Config::from_url("sqlite::memory:")?).await?;
/// # db.raw_script("create table reading (id integer primary key, kind text not null, size integer not null)").await?;
/// #[derive(Debug, PartialEq, seabed::sea_orm::FromQueryResult)]
/// struct Size {
///     kind: String,
///     total: i64,
/// }
///
/// let (least, kinds) = (10, ["raw", "clean"]);
/// for (kind, size) in [("raw", 7), ("raw", 12), ("clean", 30), ("old", 99)] {
///     db.raw(seabed::raw!("insert into reading (kind, size) values ({kind}, {size})")).execute().await?;
/// }
/// let sizes: Vec<Size> = db
///     .raw(seabed::raw!(
///         "select kind, cast(sum(size) as signed) as total from reading
///          where size >= {least} and kind in ({..kinds}) group by kind order by kind",
///         sqlite: "select kind, sum(size) as total from reading
///          where size >= {least} and kind in ({..kinds}) group by kind order by kind",
///         postgres: "select kind, sum(size)::bigint as total from reading
///          where size >= {least} and kind in ({..kinds}) group by kind order by kind",
///     ))
///     .all()
///     .await?;
/// assert_eq!(sizes, [Size { kind: "clean".into(), total: 30 }, Size { kind: "raw".into(), total: 12 }]);
/// # Ok::<_, seabed::Error>(())
/// # }).unwrap();
/// ```
///
/// ```compile_fail
/// let query = seabed::raw!("select 1 where 1 = {nobody}");
/// ```
#[macro_export]
macro_rules! raw {
    ($($text:tt)+) => { $crate::__private::raw!($crate, $($text)+) };
}
