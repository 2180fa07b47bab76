//! Reads: figures over rows.
//!
//! A sum is asked for in parts that no server can overflow or round, and put together here: `PostgreSQL` and MySQL add up in
//! decimals and say the sum as text; SQLite fails on an intermediate sum beyond 64 bits, so it adds the high and the low
//! halves apart.

use super::{checkout::Checkout, condition::filtered, query::window, statement::Statement};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Aggregate, Figure, Outcome, Row,
        figure::{self, Total},
    },
    schema::{Flavor, Kind, Table},
};
use sea_orm::Value;
use std::{sync::Arc, vec};

/// Tables that look smaller than this to the server's statistics are counted: it takes no time, and statistics of small or new
/// tables are often missing.
const COUNTED: i64 = 10_000;

pub(super) async fn aggregate(checkout: &mut Checkout, asked: Aggregate) -> Result<Outcome> {
    let table = Arc::clone(&asked.table);
    if let [Figure::Exists] = asked.figures.as_slice() {
        return exists(checkout, asked).await;
    }
    if let [Figure::Estimate] = asked.figures.as_slice()
        && let Some(estimate) = estimate(checkout, &table).await?
    {
        return Ok(Outcome::Rows(vec![vec![Value::BigInt(Some(estimate))]].into()));
    }
    let mut s = Statement::new(checkout.flavor(), "SELECT ");
    let mut kinds = Vec::with_capacity(asked.group.len() + asked.figures.len());
    for name in &asked.group {
        next(&mut s, &kinds).name(name);
        kinds.push(table.column(name)?.kind.clone());
    }
    for figure in &asked.figures {
        parts(&mut s, &table, figure, &mut kinds)?;
    }
    s.push(" FROM ").table(&table);
    let least = asked.filter.is_some() && asked.figures.iter().any(|figure| matches!(figure, Figure::Min(_)));
    filtered(&mut s, &table, asked.filter)?;
    if !asked.group.is_empty() {
        s.push(" GROUP BY ");
        s.list(", ", &asked.group, |s, name| {
            s.name(name);
        });
        if least && s.flavor.is_mysql() {
            // True of every group. Without it MariaDB 10.11 looks for the least by an index of both columns, and takes a null there for it
            // where the condition lets nulls through.
            s.push(" HAVING COUNT(*) > 0");
        }
        s.push(" ORDER BY ");
        for (index, order) in asked.order.iter().enumerate() {
            if index > 0 {
                s.push(", ");
            }
            let direction = if order.descending { " DESC" } else { "" };
            let nulls = if order.descending { " NULLS LAST" } else { " NULLS FIRST" };
            let mut by = |s: &mut Statement, nullable: bool| {
                s.push(direction);
                if nullable && s.flavor == Flavor::Postgres {
                    s.push(nulls);
                }
            };
            match asked.group.get(order.position) {
                Some(name) => {
                    s.name(name);
                    by(&mut s, table.column(name)?.nullable);
                }
                None => ordered(&mut s, &table, &asked.figures[order.position - asked.group.len()], &mut by)?,
            }
        }
        window(&mut s, asked.limit, asked.offset);
    }
    let rows = checkout.fetch(s, &kinds.iter().collect::<Vec<_>>(), &table).await?;
    let answer = |row: Row| -> Result<Row> {
        let mut cells = row.into_iter();
        let mut row: Row = cells.by_ref().take(asked.group.len()).collect();
        for figure in &asked.figures {
            row.push(value(&table, figure, &mut cells).map_err(|error| about(error, &table, figure))?);
        }
        Ok(row)
    };
    rows.into_iter().map(answer).collect::<Result<_>>().map(Outcome::Rows)
}

fn about(error: Error, table: &Table, figure: &Figure) -> Error {
    let error = error.entity(&table.name);
    match figure.column() {
        Some(column) => error.field(&**column),
        None => error,
    }
}

