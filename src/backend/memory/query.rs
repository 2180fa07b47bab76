//! Reads: rows in an order.

use super::{
    compare::{Key, compare},
    eval::Condition,
    state::{Rows, State},
};
use crate::{
    Result,
    backend::{Filter, Nulls, Order, Outcome, Row, Select, value},
    schema::Table,
};
use sea_orm::Value;
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Rows, as asked.
///
/// # Errors
/// `TableNotFound`, `SchemaMismatch`; `InvalidQuery` for an unknown column.
pub(super) fn select(state: &State, select: &Select) -> Result<Outcome> {
    let rows = state.seen_as(&select.table)?;
    let columns = shown(&rows.table, select)?;
    let order = Sorting::new(&rows.table, &select.order)?;
    let mut found: Vec<&Arc<Row>> = matching(state, rows, select.filter.as_ref())?.map(|(_, row)| row).collect();
    if !order.0.is_empty() {
        found.sort_by(|a, b| order.compare(a, b));
    }
    let [offset, limit] = [select.offset, select.limit.unwrap_or(u64::MAX)].map(size);
    let show = |row: &Arc<Row>| match &columns {
        None => Row::clone(row),
        Some(columns) => columns.iter().map(|&column| row[column].clone()).collect(),
    };
    let mut seen = BTreeSet::new();
    let mut new = |row: &Row| !select.distinct || seen.insert(row.iter().cloned().collect::<Key>());
    Ok(Outcome::Rows(found.into_iter().map(show).filter(|row| new(row)).skip(offset).take(limit).collect()))
}

/// The positions of the answer's columns, where they are not the stored ones.
fn shown(stored: &Arc<Table>, select: &Select) -> Result<Option<Vec<usize>>> {
    if let Some(columns) = &select.columns {
        return columns.iter().map(|column| stored.position(column)).collect::<Result<_>>().map(Some);
    }
    let same = Arc::ptr_eq(stored, &select.table)
        || stored.columns.iter().map(|column| &column.name).eq(select.table.columns.iter().map(|column| &column.name));
    if same {
        return Ok(None);
    }
    select.table.columns.iter().map(|column| stored.position(&column.name)).collect::<Result<_>>().map(Some)
}

/// The rows for which the filter is true, by primary key; found without a scan where it pins down a key or an index.
///
/// # Errors
/// `InvalidQuery` for an unknown column.
pub(super) fn matching<'r>(
    state: &'r State,
    rows: &'r Rows,
    filter: Option<&'r Filter>,
) -> Result<impl Iterator<Item = (&'r Key, &'r Arc<Row>)>> {
    let condition = filter.map(|filter| Condition::new(state, &rows.table, filter)).transpose()?;
    let candidates: Box<dyn Iterator<Item = _>> = match condition.as_ref().and_then(|all| candidates(rows, all)) {
        Some(keys) => Box::new(keys.into_iter().filter_map(|key| rows.get(&key))),
        None => Box::new(rows.iter()),
    };
    Ok(candidates.filter(move |(_, row)| condition.as_ref().is_none_or(|all| all.holds(row) == Some(true))))
}

/// The keys among which every match is: by the first path whose columns all have one value, or whose one column has a list.
fn candidates(rows: &Rows, condition: &Condition<'_>) -> Option<BTreeSet<Key>> {
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

/// A count of rows; more than fit into memory are all of them.
pub(super) fn size(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// An order whose columns are found.
struct Sorting(Vec<(usize, bool, Nulls)>);

impl Sorting {
    fn new(table: &Table, order: &[Order]) -> Result<Self> {
        let columns = order.iter().map(|one| Ok((table.position(&one.column)?, one.descending, one.nulls)));
        Ok(Self(columns.collect::<Result<_>>()?))
    }

    fn compare(&self, a: &Row, b: &Row) -> Ordering {
        let mut columns = self.0.iter().map(|&(column, descending, nulls)| {
            let (a, b) = (&a[column], &b[column]);
            let ordering = compare(a, b);
            let null_last = value::is_null(a).cmp(&value::is_null(b));
            match nulls {
                Nulls::First if null_last.is_ne() => null_last.reverse(),
                Nulls::Last if null_last.is_ne() => null_last,
                // Null is the lowest value: the direction alone places it.
                _ if descending => ordering.reverse(),
                _ => ordering,
            }
        });
        columns.find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
    }
}
