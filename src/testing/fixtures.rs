//! The rows that a test begins with.

use super::json;
use crate::{Database, Entity, Result, Transaction};
use futures::future::BoxFuture;
use sea_orm::IntoActiveModel;
use std::{fmt, sync::Arc};

/// Rows of several entities, inserted in one transaction in the order given: parents first.
///
/// ```
/// use seabed::{prelude::*, testing::{Fixtures, MemoryDatabase}};
/// # mod author {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "author")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub name: String }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # mod book {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "book")]
/// #     pub struct Model { #[sea_orm(primary_key, auto_increment = false)] pub id: Uuid, pub author_id: i64, pub out: Option<Date> }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = MemoryDatabase::with_tables(&seabed::entities![author, book]).await?;
/// Fixtures::new()
///     .rows::<author::Entity>([author::Model { id: 7, name: "Ada".into() }])
///     .json::<book::Entity>(r#"[{ "author_id": 7, "out": "1843-08-01" }, { "author_id": 7 }]"#)?
///     .load(&db)
///     .await?;
/// assert_eq!(db.repository::<book::Entity>().count(all()).await?, 2);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Fixtures {
    steps: Vec<Arc<Step>>,
}

type Step = dyn Fn(Transaction) -> BoxFuture<'static, Result<()>> + Send + Sync;

impl Fixtures {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rows of one entity: models, or `ActiveModel`s whose unset fields take their defaults.
    #[must_use]
    pub fn rows<E: Entity>(self, rows: impl IntoIterator<Item = impl IntoActiveModel<E::ActiveModel>>) -> Self {
        self.and::<E>(rows.into_iter().map(IntoActiveModel::into_active_model).collect())
    }

    /// Adds the rows of a JSON array of objects, a field per column; a column that is not there takes its default. The entity needs
    /// no serde: a column's type says how its value is written. Instants and dates are text as in RFC 3339
    /// (`2026-01-31T12:00:00Z`, `2026-01-31`, `12:00:00`), UUIDs text, bytes hexadecimal text, decimals text or numbers; a JSON
    /// column takes any value.
    ///
    /// # Errors
    /// `InvalidValue` with entity and field for a value that its column does not take, `InvalidQuery` for a field that is no column,
    /// each with the number of its row.
    pub fn json<E: Entity>(self, text: &str) -> Result<Self> {
        Ok(self.and::<E>(json::rows::<E>(text)?))
    }

    fn and<E: Entity>(mut self, rows: Vec<E::ActiveModel>) -> Self {
        self.steps.push(Arc::new(move |transaction: Transaction| {
            let rows = rows.clone();
            Box::pin(async move { transaction.repository::<E>().insert_many(rows).await.map(drop) })
        }));
        self
    }

    /// Inserts all rows or none. May be done again, on this database or another.
    ///
    /// # Errors
    /// The first failure, with entity and field.
    pub async fn load(&self, db: &Database) -> Result<()> {
        db.transact(|transaction| async move {
            for step in &self.steps {
                step(transaction.clone()).await?;
            }
            Ok(())
        })
        .await
    }
}

impl fmt::Debug for Fixtures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fixtures({} steps)", self.steps.len())
    }
}
