//! Steps by hand, for migrations: what `use seabed::migration::prelude::*;` brings.

use super::{
    Action, Allowed, Backfill, Sql, Step,
    column::ColumnBuilder,
    index::{IndexBuilder, ReferenceBuilder, check},
};
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, Table, Words, build, build::TableBuilder},
};

/// The steps of a migration; the first fault of one of them is the migration's.
///
/// ```
/// use seabed::migration::prelude::*;
///
/// fn steps() -> Result<Vec<Step>> {
///     steps![
///         create_table(table("shelf").int64("id").primary_key(&["id"])),
///         add_column("item", text("sku", 64)).fill("'S' || id"),
///         add_index("item", index(&["sku"]).unique()),
///         drop_column("item", int32("old_price")).allow("drops-column", "moved to `price` in March"),
///         sql("wake the workers").up("NOTIFY work"),
///         backfill("item").set("price", "price * 100").batch(5_000),
///     ]
/// }
/// assert_eq!(steps()?.len(), 6);
/// # Ok::<_, seabed::Error>(())
/// ```
#[macro_export]
macro_rules! steps {
    ($($step:expr),* $(,)?) => {
        $crate::schema::step::gathered(::std::vec![$($crate::schema::step::Make::step($step)),*])
    };
}

/// What [`steps!`](crate::steps) has gathered: all of them, or the first fault.
///
/// # Errors
/// The first fault.
#[doc(hidden)]
pub fn gathered(steps: Vec<Result<Step>>) -> Result<Vec<Step>> {
    steps.into_iter().collect()
}

/// What becomes a step.
pub trait Make {
    /// The step.
    ///
    /// # Errors
    /// Its first fault, with entity and field.
    fn step(self) -> Result<Step>;
}

impl Make for Step {
    fn step(self) -> Result<Step> {
        Ok(self)
    }
}

impl Make for Action {
    fn step(self) -> Result<Step> {
        Ok(self.into())
    }
}

impl Make for Result<Step> {
    fn step(self) -> Result<Step> {
        self
    }
}

/// A table, or one in the making.
pub trait MakeTable {
    /// The table.
    ///
    /// # Errors
    /// Its first fault, with entity and field.
    fn table(self) -> Result<Table>;
}

impl MakeTable for Table {
    fn table(self) -> Result<Table> {
        Ok(self)
    }
}

impl MakeTable for Result<Table> {
    fn table(self) -> Result<Table> {
        self
    }
}

impl MakeTable for TableBuilder {
    fn table(self) -> Result<Table> {
        self.build()
    }
}

/// A step in the making.
#[derive(Clone, Debug)]
#[must_use]
pub struct StepBuilder<A> {
    made: Result<A>,
    allowed: Vec<Allowed>,
}

impl<A> StepBuilder<A> {
    fn new(made: Result<A>) -> Self {
        Self { made, allowed: Vec::new() }
    }

    /// Accepts a warning of this step, with the reason why it is no danger here.
    pub fn allow(mut self, code: impl Into<String>, reason: impl Into<String>) -> Self {
        self.allowed.push(Allowed { code: code.into(), reason: reason.into() });
        self
    }

    fn with(mut self, change: impl FnOnce(&mut A)) -> Self {
        if let Ok(made) = &mut self.made {
            change(made);
        }
        self
    }
}

/// What is still open of a step.
pub trait Finish {
    /// What it does.
    ///
    /// # Errors
    /// What is missing, with entity and field.
    fn finish(self) -> Result<Action>;
}

impl<A: Finish> StepBuilder<A> {
    /// The step.
    ///
    /// # Errors
    /// Its first fault, with entity and field.
    pub fn step(self) -> Result<Step> {
        Ok(Step { action: self.made?.finish()?, allowed: self.allowed })
    }
}

impl<A: Finish> Make for StepBuilder<A> {
    fn step(self) -> Result<Step> {
        StepBuilder::step(self)
    }
}

impl Finish for Action {
    fn finish(self) -> Result<Action> {
        Ok(self)
    }
}

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

/// A table that is not there yet, with its keys and indexes.
pub fn create_table(table: impl MakeTable) -> StepBuilder<Action> {
    StepBuilder::new(table.table().map(Action::CreateTable))
}

/// A table that goes, with its rows; said as it was, for the way back.
pub fn drop_table(table: impl MakeTable) -> StepBuilder<Action> {
    StepBuilder::new(table.table().map(Action::DropTable))
}

/// A table under a new name.
pub fn rename_table(from: &str, to: &str) -> StepBuilder<Action> {
    let name = to.split_once('.').map_or(to, |(_, name)| name);
    let made = build::named(name).map(|()| Action::RenameTable { from: from.to_owned(), to: to.to_owned() });
    StepBuilder::new(made.map_err(|error| error.entity(from)))
}

