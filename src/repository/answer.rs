//! Values that come back without a model: what was asked for is checked before the call, and read from the row after it.

use super::{
    Entity, codec,
    column::{Col, Comparable, IntoColumn, Numeric, Ordered},
};
use crate::{Error, ErrorKind, Result, backend::value};
use sea_orm::{
    EntityTrait, IdenStatic, ModelTrait, Value,
    sea_query::{ArrayType, ValueType},
};
use std::vec;

/// A column of `E`, of whatever kind: what [`col`](super::col) gives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column of this entity",
    note = "write `col(entity::COLUMN.x)`"
)]
pub trait Field<E: EntityTrait>: Copy + Send {
    /// The column.
    fn column(self) -> E::Column;
}

impl<E: Entity, K> Field<E> for Col<E, K> {
    fn column(self) -> E::Column {
        self.column
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident $kind:ident $message:literal),* $(,)?) => { $(
        $(#[$doc])*
        #[diagnostic::on_unimplemented(message = $message)]
        pub trait $field<E: EntityTrait>: Field<E> {}
        impl<E: Entity, K: $kind> $field<E> for Col<E, K> {}
    )* };
}

fields! {
    /// A column of `E` that holds numbers.
    NumericField Numeric "`{Self}` is not a column of this entity that holds numbers",
    /// A column of `E` whose values have an order.
    OrderedField Ordered "`{Self}` is not a column of this entity whose values have an order",
    /// A column of `E` whose values are equal or not.
    ComparableField Comparable "`{Self}` is not a column of this entity whose values can be compared",
}

/// One value that is asked for: of which column, what it is, and what it is to become.
#[derive(Clone, Debug)]
pub struct Asked {
    name: &'static str,
    is: Vec<ArrayType>,
    wants: ArrayType,
    type_name: String,
}

impl Asked {
    /// A column's value, as a `T`.
    pub fn of<T: ValueType, Via, C: IntoColumn<Via>>(column: C) -> Self {
        Self::column::<T, C::Entity>(column.into_column())
    }

    pub(super) fn column<T: ValueType, E: Entity>(column: E::Column) -> Self {
        Self::value::<T>(column.as_str(), vec![E::Model::get_value_type(column)])
    }

    /// A value that is one of these types, as a `T`.
    pub(super) fn value<T: ValueType>(name: &'static str, is: Vec<ArrayType>) -> Self {
        Self { name, is, wants: T::array_type(), type_name: T::type_name() }
    }

    /// The column's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Refuses another type than the column's.
    pub(super) fn check<E: Entity>(&self) -> Result<()> {
        if self.is.contains(&self.wants) {
            return Ok(());
        }
        let is: Vec<String> = self.is.iter().map(|one| format!("{one:?}")).collect();
        let why = format!("what comes back is {}, and {} is asked for", is.join(" or "), self.type_name);
        let error = Error::new(ErrorKind::InvalidQuery, why).entity(E::default().table_name());
        Err(if self.name.is_empty() { error } else { error.field(self.name) })
    }
}

/// The values of one row, taken from left to right.
#[derive(Debug)]
pub struct Cells<'c> {
    entity: &'c str,
    names: &'c [&'static str],
    values: vec::IntoIter<Value>,
    at: usize,
}

impl<'c> Cells<'c> {
    pub(super) fn new(entity: &'c str, names: &'c [&'static str], row: Vec<Value>) -> Self {
        Self { entity, names, values: row.into_iter(), at: 0 }
    }

    /// The next value, as a `T`.
    ///
    /// # Errors
    /// `CorruptData` with entity and field for a null where `T` takes none, and for a value that `T` cannot hold.
    pub fn take<T: ValueType>(&mut self) -> Result<T> {
        let name = self.names.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        let corrupt = |why: &str| Error::new(ErrorKind::CorruptData, why);
        let taken = match self.values.next() {
            None => Err(corrupt("the answer has fewer values than were asked for")),
            Some(value) if value::is_null(&value) && !T::is_option() => {
                Err(corrupt("it is null in a row: ask for an Option, or leave nulls out by the filter"))
            }
            Some(value) => codec::loaded(&T::array_type(), value).and_then(|value| {
                T::try_from(value).map_err(|_| corrupt("the stored value is none of the field's type"))
            }),
        };
        taken.map_err(|error| {
            let error = error.entity(self.entity);
            if name.is_empty() { error } else { error.field(name) }
        })
    }
}

/// What one or several values become: a type that a model's field may have, an `Option` of one, or a tuple of up to six.
/// `Via` is found by the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a field's type nor a tuple of up to six",
    note = "what may be null is asked for as an `Option`"
)]
pub trait Answer<Via>: Sized {
    /// The types, and what a user calls them.
    fn types() -> Vec<(ArrayType, String)>;

    /// The value, or the values, next in the row.
    ///
    /// # Errors
    /// As [`Cells::take`].
    fn take(cells: &mut Cells<'_>) -> Result<Self>;
}

/// By one value.
#[derive(Debug)]
pub enum One {}
/// By a tuple.
#[derive(Debug)]
pub enum Several {}

impl<T: ValueType> Answer<One> for T {
    fn types() -> Vec<(ArrayType, String)> {
        vec![(T::array_type(), T::type_name())]
    }

    fn take(cells: &mut Cells<'_>) -> Result<Self> {
        cells.take()
    }
}

impl Answer<Several> for () {
    fn types() -> Vec<(ArrayType, String)> {
        Vec::new()
    }

    fn take(_: &mut Cells<'_>) -> Result<Self> {
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($part:ident)+))*) => { $(
        impl<$($part: ValueType),+> Answer<Several> for ($($part,)+) {
            fn types() -> Vec<(ArrayType, String)> {
                vec![$(($part::array_type(), $part::type_name())),+]
            }

            fn take(cells: &mut Cells<'_>) -> Result<Self> {
                Ok(($(cells.take::<$part>()?,)+))
            }
        }
    )* };
}
tuples! { (A) (A B) (A B C) (A B C D) (A B C D F) (A B C D F G) }

/// Pairs what comes back with what it is to become.
pub(super) fn pair<E: Entity, A: Answer<Via>, Via>(comes: Vec<(&'static str, Vec<ArrayType>)>) -> Result<Vec<Asked>> {
    let types = A::types();
    if types.len() != comes.len() {
        let why = format!("{} values come back, and {} are asked for", comes.len(), types.len());
        return Err(Error::new(ErrorKind::InvalidQuery, why).entity(E::default().table_name()));
    }
    let pairs = comes.into_iter().zip(types);
    let asked = pairs.map(|((name, is), (wants, type_name))| Asked { name, is, wants, type_name });
    asked.map(|asked| asked.check::<E>().map(|()| asked)).collect()
}
