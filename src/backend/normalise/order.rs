//! Orders without ties, and the columns of an answer.

use super::{at, filter::comparable};
use crate::{
    Error, ErrorKind, Result,
    backend::{Nulls, Order, Select},
    schema::{Name, Table},
};

/// The columns that are asked for: there, each once, and comparable where equal rows are to be one.
pub(super) fn columns(select: &Select) -> Result<()> {
    let table = &select.table;
    let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
    let Some(columns) = &select.columns else {
        return if select.distinct {
            refuse("distinct is asked of named columns: a whole row is distinct by its key")
        } else {
            Ok(())
        };
    };
    if columns.is_empty() {
        return refuse("a read of no columns");
    }
    if select.distinct && select.lock.is_some() {
        return refuse("distinct rows are no rows that could be locked");
    }
    for (index, column) in columns.iter().enumerate() {
        if select.distinct {
            comparable(table, column)?
        } else {
            table.column(column)?
        };
        if columns[..index].contains(column) {
            return Err(at(Error::new(ErrorKind::InvalidQuery, "the column is asked for twice"), table, column));
        }
    }
    Ok(())
}

/// Makes the order total where it matters (law Q4): by the primary key, and distinct rows, which have none, by all their columns.
pub(super) fn order(select: &mut Select) -> Result<()> {
    let table = &select.table;
    let shown = select.columns.as_deref().filter(|_| select.distinct);
    for one in &select.order {
        comparable(table, &one.column)?;
        if shown.is_some_and(|shown| !shown.contains(&one.column)) {
            let why = "distinct rows are ordered by what they show: the column is not among it";
            return Err(at(Error::new(ErrorKind::InvalidQuery, why), table, &one.column));
        }
    }
    let cut = select.limit.is_some() || select.offset > 0;
    match shown {
        Some(shown) => without_ties(&mut select.order, shown.iter(), cut),
        None => by_key(table, &mut select.order, cut),
    }
    Ok(())
}

/// An order of whole rows without ties; without any where nothing is asked and nothing is `cut`.
///
/// # Errors
/// `InvalidQuery` with entity and field for a column that is not there or has no order.
pub(in crate::backend) fn total(table: &Table, order: &mut Vec<Order>, cut: bool) -> Result<()> {
    order.iter().try_for_each(|one| comparable(table, &one.column).map(drop))?;
    by_key(table, order, cut);
    Ok(())
}

fn by_key(table: &Table, order: &mut Vec<Order>, cut: bool) {
    without_ties(order, table.key.iter().map(|&key| &table.columns[key].name), cut);
}

/// Each column once, and after them those that part all rows.
fn without_ties<'n>(order: &mut Vec<Order>, ties: impl Iterator<Item = &'n Name>, cut: bool) {
    let mut seen = Vec::with_capacity(order.len());
    order.retain(|one| {
        let new = !seen.contains(&one.column);
        seen.push(one.column.clone());
        new
    });
    if cut || !order.is_empty() {
        let ties = ties.filter(|name| !seen.contains(*name)).cloned();
        order.extend(ties.map(|column| Order { column, descending: false, nulls: Nulls::Lowest }));
    }
}