/// Stops at the first row.
async fn exists(checkout: &mut Checkout, asked: Aggregate) -> Result<Outcome> {
    let table = asked.table;
    let mut s = Statement::new(checkout.flavor(), "SELECT EXISTS(SELECT 1 FROM ");
    s.table(&table);
    filtered(&mut s, &table, asked.filter)?;
    s.push(")");
    let kind = if s.flavor == Flavor::Postgres { Kind::Bool } else { Kind::Int64 };
    let rows = checkout.fetch(s, &[&kind], &table).await?.into_vec();
    let found = match rows.first().and_then(|row| row.first()) {
        Some(Value::BigInt(Some(count))) => *count > 0,
        Some(Value::Bool(Some(found))) => *found,
        _ => false,
    };
    Ok(Outcome::Rows(vec![vec![Value::Bool(Some(found))]].into()))
}

/// What the server's statistics say of a large table; `None` where the rows are to be counted.
async fn estimate(checkout: &mut Checkout, table: &Table) -> Result<Option<i64>> {
    let flavor = checkout.flavor();
    let mut s = match flavor {
        Flavor::Sqlite => return Ok(None),
        Flavor::Postgres => {
            let mut name = String::new();
            flavor.table(&mut name, table);
            let mut s =
                Statement::new(flavor, "SELECT CAST(reltuples AS bigint) FROM pg_class WHERE oid = to_regclass(");
            s.bind(Value::from(name));
            s
        }
        Flavor::MySql | Flavor::MariaDb => {
            let mut s = Statement::new(
                flavor,
                "SELECT CAST(TABLE_ROWS AS SIGNED) FROM information_schema.TABLES WHERE TABLE_SCHEMA = COALESCE(",
            );
            s.bind(Value::String(table.schema.clone())).push(", DATABASE()) AND TABLE_NAME = (");
            s.bind(Value::from(table.name.clone()));
            s
        }
    };
    s.push(")");
    let rows = checkout.fetch(s, &[&Kind::Int64], table).await?.into_vec();
    Ok(match rows.first().and_then(|row| row.first()) {
        Some(Value::BigInt(Some(rows))) if *rows >= COUNTED => Some(*rows),
        _ => None,
    })
}

/// Begins the next column of the answer.
fn next<'s>(s: &'s mut Statement, kinds: &[Kind]) -> &'s mut Statement {
    if kinds.is_empty() { s } else { s.push(", ") }
}

/// Appends the columns that a figure is made of, and says what they hold.
fn parts(s: &mut Statement, table: &Table, figure: &Figure, kinds: &mut Vec<Kind>) -> Result<()> {
    match figure {
        Figure::Count | Figure::Exists | Figure::Estimate => {
            next(s, kinds).push("COUNT(*)");
            kinds.push(Kind::Int64);
        }
        Figure::CountDistinct(column) => {
            next(s, kinds).push("COUNT(DISTINCT ").name(column).push(")");
            kinds.push(Kind::Int64);
        }
        Figure::Min(column) | Figure::Max(column) => {
            let kind = &table.column(column)?.kind;
            extreme(next(s, kinds), kind, column, matches!(figure, Figure::Min(_)));
            kinds.push(kind.clone());
        }
        Figure::Sum(column) | Figure::Average(column) => {
            if table.column(column)?.kind == Kind::Double {
                next(s, kinds).push("SUM(").name(column).push(")");
                kinds.push(Kind::Double);
            } else if s.flavor == Flavor::Sqlite {
                next(s, kinds).push("SUM(").name(column).push(" >> 32), SUM(").name(column).push(" & 4294967295)");
                kinds.extend([Kind::Int64, Kind::Int64]);
            } else {
                let text = if s.flavor == Flavor::Postgres { ") AS TEXT)" } else { ") AS CHAR)" };
                next(s, kinds).push("CAST(SUM(").name(column).push(text);
                kinds.push(Kind::Text { max: None });
            }
            next(s, kinds).push("COUNT(").name(column).push(")");
            kinds.push(Kind::Int64);
        }
    }
    Ok(())
}

