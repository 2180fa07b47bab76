//! Many rows in one call: upserts, inserts that tell how far they are, updates with a value for each row.

use super::{Entity, InsertOptions, Repository, SetFields};
use crate::{Error, ErrorKind, Result};
use sea_orm::IntoActiveModel;

impl<E: Entity> dyn Repository<E> {
    /// Inserts the row, or changes the one that has the same values in these columns: the columns of the primary key or of one
    /// unique index, in any order. Returns the row as it is stored then.
    ///
    /// On a row that is there, what the new one sets is written, apart from the key, the primary key and `created_at`; what it
    /// does not set stays. (On a new row that takes its default.) A whole `Model` sets everything. A key with a null in it meets no row:
    /// such a row is inserted. The columns that are named are the only ones that decide: a conflict on another unique key is
    /// `UniqueViolation`, and that row is left as it is.
    ///
    /// Where several callers upsert the same key at once, one inserts and the others change its row. Where the entity has a
    /// `version` rule, the row that is there must have the version that the new one gives: `VersionConflict` otherwise.
    ///
    /// ```
    /// use seabed::prelude::*;
    /// # mod reading {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "reading")]
    /// #     pub struct Model {
    /// #         #[sea_orm(primary_key)] pub id: i64,
    /// #         #[sea_orm(unique)] pub sensor: String,
    /// #         pub level: i32,
    /// #         pub note: Option<String>,
    /// #     }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let db = Database::memory();
    /// db.create_tables(&seabed::entities![reading]).await?;
    /// let readings = db.repository::<reading::Entity>();
    /// let row = |level, note: Option<&str>| reading::ActiveModel {
    ///     sensor: Set("north".into()),
    ///     level: Set(level),
    ///     note: note.map_or(sea_orm::NotSet, |note| Set(Some(note.into()))),
    ///     ..Default::default()
    /// };
    ///
    /// let first = readings.upsert(row(7, Some("new")), [reading::Column::Sensor]).await?;
    /// let second = readings.upsert(row(8, None), [reading::Column::Sensor]).await?;
    /// assert_eq!((second.id, second.level), (first.id, 8));
    /// assert_eq!(second.note.as_deref(), Some("new")); // not set: it stays
    /// assert_eq!(readings.count(all()).await?, 1);
    /// # Ok::<_, seabed::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidQuery` where the columns are no unique key; the errors of [`insert`](#method.insert), `NotNullViolation` also where
    /// a row is there and the new one would be incomplete.
    pub async fn upsert(
        &self,
        row: impl IntoActiveModel<E::ActiveModel> + Send,
        key: impl IntoIterator<Item = E::Column> + Send,
    ) -> Result<E::Model> {
        let options = InsertOptions::default().upsert(key);
        let upserted = self.insert_rows(vec![row.into_active_model()], options).await?.pop();
        upserted.ok_or_else(|| {
            let error = Error::new(ErrorKind::Other, "no answer came back").entity(E::default().table_name());
            error.with("operation", "upsert")
        })
    }

    /// [`upsert`](#method.upsert) of many rows, all or none; returns them in the same order. Rows may set different columns: each
    /// writes its own. They take effect in the order given, those that set the same columns together, and a row after its parent
    /// where that is among them.
    ///
    /// # Errors
    /// `InvalidQuery` where two of the rows have the same key; as [`upsert`](#method.upsert).
    pub async fn upsert_many<R>(
        &self,
        rows: impl IntoIterator<Item = R> + Send,
        key: impl IntoIterator<Item = E::Column> + Send,
    ) -> Result<Vec<E::Model>>
    where
        R: IntoActiveModel<E::ActiveModel>,
    {
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model).collect();
        self.insert_rows(rows, InsertOptions::default().upsert(key)).await
    }

    /// [`insert_many`](#method.insert_many) that tells how far it is. An import that may be run again is an upsert:
    /// `InsertOptions::default().upsert([reading::Column::Sensor]).progress(…)`.
    ///
    /// ```
    /// use seabed::prelude::*;
    /// # mod reading {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "reading")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub level: i32 }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![reading]).await?;
    /// # let readings = db.repository::<reading::Entity>();
    /// let rows = (0..1_200).map(|level| reading::ActiveModel { level: Set(level), ..Default::default() });
    /// let options = InsertOptions::default().progress(|done, all| println!("{done} of {all}"));
    /// readings.insert_many_with(rows, options).await?; // 500, 1000 and 1200 of 1200
    /// # Ok::<_, seabed::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`insert_many`](#method.insert_many).
    pub async fn insert_many_with<R>(
        &self,
        rows: impl IntoIterator<Item = R> + Send,
        options: InsertOptions,
    ) -> Result<Vec<E::Model>>
    where
        R: IntoActiveModel<E::ActiveModel>,
    {
        self.insert_rows(rows.into_iter().map(IntoActiveModel::into_active_model).collect(), options).await
    }

    /// [`update`](#method.update) of many rows, each with its own values, all or none; returns them in the same order. One
    /// statement a row, in the order given: where many rows get the same values, [`update_many`](#method.update_many) is one
    /// statement for all.
    ///
    /// # Errors
    /// `NotFound` where one of the rows is not there: then none is written. As [`update`](#method.update) otherwise.
    pub async fn update_each<R>(&self, rows: impl IntoIterator<Item = R> + Send) -> Result<Vec<E::Model>>
    where
        R: SetFields<E>,
    {
        self.update_rows(rows.into_iter().map(SetFields::into_set_fields).collect()).await
    }
}
