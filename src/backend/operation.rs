//! What a backend is asked to do, and what it answers.

use super::{Filter, Progress, Rows};
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
///
/// A read may name a table by a part of its columns: the rows carry those, in the order given there.
#[derive(Clone, Debug)]
pub struct Select {
    /// The table.
    pub table: Arc<Table>,
    /// The columns of the answer's rows; the table's own where there are none.
    pub columns: Option<Vec<Name>>,
    /// Each row once; only with `columns`.
    pub distinct: bool,
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
    /// Whether rows that were softly deleted count. The guard has made a filter of it.
    pub deleted: Deleted,
    /// In which order. The guard has appended the primary key where the order matters.
    pub order: Vec<Order>,
    /// At most so many.
    pub limit: Option<u64>,
    /// After so many.
    pub offset: u64,
    /// Whether the rows are locked until the transaction ends.
    pub lock: Option<Lock>,
}

impl Select {
    /// Every row of a table.
    #[must_use]
    pub fn all(table: Arc<Table>) -> Self {
        Self {
            table,
            columns: None,
            distinct: false,
            filter: None,
            deleted: Deleted::Without,
            order: Vec::new(),
            limit: None,
            offset: 0,
            lock: None,
        }
    }
}

/// Whether rows that were softly deleted count. A table that has no such rule has none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deleted {
    /// Only rows that are not deleted.
    #[default]
    Without,
    /// Both.
    With,
    /// Only deleted rows.
    Only,
}

/// How rows are locked that a transaction reads to change them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lock {
    /// Waits for whoever holds one of them.
    Wait,
    /// Leaves out rows that another transaction holds.
    SkipLocked,
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
    /// How many different values, nulls left out: `BigInt`.
    CountDistinct(Name),
    /// The sum of a number: `BigInt` of whole numbers, `Decimal` of decimals, `Double` of floats; null where there is no value,
    /// `InvalidValue` where it is out of that type's range.
    Sum(Name),
    /// The least value, in the column's own type; null where there is none.
    Min(Name),
    /// The greatest value, in the column's own type; null where there is none.
    Max(Name),
    /// The mean of a number: `Double` of whole numbers and floats, `Decimal` of decimals (rounded half-even to six digits more
    /// than the column's scale); null where there is no value.
    Average(Name),
    /// About how many rows the table has, asked of the server's statistics: `BigInt`. Exact where there are none, or where a
    /// filter is given.
    Estimate,
}

impl Figure {
    /// The column that it is about.
    #[must_use]
    pub fn column(&self) -> Option<&Name> {
        match self {
            Self::Count | Self::Exists | Self::Estimate => None,
            Self::CountDistinct(column)
            | Self::Sum(column)
            | Self::Min(column)
            | Self::Max(column)
            | Self::Average(column) => Some(column),
        }
    }
}

/// Figures over the rows that match: one row of them, or one row per group, the group's values first.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The table.
    pub table: Arc<Table>,
    /// Which rows; all where there is none.
    pub filter: Option<Filter>,
    /// Whether rows that were softly deleted count. The guard has made a filter of it.
    pub deleted: Deleted,
    /// One group per combination of these columns' values, null being one; a single group where there are none.
    pub group: Vec<Name>,
    /// What is asked, one value each in the answer.
    pub figures: Vec<Figure>,
    /// In which order groups come. The guard has appended the group's columns.
    pub order: Vec<GroupOrder>,
    /// At most so many groups.
    pub limit: Option<u64>,
    /// After so many groups.
    pub offset: u64,
}

impl Aggregate {
    /// These figures over every row of a table.
    #[must_use]
    pub fn of(table: Arc<Table>, figures: Vec<Figure>) -> Self {
        Self {
            table,
            filter: None,
            deleted: Deleted::Without,
            group: Vec::new(),
            figures,
            order: Vec::new(),
            limit: None,
            offset: 0,
        }
    }
}

/// One part of an order of groups: a column of the answer, by its position. Null sorts lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupOrder {
    /// The position in the answer's rows: the group's columns first, then the figures.
    pub position: usize,
    /// From high to low.
    pub descending: bool,
}

/// New rows; answered by the rows as a later read returns them, in the same order.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub table: Arc<Table>,
    /// A value per column, in the table's order; `None` takes the column's default.
    pub rows: Vec<Vec<Option<Value>>>,
    /// What becomes of a row whose key is there; an error where nothing is said.
    pub on_conflict: Option<OnConflict>,
    /// Is told how many rows are in, after each chunk.
    pub progress: Option<Progress>,
}

impl Insert {
    /// These rows.
    #[must_use]
    pub fn of(table: Arc<Table>, rows: Vec<Vec<Option<Value>>>) -> Self {
        Self { table, rows, on_conflict: None, progress: None }
    }
}

/// What becomes of a new row where another has the same values in one named unique key: that one is changed. A conflict on any
/// other key stays an error (law W4). Two rows of one insert never have the same values in the key.
#[derive(Clone, Debug)]
pub struct OnConflict {
    /// The columns of the primary key, or of a unique index.
    pub key: Vec<Name>,
    /// The columns that take the new row's values.
    pub take: Vec<Name>,
    /// What else is changed.
    pub changes: Vec<Change>,
    /// What must be true of the row that is there, in this order; nothing is written by the whole insert otherwise.
    pub only: Vec<Only>,
}

/// What must be true of a row that an upsert finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Only {
    /// Its column.
    pub column: Name,
    /// What it must be.
    pub must: Must,
    /// The kind of the error where it is not.
    pub otherwise: crate::ErrorKind,
}

/// What a column of a row that is there must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Must {
    /// What the new row has.
    EqualNew,
    /// This value.
    Equal(Value),
    /// The row must not be there at all.
    Never,
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
    /// The version that was read, where the table has a version rule and one row is updated. The guard has made a filter of it.
    pub expects: Option<Value>,
    /// Whether rows that were softly deleted count. The guard has made a filter of it.
    pub deleted: Deleted,
}

impl Update {
    /// These changes of every row of a table.
    #[must_use]
    pub fn all(table: Arc<Table>, changes: Vec<Change>) -> Self {
        Self { table, filter: None, changes, returning: false, expects: None, deleted: Deleted::Without }
    }
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
    /// Whether rows that were softly deleted count. The guard has made a filter of it.
    pub deleted: Deleted,
    /// For good, also where the table has a soft-delete rule. The guard has made an update of what is not.
    pub forever: bool,
}

impl Delete {
    /// Every row of a table.
    #[must_use]
    pub fn all(table: Arc<Table>) -> Self {
        Self { table, filter: None, deleted: Deleted::Without, forever: false }
    }
}

/// What an operation answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Rows of `Select`, `Insert` and a returning `Update`; the rows of figures of `Aggregate`.
    Rows(Rows),
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
