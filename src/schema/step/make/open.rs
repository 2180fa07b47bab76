//! Steps that more is said of: with what rows are filled, by which words.

use super::{Finish, StepBuilder, built};
use crate::{
    Error, ErrorKind, Result,
    schema::{
        Column, Words, build,
        step::{Action, Backfill, Sql, column::ColumnBuilder},
    },
};

/// A column more, in the making.
#[derive(Clone, Debug)]
pub struct Adding {
    table: String,
    column: Column,
    fill: Option<Words>,
}

/// A column that changes, in the making.
#[derive(Clone, Debug)]
pub struct Altering {
    table: String,
    from: Option<Column>,
    to: Column,
    using: Option<Words>,
    fill: Option<Words>,
}

/// A column more. The rows that are there get what [`fill`](StepBuilder::fill) says, else the column's default, else null.
pub fn add_column(table: &str, column: ColumnBuilder) -> StepBuilder<Adding> {
    let column = built(table, column);
    StepBuilder::new(column.map(|column| Adding { table: table.to_owned(), column, fill: None }))
}

/// A column of another type, other values of an enum, another nullability. Without `from` there is no way back.
pub fn alter_column(table: &str, from: impl Into<Option<ColumnBuilder>>, to: ColumnBuilder) -> StepBuilder<Altering> {
    let made = || {
        let from = from.into().map(|from| built(table, from)).transpose()?;
        let to = built(table, to)?;
        if let Some(from) = from.as_ref().filter(|from| from.name != to.name) {
            let why = "a column that changes keeps its name: `rename_column` changes it";
            return Err(Error::new(ErrorKind::SchemaMismatch, why).entity(table).field(&*from.name));
        }
        Ok(Altering { table: table.to_owned(), from, to, using: None, fill: None })
    };
    StepBuilder::new(made())
}

/// Statements of one's own: what they do, in a few words. [`up`](StepBuilder::up) says them.
pub fn sql(what: impl Into<String>) -> StepBuilder<Sql> {
    StepBuilder::new(Ok(Sql { what: what.into(), ..Sql::default() }))
}

/// A change of all rows of a table, some thousand at a time.
pub fn backfill(table: &str) -> StepBuilder<Backfill> {
    StepBuilder::new(Ok(Backfill { table: table.to_owned(), set: Vec::new(), only: None, batch: 1_000 }))
}

impl StepBuilder<Adding> {
    /// What the rows that are there get, as SQL over their other columns.
    pub fn fill(self, words: impl Into<Words>) -> Self {
        self.with(|adding| adding.fill = Some(words.into()))
    }
}

impl StepBuilder<Altering> {
    /// The expression that makes the new value of the old one, where a cast does not.
    pub fn using(self, words: impl Into<Words>) -> Self {
        self.with(|altering| altering.using = Some(words.into()))
    }

    /// What rows with a null get, where the column takes no null any more.
    pub fn fill(self, words: impl Into<Words>) -> Self {
        self.with(|altering| altering.fill = Some(words.into()))
    }
}

impl StepBuilder<Sql> {
    /// The statement. A server that it says nothing for is left alone.
    pub fn up(self, words: impl Into<Words>) -> Self {
        self.with(|sql| sql.up = words.into())
    }

    /// The way back.
    pub fn down(self, words: impl Into<Words>) -> Self {
        self.with(|sql| sql.down = Some(words.into()))
    }

    /// A question whose first cell is true where the statement was done: it tells after a crash on MySQL whether to run it again.
    pub fn probe(self, words: impl Into<Words>) -> Self {
        self.with(|sql| sql.probe = Some(words.into()))
    }

    /// It must stand outside a transaction, as CREATE INDEX CONCURRENTLY.
    pub fn alone(self) -> Self {
        self.with(|sql| sql.alone = true)
    }
}

impl StepBuilder<Backfill> {
    /// What a column becomes, as SQL over the row.
    pub fn set(self, column: &str, words: impl Into<Words>) -> Self {
        self.with(|backfill| backfill.set.push((column.to_owned(), words.into())))
    }

    /// Which rows; all without it.
    pub fn only(self, words: impl Into<Words>) -> Self {
        self.with(|backfill| backfill.only = Some(words.into()))
    }

    /// How many rows a batch has: 1 to 100,000; 1,000 where it is not said.
    pub fn batch(self, rows: u32) -> Self {
        self.with(|backfill| backfill.batch = rows)
    }
}

impl Finish for Adding {
    fn finish(self) -> Result<Action> {
        Ok(Action::AddColumn { table: self.table, column: self.column, fill: self.fill })
    }
}

impl Finish for Altering {
    fn finish(self) -> Result<Action> {
        let Self { table, from, to, using, fill } = self;
        if fill.is_some() && to.nullable {
            let why = "a column that takes null has no rows to fill";
            return Err(Error::new(ErrorKind::SchemaMismatch, why).entity(table).field(&*to.name));
        }
        Ok(Action::AlterColumn { table, from, to, using, fill })
    }
}

impl Finish for Sql {
    fn finish(self) -> Result<Action> {
        if self.up == Words::default() {
            let why = format!("`{}` says no statement: `up` does", self.what);
            return Err(Error::new(ErrorKind::SchemaMismatch, why));
        }
        Ok(Action::Sql(self))
    }
}

impl Finish for Backfill {
    fn finish(self) -> Result<Action> {
        let fault = |why: &str| Error::new(ErrorKind::SchemaMismatch, why.to_owned()).entity(&self.table);
        if self.set.is_empty() {
            return Err(fault("a backfill sets a column: `set` says it"));
        }
        if !(1..=100_000).contains(&self.batch) {
            return Err(fault("a batch has 1 to 100,000 rows"));
        }
        for (column, _) in &self.set {
            build::named(column).map_err(|error| error.entity(&self.table).field(column))?;
        }
        Ok(Action::Backfill(self))
    }
}
