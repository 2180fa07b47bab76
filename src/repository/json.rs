//! `col(dataset::COLUMN.metadata).path("camera.model")`: conditions on what stands inside a JSON column.

use super::{
    Col, Entity, Filter,
    column::{Any, Json},
};
use crate::backend::{self, Comparison, JsonTest, Match};
use sea_orm::Value;
use std::{fmt, marker::PhantomData};

/// Kinds that hold JSON.
#[diagnostic::on_unimplemented(message = "a {Self} column holds no JSON to look into")]
pub trait HoldsJson {}
impl HoldsJson for Json {}
impl HoldsJson for Any {}

impl<E: Entity, K: HoldsJson> Col<E, K> {
    /// What stands at this path: keys of objects, with dots between them, at most 30. Digits are a key like any other; what is inside an
    /// array has no path. A key that begins with `-` is refused, because MariaDB does not find it. For keys with dots in them see [`path_of`](Self::path_of).
    ///
    /// ```
    /// # mod dataset {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "dataset")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub metadata: Json }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// use seabed::prelude::*;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![dataset]).await?;
    /// let datasets = db.repository::<dataset::Entity>();
    /// let metadata = serde_json::json!({ "camera": { "model": "X1", "iso": 200 } });
    /// datasets.insert(dataset::ActiveModel { metadata: Set(metadata), ..Default::default() }).await?;
    ///
    /// let camera = |key: &str| col(dataset::COLUMN.metadata).path(format!("camera.{key}"));
    /// assert_eq!(datasets.count(camera("model").eq("X1") & camera("iso").gte(100)).await?, 1);
    /// assert_eq!(datasets.count(camera("lens").is_null()).await?, 1);
    /// # Ok::<_, seabed::Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn path(self, path: impl AsRef<str>) -> JsonPath<E> {
        self.path_of(path.as_ref().split('.'))
    }

    /// What stands at this path, key by key, each taken as it is. Without a key it is the whole.
    #[must_use]
    pub fn path_of(self, keys: impl IntoIterator<Item = impl Into<String>>) -> JsonPath<E> {
        JsonPath { column: self.name(), keys: keys.into_iter().map(Into::into).collect(), entity: PhantomData }
    }
}

/// A place inside a JSON column, made by `path` and `path_of` on [`col`](super::col).
///
/// What is not there and JSON's own null are null: no comparison matches them, and neither does its negation. A value of another
/// type than the one that it is compared with is unequal to it, and neither less nor greater. Numbers are compared as numbers,
/// exactly: `1` equals `1.0`. Texts are compared by code point, `false` is less than `true`.
///
/// On every backend alike but for one thing: SQLite may take a float for its neighbour (one bit away in 53) in `lt`, `lte`, `gt` and
/// `gte`.
pub struct JsonPath<E> {
    column: &'static str,
    keys: Vec<String>,
    entity: PhantomData<fn() -> E>,
}

/// What can be compared with what stands at a path.
#[diagnostic::on_unimplemented(
    message = "JSON holds no `{Self}` that could be compared",
    label = "a text, a number or a bool"
)]
pub trait JsonScalar {
    /// The value.
    fn into_scalar(self) -> Value;
}

macro_rules! scalars {
    ($($given:ty),* $(,)?) => { $(
        impl JsonScalar for $given {
            fn into_scalar(self) -> Value { self.into() }
        }
    )* };
}
scalars!(&str, String, bool, i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

impl JsonScalar for &String {
    fn into_scalar(self) -> Value {
        self.as_str().into()
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $comparison:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, value: impl JsonScalar) -> Filter<E> {
            self.test(JsonTest::Compare(Comparison::$comparison, value.into_scalar()))
        }
    )* };
}

macro_rules! matches {
    ($($(#[$doc:meta])* $name:ident $how:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, text: impl Into<String>) -> Filter<E> {
            self.test(JsonTest::Text(Match::$how, text.into()))
        }
    )* };
}

impl<E: Entity> JsonPath<E> {
    fn test(self, test: JsonTest) -> Filter<E> {
        Filter::new(backend::Filter::Json(self.column.into(), self.keys, test))
    }

    comparisons! {
        /// Equal to the value; never matches null.
        eq Eq,
        /// Not equal to the value; matches values of other types, never null.
        ne Ne,
        /// Less than the value, and of its type.
        lt Lt,
        /// Less than the value or equal, and of its type.
        lte Lte,
        /// Greater than the value, and of its type.
        gt Gt,
        /// Greater than the value or equal, and of its type.
        gte Gte,
    }

    matches! {
        /// A text that holds the text anywhere: literally, by case.
        contains Contains,
        /// A text that begins with the text: literally, by case.
        starts_with StartsWith,
        /// A text that ends with the text: literally, by case.
        ends_with EndsWith,
    }

    /// One of the values; never matches null. Long lists are fine.
    #[must_use]
    pub fn is_in<V: JsonScalar>(self, values: impl IntoIterator<Item = V>) -> Filter<E> {
        self.test(JsonTest::In(values.into_iter().map(V::into_scalar).collect()))
    }

    /// Not there, or JSON's null, or in a column that is null.
    #[must_use]
    pub fn is_null(self) -> Filter<E> {
        self.test(JsonTest::IsNull)
    }

    /// There, and not JSON's null.
    #[must_use]
    pub fn is_not_null(self) -> Filter<E> {
        self.test(JsonTest::IsNotNull)
    }
}

impl<E> Clone for JsonPath<E> {
    fn clone(&self) -> Self {
        Self { column: self.column, keys: self.keys.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for JsonPath<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JsonPath({} {:?})", self.column, self.keys)
    }
}
