//! Figures over the rows that match: sums, extremes, averages, counts.

use super::{
    Entity, IntoQuery, Query, Repository,
    answer::{Asked, Cells, ComparableField, Field, NumericField, OrderedField},
};
use crate::{Result, backend::Figure, schema::Name};
use sea_orm::{
    IdenStatic, ModelTrait,
    sea_query::{ArrayType, Nullable, ValueType},
};

/// A figure, the column that an error of it names, and the types that its answer may be taken as.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub figure: Figure,
    pub name: &'static str,
    pub is: Vec<ArrayType>,
}

impl Typed {
    pub fn sum<E: Entity>(column: impl NumericField<E>) -> Self {
        Self::of(column, Figure::Sum, sum_of)
    }

    pub fn average<E: Entity>(column: impl NumericField<E>) -> Self {
        Self::of(column, Figure::Average, average_of)
    }

    pub fn min<E: Entity>(column: impl OrderedField<E>) -> Self {
        Self::of(column, Figure::Min, |field| field)
    }

    pub fn max<E: Entity>(column: impl OrderedField<E>) -> Self {
        Self::of(column, Figure::Max, |field| field)
    }

    pub fn count() -> Self {
        Self::counted("", Figure::Count)
    }

    pub fn count_distinct<E: Entity>(column: impl ComparableField<E>) -> Self {
        let name = column.column().as_str();
        Self::counted(name, Figure::CountDistinct(name.into()))
    }

    pub fn estimate() -> Self {
        Self::counted("", Figure::Estimate)
    }

    /// Of one column; `is` makes the answer's type of the field's.
    fn of<E: Entity>(column: impl Field<E>, figure: fn(Name) -> Figure, is: fn(ArrayType) -> ArrayType) -> Self {
        let column = column.column();
        let name = column.as_str();
        Self { figure: figure(name.into()), name, is: vec![is(E::Model::get_value_type(column))] }
    }

    fn counted(name: &'static str, figure: Figure) -> Self {
        Self { figure, name, is: vec![ArrayType::BigInt, ArrayType::BigUnsigned] }
    }
}

/// The type of a sum of fields of this type.
fn sum_of(field: ArrayType) -> ArrayType {
    match field {
        ArrayType::TinyInt
        | ArrayType::SmallInt
        | ArrayType::Int
        | ArrayType::BigInt
        | ArrayType::TinyUnsigned
        | ArrayType::SmallUnsigned
        | ArrayType::Unsigned
        | ArrayType::BigUnsigned => ArrayType::BigInt,
        ArrayType::Float => ArrayType::Double,
        other => other,
    }
}

/// The type of an average of fields of this type.
fn average_of(field: ArrayType) -> ArrayType {
    match sum_of(field) {
        ArrayType::BigInt => ArrayType::Double,
        other => other,
    }
}

