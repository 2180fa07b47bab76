//! Orders without ties.

use super::filter::comparable;
use crate::{
    Result,
    backend::{Nulls, Order},
    schema::Table,
};

/// Appends the primary key where the order matters: there are no ties (law Q4).
pub(in crate::backend) fn order(table: &Table, order: &mut Vec<Order>, cut: bool) -> Result<()> {
    for one in order.iter() {
        comparable(table, &one.column)?;
    }
    let mut seen = Vec::with_capacity(order.len());
    order.retain(|one| {
        let new = !seen.contains(&one.column);
        seen.push(one.column.clone());
        new
    });
    if cut || !order.is_empty() {
        for &key in &table.key {
            let name = &table.columns[key].name;
            if !seen.contains(name) {
                order.push(Order { column: name.clone(), descending: false, nulls: Nulls::Lowest });
            }
        }
    }
    Ok(())
}
