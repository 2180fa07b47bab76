//! The typed plane: what a service holds.
//!
//! A service is given `Arc<dyn Repository<E>>`. The trait has required methods only, so that a fake written for a test cannot
//! forget one; the comfortable calls (`get`, `one`, `insert`, …) are inherent on `dyn Repository<E>`.

pub mod answer;
pub mod bridge;
mod bulk;
pub mod change;
pub mod codec;
pub mod column;
mod comfort;
pub mod describe;
pub mod figure;
pub mod filter;
pub mod group;
pub mod json;
pub mod keyset;
mod load;
pub mod loaded;
mod loops;
pub mod page;
pub mod projection;
mod proposal;
pub mod query;
mod relation;
mod restore;
pub mod rules;
pub mod slice;
mod stream;
pub mod token;
mod upsert;

pub use crate::backend::Figure;
pub use answer::{Answer, Asked, Cells};
pub use change::Change;
pub use column::{Col, col};
pub use comfort::SetFields;
pub use describe::EntityInfo;
pub use filter::Filter;
pub use group::{Grouping, Groups, by};
pub use json::JsonPath;
pub use keyset::{KeysetPage, KeysetRequest};
pub use loaded::Loaded;
pub use loops::assert_no_loops;
pub use page::{Page, PageRequest};
pub use projection::Projection;
pub use query::{IntoQuery, Order, Query, all};
pub use relation::{has, has_any, has_by};
pub use slice::Slice;
pub use token::{PageToken, Tokens};

use crate::{
    Result,
    backend::{Operation, Progress, Row},
    schema::Name,
};
use async_trait::async_trait;
use futures::stream::BoxStream;
use sea_orm::{EntityTrait, IdenStatic, IntoActiveModel, PrimaryKeyTrait, TryIntoModel};
use std::fmt::Debug;

/// Any SeaORM entity; never implemented by hand.
pub trait Entity:
    EntityTrait<
        Model: IntoActiveModel<Self::ActiveModel> + Send + Sync + 'static,
        ActiveModel: TryIntoModel<Self::Model> + Send + Sync + 'static,
    >
{
}

impl<E> Entity for E
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Send + Sync + 'static,
    E::ActiveModel: TryIntoModel<E::Model> + Send + Sync + 'static,
{
}

/// The type of an entity's primary key; a tuple where it has several columns.
pub type Key<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// The rows of one entity. Held as `Arc<dyn Repository<E>>`; see the inherent methods on `dyn Repository<E>` for the calls
/// that services make.
///
/// # Contract
/// The laws hold on every backend. Without an order, a limit or an offset the order of rows is unspecified; with any of them
/// it is total, because the primary key is appended.
#[async_trait]
pub trait Repository<E: Entity>: Debug + Send + Sync + 'static {
    /// The rows that match, in the query's order.
    async fn select(&self, query: Query<E>) -> Result<Vec<E::Model>>;

    /// The same rows, a few at a time: constant memory, and no connection is held between them.
    fn select_stream(&self, query: Query<E>) -> BoxStream<'static, Result<E::Model>>;

    /// Rows of values, in the place where this repository asks: figures, projections, related rows. The table that it is about
    /// may be another one. A fake may refuse it with `Unsupported`; `count` and `exists` come through here.
    async fn read(&self, read: Read<E>) -> Result<Vec<Row>>;

    /// Inserts all rows or none; answers them in the same order, as a later read returns them.
    async fn insert_rows(&self, rows: Vec<E::ActiveModel>, options: InsertOptions) -> Result<Vec<E::Model>>;

    /// Writes what is set in each row, all or none; `NotFound` where a row is missing.
    async fn update_rows(&self, rows: Vec<E::ActiveModel>) -> Result<Vec<E::Model>>;

    /// Changes every row that matches; the number of rows matched. `InvalidQuery` for a query with an order or a window.
    async fn update_where(&self, query: Query<E>, changes: Vec<Change<E>>) -> Result<u64>;

    /// Deletes every row that matches, softly where the entity has such a rule and nothing else is said; the number of rows.
    /// `InvalidQuery` for a query with an order or a window.
    async fn delete_where(&self, query: Query<E>, deletion: Deletion) -> Result<u64>;

    /// What makes and reads the tokens of keyset pages.
    fn tokens(&self) -> Tokens;
}

/// What [`Repository::read`] is asked.
#[derive(Debug)]
#[non_exhaustive]
pub enum Read<E> {
    /// Figures over the rows that match (order, limit and offset do not count): one row of them.
    Figures(Query<E>, Vec<Figure>),
    /// Figures over the rows that match, per group: the group's values, then its figures.
    Groups(Query<E>, Grouping),
    /// Some columns of the rows that match.
    Columns {
        /// Which rows, in which order.
        query: Query<E>,
        /// The columns, in the order of the answer.
        columns: Vec<Name>,
        /// Each combination of values once.
        distinct: bool,
    },
    /// A read on the erased plane, of this entity or another. The rules that hold are those of the operation's table: one that
    /// is made without rules reads around tenants, so whoever holds a repository can.
    Erased(Operation),
}

/// How rows are deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deletion {
    /// As the entity's rules say: softly where there is a soft-delete rule.
    #[default]
    ByRule,
    /// For good.
    Forever,
}

/// How rows are inserted: `InsertOptions::default()`, and what is said to it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct InsertOptions {
    /// Where a row is there that has the same values in these columns, the primary key's or a unique index's, it is changed: what
    /// the new row sets is written.
    pub upsert: Option<Vec<&'static str>>,
    /// Is told how far it is: after every 500 rows, and at the end.
    pub progress: Option<Progress>,
}

impl InsertOptions {
    /// Changes the row that is there where these columns have the same values; see
    /// [`upsert`](trait.Repository.html#method.upsert).
    #[must_use]
    pub fn upsert(mut self, key: impl IntoIterator<Item = impl IdenStatic>) -> Self {
        self.upsert = Some(key.into_iter().map(|column| column.as_str()).collect());
        self
    }

    /// Calls this with the rows written and the rows in all, after every 500 and at the end, on every backend. The rows are not
    /// committed before the call returns. An upsert that lost a deadlock begins again, and so do its numbers.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Progress::new(told));
        self
    }
}
