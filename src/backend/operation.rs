//! What a backend is asked to do, and what it answers.

use super::Filter;
use crate::schema::{Name, Table};
use sea_orm::Value;
use std::sync::Arc;

/// One row: a value per column, in the table's order.
pub type Row = Vec<Value>;

/// One call on the erased plane.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// Rows.
    Select(Select),
    /// One row of figures over rows.
    Aggregate(Aggregate),
    /// New rows.
    Insert(Insert),
    /// Changed rows.
    Update(Update),
    /// Rows taken away.
    Delete(Delete),
}

/// Which rows, in which order.
#[derive(Clone, Debug)]
pub struct Select {
    /// The table.
    pub table: Arc<Table>,
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
    /// In which order. The guard has appended the primary key where the order matters.
    pub order: Vec<Order>,
    /// At most so many.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
}

/// One column of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub column: Name,
    /// From high to low.
    pub descending: bool,
    /// Where nulls stand.
    pub nulls: Nulls,
}

/// Where nulls stand in an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nulls {
    /// Null sorts lowest: first ascending, last descending.
    #[default]
    Lowest,
    /// Before every value.
    First,
    /// After every value.
    Last,
}

/// A figure over rows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Figure {
    /// How many rows: `BigInt`.
    Count,
    /// Whether there is one: `Bool`.
    Exists,
}

/// Figures over the rows that match.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The table.
    pub table: Arc<Table>,
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
    /// What is asked, one value each in the answer.
    pub figures: Vec<Figure>,
}

/// New rows; answered by the rows as a later read returns them, in the same order.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub table: Arc<Table>,
    /// A value per column, in the table's order; `None` takes the column's default.
    pub rows: Vec<Vec<Option<Value>>>,
}

/// Changed rows.
#[derive(Clone, Debug)]
pub struct Update {
    /// The table.
    pub table: Arc<Table>,
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
    /// What is changed.
    pub changes: Vec<Change>,
    /// Whether the changed rows come back (`Outcome::Rows`), else their number (`Outcome::Affected`). Asked for only with a
    /// filter on the whole primary key.
    pub returning: bool,
}

/// A change of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The column.
    pub column: Name,
    /// What becomes of it.
    pub to: ChangeTo,
}

/// What becomes of a column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChangeTo {
    /// This value.
    Value(Value),
    /// What it was, and so much more. Null stays null; an overflow is an error.
    Increment(Value),
}

/// Rows taken away; answered by their number.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The table.
    pub table: Arc<Table>,
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
}

/// What an operation answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Rows of `Select`, `Insert` and a returning `Update`; the one row of `Aggregate`.
    Rows(Vec<Row>),
    /// The number of rows matched by `Update` and `Delete`.
    Affected(u64),
}

impl Operation {
    /// The table that it is about.
    #[must_use]
    pub fn table(&self) -> &Arc<Table> {
        match self {
            Self::Select(o) => &o.table,
            Self::Aggregate(o) => &o.table,
            Self::Insert(o) => &o.table,
            Self::Update(o) => &o.table,
            Self::Delete(o) => &o.table,
        }
    }

    /// Its name in spans, logs and errors.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Select(_) => "select",
            Self::Aggregate(_) => "aggregate",
            Self::Insert(_) => "insert",
            Self::Update(_) => "update",
            Self::Delete(_) => "delete",
        }
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self, Self::Select(_) | Self::Aggregate(_))
    }
}

impl Outcome {
    /// How many rows it speaks of.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.len() as u64,
            Self::Affected(n) => *n,
        }
    }

    /// Whether it speaks of none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
