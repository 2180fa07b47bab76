//! Orders without ties, and the columns of an answer.

use super::{at, filter::comparable};
use crate::{
    Error, ErrorKind, Result,
    backend::{Nulls, Order, Select},
    schema::Name,
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
    let mut seen = Vec::with_capacity(select.order.len());
    select.order.retain(|one| {
        let new = !seen.contains(&one.column);
        seen.push(one.column.clone());
        new
    });
    if select.limit.is_some() || select.offset > 0 || !select.order.is_empty() {
        let ties: Vec<Name> = match shown {
            Some(shown) => shown.to_vec(),
            None => table.key.iter().map(|&key| table.columns[key].name.clone()).collect(),
        };
        let ties = ties.into_iter().filter(|name| !seen.contains(name));
        select.order.extend(ties.map(|column| Order { column, descending: false, nulls: Nulls::Lowest }));
    }
    Ok(())
}