/// Figures over all rows that match. Limit, offset and order do not count.
///
/// ```
/// # mod parcel {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "parcel")]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)] pub id: i64,
/// #         pub town: String,
/// #         pub grams: i32,
/// #         #[sea_orm(column_type = "Decimal(Some((10, 2)))")] pub price: Option<Decimal>,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # use seabed::prelude::*;
/// # use seabed::sea_orm::prelude::Decimal;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::memory();
/// # db.create_tables(&seabed::entities![parcel]).await?;
/// let parcels = db.repository::<parcel::Entity>();
/// # for (town, grams, price) in [("Ulm", 500, Some(350)), ("Ulm", 1_000, None), ("Köln", 250, Some(199))] {
/// #     let price = price.map(|cents| Decimal::new(cents, 2));
/// #     parcels.insert(parcel::ActiveModel { town: Set(town.into()), grams: Set(grams), price: Set(price), ..Default::default() }).await?;
/// # }
/// let in_ulm = col(parcel::COLUMN.town).eq("Ulm");
/// let grams: Option<i64> = parcels.sum(in_ulm.clone(), col(parcel::COLUMN.grams)).await?;
/// let price = parcels.average::<Decimal>(in_ulm, col(parcel::COLUMN.price)).await?;
/// let least = parcels.min::<String>(all(), col(parcel::COLUMN.town)).await?;
/// assert_eq!((grams, price, least), (Some(1_500), Some(Decimal::new(350, 2)), Some("Köln".into())));
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
impl<E: Entity> dyn Repository<E> {
    /// The sum of a column of numbers: an `i64` of whole numbers, a `Decimal` of decimals (both exact), an `f64` of floats (the
    /// one figure that depends on the order in which the server adds). Nulls are left out; `None` where there is no value.
    ///
    /// # Errors
    /// `InvalidValue` with entity and field where the sum is out of the answer's range, whatever it was on the way;
    /// `InvalidQuery` for another type than these.
    pub async fn sum<T: ValueType + Nullable>(
        &self,
        query: impl IntoQuery<E> + Send,
        column: impl NumericField<E>,
    ) -> Result<Option<T>> {
        self.value(query.into_query(), Typed::sum(column)).await
    }

    /// The mean of a column of numbers: an `f64` of whole numbers and floats, a `Decimal` of decimals (six digits more after
    /// the point than the column has, rounded half-even; 28 digits at most). Nulls are left out; `None` where there is no value.
    ///
    /// # Errors
    /// `InvalidQuery` for another type than these; `InvalidValue` where floats add up to more than a float holds.
    pub async fn average<T: ValueType + Nullable>(
        &self,
        query: impl IntoQuery<E> + Send,
        column: impl NumericField<E>,
    ) -> Result<Option<T>> {
        self.value(query.into_query(), Typed::average(column)).await
    }

    /// The least value of a column, of the type of the model's field; text by code point, `false` before `true`. Nulls are left
    /// out; `None` where there is no value.
    ///
    /// # Errors
    /// `InvalidQuery` for another type than the field's.
    pub async fn min<T: ValueType + Nullable>(
        &self,
        query: impl IntoQuery<E> + Send,
        column: impl OrderedField<E>,
    ) -> Result<Option<T>> {
        self.value(query.into_query(), Typed::min(column)).await
    }

    /// The greatest value of a column; as [`min`](#method.min).
    ///
    /// # Errors
    /// As [`min`](#method.min).
    pub async fn max<T: ValueType + Nullable>(
        &self,
        query: impl IntoQuery<E> + Send,
        column: impl OrderedField<E>,
    ) -> Result<Option<T>> {
        self.value(query.into_query(), Typed::max(column)).await
    }

    /// How many different values a column has, nulls left out: text by code point, decimals by value.
    ///
    /// # Errors
    /// As [`find`](#method.find).
    pub async fn count_distinct(
        &self,
        query: impl IntoQuery<E> + Send,
        column: impl ComparableField<E>,
    ) -> Result<u64> {
        Ok(self.value(query.into_query(), Typed::count_distinct(column)).await?.unwrap_or_default())
    }

    /// About how many rows there are, by the server's statistics: at once, however large the table. Exact on SQLite and in
    /// memory, for small tables, and for entities of which a rule shows only a part (soft delete, tenant), at the price of
    /// [`count`](#method.count).
    ///
    /// # Errors
    /// As [`find`](#method.find).
    pub async fn count_estimated(&self) -> Result<u64> {
        Ok(self.value(super::all(), Typed::estimate()).await?.unwrap_or_default())
    }

    async fn value<T: ValueType + Nullable>(&self, query: Query<E>, typed: Typed) -> Result<Option<T>> {
        let Typed { figure, name, is } = typed;
        Asked::value::<T>(name, is).check::<E>()?;
        let row = self.figures(query, vec![figure]).await?;
        Cells::new(E::default().table_name(), &[name], row).take()
    }
}
