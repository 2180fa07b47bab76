//! A condition on the rows of one entity.

use super::{Entity, Query};
use crate::backend::{self, Comparison};
use sea_orm::{Value, sea_query::ValueTuple};
use std::{
    fmt,
    marker::PhantomData,
    ops::{BitAnd, BitOr, Not},
};

/// A portable condition on `E`, built by [`col`](super::col): `&`, `|` and `!` join conditions. A column of another entity does
/// not compile.
///
/// Null logic is SQL's on every backend: a comparison with null is unknown, and so is its negation; only what is true matches.
///
/// ```
/// # mod dataset {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "dataset")]
/// #     pub struct Model { #[sea_orm(primary_key, auto_increment = false)] pub id: Uuid, pub name: String, pub size: i64 }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use seabed::prelude::*;
/// let large = col(dataset::COLUMN.size).gte(1_000) & !col(dataset::COLUMN.name).contains("tmp");
/// ```
pub struct Filter<E> {
    pub(crate) erased: backend::Filter,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Filter<E> {
    pub(crate) fn new(erased: backend::Filter) -> Self {
        Self { erased, entity: PhantomData }
    }

    pub(crate) fn key(columns: impl Iterator<Item = &'static str>, key: ValueTuple) -> Self {
        let mut parts: Vec<_> = columns
            .zip(key)
            .map(|(column, value): (_, Value)| backend::Filter::Compare(column.into(), Comparison::Eq, value))
            .collect();
        Self::new(if parts.len() == 1 { parts.remove(0) } else { backend::Filter::And(parts) })
    }

    /// The condition on the erased plane, to walk or to print.
    #[must_use]
    pub fn erased(&self) -> &backend::Filter {
        &self.erased
    }

    /// A query with this condition.
    #[must_use]
    pub fn into_query(self) -> Query<E> {
        Query::filtered(self)
    }
}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self { erased: self.erased.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for Filter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.erased.fmt(f)
    }
}

impl<E: Entity> BitAnd for Filter<E> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self::new(self.erased.and(other.erased))
    }
}

impl<E: Entity> BitOr for Filter<E> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self::new(self.erased.or(other.erased))
    }
}

impl<E: Entity> Not for Filter<E> {
    type Output = Self;
    fn not(self) -> Self {
        Self::new(self.erased.negated())
    }
}
