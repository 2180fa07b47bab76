//! Some columns instead of whole models.

use super::{
    Entity, IntoQuery, Query, Read, Repository,
    answer::{Asked, Cells, Field},
};
use crate::Result;
use sea_orm::sea_query::ValueType;

/// A struct of some of an entity's columns; made by [`projection!`](crate::projection).
pub trait Projection: Sized {
    /// The entity.
    type Entity: Entity;

    /// What is asked for.
    fn asked() -> Vec<Asked>;

    /// The struct from a row's values.
    ///
    /// # Errors
    /// As [`Cells::take`].
    fn take(cells: &mut Cells<'_>) -> Result<Self>;
}

/// A struct of some of an entity's columns, for [`project`](crate::Repository#method.project): only these are read. Each field has
/// the name of a field of the model and its type; a field that the entity does not have does not compile.
///
/// ```
/// # mod dataset {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "dataset")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)] pub id: i64,
/// #         pub name: String,
/// #         pub owner: Option<String>,
/// #         #[sea_orm(column_type = "Text")] pub description: String,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use seabed::prelude::*;
///
/// seabed::projection! {
///     /// A dataset without its long description.
///     #[derive(Debug, PartialEq)]
///     pub struct Summary of dataset {
///         pub id: i64,
///         pub owner: Option<String>,
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::memory();
/// # db.create_tables(&seabed::entities![dataset]).await?;
/// let datasets = db.repository::<dataset::Entity>();
/// # for (name, owner) in [("trees", Some("Ada")), ("rivers", None), ("roads", Some("Ada"))] {
/// #     let row = dataset::ActiveModel { name: Set(name.into()), owner: Set(owner.map(Into::into)), description: Set("…".into()), ..Default::default() };
/// #     datasets.insert(row).await?;
/// # }
/// let first = datasets.project::<Summary>(all().limit(1)).await?;
/// assert_eq!(first, [Summary { id: 1, owner: Some("Ada".into()) }]);
///
/// let name = col(dataset::COLUMN.name);
/// assert_eq!(datasets.values::<String>(all().order_by(name.asc()), name).await?, ["rivers", "roads", "trees"]);
///
/// let owner = col(dataset::COLUMN.owner);
/// let owners = datasets.values_distinct::<Option<String>>(all().order_by(owner.desc()), owner).await?;
/// assert_eq!(owners, [Some("Ada".into()), None]);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
#[macro_export]
macro_rules! projection {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident of $module:path {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $type, )+
        }

        const _: () = {
            use $module as module;

            impl $crate::repository::Projection for $name {
                type Entity = module::Entity;

                fn asked() -> ::std::vec::Vec<$crate::repository::Asked> {
                    ::std::vec![$( $crate::repository::Asked::of::<$type, _, _>(module::COLUMN.$field), )+]
                }

                fn take(cells: &mut $crate::repository::Cells<'_>) -> $crate::Result<Self> {
                    ::std::result::Result::Ok(Self { $( $field: cells.take()?, )+ })
                }
            }
        };
    };
}

/// The one value of a row.
fn one<T: ValueType>(cells: &mut Cells<'_>) -> Result<T> {
    cells.take()
}

impl<E: Entity> dyn Repository<E> {
    /// Some columns of every row that matches, in the query's order; see [`projection!`](crate::projection).
    ///
    /// # Errors
    /// `InvalidQuery` with entity and field for a field of another type than the model's; `CorruptData` for a null where the field
    /// is no `Option`; as [`find`](#method.find) otherwise.
    pub async fn project<P: Projection<Entity = E>>(&self, query: impl IntoQuery<E> + Send) -> Result<Vec<P>> {
        self.columns(query.into_query(), P::asked(), false, P::take).await
    }

    /// The different combinations of some columns among the rows that match; null is a value of its own. An order, a limit and
    /// an offset are those of the combinations.
    ///
    /// # Errors
    /// `InvalidQuery` for an order by a column that is not among them, and for JSON; as [`project`](#method.project) otherwise.
    pub async fn project_distinct<P: Projection<Entity = E>>(&self, query: impl IntoQuery<E> + Send) -> Result<Vec<P>> {
        self.columns(query.into_query(), P::asked(), true, P::take).await
    }

    /// One column of every row that matches, in the query's order.
    ///
    /// # Errors
    /// As [`project`](#method.project).
    pub async fn values<T: ValueType>(&self, query: impl IntoQuery<E> + Send, column: impl Field<E>) -> Result<Vec<T>> {
        let asked = vec![Asked::column::<T, E>(column.column())];
        self.columns(query.into_query(), asked, false, one).await
    }

    /// The different values of one column among the rows that match; null is a value of its own.
    ///
    /// # Errors
    /// As [`project_distinct`](#method.project_distinct).
    pub async fn values_distinct<T: ValueType>(
        &self,
        query: impl IntoQuery<E> + Send,
        column: impl Field<E>,
    ) -> Result<Vec<T>> {
        let asked = vec![Asked::column::<T, E>(column.column())];
        self.columns(query.into_query(), asked, true, one).await
    }

    async fn columns<T>(
        &self,
        query: Query<E>,
        asked: Vec<Asked>,
        distinct: bool,
        take: fn(&mut Cells<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        asked.iter().try_for_each(Asked::check::<E>)?;
        let names: Vec<&'static str> = asked.iter().map(Asked::name).collect();
        let columns = names.iter().map(|name| (*name).into()).collect();
        let rows = self.read(Read::Columns { query, columns, distinct }).await?;
        let entity = E::default();
        rows.into_iter().map(|row| take(&mut Cells::new(entity.table_name(), &names, row))).collect()
    }
}
