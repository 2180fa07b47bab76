//! Rows by some of their columns: unique indexes, other indexes and foreign keys are one structure.

use super::{
    compare::{Key, compare},
    scan::Bounds,
};
use crate::backend::{Row, value};
use imbl::OrdSet;
use sea_orm::Value;
use std::{ops::Bound, sync::Arc};

/// Rows by some of their columns.
#[derive(Clone)]
pub(super) struct Lookup {
    /// The columns, as positions.
    pub(super) columns: Arc<[usize]>,
    /// The position among the table's indexes, where it is a unique one.
    pub(super) unique: Option<usize>,
    /// The columns' values followed by the primary key. A row with a null among them is not here: it equals nothing and
    /// collides with nothing.
    entries: OrdSet<Key>,
}

impl Lookup {
    /// An empty one.
    pub(super) fn new(columns: &[usize], unique: Option<usize>) -> Self {
        Self { columns: columns.into(), unique, entries: OrdSet::new() }
    }

    /// The row's values in these columns; `None` where one is null.
    pub(super) fn values(&self, row: &Row) -> Option<Key> {
        values(row, &self.columns)
    }

    /// The primary keys of the rows that have these values.
    pub(super) fn keys<'l>(&'l self, values: &'l Key) -> impl Iterator<Item = Key> + 'l {
        let width = self.columns.len();
        self.entries
            .range::<_, Key>((Bound::Included(values), Bound::Unbounded))
            .take_while(move |entry| entry.values().iter().zip(values.values()).all(|(a, b)| compare(a, b).is_eq()))
            .map(move |entry| entry.values()[width..].iter().cloned().collect())
    }

    /// The primary keys of the rows between two values of the first column, along the index or back; those of rows with the same
    /// values by key, or back.
    pub(super) fn range<'l>(
        &'l self,
        bounds: &Bounds,
        descending: bool,
        within: bool,
    ) -> impl Iterator<Item = Key> + use<'l> {
        let width = self.columns.len();
        let range = self.entries.range::<_, Key>(bounds.range());
        let entries: Box<dyn Iterator<Item = &'l Key> + 'l> =
            if descending { Box::new(range.rev()) } else { Box::new(range) };
        let mut entries = entries.peekable();
        let mut turned: Vec<Key> = Vec::new();
        std::iter::from_fn(move || {
            if let Some(key) = turned.pop() {
                return Some(key);
            }
            let first = entries.next()?;
            let key = |entry: &Key| entry.values()[width..].iter().cloned().collect::<Key>();
            if descending == within {
                return Some(key(first));
            }
            let same = |entry: &&Key| {
                let pairs = entry.values()[..width].iter().zip(first.values());
                pairs.into_iter().all(|(a, b)| compare(a, b).is_eq())
            };
            turned.push(key(first));
            while let Some(entry) = entries.next_if(same) {
                turned.push(key(entry));
            }
            turned.pop()
        })
    }

    /// Enters a row's values.
    pub(super) fn add(&mut self, values: &Key, key: &Key) {
        self.entries.insert(entry(values, key));
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, row: &Row, key: &Key) {
        if let Some(values) = self.values(row) {
            self.entries.remove(&entry(&values, key));
        }
    }
}

fn entry(values: &Key, key: &Key) -> Key {
    values.values().iter().chain(key.values()).cloned().collect()
}

/// A row's values in some columns; `None` where one is null.
pub(super) fn values(row: &Row, columns: &[usize]) -> Option<Key> {
    columns.iter().map(|&column| Some(row[column].clone()).filter(|value| !value::is_null(value))).collect()
}

/// Whether a row changed in one of these columns.
pub(super) fn differs(old: &Row, new: &Row, columns: &[usize]) -> bool {
    columns.iter().any(|&column| compare(&old[column], &new[column]).is_ne())
}

/// The values in the order that `wanted` has, where both name the same columns.
pub(super) fn arranged(columns: &[usize], values: &Key, wanted: &[usize]) -> Option<Key> {
    if columns == wanted {
        return Some(values.clone());
    }
    let value = |column: &usize| -> Option<Value> {
        let at = columns.iter().position(|one| one == column)?;
        Some(values.values()[at].clone())
    };
    (columns.len() == wanted.len()).then(|| wanted.iter().map(value).collect()).flatten()
}
