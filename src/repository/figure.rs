//! Figures over the rows that match: sums, extremes, averages, counts.

use super::{
    Entity, IntoQuery, Query, Repository,
    answer::{Asked, Cells, ComparableField, NumericField, OrderedField},
};
use crate::{Result, backend::Figure};
use sea_orm::{
    IdenStatic, ModelTrait,
    sea_query::{ArrayType, Nullable, ValueType},
};

/// The type of a sum of fields of this type.
pub(super) fn sum_of(field: &ArrayType) -> ArrayType {
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
        other => other.clone(),
    }
}

/// The type of an average of fields of this type.
pub(super) fn average_of(field: &ArrayType) -> ArrayType {
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
        let column = column.column();
        let is = sum_of(&E::Model::get_value_type(column));
        self.value(query.into_query(), Figure::Sum(column.as_str().into()), column.as_str(), vec![is]).await
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
        let column = column.column();
        let is = average_of(&E::Model::get_value_type(column));
        self.value(query.into_query(), Figure::Average(column.as_str().into()), column.as_str(), vec![is]).await
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
        let column = column.column();
        let is = E::Model::get_value_type(column);
        self.value(query.into_query(), Figure::Min(column.as_str().into()), column.as_str(), vec![is]).await
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
        let column = column.column();
        let is = E::Model::get_value_type(column);
        self.value(query.into_query(), Figure::Max(column.as_str().into()), column.as_str(), vec![is]).await
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
        let name = column.column().as_str();
        let counted = self.value(query.into_query(), Figure::CountDistinct(name.into()), name, counts()).await?;
        Ok(counted.unwrap_or_default())
    }

    /// About how many rows there are, by the server's statistics: at once, however large the table. Exact on SQLite and in
    /// memory, for small tables, and for entities of which a rule shows only a part (soft delete, tenant), at the price of
    /// [`count`](#method.count).
    ///
    /// # Errors
    /// As [`find`](#method.find).
    pub async fn count_estimated(&self) -> Result<u64> {
        Ok(self.value(super::all(), Figure::Estimate, "", counts()).await?.unwrap_or_default())
    }

    async fn value<T: ValueType + Nullable>(
        &self,
        query: Query<E>,
        figure: Figure,
        name: &'static str,
        is: Vec<ArrayType>,
    ) -> Result<Option<T>> {
        Asked::value::<T>(name, is).check::<E>()?;
        let row = self.figures(query, vec![figure]).await?;
        Cells::new(E::default().table_name(), &[name], row).take()
    }
}

/// What a count may be asked for as.
pub(super) fn counts() -> Vec<ArrayType> {
    vec![ArrayType::BigInt, ArrayType::BigUnsigned]
}
