//! A filter in SQL.
//!
//! Null logic is SQL's own. Text is looked for literally: SeaORM's `contains` leaves `%` and `_` as wildcards, and SQLite's LIKE
//! folds ASCII case (hazard D5).

use super::{dialect, json, related, statement::Statement};
use crate::{
    Error, Result,
    backend::{Comparison, Filter, Match, filter::after},
    schema::{Flavor, Kind, Table},
};
use sea_orm::Value;

/// Lists up to this length are written as placeholders; longer ones are bound as one JSON array, so that no list meets a
/// server's limit on parameters (law Q10).
pub(super) const PLACEHOLDERS: usize = 256;

/// Appends ` WHERE …` where there is a filter.
pub(super) fn filtered(statement: &mut Statement, table: &Table, filter: Option<Filter>) -> Result<()> {
    if let Some(filter) = filter {
        statement.push(" WHERE ");
        condition(statement, table, filter)?;
    }
    Ok(())
}

/// The same for a table that the statement changes. MySQL and MariaDB refuse to look at it in a subquery of the same statement
/// (error 1093).
pub(super) fn filtered_write(statement: &mut Statement, table: &Table, filter: Option<Filter>) -> Result<()> {
    match filter {
        Some(filter) if statement.flavor.is_mysql() && filter.looks_at(table) => gathered(statement, table, filter),
        filter => filtered(statement, table, filter),
    }
}

/// The same, where a change of one row could change whether the next one matches: MySQL and MariaDB look for rows while they
/// change others. The keys of all that match are gathered first, in a table of the server's own making; DISTINCT keeps it from
/// being merged into the statement around it, and nothing stands beside it that could put its making off.
pub(super) fn gathered(s: &mut Statement, table: &Table, filter: Filter) -> Result<()> {
    let key = |s: &mut Statement| {
        s.list(", ", table.names(&table.key), |s, name| {
            s.name(name);
        });
    };
    s.push(" WHERE (");
    key(s);
    s.push(") IN (SELECT * FROM (SELECT DISTINCT ");
    key(s);
    s.push(" FROM ").table(table);
    filtered(s, table, Some(filter))?;
    s.push(") AS matched)");
    Ok(())
}

pub(super) fn condition(s: &mut Statement, table: &Table, filter: Filter) -> Result<()> {
    match filter {
        Filter::Compare(column, comparison, value) => {
            s.column(&column).push(match comparison {
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
            s.column(&column).push(" BETWEEN ").bind(low).push(" AND ").bind(high);
        }
        Filter::IsNull(column) => {
            s.column(&column).push(" IS NULL");
        }
        Filter::IsNotNull(column) => {
            s.column(&column).push(" IS NOT NULL");
        }
        Filter::Text(column, _, needle) if needle.is_empty() => same(s, &column, " = "),
        Filter::Text(column, Match::StartsWith, needle) if s.flavor.is_mysql() => beginning(s, &column, needle),
        Filter::Text(column, how, needle) => {
            let hay = |s: &mut Statement| {
                s.column(&column);
            };
            text(s, &hay, how, needle);
        }
        Filter::Folded(..) => return Err(Error::unsupported("a folded filter that the guard did not see")),
        Filter::Json(column, path, test) => json::json(s, &column, &path, test),
        Filter::Related(one) => related::related(s, table, *one)?,
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
        Flavor::Sqlite => s.column(column).push(" IS NOT ").bind(value),
        Flavor::Postgres => s.column(column).push(" IS DISTINCT FROM ").bind(value),
        Flavor::MySql | Flavor::MariaDb => s.push("NOT (").column(column).push(" <=> ").bind(value).push(")"),
    };
}

/// False for every value and unknown for null, or true and unknown: what an empty list means.
fn same(s: &mut Statement, column: &str, operator: &str) {
    s.column(column).push(operator).column(column);
}

fn list(s: &mut Statement, table: &Table, column: &str, operator: &str, values: Vec<Value>) -> Result<()> {
    if values.is_empty() {
        same(s, column, if operator == "IN" { " <> " } else { " = " });
        return Ok(());
    }
    s.column(column).push(" ").push(operator).push(" (");
    // SQLite's JSON reads a float as its neighbour: floats are bound one by one there.
    let floats = s.flavor == Flavor::Sqlite && table.column(column)?.kind == Kind::Double;
    if values.len() <= PLACEHOLDERS || floats {
        s.bind_list(values);
    } else {
        dialect::json_list(s, table.column(column)?, values);
    }
    s.push(")");
    Ok(())
}

/// Texts that begin with this one, as a range: `LIKE 'a%'` by an index misses on MariaDB 10.11 what goes on beyond U+FFFF.
fn beginning(s: &mut Statement, column: &str, needle: String) {
    let after = after(&needle);
    s.push("(").column(column).push(" >= ").bind(Value::from(needle));
    if let Some(after) = after {
        s.push(" AND ").column(column).push(" < ").bind(Value::from(after));
    }
    s.push(")");
}

/// Whether a text is in what `hay` writes, literally; the empty one is its caller's.
pub(super) fn text(s: &mut Statement, hay: &dyn Fn(&mut Statement), how: Match, needle: String) {
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
        hay(s);
        s.push(" LIKE ").bind(Value::from(pattern)).push(" ESCAPE '!'");
        return;
    }
    match how {
        Match::Contains => {
            s.push("instr(");
            hay(s);
            s.push(", ").bind(Value::from(needle)).push(") > 0");
        }
        Match::StartsWith | Match::EndsWith => {
            let length = i64::try_from(needle.chars().count()).unwrap_or(i64::MAX);
            let (from, count) = if how == Match::StartsWith { (", 1, ", length) } else { (", ", -length) };
            s.push("substr(");
            hay(s);
            s.push(from).bind(Value::from(count)).push(") = ").bind(Value::from(needle));
        }
    }
}
