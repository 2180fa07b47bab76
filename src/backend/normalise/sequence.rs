//! In which order the rows of one insert are written, where they may be parents of each other.
//!
//! Servers differ: MySQL looks for a row's parent when the row is written, the others at the end of the statement, and an insert
//! of many rows is several statements. So parents go first, whatever the order in which rows are given; rows that are parents of
//! each other in a ring go one by one, and are refused on every backend.

use super::identity::identity;
use crate::backend::{Insert, value};
use sea_orm::Value;
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
};

/// The order in which the rows of an insert are written; the answer keeps the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The rows' positions.
    pub order: Vec<usize>,
    /// Whether a row refers to another of the same insert: then this order is kept.
    pub related: bool,
    /// Whether each row is written by itself.
    pub singly: bool,
}

impl Sequence {
    /// The order of an insert's rows: as given, but no row before a parent that is among them.
    #[must_use]
    pub fn of(insert: &Insert) -> Self {
        let parents = parents(insert);
        let given = || (0..insert.rows.len()).collect();
        if parents.is_empty() {
            return Self { order: given(), related: false, singly: false };
        }
        if parents.iter().all(|(child, parent)| parent < child) {
            return Self { order: given(), related: true, singly: false };
        }
        let mut waits = vec![0_usize; insert.rows.len()];
        let mut children: HashMap<usize, Vec<usize>> = HashMap::new();
        for (child, parent) in parents {
            waits[child] += 1;
            children.entry(parent).or_default().push(child);
        }
        let mut ready: BinaryHeap<_> = (0..waits.len()).filter(|&row| waits[row] == 0).map(Reverse).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(Reverse(row)) = ready.pop() {
            order.push(row);
            for &child in children.get(&row).into_iter().flatten() {
                waits[child] -= 1;
                if waits[child] == 0 {
                    ready.push(Reverse(child));
                }
            }
        }
        let singly = order.len() < waits.len();
        order.extend((0..waits.len()).filter(|&row| waits[row] > 0));
        Self { order, related: true, singly }
    }
}

/// Which rows refer to which other rows of the same insert: child and parent.
fn parents(insert: &Insert) -> Vec<(usize, usize)> {
    let table = &*insert.table;
    let mut pairs = Vec::new();
    if insert.rows.len() < 2 {
        return pairs;
    }
    for foreign_key in table.foreign_keys.iter().filter(|key| key.parent == table.name) {
        let columns = foreign_key.parent_columns.iter().map(|column| table.position(column));
        let Ok(columns) = columns.collect::<Result<Vec<_>, _>>() else { continue };
        let mut there: HashMap<String, usize> = HashMap::new();
        for (row, cells) in insert.rows.iter().enumerate() {
            if let Some(values) = known(cells, &columns) {
                there.entry(values).or_insert(row);
            }
        }
        for (row, cells) in insert.rows.iter().enumerate() {
            let parent = known(cells, &foreign_key.columns).and_then(|values| there.get(&values).copied());
            pairs.extend(parent.filter(|&parent| parent != row).map(|parent| (row, parent)));
        }
    }
    pairs
}

fn known(cells: &[Option<Value>], columns: &[usize]) -> Option<String> {
    let values = columns.iter().map(|&column| cells[column].as_ref().filter(|value| !value::is_null(value)));
    values.collect::<Option<Vec<_>>>().map(identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{OnDelete, build};
    use std::sync::Arc;

    fn insert(rows: &[(i64, Option<i64>)]) -> Insert {
        let table = build::table("node").int64("id").int64("parent").nullable().primary_key(&["id"]);
        let table = table.references(&["parent"], "node", &["id"], OnDelete::Cascade).build().expect("a table");
        let cells = |&(id, parent): &(i64, Option<i64>)| vec![Some(Value::from(id)), Some(Value::from(parent))];
        Insert::of(Arc::new(table), rows.iter().map(cells).collect())
    }

    #[test]
    fn rows_without_a_parent_among_them_stay_as_given() {
        let sequence = Sequence::of(&insert(&[(3, None), (1, Some(9)), (2, None)]));
        assert_eq!(sequence, Sequence { order: vec![0, 1, 2], related: false, singly: false });
    }

    #[test]
    fn a_parent_goes_before_its_children_and_all_else_stays() {
        let sequence = Sequence::of(&insert(&[(3, Some(2)), (2, Some(1)), (5, None), (1, None), (4, Some(4))]));
        assert_eq!(sequence, Sequence { order: vec![2, 3, 1, 0, 4], related: true, singly: false });
    }

    #[test]
    fn a_ring_goes_one_by_one_after_all_else() {
        let sequence = Sequence::of(&insert(&[(1, Some(2)), (2, Some(1)), (4, Some(3)), (3, None)]));
        assert_eq!(sequence, Sequence { order: vec![3, 2, 0, 1], related: true, singly: true });
    }

    #[test]
    fn a_long_chain_upside_down_is_put_right() {
        let rows: Vec<_> = (0..20_000).rev().map(|id| (id, (id > 0).then(|| id - 1))).collect();
        assert!(Sequence::of(&insert(&rows)).order.into_iter().eq((0..20_000).rev()));
    }
}
