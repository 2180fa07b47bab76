//! What becomes of softly deleted rows: inherent calls, as in `comfort`.

use super::{Change, Deletion, Entity, Filter, Key, Repository, comfort::by_key, rules};
use crate::{Result, backend::ChangeTo};
use sea_orm::Value;

/// Softly deleted rows. A unique key stays taken by a row that is only deleted softly, and foreign keys see it: its children
/// stay where they are, for a cascade runs when a row is purged.
///
/// ```
/// # mod note {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "note")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub text: String, pub deleted_at: Option<DateTimeUtc> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// #     seabed::rules!(Entity { soft_delete: DeletedAt });
/// # }
/// use seabed::prelude::*;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = Database::memory();
/// db.create_tables(&seabed::entities![note]).await?;
/// let notes = db.repository::<note::Entity>();
/// let id = notes.insert(note::ActiveModel { text: Set("hello".into()), ..Default::default() }).await?.id;
/// assert!(notes.delete(id).await?);
/// assert_eq!(notes.count(all()).await?, 0);
/// assert_eq!(notes.count(all().only_deleted()).await?, 1);
/// assert!(notes.restore(id).await?);
/// assert_eq!(notes.get(id).await?.map(|note| note.text), Some("hello".into()));
/// assert!(notes.purge(id).await?);
/// assert_eq!(notes.count(all().with_deleted()).await?, 0);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
impl<E: Entity> dyn Repository<E> {
    /// Brings back the softly deleted row with this primary key; whether there was one. Counts as a change: `version` and
    /// `updated_at` say so.
    ///
    /// # Errors
    /// `InvalidQuery` for an entity without a soft-delete rule; what the server says otherwise.
    pub async fn restore(&self, key: impl Into<Key<E>> + Send) -> Result<bool> {
        Ok(self.restore_many(by_key::<E>(key.into())).await? > 0)
    }

    /// Brings back every softly deleted row that matches; how many.
    ///
    /// # Errors
    /// As [`restore`](#method.restore).
    pub async fn restore_many(&self, filter: Filter<E>) -> Result<u64> {
        let there = Change::new(rules::soft_delete::<E>()?, ChangeTo::Value(Value::ChronoDateTimeUtc(None)));
        self.update_where(filter.into_query().only_deleted(), vec![there]).await
    }

    /// Deletes the row with this primary key for good, softly deleted or not; whether it was there.
    ///
    /// # Errors
    /// `ForeignKeyViolation` where children are there that restrict it.
    pub async fn purge(&self, key: impl Into<Key<E>> + Send) -> Result<bool> {
        Ok(self.purge_many(by_key::<E>(key.into())).await? > 0)
    }

    /// Deletes every row that matches for good, softly deleted or not; how many. To purge only what was deleted, say so with
    /// [`delete_where`](Repository::delete_where): `rows.delete_where(filter.only_deleted(), Deletion::Forever)`.
    ///
    /// # Errors
    /// As [`purge`](#method.purge).
    pub async fn purge_many(&self, filter: Filter<E>) -> Result<u64> {
        self.delete_where(filter.into_query().with_deleted(), Deletion::Forever).await
    }
}
