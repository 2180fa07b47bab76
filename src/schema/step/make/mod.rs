//! Steps by hand, for migrations: what `use seabed::migration::prelude::*;` brings.

mod open;
mod plain;

use super::{Action, Allowed, Step, column::ColumnBuilder};
use crate::{
    Result,
    schema::{Column, Table, build::TableBuilder},
};
pub use open::{Adding, Altering, add_column, alter_column, backfill, sql};
pub use plain::{
    add_check, add_foreign_key, add_index, comment_column, comment_table, create_table, drop_check, drop_column,
    drop_foreign_key, drop_index, drop_table, rename_column, rename_index, rename_table, set_key,
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

fn built(table: &str, column: ColumnBuilder) -> Result<Column> {
    column.build().map_err(|error| error.entity(table))
}
