//! Pages by place: the rows after or before a token, as fast on page 1,000 as on page 1, and steady while rows come and go.

use super::{Entity, Filter, IntoQuery, PageToken, Query, Repository, Tokens, describe, token::Bound};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::keyset::{Gap, Keyset, Side},
};
use sea_orm::{Iterable, ModelTrait, sea_query::ArrayType};
use serde::Serialize;

/// Which rows of a query: the first or the last ones, or those after or before a token. The size may change from page to page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysetRequest {
    size: u64,
    from: From,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    First,
    After(PageToken),
    Before(PageToken),
    Last,
}

impl KeysetRequest {
    /// The first page, of `size` rows.
    #[must_use]
    pub fn first(size: u64) -> Self {
        Self { size, from: From::First }
    }

    /// The page after a token, which is a page's [`next`](KeysetPage::next).
    #[must_use]
    pub fn after(size: u64, token: impl Into<PageToken>) -> Self {
        Self { size, from: From::After(token.into()) }
    }

    /// The page before a token, which is a page's [`previous`](KeysetPage::previous).
    #[must_use]
    pub fn before(size: u64, token: impl Into<PageToken>) -> Self {
        Self { size, from: From::Before(token.into()) }
    }

    /// The last page, of `size` rows.
    #[must_use]
    pub fn last(size: u64) -> Self {
        Self { size, from: From::Last }
    }
}

/// One page of a query, and the ways on from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct KeysetPage<T> {
    /// The rows, in the query's order whichever way the page was come to.
    pub items: Vec<T>,
    /// What [`KeysetRequest::after`] takes; none where no row follows.
    pub next: Option<PageToken>,
    /// What [`KeysetRequest::before`] takes; none where no row precedes.
    pub previous: Option<PageToken>,
}

impl<T> KeysetPage<T> {
    /// Whether rows follow.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// Whether rows precede.
    #[must_use]
    pub fn has_previous(&self) -> bool {
        self.previous.is_some()
    }
}

impl<E: Entity> dyn Repository<E> {
    /// One page of the rows that match, in the query's order with the primary key appended: several columns, mixed directions
    /// and nullable columns are well. A row that is not changed stands on exactly one page of a walk, whatever is inserted or
    /// deleted meanwhile.
    ///
    /// Nothing is counted. The page is read with one row more than it has, which says whether a page follows on the way that is
    /// gone; from a token on, a second question (`exists`) says whether rows are left the other way.
    ///
    /// A token goes on in the query that it was made by: the same entity, filter, order, tenant and view of deleted rows. Where
    /// a `page_key` is configured it is signed. It does not expire, and it may be read by its holder: it holds the values of the
    /// order's columns.
    ///
    /// An index on the order's columns serves a page from wherever it begins. Two orders cost more than their page: by a column
    /// whose nulls come last (descending, unless asked otherwise), where SQLite and PostgreSQL begin at the index's end, and on
    /// MySQL a descending one whose appended key is ascending: say the key too, `.order_by(created.desc()).order_by(id.desc())`.
    ///
    /// ```
    /// # mod note {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "note")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub stars: Option<i32> }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use seabed::prelude::*;
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![note]).await?;
    /// let notes = db.repository::<note::Entity>();
    /// # let stars = [Some(3), None, Some(5), None, Some(3)];
    /// # notes.insert_many(stars.map(|stars| note::ActiveModel { stars: Set(stars), ..Default::default() })).await?;
    /// let best = all().order_by(col(note::COLUMN.stars).desc());
    /// let page = notes.keyset(best.clone(), KeysetRequest::first(2)).await?;
    /// let token = page.next.expect("three more follow");
    /// let page = notes.keyset(best, KeysetRequest::after(2, token)).await?;
    /// assert_eq!(page.items.iter().map(|note| note.id).collect::<Vec<_>>(), [5, 2]);
    /// assert!(page.has_next() && page.has_previous());
    /// # Ok::<_, seabed::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidToken` for a token that is none, was altered, or is of another query. `InvalidQuery` for a size of zero, for a
    /// query with a limit, an offset or a lock, and with a field for an order by a 32-bit float: what is stored may lie between
    /// two of them. As [`find`](#method.find) otherwise.
    pub async fn keyset(
        &self,
        query: impl IntoQuery<E> + Send,
        request: KeysetRequest,
    ) -> Result<KeysetPage<E::Model>> {
        let walk = Walk::new(self.tokens(), query.into_query(), request.size)?;
        let (forward, from) = match &request.from {
            From::First => (true, None),
            From::Last => (false, None),
            From::After(token) => (true, Some(walk.read(token)?)),
            From::Before(token) => (false, Some(walk.read(token)?)),
        };
        let mut items = self.select(walk.page(forward, from.as_ref())?).await?;
        let more = items.len() as u64 > walk.size;
        if more {
            items.pop();
        }
        if !forward {
            items.reverse();
        }
        // Where there are no rows, the page is the gap that it was asked from.
        let start = items.first().map(|row| walk.beside(row, Side::Before)).or_else(|| from.clone());
        let end = items.last().map(|row| walk.beside(row, Side::After)).or_else(|| from.clone());
        let behind = match (if forward { &start } else { &end }, from.is_some()) {
            (Some(gap), true) => self.exists(walk.rest(!forward, gap)?).await?,
            // From the very beginning, or the very end, nothing is left behind.
            _ => false,
        };
        let (next, previous) = if forward { (more, behind) } else { (behind, more) };
        Ok(KeysetPage {
            items,
            next: end.filter(|_| next).map(|gap| walk.write(&gap)).transpose()?,
            previous: start.filter(|_| previous).map(|gap| walk.write(&gap)).transpose()?,
        })
    }
}

