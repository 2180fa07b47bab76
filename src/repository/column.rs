//! `col(dataset::COLUMN.size)`: a column that builds portable conditions, orders and changes.
//!
//! The kind of a column decides at compile time what it can be compared with: text against a number, `eq(None)` and the
//! columns of another entity do not compile. A column given as `dataset::Column::Size` is of kind [`Any`]; what it is compared
//! with is checked when the call is made.

use super::{Change, Entity, Filter, Order};
use crate::backend::{self, ChangeTo, Comparison, FoldedMatch, Match};
use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Value,
    sea_query::{DateLikeValue, DateTimeLikeValue, Nullable, NumericValue, TimeLikeValue},
};
use std::{fmt, marker::PhantomData};

/// A column of `E` that holds a `K`.
pub struct Col<E: EntityTrait, K> {
    pub(super) column: E::Column,
    kind: PhantomData<fn() -> K>,
}

impl<E: EntityTrait, K> Clone for Col<E, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E: EntityTrait, K> Copy for Col<E, K> {}

impl<E: EntityTrait, K> fmt::Debug for Col<E, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Col({})", self.column.as_str())
    }
}

/// Makes a SeaORM column portable: `col(dataset::COLUMN.size)`, or `col(dataset::Column::Size)`.
pub fn col<Via, C: IntoColumn<Via>>(column: C) -> Col<C::Entity, C::Kind> {
    Col { column: column.into_column(), kind: PhantomData }
}

/// What [`col`] takes: SeaORM's typed `COLUMN.x` or its `Column::X`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a column of an entity")]
pub trait IntoColumn<Via> {
    /// The entity.
    type Entity: Entity;
    /// What the column holds.
    type Kind;
    /// The column.
    fn into_column(self) -> <Self::Entity as EntityTrait>::Column;
}

/// By `COLUMN.x`.
#[derive(Debug)]
pub enum Typed {}
/// By `Column::X`.
#[derive(Debug)]
pub enum Plain {}

macro_rules! columns {
    ($($wrapper:ident => $kind:ident),* $(,)?) => { $(
        impl<E: Entity> IntoColumn<Typed> for sea_orm::$wrapper<E> {
            type Entity = E;
            type Kind = $kind;
            fn into_column(self) -> E::Column { self.0 }
        }
    )* };
}

columns! {
    BoolColumn => Bool, BytesColumn => Bytes, DateLikeColumn => Date, DateTimeLikeColumn => Instant, JsonColumn => Json,
    NumericColumn => Number, NumericColumnNullable => Number, StringColumn => Text, StringColumnNullable => Text,
    TimeLikeColumn => Time, UuidColumn => Uuid,
}

impl<C, E> IntoColumn<Plain> for C
where
    C: ColumnTrait<EntityName = E>,
    E: Entity + EntityTrait<Column = C>,
{
    type Entity = E;
    type Kind = Any;
    fn into_column(self) -> C {
        self
    }
}

/// What may be compared with a column of this kind, and written to it.
#[diagnostic::on_unimplemented(
    message = "a {Self} column cannot take a `{V}`",
    note = "null is asked for by `is_null` and written by `set_null`"
)]
pub trait Takes<V> {
    /// The value.
    fn value(value: V) -> Value;
}

/// Kinds whose values are equal or not: all but JSON.
#[diagnostic::on_unimplemented(message = "a {Self} column cannot be compared")]
pub trait Comparable {}

/// Kinds whose values have an order.
#[diagnostic::on_unimplemented(message = "a {Self} column has no order")]
pub trait Ordered: Comparable {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident : $bound:path $(| $more:path)* ),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $kind {}
        // A refusal is told in the words of `Takes`, not in those of the bound.
        #[diagnostic::do_not_recommend]
        impl<V: Into<Value> + $bound $(+ $more)*> Takes<V> for $kind {
            fn value(value: V) -> Value { value.into() }
        }
    )* };
}

kinds! {
    /// A number.
    Number: NumericValue,
    /// True or false.
    Bool: Into<bool>,
    /// Bytes.
    Bytes: Into<Vec<u8>>,
    /// A UUID.
    Uuid: Into<sea_orm::prelude::Uuid>,
    /// An instant, or a date and time.
    Instant: DateTimeLikeValue,
    /// A date.
    Date: DateLikeValue,
    /// A time of day.
    Time: TimeLikeValue,
    /// JSON.
    Json: Into<sea_orm::prelude::Json>,
    /// What is known only at run time.
    Any: Nullable,
}

/// Text.
#[derive(Debug)]
pub enum Text {}
#[diagnostic::do_not_recommend]
impl<V: Into<String>> Takes<V> for Text {
    fn value(value: V) -> Value {
        Value::String(Some(value.into()))
    }
}

macro_rules! orders {
    ($($kind:ident)*) => { $( impl Comparable for $kind {} impl Ordered for $kind {} )* };
}
orders! { Number Text Uuid Instant Date Time Any Bool Bytes }

/// Kinds that hold text.
#[diagnostic::on_unimplemented(message = "a {Self} column holds no text to look into")]
pub trait Textual {}
impl Textual for Text {}
impl Textual for Any {}

/// Kinds that can be added to.
#[diagnostic::on_unimplemented(message = "a {Self} column holds no number to add to")]
pub trait Numeric {}
impl Numeric for Number {}
impl Numeric for Any {}

