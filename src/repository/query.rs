//! Which rows, in which order, how many.

use super::{Entity, Filter};
use crate::backend::{self, Nulls};
use std::{fmt, marker::PhantomData};

/// Which rows of `E`, in which order, how many. Starts from a [`Filter`] or from [`all`].
pub struct Query<E> {
    pub(crate) filter: Option<backend::Filter>,
    pub(crate) order: Vec<backend::Order>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    entity: PhantomData<fn() -> E>,
}

/// Every row: the start of a query without a condition.
#[must_use]
pub fn all<E: Entity>() -> Query<E> {
    Query { filter: None, order: Vec::new(), limit: None, offset: 0, entity: PhantomData }
}

impl<E: Entity> Query<E> {
    pub(crate) fn filtered(filter: Filter<E>) -> Self {
        Self { filter: Some(filter.erased), ..all() }
    }

    /// Only rows for which this is true, too.
    #[must_use]
    pub fn filter(mut self, filter: Filter<E>) -> Self {
        self.filter = Some(match self.filter.take() {
            Some(first) => first.and(filter.erased),
            None => filter.erased,
        });
        self
    }

    /// Ordered by this column, within the orders given before. Ties are broken by the primary key.
    #[must_use]
    pub fn order_by(mut self, order: Order<E>) -> Self {
        self.order.push(order.erased);
        self
    }

    /// At most so many rows; 0 gives none.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(self.limit.map_or(rows, |limit| limit.min(rows)));
        self
    }

    /// Without the first so many rows.
    #[must_use]
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = rows;
        self
    }

    /// The condition on the erased plane, where there is one.
    #[must_use]
    pub fn erased_filter(&self) -> Option<&backend::Filter> {
        self.filter.as_ref()
    }
}

impl<E: Entity> Filter<E> {
    /// Ordered by this column.
    #[must_use]
    pub fn order_by(self, order: Order<E>) -> Query<E> {
        self.into_query().order_by(order)
    }

    /// At most so many rows; 0 gives none.
    #[must_use]
    pub fn limit(self, rows: u64) -> Query<E> {
        self.into_query().limit(rows)
    }

    /// Without the first so many rows.
    #[must_use]
    pub fn offset(self, rows: u64) -> Query<E> {
        self.into_query().offset(rows)
    }
}

impl<E> Clone for Query<E> {
    fn clone(&self) -> Self {
        Self {
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: self.limit,
            offset: self.offset,
            entity: PhantomData,
        }
    }
}

impl<E> fmt::Debug for Query<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("filter", &self.filter)
            .field("order", &self.order)
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .finish()
    }
}

/// A column of an order. Null sorts lowest, first ascending and last descending, unless asked otherwise.
pub struct Order<E> {
    erased: backend::Order,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Order<E> {
    pub(crate) fn new(column: &'static str, descending: bool) -> Self {
        let erased = backend::Order { column: column.into(), descending, nulls: Nulls::Lowest };
        Self { erased, entity: PhantomData }
    }

    /// Nulls before every value.
    #[must_use]
    pub fn nulls_first(mut self) -> Self {
        self.erased.nulls = Nulls::First;
        self
    }

    /// Nulls after every value.
    #[must_use]
    pub fn nulls_last(mut self) -> Self {
        self.erased.nulls = Nulls::Last;
        self
    }
}

impl<E> Clone for Order<E> {
    fn clone(&self) -> Self {
        Self { erased: self.erased.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.erased.fmt(f)
    }
}

/// A [`Query`] or a bare [`Filter`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter or a query of this entity",
    note = "SeaORM's own operators build SQL; write `col(entity::COLUMN.x)` and a portable operator",
    note = "a column of another entity cannot be used here"
)]
pub trait IntoQuery<E> {
    /// The query.
    fn into_query(self) -> Query<E>;
}

impl<E: Entity> IntoQuery<E> for Query<E> {
    fn into_query(self) -> Self {
        self
    }
}

impl<E: Entity> IntoQuery<E> for Filter<E> {
    fn into_query(self) -> Query<E> {
        Query::filtered(self)
    }
}
