//! Reads: rows in an order.

use super::{
    compare::{Key, compare},
    eval::Condition,
    scan::{self, Entries},
    state::{Rows, State},
};
use crate::{
    Result,
    backend::{Filter, Nulls, Order, Outcome, Row, Select, value},
    schema::Table,
};
use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

/// Rows, as asked.
///
/// # Errors
/// `TableNotFound`, `SchemaMismatch`; `InvalidQuery` for an unknown column.
pub(super) fn select(state: &State, select: &Select) -> Result<Outcome> {
    let rows = state.seen_as(&select.table)?;
    let columns = shown(&rows.table, select)?;
    let order = Sorting::new(&rows.table, &select.order)?;
    let [offset, limit] = [select.offset, select.limit.unwrap_or(u64::MAX)].map(size);
    let (found, sorted) = found(state, rows, select.filter.as_ref(), &order, select.limit.is_some())?;
    let found = found.map(|(_, row)| row);
    let found: Box<dyn Iterator<Item = &Arc<Row>>> = if sorted {
        Box::new(found)
    } else {
        let most = if select.distinct { usize::MAX } else { offset.saturating_add(limit) };
        Box::new(order.first(found.collect(), most).into_iter())
    };
    let show = |row: &Arc<Row>| match &columns {
        None => Row::clone(row),
        Some(columns) => columns.iter().map(|&column| row[column].clone()).collect(),
    };
    let mut seen = BTreeSet::new();
    let mut new = |row: &Row| !select.distinct || seen.insert(row.iter().cloned().collect::<Key>());
    Ok(Outcome::Rows(found.map(show).filter(|row| new(row)).skip(offset).take(limit).collect()))
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

/// The rows for which the filter is true, by primary key.
///
/// # Errors
/// `InvalidQuery` for an unknown column.
pub(super) fn matching<'r>(state: &'r State, rows: &'r Rows, filter: Option<&'r Filter>) -> Result<Entries<'r>> {
    Ok(found(state, rows, filter, &Sorting(Vec::new()), false)?.0)
}

/// The same without a scan of all rows where the filter or the order makes that possible, and whether they are in the order.
fn found<'r>(
    state: &'r State,
    rows: &'r Rows,
    filter: Option<&'r Filter>,
    order: &Sorting,
    cut: bool,
) -> Result<(Entries<'r>, bool)> {
    let condition = filter.map(|filter| Condition::new(state, &rows.table, filter)).transpose()?;
    let (candidates, sorted) = scan::candidates(rows, condition.as_ref(), order, cut);
    Ok(match condition {
        None => (candidates, sorted),
        Some(condition) => (Box::new(candidates.filter(move |(_, row)| condition.holds(row) == Some(true))), sorted),
    })
}

/// A count of rows; more than fit into memory are all of them.
pub(super) fn size(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// An order whose columns are found.
pub(super) struct Sorting(pub(super) Vec<(usize, bool, Nulls)>);

impl Sorting {
    fn new(table: &Table, order: &[Order]) -> Result<Self> {
        let columns = order.iter().map(|one| Ok((table.position(&one.column)?, one.descending, one.nulls)));
        Ok(Self(columns.collect::<Result<_>>()?))
    }

    /// Whether it is by these columns in one direction, which no null disturbs; and whether that is down. It may stop before the
    /// `last` of them where it goes up, for rows come by key where nothing else is said; and after them it decides nothing.
    pub(super) fn along(&self, columns: &[usize], whole: &[usize]) -> Option<bool> {
        let descending = self.0.first().is_some_and(|(_, descending, _)| *descending);
        let alike = self.0.iter().zip(columns).all(|(one, column)| one.0 == *column && one.1 == descending);
        (alike && (!descending || self.0.len() >= whole.len())).then_some(descending)
    }

    /// The first rows, in order. It parts all rows wherever not all are wanted.
    fn first<'r>(&self, mut rows: Vec<&'r Arc<Row>>, most: usize) -> Vec<&'r Arc<Row>> {
        if most < rows.len() {
            if most > 0 {
                rows.select_nth_unstable_by(most - 1, |a, b| self.compare(a, b));
            }
            rows.truncate(most);
        }
        rows.sort_by(|a, b| self.compare(a, b));
        rows
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