/// The least or the greatest value. `PostgreSQL` 15 has neither for three of our types; texts of one form have their order.
fn extreme(s: &mut Statement, kind: &Kind, column: &str, least: bool) {
    let function = if least { "MIN(" } else { "MAX(" };
    match (s.flavor, kind) {
        (Flavor::Postgres, Kind::Bool) => s.push(if least { "BOOL_AND(" } else { "BOOL_OR(" }).name(column).push(")"),
        (Flavor::Postgres, Kind::Uuid) => {
            s.push("CAST(").push(function).push("CAST(").name(column).push(r#" AS TEXT) COLLATE "C") AS uuid)"#)
        }
        (Flavor::Postgres, Kind::Bytes) => {
            s.push("DECODE(").push(function).push("ENCODE(").name(column).push(r#", 'hex') COLLATE "C"), 'hex')"#)
        }
        _ => s.push(function).name(column).push(")"),
    };
}

/// Appends what groups are ordered by, exactly.
fn ordered(s: &mut Statement, table: &Table, figure: &Figure, by: &mut impl FnMut(&mut Statement, bool)) -> Result<()> {
    match figure {
        Figure::Sum(column) if s.flavor == Flavor::Sqlite => {
            // What the low halves carry is added to the high ones: then one after the other they order as the sum does.
            s.push("SUM(").name(column).push(" >> 32) + (SUM(").name(column).push(" & 4294967295) >> 32)");
            by(s, true);
            s.push(", SUM(").name(column).push(" & 4294967295) & 4294967295");
        }
        Figure::Sum(column) | Figure::Average(column) => {
            s.push("SUM(").name(column).push(")");
        }
        Figure::CountDistinct(column) => {
            s.push("COUNT(DISTINCT ").name(column).push(")");
        }
        Figure::Min(column) | Figure::Max(column) => {
            extreme(s, &table.column(column)?.kind, column, matches!(figure, Figure::Min(_)));
        }
        Figure::Count | Figure::Exists | Figure::Estimate => {
            s.push("COUNT(*)");
        }
    }
    by(s, true);
    Ok(())
}

/// A figure from its parts.
fn value(table: &Table, figure: &Figure, cells: &mut vec::IntoIter<Value>) -> Result<Value> {
    let mut cell = || cells.next().unwrap_or(Value::BigInt(None));
    let (Figure::Sum(column) | Figure::Average(column)) = figure else {
        return Ok(match (figure, cell()) {
            (Figure::Exists, Value::BigInt(Some(count))) => Value::Bool(Some(count > 0)),
            (_, value) => value,
        });
    };
    let kind = &table.column(column)?.kind;
    let broken = || Error::new(ErrorKind::Other, "the server's sum is none");
    let total = match cell() {
        Value::Double(sum) => sum.map(Total::Double),
        Value::String(sum) => sum.map(|sum| read(&sum, kind)).transpose()?.map(Total::Exact),
        // The halves of SQLite.
        Value::BigInt(high) => match (high, cell()) {
            (Some(high), Value::BigInt(Some(low))) => Some(Total::Exact((i128::from(high) << 32) + i128::from(low))),
            _ => None,
        },
        _ => return Err(broken()),
    };
    let Value::BigInt(Some(count)) = cell() else { return Err(broken()) };
    if count > 0 && total.is_none() {
        // A server that makes null of a sum of floats beyond every float.
        return figure::sum(kind, Some(Total::Double(f64::INFINITY)));
    }
    if matches!(figure, Figure::Sum(_)) { figure::sum(kind, total) } else { figure::average(kind, total, count) }
}

/// A sum as the server writes it, in the column's smallest unit.
fn read(text: &str, kind: &Kind) -> Result<i128> {
    let scale = match kind {
        Kind::Decimal { scale, .. } => *scale as usize,
        _ => 0,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction:0<scale$}");
    digits.parse().map_err(|_| Error::new(ErrorKind::InvalidValue, "the sum is out of range"))
}