/// A column more. The rows that are there get what [`fill`](StepBuilder::fill) says, else the column's default, else null.
pub fn add_column(table: &str, column: ColumnBuilder) -> StepBuilder<Adding> {
    let column = built(table, column);
    StepBuilder::new(column.map(|column| Adding { table: table.to_owned(), column, fill: None }))
}

/// A column that goes, with its values; said as it was, for the way back.
pub fn drop_column(table: &str, column: ColumnBuilder) -> StepBuilder<Action> {
    StepBuilder::new(built(table, column).map(|column| Action::DropColumn { table: table.to_owned(), column }))
}

/// A column under a new name.
pub fn rename_column(table: &str, from: &str, to: &str) -> StepBuilder<Action> {
    let made = build::named(to).map_err(|error| error.entity(table).field(from));
    let (from, to) = (from.to_owned(), to.to_owned());
    StepBuilder::new(made.map(|()| Action::RenameColumn { table: table.to_owned(), from, to }))
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

/// An index more.
pub fn add_index(table: &str, index: IndexBuilder) -> StepBuilder<Action> {
    StepBuilder::new(index.build(table).map(|index| Action::AddIndex { table: table.to_owned(), index }))
}

/// An index that goes; said as it was, for the way back.
pub fn drop_index(table: &str, index: IndexBuilder) -> StepBuilder<Action> {
    StepBuilder::new(index.build(table).map(|index| Action::DropIndex { table: table.to_owned(), index }))
}

/// An index under a new name.
pub fn rename_index(table: &str, from: &str, to: &str) -> StepBuilder<Action> {
    let made = build::named(to).map_err(|error| error.entity(table).constraint(from));
    let (from, to) = (from.to_owned(), to.to_owned());
    StepBuilder::new(made.map(|()| Action::RenameIndex { table: table.to_owned(), from, to }))
}

/// A reference more.
pub fn add_foreign_key(table: &str, key: ReferenceBuilder) -> StepBuilder<Action> {
    StepBuilder::new(key.build(table).map(|key| Action::AddForeignKey { table: table.to_owned(), key }))
}

/// A reference that goes; said as it was, for the way back.
pub fn drop_foreign_key(table: &str, key: ReferenceBuilder) -> StepBuilder<Action> {
    StepBuilder::new(key.build(table).map(|key| Action::DropForeignKey { table: table.to_owned(), key }))
}

/// A check more, called `ck_<table>_<name>`, or as it is said where that begins with `ck_`.
pub fn add_check(table: &str, name: &str, condition: impl Into<Words>) -> StepBuilder<Action> {
    let made = check(table, name, condition.into());
    StepBuilder::new(made.map(|check| Action::AddCheck { table: table.to_owned(), check }))
}

/// A check that goes; said as it was, for the way back.
pub fn drop_check(table: &str, name: &str, condition: impl Into<Words>) -> StepBuilder<Action> {
    let made = check(table, name, condition.into());
    StepBuilder::new(made.map(|check| Action::DropCheck { table: table.to_owned(), check }))
}

/// Another primary key: its columns as they were, and as they become.
pub fn set_key(table: &str, from: &[&str], to: &[&str]) -> StepBuilder<Action> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let made = if to.is_empty() {
        Err(Error::new(ErrorKind::SchemaMismatch, "a table has a primary key").entity(table))
    } else {
        Ok(Action::SetKey { table: table.to_owned(), from: owned(from), to: owned(to) })
    };
    StepBuilder::new(made)
}

/// Another remark on a table: as it was, and as it becomes.
pub fn comment_table(table: &str, from: Option<&str>, to: Option<&str>) -> StepBuilder<Action> {
    let (from, to) = (from.map(ToOwned::to_owned), to.map(ToOwned::to_owned));
    StepBuilder::new(Ok(Action::SetComment { table: table.to_owned(), column: None, from, to }))
}

/// Another remark on a column: as it was, and as it becomes.
pub fn comment_column(table: &str, column: ColumnBuilder, from: Option<&str>, to: Option<&str>) -> StepBuilder<Action> {
    let (from, to) = (from.map(ToOwned::to_owned), to.map(ToOwned::to_owned));
    let made = built(table, column);
    StepBuilder::new(made.map(|column| Action::SetComment { table: table.to_owned(), column: Some(column), from, to }))
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

fn built(table: &str, column: ColumnBuilder) -> Result<Column> {
    column.build().map_err(|error| error.entity(table))
}
