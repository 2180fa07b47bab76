//! A change of one column of many rows.

use super::Entity;
use crate::backend::{self, ChangeTo};
use std::{fmt, marker::PhantomData};

/// A change of one column of `E`, made by `set`, `set_null` or `increment` on [`col`](super::col).
pub struct Change<E> {
    pub(crate) erased: backend::Change,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Change<E> {
    pub(crate) fn new(column: &'static str, to: ChangeTo) -> Self {
        Self { erased: backend::Change { column: column.into(), to }, entity: PhantomData }
    }

    /// The change on the erased plane.
    #[must_use]
    pub fn erased(&self) -> &backend::Change {
        &self.erased
    }
}

impl<E> Clone for Change<E> {
    fn clone(&self) -> Self {
        Self { erased: self.erased.clone(), entity: PhantomData }
    }
}

impl<E> fmt::Debug for Change<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.erased.fmt(f)
    }
}
