//! Pages by place: the condition for the rows after a gap between two rows, in a total order.
//!
//! ```text
//! order by a desc, b, key      gap after (5, null, 7), nulls lowest
//! ⇒ a <= 5 and (a < 5 or a is null or (a = 5 and (b is not null or (b is null and key > 7))))
//! ```
//!
//! It is an ordinary [`Filter`], so every backend has it and none can read it in a way of its own. The first comparison says
//! nothing that the rest does not: it is what an index can begin at.

use super::{Comparison, Filter, Nulls, Order, Row, normalise, value};
use crate::{Error, ErrorKind, Result, schema::Table};
use sea_orm::Value;
use std::sync::Arc;

/// A total order of a table's rows, and the conditions for the rows after and before a gap in it.
#[derive(Clone, Debug)]
pub struct Keyset {
    table: Arc<Table>,
    order: Vec<Order>,
    /// The positions of the order's columns.
    columns: Vec<usize>,
}

/// A gap between two rows, or before the first or after the last: it stays where it is when the row beside it is changed or
/// deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// On which side of the row that has these values it is.
    pub side: Side,
    /// The row's values in the order's columns.
    pub values: Vec<Value>,
}

/// A side of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The gap is before the row.
    Before,
    /// The gap is after the row.
    After,
}

impl Keyset {
    /// This order made total: a column counts once, the primary key is appended, and what stands after the whole key is left
    /// out, for it decides nothing.
    ///
    /// # Errors
    /// `InvalidQuery` with entity and field for an unknown column or one that has no order; for a table without a primary key.
    pub fn new(table: Arc<Table>, order: &[Order]) -> Result<Self> {
        let mut total = order.to_vec();
        normalise::total(&table, &mut total, true)?;
        if table.key.is_empty() {
            let why = "without a primary key rows have no place in an order";
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&table.name));
        }
        let mut missing = table.key.len();
        let mut columns = Vec::with_capacity(total.len());
        for one in &total {
            let position = table.position(&one.column)?;
            columns.push(position);
            missing -= usize::from(table.key.contains(&position));
            if missing == 0 {
                break;
            }
        }
        total.truncate(columns.len());
        Ok(Self { table, order: total, columns })
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The total order.
    #[must_use]
    pub fn order(&self) -> &[Order] {
        &self.order
    }

    /// The positions of the order's columns in the table.
    #[must_use]
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The gap on this side of a row.
    #[must_use]
    pub fn beside(&self, row: &Row, side: Side) -> Gap {
        Gap { side, values: self.columns.iter().map(|&column| row[column].clone()).collect() }
    }

    /// The same rows from the last to the first.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let order = self.order.iter().map(|one| Order {
            column: one.column.clone(),
            descending: !one.descending,
            nulls: match one.nulls {
                // The direction alone places it.
                Nulls::Lowest => Nulls::Lowest,
                Nulls::First => Nulls::Last,
                Nulls::Last => Nulls::First,
            },
        });
        Self { order: order.collect(), ..self.clone() }
    }

    /// The rows before a gap.
    ///
    /// # Errors
    /// As [`after`](Self::after).
    pub fn before(&self, gap: &Gap) -> Result<Filter> {
        let side = match gap.side {
            Side::Before => Side::After,
            Side::After => Side::Before,
        };
        self.reversed().after(&Gap { side, values: gap.values.clone() })
    }

    /// The rows after a gap.
    ///
    /// # Errors
    /// `InvalidQuery` where the gap has not one value per column of the order.
    pub fn after(&self, gap: &Gap) -> Result<Filter> {
        if gap.values.len() != self.order.len() {
            let why = "the gap is in another order: it has not one value per column";
            return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&self.table.name));
        }
        // From the last column to the first: beyond its value, or equal to it and beyond in the columns after it.
        let mut rest = match gap.side {
            Side::Before => Filter::And(Vec::new()),
            Side::After => Filter::Or(Vec::new()),
        };
        for (order, value) in self.order.iter().zip(&gap.values).rev() {
            rest = self.beyond(order, value, rest);
        }
        Ok(match (self.order.as_slice(), gap.values.as_slice()) {
            ([first, _, ..], [value, ..]) => match self.bound(first, value) {
                Some(bound) => bound.and(rest),
                None => rest,
            },
            _ => rest,
        })
    }

    /// The rows beyond this value in one column, and those equal to it for which `rest` is true.
    fn beyond(&self, order: &Order, value: &Value, rest: Filter) -> Filter {
        let column = || order.column.clone();
        let (nothing, everything) = (Filter::Or(Vec::new()), Filter::And(Vec::new()));
        if value::is_null(value) {
            let equal = match rest {
                rest if rest == nothing => nothing,
                rest if rest == everything => Filter::IsNull(column()),
                rest => Filter::IsNull(column()).and(rest),
            };
            return if nulls_last(order) { equal } else { Filter::IsNotNull(column()).or(equal) };
        }
        let compare = |comparison| Filter::Compare(column(), comparison, value.clone());
        let (beyond, or_equal) = directions(order);
        let values = match rest {
            rest if rest == nothing => compare(beyond),
            rest if rest == everything => compare(or_equal),
            rest => compare(beyond).or(compare(Comparison::Eq).and(rest)),
        };
        if self.nulls_follow(order) { values.or(Filter::IsNull(column())) } else { values }
    }

    /// What is true of every row from this value of the first column on, in a form that an index can begin at.
    fn bound(&self, order: &Order, value: &Value) -> Option<Filter> {
        if value::is_null(value) {
            return None;
        }
        let (_, or_equal) = directions(order);
        let values = Filter::Compare(order.column.clone(), or_equal, value.clone());
        Some(if self.nulls_follow(order) { values.or(Filter::IsNull(order.column.clone())) } else { values })
    }

    /// Whether nulls come after every value of the column.
    fn nulls_follow(&self, order: &Order) -> bool {
        nulls_last(order) && self.table.column(&order.column).is_ok_and(|column| column.nullable)
    }
}

