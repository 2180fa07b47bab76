//! The calls that services make, inherent on the trait object: nothing to import, nothing for a fake to get wrong.

use super::{
    Change, Deletion, Entity, Filter, InsertOptions, IntoQuery, Key, Page, PageRequest, Query, Read, Repository, all,
    loops, rules,
};
use crate::{
    Error, ErrorKind, Result,
    backend::{Figure, Row},
};
use sea_orm::{ActiveModelTrait, IdenStatic, IntoActiveModel, Iterable, PrimaryKeyToColumn, Value};
use std::panic::Location;

impl<E: Entity> dyn Repository<E> {
    /// The row with this primary key; `None` where there is none.
    ///
    /// # Errors
    /// `InvalidValue` for a key that no row can have; what the server says otherwise.
    #[track_caller]
    pub fn get(&self, key: impl Into<Key<E>> + Send) -> impl Future<Output = Result<Option<E::Model>>> + Send {
        let query = by_key::<E>(key.into()).into_query();
        loops::note(&query, Location::caller());
        async move { Ok(self.select(query).await?.pop()) }
    }

    /// Every row that matches, in the query's order. All of them are in memory at once: for many rows give a limit, or ask
    /// for pages.
    ///
    /// # Errors
    /// `InvalidQuery` or `InvalidValue` with entity and field for what cannot be asked.
    #[track_caller]
    pub fn find(&self, query: impl IntoQuery<E> + Send) -> impl Future<Output = Result<Vec<E::Model>>> + Send {
        let query = query.into_query();
        loops::note(&query, Location::caller());
        self.select(query)
    }

    /// The first row that matches, in the query's order; `None` where there is none.
    ///
    /// # Errors
    /// As [`find`](#method.find).
    #[track_caller]
    pub fn one(&self, query: impl IntoQuery<E> + Send) -> impl Future<Output = Result<Option<E::Model>>> + Send {
        let query = query.into_query().limit(1);
        loops::note(&query, Location::caller());
        async move { Ok(self.select(query).await?.pop()) }
    }

    /// Whether a row matches. Limit and offset do not count.
    ///
    /// # Errors
    /// As [`find`](#method.find).
    #[track_caller]
    pub fn exists(&self, query: impl IntoQuery<E> + Send) -> impl Future<Output = Result<bool>> + Send {
        let query = query.into_query();
        loops::note(&query, Location::caller());
        async move {
            match self.figures(query, vec![Figure::Exists]).await?.first() {
                Some(Value::Bool(Some(found))) => Ok(*found),
                other => Err(unexpected::<E>("exists", other)),
            }
        }
    }

    /// The one row of figures.
    pub(super) async fn figures(&self, query: Query<E>, figures: Vec<Figure>) -> Result<Row> {
        Ok(self.read(Read::Figures(query, figures)).await?.pop().unwrap_or_default())
    }

    /// How many rows match, exactly. Limit and offset do not count.
    ///
    /// # Errors
    /// As [`find`](#method.find).
    #[track_caller]
    pub fn count(&self, query: impl IntoQuery<E> + Send) -> impl Future<Output = Result<u64>> + Send {
        let query = query.into_query();
        loops::note(&query, Location::caller());
        async move {
            match self.figures(query, vec![Figure::Count]).await?.first() {
                Some(Value::BigInt(Some(count))) => Ok(count.unsigned_abs()),
                other => Err(unexpected::<E>("count", other)),
            }
        }
    }

    /// One page of the rows that match, and how many match in all. The primary key is appended to the order, so no row is
    /// skipped or repeated between the pages of unchanged data.
    ///
    /// # Errors
    /// `InvalidQuery` for a page of size zero or number zero, and for a query with a limit or an offset; as
    /// [`find`](#method.find) otherwise.
    pub async fn page(&self, query: impl IntoQuery<E> + Send, request: PageRequest) -> Result<Page<E::Model>> {
        let query = query.into_query();
        let window = query.without_own_window().and_then(|()| request.window());
        let (size, offset) = window.map_err(|error| error.entity(E::default().table_name()))?;
        // Of the rows of the page, not of those that are counted, may be said that they are locked.
        let mut counted = query.clone();
        counted.lock = None;
        let total = self.count(counted).await?;
        let items = self.select(query.limit(size).offset(offset)).await?;
        Ok(Page { items, number: request.number, size, total })
    }

    /// Inserts a row and returns it as a later read does: a `Model`, an `ActiveModel` (what is not set takes its default; a
    /// single UUID key is made: UUIDv7) or a DTO with `DeriveIntoActiveModel`.
    ///
    /// # Errors
    /// `UniqueViolation`, `ForeignKeyViolation`, `NotNullViolation`, `CheckViolation`, `InvalidValue`.
    pub async fn insert(&self, row: impl IntoActiveModel<E::ActiveModel> + Send) -> Result<E::Model> {
        let inserted = self.insert_rows(vec![row.into_active_model()], InsertOptions::default()).await?.pop();
        inserted.ok_or_else(|| unexpected::<E>("insert", None))
    }

