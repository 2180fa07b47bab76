//! Rows of another table, as a subquery with an alias: a tree may look at itself, and subqueries may stand in each other.

use super::{condition::condition, statement::Statement};
use crate::{
    Result,
    backend::Related,
    schema::{Flavor, Name, Table},
};

/// Appends `EXISTS (SELECT 1 FROM …)`.
pub(super) fn related(s: &mut Statement, table: &Table, related: Related) -> Result<()> {
    s.depth += 1;
    let answer = correlated(s, table, related);
    s.depth -= 1;
    answer
}

fn correlated(s: &mut Statement, table: &Table, related: Related) -> Result<()> {
    let depth = s.depth;
    s.push("EXISTS (SELECT 1 FROM ").table(&related.table).push(" AS ").alias(depth).push(" WHERE ");
    joined(s, table, &related.columns, &related.their_columns);
    filtered(s, " AND ", related)?;
    // SQLite from 3.51 on makes a join of it, and behind an OFFSET counts a row once for each of its children: not where there
    // is a LIMIT.
    s.push(if s.flavor == Flavor::Sqlite { " LIMIT 1)" } else { ")" });
    Ok(())
}

fn filtered(s: &mut Statement, before: &str, related: Related) -> Result<()> {
    let Some(filter) = related.filter else { return Ok(()) };
    s.push(before).push("(");
    condition(s, &related.table, filter)?;
    s.push(")");
    Ok(())
}

/// `theirs = ours AND …`: ours with the alias of the table around, or with its name where nothing is around it.
fn joined(s: &mut Statement, table: &Table, ours: &[Name], theirs: &[Name]) {
    let outer = s.depth - 1;
    s.list(" AND ", theirs.iter().zip(ours), |s, (theirs, ours)| {
        s.column(theirs).push(" = ");
        if outer == 0 {
            s.table(table)
        } else {
            s.alias(outer)
        };
        s.push(".").name(ours);
    });
}