fn nulls_last(order: &Order) -> bool {
    match order.nulls {
        Nulls::Lowest => order.descending,
        Nulls::First => false,
        Nulls::Last => true,
    }
}

fn directions(order: &Order) -> (Comparison, Comparison) {
    if order.descending { (Comparison::Lt, Comparison::Lte) } else { (Comparison::Gt, Comparison::Gte) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Context,
        backend::{Backend, Insert, Operation, Outcome, Select, memory::Memory},
        schema::{Column, ColumnExtra, Kind},
    };

    fn table() -> Arc<Table> {
        let column = |name: &'static str, nullable| Column {
            name: name.into(),
            kind: Kind::Int64,
            nullable,
            default: None,
            auto_increment: false,
            extra: ColumnExtra::default(),
        };
        Arc::new(Table {
            columns: vec![column("a", true), column("b", true), column("k", false), column("l", false)],
            key: vec![2, 3],
            ..Table::empty("t")
        })
    }

    fn by(column: &'static str, descending: bool, nulls: Nulls) -> Order {
        Order { column: column.into(), descending, nulls }
    }

    async fn select(memory: &Memory, select: Select) -> Vec<Row> {
        match memory.run(&Context::default(), Operation::Select(select)).await.expect("rows") {
            Outcome::Rows(rows) => rows.into_vec(),
            Outcome::Affected(_) => panic!("rows were asked for"),
        }
    }

    #[tokio::test]
    async fn every_gap_parts_the_rows_in_two_in_every_order() {
        let (memory, table) = (Memory::default(), table());
        memory.create_tables(&Context::default(), &[Arc::clone(&table)]).await.expect("a table");
        let values = [None, Some(1), Some(2)];
        let rows = values.iter().flat_map(|a| values.iter().map(move |b| (*a, *b)));
        let rows = rows.flat_map(|(a, b)| [(a, b, 1, 2), (a, b, 2, 1)]).zip(0_i64..).map(|((a, b, k, l), n)| {
            let row = [Value::BigInt(a), Value::BigInt(b), (k * 100 + n).into(), (l * 100 - n).into()];
            row.map(Some).to_vec()
        });
        let insert = Insert::of(Arc::clone(&table), rows.collect());
        memory.run(&Context::default(), Operation::Insert(insert)).await.expect("rows");

        let nulls = [Nulls::Lowest, Nulls::First, Nulls::Last];
        let all = [false, true].into_iter().flat_map(|down| nulls.map(|nulls| (down, nulls)));
        let mut orders = vec![vec![], vec![by("l", true, Nulls::Lowest)], vec![by("k", true, Nulls::Last)]];
        for (down, nulls) in all.clone() {
            orders.push(vec![by("a", down, nulls), by("k", true, Nulls::First)]);
            orders.extend(all.clone().map(|(d, n)| vec![by("a", down, nulls), by("b", d, n)]));
        }
        assert_eq!(orders.len(), 3 + 6 + 36);
        for order in orders {
            let keyset = Keyset::new(Arc::clone(&table), &order).expect("an order");
            let whole = Select { order: keyset.order().to_vec(), ..Select::all(Arc::clone(&table)) };
            let sorted = select(&memory, whole.clone()).await;
            assert_eq!(sorted.len(), 18);
            for (n, row) in sorted.iter().enumerate() {
                for side in [Side::Before, Side::After] {
                    let gap = keyset.beside(row, side);
                    let at = n + usize::from(side == Side::After);
                    let after = Select { filter: Some(keyset.after(&gap).expect("a gap")), ..whole.clone() };
                    assert_eq!(select(&memory, after).await, sorted[at..], "after {gap:?} in {order:?}");
                    let filter = Some(keyset.before(&gap).expect("a gap"));
                    let order = keyset.reversed().order().to_vec();
                    let mut before = select(&memory, Select { filter, order, ..whole.clone() }).await;
                    before.reverse();
                    assert_eq!(before, sorted[..at], "before {gap:?}");
                }
            }
        }
    }

    #[test]
    fn what_stands_after_the_whole_key_is_left_out() {
        let order = ["l", "k", "l", "a"].map(|column| by(column, false, Nulls::Lowest));
        let keyset = Keyset::new(table(), &order).expect("an order");
        assert_eq!(keyset.columns(), [3, 2]);
        assert_eq!(Keyset::new(table(), &order[3..]).expect("an order").columns(), [0, 2, 3]);
    }

    #[test]
    fn an_index_can_begin_at_the_first_comparison() {
        let keyset = Keyset::new(table(), &[by("a", false, Nulls::Lowest)]).expect("an order");
        let gap = Gap { side: Side::After, values: vec![5_i64.into(), 6_i64.into(), 7_i64.into()] };
        let Filter::And(parts) = keyset.after(&gap).expect("a gap") else { panic!("a bound and the rest") };
        assert!(parts.contains(&Filter::Compare("a".into(), Comparison::Gte, 5_i64.into())), "{parts:?}");
    }

    #[test]
    fn a_gap_of_another_order_is_refused() {
        let keyset = Keyset::new(table(), &[]).expect("an order");
        let gap = Gap { side: Side::After, values: vec![1_i64.into()] };
        assert!(keyset.after(&gap).is_err() && keyset.before(&gap).is_err());
    }
}
