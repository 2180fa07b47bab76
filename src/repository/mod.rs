//! The typed plane: what a service holds.
//!
//! A service is given `Arc<dyn Repository<E>>`. The trait has required methods only, so that a fake written for a test cannot
//! forget one; the comfortable calls (`get`, `one`, `insert`, …) are inherent on `dyn Repository<E>`.

pub mod bridge;
pub mod change;
pub mod codec;
pub mod column;
mod comfort;
pub mod describe;
pub mod filter;
pub mod page;
pub mod query;

pub use change::Change;
pub use column::{Col, col};
pub use comfort::SetFields;
pub use describe::EntityInfo;
pub use filter::Filter;
pub use page::{Page, PageRequest};
pub use query::{IntoQuery, Order, Query, all};

use crate::{Result, backend::Figure};
use async_trait::async_trait;
use sea_orm::{EntityTrait, IntoActiveModel, PrimaryKeyTrait, TryIntoModel, Value};
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

    /// Figures over the rows that match (order, limit and offset do not count), one value each.
    async fn aggregate(&self, query: Query<E>, figures: Vec<Figure>) -> Result<Vec<Value>>;

    /// Inserts all rows or none; answers them in the same order, as a later read returns them.
    async fn insert_rows(&self, rows: Vec<E::ActiveModel>) -> Result<Vec<E::Model>>;

    /// Writes what is set in each row, all or none; `NotFound` where a row is missing.
    async fn update_rows(&self, rows: Vec<E::ActiveModel>) -> Result<Vec<E::Model>>;

    /// Changes every row that matches; the number of rows matched.
    async fn update_where(&self, filter: Option<Filter<E>>, changes: Vec<Change<E>>) -> Result<u64>;

    /// Deletes every row that matches; the number of rows.
    async fn delete_where(&self, filter: Option<Filter<E>>) -> Result<u64>;
}