/// A way through the rows of one query.
struct Walk<E: Entity> {
    tokens: Tokens,
    context: Context,
    keyset: Keyset,
    columns: Vec<E::Column>,
    /// Filter and view of deleted rows; its order is the keyset's.
    query: Query<E>,
    size: u64,
}

impl<E: Entity> Walk<E> {
    fn new(tokens: Tokens, query: Query<E>, size: u64) -> Result<Self> {
        let table = describe::described::<E>()?;
        let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
        if size == 0 {
            return refuse("a page of size 0 holds nothing");
        }
        if query.limit.is_some() || query.offset > 0 || query.lock.is_some() {
            return refuse("a page by place has no limit, offset or lock of its own");
        }
        let keyset = Keyset::new(table, &query.order)?;
        let all: Vec<E::Column> = E::Column::iter().collect();
        let columns: Vec<E::Column> = keyset.columns().iter().map(|&column| all[column]).collect();
        if let Some(at) = columns.iter().position(|column| E::Model::get_value_type(*column) == ArrayType::Float) {
            let why = "a place is exact: a 32-bit float of a model may not be what is stored, order by a 64-bit one";
            let error = Error::new(ErrorKind::InvalidQuery, why).entity(&keyset.table().name);
            return Err(error.field(&*keyset.order()[at].column));
        }
        Ok(Self { tokens, context: Context::current(), columns, query, size, keyset })
    }

    fn bound(&self) -> Bound<'_> {
        Bound {
            keyset: &self.keyset,
            filter: self.query.filter.as_ref(),
            deleted: self.query.deleted,
            tenant: self.context.tenant(),
        }
    }

    fn read(&self, token: &PageToken) -> Result<Gap> {
        self.tokens.read(&self.bound(), token)
    }

    fn write(&self, gap: &Gap) -> Result<PageToken> {
        self.tokens.write(&self.bound(), gap)
    }

    fn beside(&self, row: &E::Model, side: Side) -> Gap {
        Gap { side, values: self.columns.iter().map(|column| row.get(*column)).collect() }
    }

    /// One row more than the page has, from the gap on.
    fn page(&self, forward: bool, from: Option<&Gap>) -> Result<Query<E>> {
        let mut query = match from {
            Some(gap) => self.rest(forward, gap)?,
            None => self.query.clone(),
        };
        query.order = if forward { self.keyset.order().to_vec() } else { self.keyset.reversed().order().to_vec() };
        Ok(query.limit(self.size.saturating_add(1)))
    }

    /// Every row of the query from the gap on.
    fn rest(&self, forward: bool, gap: &Gap) -> Result<Query<E>> {
        let filter = if forward { self.keyset.after(gap)? } else { self.keyset.before(gap)? };
        let mut query = self.query.clone();
        query.order = Vec::new();
        Ok(query.filter(Filter::new(filter)))
    }
}
