//! Where the rows that a filter can match stand, and the orders in which they come by themselves: by key, or along an index.

use super::{
    compare::Key,
    eval::Condition,
    lookup::Lookup,
    query::Sorting,
    state::{Entry, Rows},
};
use crate::backend::Comparison;
use sea_orm::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

/// Rows in some order.
pub(super) type Entries<'r> = Box<dyn Iterator<Item = Entry<'r>> + 'r>;

/// The rows among which every match is, and whether they come in the wanted order; without one, by key. Where the answer is
/// `cut`, the order is what saves the most.
pub(super) fn candidates<'r>(
    rows: &'r Rows,
    condition: Option<&Condition<'_>>,
    order: &Sorting,
    cut: bool,
) -> (Entries<'r>, bool) {
    let found = |keys: BTreeSet<Key>| Box::new(keys.into_iter().filter_map(|key| rows.get(&key)));
    let unsorted = order.0.is_empty();
    if let Some(keys) = condition.and_then(|condition| pinned(rows, condition)) {
        return (found(keys), unsorted);
    }
    let leading = |columns: &[usize]| columns.first().map(|&column| Bounds::of(condition, column)).unwrap_or_default();
    let by_key = leading(&rows.table.key);
    let narrow = || if by_key.is_open() { narrow(rows, condition) } else { None };
    if !cut && let Some(keys) = narrow() {
        return (found(keys), unsorted);
    }
    if let Some(descending) = order.along(&rows.table.key, &rows.table.key) {
        let range = rows.range(&by_key);
        return (if descending { Box::new(range.rev()) } else { Box::new(range) }, true);
    }
    for lookup in rows.lookups() {
        if let Some((descending, within)) = along(rows, lookup, order) {
            let keys = lookup.range(&leading(&lookup.columns), descending, within);
            return (Box::new(keys.filter_map(|key| rows.get(&key))), true);
        }
    }
    let few = if cut { narrow() } else { None };
    match few {
        Some(keys) => (found(keys), unsorted),
        None => (Box::new(rows.range(&by_key)), unsorted),
    }
}

/// By the first path whose columns all have one value, or whose one column has a list.
fn pinned(rows: &Rows, condition: &Condition<'_>) -> Option<BTreeSet<Key>> {
    let pinned: BTreeMap<usize, Vec<&Value>> = condition.pinned().into_iter().collect();
    if pinned.is_empty() {
        return None;
    }
    rows.paths().find_map(|columns| {
        if let [column] = columns {
            let values = pinned.get(column)?.iter();
            return Some(values.flat_map(|value| rows.find(columns, &key_of(&[*value]))).collect());
        }
        let one = |column| match pinned.get(column).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            _ => None,
        };
        let values: Vec<&Value> = columns.iter().map(one).collect::<Option<_>>()?;
        Some(rows.find(columns, &key_of(&values)))
    })
}

fn key_of(values: &[&Value]) -> Key {
    values.iter().copied().cloned().collect()
}

/// By an index whose first column is bounded, where the bounds leave few of the rows.
fn narrow(rows: &Rows, condition: Option<&Condition<'_>>) -> Option<BTreeSet<Key>> {
    let few = rows.len() / 8;
    rows.lookups().iter().filter(|lookup| is_whole(rows, &lookup.columns[1..])).find_map(|lookup| {
        let bounds = Bounds::of(condition, lookup.columns[0]);
        if bounds.is_open() {
            return None;
        }
        let keys: BTreeSet<Key> = lookup.range(&bounds, false, false).take(few + 1).collect();
        (keys.len() <= few).then_some(keys)
    })
}

/// Whether the order is that of an index: its direction, and that of the keys among rows that the index does not part. A row
/// with a null is in no index.
fn along(rows: &Rows, lookup: &Lookup, order: &Sorting) -> Option<(bool, bool)> {
    let (columns, key) = (&*lookup.columns, &rows.table.key);
    if order.0.len() < columns.len() || !is_whole(rows, columns) {
        return None;
    }
    let (first, rest) = order.0.split_at(columns.len());
    let descending = Sorting(first.to_vec()).along(columns, columns)?;
    let parted = key.iter().all(|column| columns.contains(column));
    let within = Sorting(rest.to_vec()).along(key, &[]);
    if parted { Some((descending, false)) } else { Some((descending, within?)) }
}

/// Whether no row has a null in these columns.
fn is_whole(rows: &Rows, columns: &[usize]) -> bool {
    columns.iter().all(|&column| !rows.table.columns[column].nullable)
}

/// From where to where the values of a column go for a condition to be true: wide enough, not always narrow.
#[derive(Default)]
pub(super) struct Bounds {
    low: Option<Key>,
    high: Option<Key>,
}

impl Bounds {
    fn of(condition: Option<&Condition<'_>>, column: usize) -> Self {
        let mut bounds = Self::default();
        for (how, value) in condition.map(|condition| condition.bounds(column)).unwrap_or_default() {
            let (at, after) = (|| key_of(&[value]), || Key::after(value));
            match how {
                Comparison::Gte => bounds.raise(at()),
                Comparison::Gt => bounds.raise(after()),
                Comparison::Lt => bounds.lower(at()),
                Comparison::Lte => bounds.lower(after()),
                Comparison::Eq => {
                    bounds.raise(at());
                    bounds.lower(after());
                }
                Comparison::Ne => {}
            }
        }
        bounds
    }

    fn raise(&mut self, low: Key) {
        self.low = self.low.take().max(Some(low));
    }

    fn lower(&mut self, high: Key) {
        self.high = Some(match self.high.take() {
            Some(old) => old.min(high),
            None => high,
        });
    }

    fn is_open(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }

    /// The keys in between; where there is nothing between the two, none.
    pub(super) fn range(&self) -> (Bound<&Key>, Bound<&Key>) {
        let high = match (&self.low, &self.high) {
            (Some(low), Some(high)) => Some(low.max(high)),
            (_, high) => high.as_ref(),
        };
        (self.low.as_ref().map_or(Bound::Unbounded, Bound::Included), high.map_or(Bound::Unbounded, Bound::Excluded))
    }
}
