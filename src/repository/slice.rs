//! One page by number, without the total.

use super::{Entity, IntoQuery, PageRequest, Repository};
use crate::{Error, Result};
use serde::Serialize;

/// One page by number. What it does not know is how many rows there are in all: nothing was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Slice<T> {
    /// The rows, in order; fewer than `size` on the last page, none after it.
    pub items: Vec<T>,
    /// The page's number, from 1.
    pub number: u64,
    /// Rows a page.
    pub size: u64,
    /// Whether rows follow.
    pub has_next: bool,
}

impl<E: Entity> dyn Repository<E> {
    /// One page of the rows that match, by number and without a count: it is read with one row more, which says whether a page
    /// follows. The primary key is appended to the order.
    ///
    /// A server walks over every row before the page: for deep pages take [`keyset`](#method.keyset). Rows that are inserted or
    /// deleted before it shift the pages.
    ///
    /// # Errors
    /// `InvalidQuery` for a page of size zero or number zero, and for a query with a limit or an offset; as
    /// [`find`](#method.find) otherwise.
    pub async fn slice(&self, query: impl IntoQuery<E> + Send, request: PageRequest) -> Result<Slice<E::Model>> {
        let query = query.into_query();
        let entity = |error: Error| error.entity(E::default().table_name());
        let (size, offset) = request.window().map_err(entity)?;
        query.without_own_window().map_err(entity)?;
        let mut items = self.select(query.limit(size.saturating_add(1)).offset(offset)).await?;
        let has_next = items.len() as u64 > size;
        if has_next {
            items.pop();
        }
        Ok(Slice { items, number: request.number, size, has_next })
    }
}