    /// Inserts all rows or none, in chunks below the server's limits and in one transaction; returns them in the same order.
    ///
    /// # Errors
    /// As [`insert`](#method.insert).
    pub async fn insert_many<R>(&self, rows: impl IntoIterator<Item = R> + Send) -> Result<Vec<E::Model>>
    where
        R: IntoActiveModel<E::ActiveModel>,
    {
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
        self.insert_rows(rows, InsertOptions::default()).await
    }

    /// Writes the fields of an `ActiveModel` that are `Set`, and returns the whole row. A whole `Model` goes to
    /// [`replace`](#method.replace).
    ///
    /// An entity with a `version` rule is updated only from the version that was read: the `ActiveModel` has it, set or
    /// unchanged, as one made `.into()` from a model does.
    ///
    /// # Errors
    /// `NotFound` where no row has the key; `VersionConflict` where the row has another version by now; the constraint errors of [`insert`](#method.insert).
    pub async fn update(&self, row: impl SetFields<E> + Send) -> Result<E::Model> {
        let updated = self.update_rows(vec![row.into_set_fields()]).await?.pop();
        updated.ok_or_else(|| unexpected::<E>("update", None))
    }

    /// Writes every field of the row that has the model's key, but those that a [rule](crate::rules!) writes; where there is a
    /// version, from the model's.
    ///
    /// # Errors
    /// As [`update`](#method.update).
    pub async fn replace(&self, row: E::Model) -> Result<E::Model> {
        let mut row = row.into_active_model().reset_all();
        for column in rules::unwritten::<E>() {
            row.not_set(column);
        }
        let updated = self.update_rows(vec![row]).await?.pop();
        updated.ok_or_else(|| unexpected::<E>("replace", None))
    }

    /// Changes every row that matches; the number of rows matched, changed or not. `all()` is not a filter: to change the
    /// whole table, say so with [`update_where`](Repository::update_where).
    ///
    /// # Errors
    /// The constraint errors of [`insert`](#method.insert); `InvalidValue` where a number would overflow.
    pub async fn update_many(
        &self,
        filter: Filter<E>,
        changes: impl IntoIterator<Item = Change<E>> + Send,
    ) -> Result<u64> {
        let changes = changes.into_iter().collect();
        self.update_where(filter.into_query(), changes).await
    }

    /// Deletes the row with this primary key; whether it was there. With a `soft_delete` rule it stays, out of sight, until
    /// [`restore`](#method.restore) or [`purge`](#method.purge).
    ///
    /// # Errors
    /// `ForeignKeyViolation` where children are there that restrict it.
    pub async fn delete(&self, key: impl Into<Key<E>> + Send) -> Result<bool> {
        Ok(self.delete_where(by_key::<E>(key.into()).into_query(), Deletion::ByRule).await? > 0)
    }

    /// Deletes every row that matches, softly where there is such a rule; how many. To empty the whole table, say so with
    /// [`delete_where`](Repository::delete_where).
    ///
    /// # Errors
    /// As [`delete`](#method.delete).
    pub async fn delete_many(&self, filter: Filter<E>) -> Result<u64> {
        self.delete_where(filter.into_query(), Deletion::ByRule).await
    }

    /// Every row: the start of a query without a condition. The same as [`all`].
    #[must_use]
    pub fn all(&self) -> Query<E> {
        all()
    }
}

/// What [`update`](#method.update) takes: an `ActiveModel`, whose set fields are written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which fields to write",
    label = "not an `ActiveModel` of this entity",
    note = "a whole model goes to `replace`; made `.into()` an `ActiveModel` it has nothing set, and nothing would be written"
)]
pub trait SetFields<E: Entity> {
    /// The row, with its set fields.
    fn into_set_fields(self) -> E::ActiveModel;
}

impl<E: Entity, A: ActiveModelTrait<Entity = E> + Into<E::ActiveModel>> SetFields<E> for A {
    fn into_set_fields(self) -> E::ActiveModel {
        self.into()
    }
}

/// The condition that a row has this key.
pub(super) fn by_key<E: Entity>(key: Key<E>) -> Filter<E> {
    use sea_orm::sea_query::IntoValueTuple;
    let columns = E::PrimaryKey::iter().map(|key| key.into_column().as_str());
    Filter::key(columns, key.into_value_tuple())
}

fn unexpected<E: Entity>(operation: &'static str, answer: Option<&Value>) -> Error {
    let message = if answer.is_none() { "no answer came back" } else { "the answer is of another type" };
    Error::new(ErrorKind::Other, message).entity(E::default().table_name()).with("operation", operation)
}
