//! A filter in SQL.
//!
//! Null logic is SQL's own. Text is looked for literally: SeaORM's `contains` leaves `%` and `_` as wildcards, and SQLite's LIKE
//! folds ASCII case (hazard D5).

use super::{dialect, statement::Statement};
use crate::{
    Error, Result,
    backend::{Comparison, Filter, Match},
    schema::{Flavor, Kind, Table},
};
use sea_orm::Value;

/// Lists up to this length are written as placeholders; longer ones are bound as one JSON array, so that no list meets a
/// server's limit on parameters (law Q10).
const PLACEHOLDERS: usize = 256;

/// Appends ` WHERE …` where there is a filter.
pub(super) fn filtered(statement: &mut Statement, table: &Table, filter: Option<Filter>) -> Result<()> {
    if let Some(filter) = filter {
        statement.push(" WHERE ");
        condition(statement, table, filter)?;
    }
    Ok(())
}

fn condition(s: &mut Statement, table: &Table, filter: Filter) -> Result<()> {
    match filter {
        Filter::Compare(column, comparison, value) => {
            s.name(&column).push(match comparison {
                Comparison::Eq => " = ",
                Comparison::Ne => " <> ",
                Comparison::Lt => " < ",
                Comparison::Lte => " <= ",
                Comparison::Gt => " > ",
                Comparison::Gte => " >= ",
            });
            s.bind(value);
        }
        Filter::DistinctFrom(column, value) => distinct(s, &column, value),
        Filter::In(column, values) => list(s, table, &column, "IN", values)?,
        Filter::NotIn(column, values) => list(s, table, &column, "NOT IN", values)?,
        Filter::Between(column, low, high) => {
            s.name(&column).push(" BETWEEN ").bind(low).push(" AND ").bind(high);
        }
        Filter::IsNull(column) => {
            s.name(&column).push(" IS NULL");
        }
        Filter::IsNotNull(column) => {
            s.name(&column).push(" IS NOT NULL");
        }
        Filter::Text(column, how, needle) => text(s, &column, how, needle),
        Filter::Folded(..) => return Err(Error::unsupported("a folded filter that the guard did not see")),
        Filter::Json(..) => return Err(Error::unsupported("json paths")),
        Filter::Related(..) => return Err(Error::unsupported("filters on related entities")),
        Filter::And(all) => joined(s, table, all, " AND ", "1 = 1")?,
        Filter::Or(any) => joined(s, table, any, " OR ", "1 = 0")?,
        Filter::Not(inner) => {
            s.push("NOT (");
            condition(s, table, *inner)?;
            s.push(")");
        }
    }
    Ok(())
}

fn joined(s: &mut Statement, table: &Table, mut parts: Vec<Filter>, separator: &str, none: &str) -> Result<()> {
    match parts.len() {
        0 => {
            s.push(none);
            Ok(())
        }
        1 => parts.pop().map_or(Ok(()), |only| condition(s, table, only)),
        // Halves in brackets: SQLite refuses expressions deeper than 1,000, and a plain list is as deep as it is long.
        length => {
            let rest = parts.split_off(length / 2);
            s.push("(");
            joined(s, table, parts, separator, none)?;
            s.push(separator);
            joined(s, table, rest, separator, none)?;
            s.push(")");
            Ok(())
        }
    }
}

fn distinct(s: &mut Statement, column: &str, value: Value) {
    match s.flavor {
        Flavor::Sqlite => s.name(column).push(" IS NOT ").bind(value),
        Flavor::Postgres => s.name(column).push(" IS DISTINCT FROM ").bind(value),
        Flavor::MySql | Flavor::MariaDb => s.push("NOT (").name(column).push(" <=> ").bind(value).push(")"),
    };
}

/// False for every value and unknown for null, or true and unknown: what an empty list means.
fn same(s: &mut Statement, column: &str, operator: &str) {
    s.name(column).push(operator).name(column);
}

fn list(s: &mut Statement, table: &Table, column: &str, operator: &str, values: Vec<Value>) -> Result<()> {
    if values.is_empty() {
        same(s, column, if operator == "IN" { " <> " } else { " = " });
        return Ok(());
    }
    s.name(column).push(" ").push(operator).push(" (");
    // SQLite's JSON reads a float as its neighbour: floats are bound one by one there.
    let floats = s.flavor == Flavor::Sqlite && table.column(column)?.kind == Kind::Double;
    if values.len() <= PLACEHOLDERS || floats {
        s.list(", ", values, |s, value| {
            s.bind(value);
        });
    } else {
        dialect::json_list(s, table.column(column)?, values);
    }
    s.push(")");
    Ok(())
}

fn text(s: &mut Statement, column: &str, how: Match, needle: String) {
    if needle.is_empty() {
        return same(s, column, " = ");
    }
    if s.flavor != Flavor::Sqlite {
        let mut pattern = String::with_capacity(needle.len() + 2);
        if how != Match::StartsWith {
            pattern.push('%');
        }
        for c in needle.chars() {
            if matches!(c, '%' | '_' | '!') {
                pattern.push('!');
            }
            pattern.push(c);
        }
        if how != Match::EndsWith {
            pattern.push('%');
        }
        s.name(column).push(" LIKE ").bind(Value::from(pattern)).push(" ESCAPE '!'");
        return;
    }
    match how {
        Match::Contains => s.push("instr(").name(column).push(", ").bind(Value::from(needle)).push(") > 0"),
        Match::StartsWith | Match::EndsWith => {
            let length = i64::try_from(needle.chars().count()).unwrap_or(i64::MAX);
            let (from, count) = if how == Match::StartsWith { (", 1, ", length) } else { (", ", -length) };
            s.push("substr(").name(column).push(from).bind(Value::from(count)).push(") = ").bind(Value::from(needle))
        }
    };
}