impl<E: Entity, K> Col<E, K> {
    pub(super) fn name(self) -> &'static str {
        self.column.as_str()
    }

    fn compare<V>(self, comparison: Comparison, value: V) -> Filter<E>
    where
        K: Takes<V>,
    {
        Filter::new(backend::Filter::Compare(self.name().into(), comparison, K::value(value)))
    }

    fn values<V>(values: impl IntoIterator<Item = V>) -> Vec<Value>
    where
        K: Takes<V>,
    {
        values.into_iter().map(K::value).collect()
    }

    /// Null.
    #[must_use]
    pub fn is_null(self) -> Filter<E> {
        Filter::new(backend::Filter::IsNull(self.name().into()))
    }

    /// Not null.
    #[must_use]
    pub fn is_not_null(self) -> Filter<E> {
        Filter::new(backend::Filter::IsNotNull(self.name().into()))
    }

    /// Writes this value.
    #[must_use]
    pub fn set<V>(self, value: V) -> Change<E>
    where
        K: Takes<V>,
    {
        Change::new(self.name(), ChangeTo::Value(K::value(value)))
    }

    /// Writes null; `NotNullViolation` where the column requires a value.
    #[must_use]
    pub fn set_null(self) -> Change<E> {
        Change::new(self.name(), ChangeTo::Value(Value::Bool(None)))
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident $comparison:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name<V>(self, value: V) -> Filter<E> where K: Takes<V> {
            self.compare(Comparison::$comparison, value)
        }
    )* };
}

impl<E: Entity, K: Comparable> Col<E, K> {
    comparisons! {
        /// Equal to the value; never matches null.
        eq Eq,
        /// Not equal to the value; never matches null.
        ne Ne,
    }

    /// Not equal to the value, where null counts as a value: matches null.
    #[must_use]
    pub fn is_distinct_from<V>(self, value: V) -> Filter<E>
    where
        K: Takes<V>,
    {
        Filter::new(backend::Filter::DistinctFrom(self.name().into(), K::value(value)))
    }

    /// One of the values; never matches null. An empty list matches nothing, and nothing is asked. Long lists are fine.
    #[must_use]
    pub fn is_in<V>(self, values: impl IntoIterator<Item = V>) -> Filter<E>
    where
        K: Takes<V>,
    {
        Filter::new(backend::Filter::In(self.name().into(), Self::values(values)))
    }

    /// None of the values; never matches null, also where the list is empty.
    #[must_use]
    pub fn is_not_in<V>(self, values: impl IntoIterator<Item = V>) -> Filter<E>
    where
        K: Takes<V>,
    {
        Filter::new(backend::Filter::NotIn(self.name().into(), Self::values(values)))
    }
}

impl<E: Entity, K: Ordered> Col<E, K> {
    comparisons! {
        /// Less than the value.
        lt Lt,
        /// Less than the value or equal.
        lte Lte,
        /// Greater than the value.
        gt Gt,
        /// Greater than the value or equal.
        gte Gte,
    }

    /// Between the two, both included.
    #[must_use]
    pub fn between<V>(self, low: V, high: V) -> Filter<E>
    where
        K: Takes<V>,
    {
        Filter::new(backend::Filter::Between(self.name().into(), K::value(low), K::value(high)))
    }

    /// From low to high, null first. Text by code point.
    #[must_use]
    pub fn asc(self) -> Order<E> {
        Order::new(self.name(), false)
    }

    /// From high to low, null last.
    #[must_use]
    pub fn desc(self) -> Order<E> {
        Order::new(self.name(), true)
    }
}

macro_rules! matches {
    ($($(#[$doc:meta])* $name:ident $how:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, text: impl Into<String>) -> Filter<E> {
            Filter::new(backend::Filter::Text(self.name().into(), Match::$how, text.into()))
        }
    )* };
}

impl<E: Entity, K: Textual> Col<E, K> {
    matches! {
        /// Holds the text anywhere: literally (`%` and `_` are themselves), by case. The empty text is in every text.
        contains Contains,
        /// Begins with the text: literally, by case.
        starts_with StartsWith,
        /// Ends with the text: literally, by case.
        ends_with EndsWith,
    }
}

macro_rules! folded {
    ($($(#[$doc:meta])* $name:ident $how:expr),* $(,)?) => { $(
        $(#[$doc])*
        #[must_use]
        pub fn $name(self, text: impl Into<String>) -> Filter<E> {
            Filter::new(backend::Filter::Folded(self.name().into(), $how, text.into()))
        }
    )* };
}

/// Without regard to case: on columns for which a `folded` [rule](crate::rules!) keeps a second one, else `InvalidQuery`. By
/// Unicode's full case folding ([`fold`](crate::backend::rules::fold)), the same on every backend; accents and normal forms
/// count. An index on the folded column serves `eq_folded`.
impl<E: Entity, K: Textual> Col<E, K> {
    folded! {
        /// Equal but for case.
        eq_folded FoldedMatch::Eq,
        /// Holds the text anywhere, whatever its case: literally.
        contains_folded FoldedMatch::Part(Match::Contains),
        /// Begins with the text, whatever its case: literally.
        starts_with_folded FoldedMatch::Part(Match::StartsWith),
        /// Ends with the text, whatever its case: literally.
        ends_with_folded FoldedMatch::Part(Match::EndsWith),
    }
}

impl<E: Entity, K: Numeric> Col<E, K> {
    /// Adds to what is there, in the database: concurrent increments all count. Null stays null; `InvalidValue` where the sum
    /// is out of the column's range.
    #[must_use]
    pub fn increment<V>(self, by: V) -> Change<E>
    where
        K: Takes<V>,
    {
        Change::new(self.name(), ChangeTo::Increment(K::value(by)))
    }
}
