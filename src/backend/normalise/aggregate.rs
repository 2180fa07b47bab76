//! Figures: of columns that have them, over groups in an order without ties.

use super::{at, filter::comparable};
use crate::{
    Error, ErrorKind, Result,
    backend::{Aggregate, Figure, GroupOrder},
    schema::Kind,
};

pub(super) fn aggregate(asked: &mut Aggregate) -> Result<()> {
    let table = &asked.table;
    let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
    if asked.group.is_empty() && asked.figures.is_empty() {
        return refuse("neither a group nor a figure is asked for");
    }
    for (index, column) in asked.group.iter().enumerate() {
        comparable(table, column)?;
        if asked.group[..index].contains(column) {
            return Err(at(Error::new(ErrorKind::InvalidQuery, "the column is grouped twice"), table, column));
        }
    }
    for figure in &asked.figures {
        fits(asked, figure)?;
    }
    if asked.group.is_empty() {
        if !asked.order.is_empty() || asked.limit.is_some() || asked.offset > 0 {
            return refuse("one row of figures has no order, limit or offset");
        }
    } else {
        order(asked)?;
    }
    // Statistics know nothing of a condition, also not of one that a rule made.
    if asked.filter.is_some()
        && let [estimate @ Figure::Estimate] = asked.figures.as_mut_slice()
    {
        *estimate = Figure::Count;
    }
    Ok(())
}

fn fits(asked: &Aggregate, figure: &Figure) -> Result<()> {
    let table = &asked.table;
    let refuse = |why: &str| Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
    match figure {
        Figure::Exists if !asked.group.is_empty() => return refuse("a group is there: ask for its count"),
        Figure::Estimate if asked.figures.len() > 1 || !asked.group.is_empty() => {
            return refuse("an estimate is of the whole table, and stands alone");
        }
        Figure::Count | Figure::Exists | Figure::Estimate => {}
        Figure::Min(column) | Figure::Max(column) | Figure::CountDistinct(column) => {
            comparable(table, column)?;
        }
        Figure::Sum(column) | Figure::Average(column) => {
            if !table.column(column)?.kind.is_number() {
                return Err(at(Error::new(ErrorKind::InvalidQuery, "only numbers are added up"), table, column));
            }
        }
    }
    Ok(())
}

/// Appends the group's columns, so that groups have no ties. Averages and sums of floats are rounded after they are added up,
/// so no server could order by the one that is answered.
fn order(asked: &mut Aggregate) -> Result<()> {
    let table = &asked.table;
    let groups = asked.group.len();
    let mut seen: Vec<usize> = Vec::with_capacity(asked.order.len());
    for one in &asked.order {
        let figure = match one.position.checked_sub(groups) {
            None => continue,
            Some(figure) => asked.figures.get(figure),
        };
        let Some(figure) = figure else {
            let why = format!("the answer has no column {}", one.position);
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
        };
        let inexact = match figure {
            Figure::Average(_) => true,
            Figure::Sum(column) => table.column(column)?.kind == Kind::Double,
            _ => false,
        };
        if let (true, Some(column)) = (inexact, figure.column()) {
            let why = "groups are not ordered by an average or by a sum of floats: neither is exact in the server";
            return Err(at(Error::new(ErrorKind::InvalidQuery, why), table, column));
        }
    }
    asked.order.retain(|one| {
        let new = !seen.contains(&one.position);
        seen.push(one.position);
        new
    });
    let ties = (0..groups).filter(|position| !seen.contains(position));
    asked.order.extend(ties.map(|position| GroupOrder { position, descending: false }));
    Ok(())
}
