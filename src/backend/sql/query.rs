//! Reads: select.

use super::{checkout::Checkout, condition::filtered, statement::Statement};
use crate::{
    Result,
    backend::{Lock, Nulls, Order, Outcome, Select},
    schema::{Flavor, Kind, Table},
};
use sea_orm::Value;

pub(super) async fn select(checkout: &mut Checkout, select: Select) -> Result<Outcome> {
    let table = select.table;
    let mut s = Statement::new(checkout.flavor(), if select.distinct { "SELECT DISTINCT " } else { "SELECT " });
    let kinds: Vec<&Kind> = match &select.columns {
        None => {
            s.columns(&table);
            table.columns.iter().map(|column| &column.kind).collect()
        }
        Some(columns) => {
            s.list(", ", columns, |s, column| {
                s.name(column);
            });
            columns.iter().map(|column| Ok(&table.column(column)?.kind)).collect::<Result<_>>()?
        }
    };
    s.push(" FROM ").table(&table);
    filtered(&mut s, &table, select.filter)?;
    ordered(&mut s, &table, &select.order);
    window(&mut s, select.limit, select.offset);
    locked(&mut s, select.lock);
    checkout.fetch(s, &kinds, &table).await.map(Outcome::Rows)
}

/// Appends ` ORDER BY …`. Null sorts lowest (law Q2), which SQLite and MySQL do by themselves. PostgreSQL is told so only for
/// columns that can be null: an index on the others serves its own order and no other.
fn ordered(s: &mut Statement, table: &Table, order: &[Order]) {
    if order.is_empty() {
        return;
    }
    s.push(" ORDER BY ");
    s.list(", ", order, |s, order| {
        let nullable = table.column(&order.column).is_ok_and(|column| column.nullable);
        let first = match order.nulls {
            Nulls::Lowest => !order.descending,
            Nulls::First => true,
            Nulls::Last => false,
        };
        let (as_is, direction) = (order.descending != first, if order.descending { " DESC" } else { "" });
        match s.flavor {
            Flavor::Postgres if nullable => {
                s.name(&order.column).push(direction).push(if first { " NULLS FIRST" } else { " NULLS LAST" });
            }
            Flavor::Sqlite if nullable && !as_is => {
                s.name(&order.column).push(direction).push(if first { " NULLS FIRST" } else { " NULLS LAST" });
            }
            Flavor::MySql | Flavor::MariaDb if nullable && !as_is => {
                s.name(&order.column).push(if first { " IS NULL DESC, " } else { " IS NULL, " });
                s.name(&order.column).push(direction);
            }
            _ => {
                s.name(&order.column).push(direction);
            }
        }
    });
}

/// Appends ` FOR UPDATE`. SQLite's one writer holds every row by then.
fn locked(s: &mut Statement, lock: Option<Lock>) {
    if s.flavor != Flavor::Sqlite {
        s.push(match lock {
            None => "",
            Some(Lock::Wait) => " FOR UPDATE",
            Some(Lock::SkipLocked) => " FOR UPDATE SKIP LOCKED",
        });
    }
}

pub(super) fn window(s: &mut Statement, limit: Option<u64>, offset: u64) {
    let bound = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
    match (limit, s.flavor) {
        (Some(limit), _) => {
            s.push(" LIMIT ").bind(bound(limit));
        }
        // These two know no offset without a limit.
        (None, Flavor::Sqlite | Flavor::MySql | Flavor::MariaDb) if offset > 0 => {
            s.push(" LIMIT ").bind(bound(u64::MAX));
        }
        (None, _) => {}
    }
    if offset > 0 {
        s.push(" OFFSET ").bind(bound(offset));
    }
}
