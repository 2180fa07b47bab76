//! Which rows, in which order, how many.

use super::{Entity, Filter};
use crate::{
    Error, ErrorKind, Result,
    backend::{self, Deleted, Lock, Nulls, Select},
    schema::Table,
};
use std::{fmt, marker::PhantomData, sync::Arc};

/// Which rows of `E`, in which order, how many. Starts from a [`Filter`] or from [`all`].
pub struct Query<E> {
    pub(crate) filter: Option<backend::Filter>,
    pub(crate) order: Vec<backend::Order>,
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    pub(crate) deleted: Deleted,
    pub(crate) lock: Option<Lock>,
    entity: PhantomData<fn() -> E>,
}

/// Every row: the start of a query without a condition.
#[must_use]
pub fn all<E: Entity>() -> Query<E> {
    Query {
        filter: None,
        order: Vec::new(),
        limit: None,
        offset: 0,
        deleted: Deleted::Without,
        lock: None,
        entity: PhantomData,
    }
}

impl<E: Entity> Query<E> {
    /// The read on the erased plane.
    pub(crate) fn select(self, table: Arc<Table>) -> Select {
        let Self { filter, order, limit, offset, deleted, lock, .. } = self;
        Select { filter, deleted, order, limit, offset, lock, ..Select::all(table) }
    }

    /// Refuses what a write has no use for, rather than forget it.
    pub(crate) fn without_window(&self, what: &str) -> Result<()> {
        if self.order.is_empty() && self.limit.is_none() && self.offset == 0 && self.lock.is_none() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidQuery, format!("{what} has no order, limit, offset or lock")))
    }

    /// Refuses a window where a page by number is asked for, rather than take the lesser of the two.
    pub(crate) fn without_own_window(&self) -> Result<()> {
        if self.limit.is_none() && self.offset == 0 {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidQuery, "a page by number has no limit or offset of its own"))
    }

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

    /// Softly deleted rows, too. Without meaning for an entity that has no such rule.
    #[must_use]
    pub fn with_deleted(mut self) -> Self {
        self.deleted = Deleted::With;
        self
    }

    /// Only softly deleted rows: none, where the entity has no such rule.
    #[must_use]
    pub fn only_deleted(mut self) -> Self {
        self.deleted = Deleted::Only;
        self
    }

    /// Locks the rows until the transaction ends: who else would change or lock one of them waits, and then reads what was
    /// written. Only in a transaction that may write, else `InvalidQuery`; the capability `locked-reads`. SQLite and memory let
    /// one writer in at a time, which holds every row from its beginning; MySQL and MariaDB may hold more rows than are given
    /// where no index serves the order.
    #[must_use]
    pub fn for_update(mut self) -> Self {
        self.lock = Some(Lock::Wait);
        self
    }

    /// As [`for_update`](Self::for_update), and leaves out the rows that another transaction has locked: several workers take
    /// from one queue.
    #[must_use]
    pub fn for_update_skip_locked(mut self) -> Self {
        self.lock = Some(Lock::SkipLocked);
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

    /// Softly deleted rows, too.
    #[must_use]
    pub fn with_deleted(self) -> Query<E> {
        self.into_query().with_deleted()
    }

    /// Only softly deleted rows.
    #[must_use]
    pub fn only_deleted(self) -> Query<E> {
        self.into_query().only_deleted()
    }

    /// Locked until the transaction ends: see [`Query::for_update`].
    #[must_use]
    pub fn for_update(self) -> Query<E> {
        self.into_query().for_update()
    }

    /// Locked, without the rows that another transaction has locked: see [`Query::for_update_skip_locked`].
    #[must_use]
    pub fn for_update_skip_locked(self) -> Query<E> {
        self.into_query().for_update_skip_locked()
    }
}

impl<E> Clone for Query<E> {
    fn clone(&self) -> Self {
        Self {
            filter: self.filter.clone(),
            order: self.order.clone(),
            limit: self.limit,
            offset: self.offset,
            deleted: self.deleted,
            lock: self.lock,
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
            .field("deleted", &self.deleted)
            .field("lock", &self.lock)
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
