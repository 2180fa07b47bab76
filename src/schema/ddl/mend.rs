//! What [`create_table`](super::create_table) would declare, part by part, and the statements that bring one part of a table
//! back to it. A statement may be several, with `;` between them; none of them drops a column.

use super::{checks_of, column_line, create_table, foreign_key, names, step::Anew, storage};
use crate::{
    Result,
    schema::{Flavor, ForeignKey, Index, Table, name::bounded},
};

/// The declared type of a column, as the emitter writes it.
pub(crate) fn declared(table: &Table, position: usize, flavor: Flavor) -> Result<String> {
    if flavor == Flavor::Sqlite && table.auto_key() == Some(position) {
        return Ok("integer".to_owned());
    }
    storage(table, &table.columns[position], flavor).map(|storage| storage.declared)
}

/// The checks of a column by name, each with its condition.
pub(crate) fn checks(table: &Table, position: usize, flavor: Flavor) -> Result<Vec<(String, String)>> {
    checks_of(table, &table.columns[position], flavor)
}

/// `ALTER TABLE x `.
pub(crate) fn alter(table: &Table, flavor: Flavor) -> String {
    let mut sql = "ALTER TABLE ".to_owned();
    flavor.table(&mut sql, table);
    sql.push(' ');
    sql
}

/// A column's name, type and whether it takes null, as in `CREATE TABLE`.
pub(crate) fn column(table: &Table, position: usize, flavor: Flavor) -> Result<String> {
    column_line(table, position, flavor)
}

/// Adds a check; not on SQLite.
pub(crate) fn add_check(table: &Table, name: &str, condition: &str, flavor: Flavor) -> String {
    format!("{}ADD CONSTRAINT {} CHECK ({condition})", alter(table, flavor), flavor.quoted(name))
}

/// Adds a reference to a parent; not on SQLite.
pub(crate) fn add_foreign_key(table: &Table, key: &ForeignKey, flavor: Flavor) -> String {
    format!("{}ADD {}", alter(table, flavor), foreign_key(table, key, flavor))
}

/// Adds the primary key in place of the one of this name, where there is one; not on SQLite.
pub(crate) fn set_primary_key(table: &Table, old: Option<&str>, flavor: Flavor) -> String {
    let columns = names(table, &table.key, flavor);
    let drop = match old {
        Some(_) if flavor.is_mysql() => "DROP PRIMARY KEY, ".to_owned(),
        Some(old) => format!("DROP CONSTRAINT {}, ", flavor.quoted(old)),
        None => String::new(),
    };
    let name = if flavor.is_mysql() {
        String::new()
    } else {
        format!("CONSTRAINT {} ", flavor.quoted(&bounded("pk", &table.name, &[])))
    };
    format!("{}{drop}ADD {name}PRIMARY KEY ({columns})", alter(table, flavor))
}

/// Adds an index in place of one that has its name.
pub(crate) fn set_index(table: &Table, index: &Index, there: bool, flavor: Flavor) -> Result<String> {
    let create = super::create_index(table, index, flavor, false)?;
    Ok(if there { format!("{}; {create}", super::drop_index(table, index, flavor)) } else { create })
}

/// Drops what has this name: `INDEX`, `CONSTRAINT`, `FOREIGN KEY`, `CHECK`.
pub(crate) fn drop_named(table: &Table, what: &str, name: &str, flavor: Flavor) -> String {
    format!("{}DROP {what} {}", alter(table, flavor), flavor.quoted(name))
}

/// SQLite alters no constraint: the table is made anew, as a step of a migration does. `counts` is whether the old one's keys count on
/// for ever, `kept` are the columns that both have, `objects` the statements of the indexes and triggers that the old
/// table has and the entity does not name. Foreign keys are off meanwhile, or the drop would delete the children.
pub(crate) fn rebuild(table: &Table, counts: bool, kept: &[&str], objects: &[String]) -> Result<String> {
    let flavor = Flavor::Sqlite;
    let aside = Table { name: table.name.clone() + "_seabed_rebuilt", ..table.clone() };
    // The names of constraints are those of the table that it becomes.
    let mut statements = create_table(table, flavor, false)?.into_iter();
    let (mut old, mut new) = (String::new(), String::new());
    flavor.table(&mut old, table);
    flavor.table(&mut new, &aside);
    let create = statements.next().unwrap_or_default().replacen(&old, &new, 1);
    let moved: Vec<_> = kept.iter().map(|column| (flavor.quoted(column), flavor.quoted(column))).collect();
    let [name, aside] =
        [table, &aside].map(|it| it.schema.as_ref().map_or(it.name.clone(), |schema| format!("{schema}.{}", it.name)));
    let anew = Anew { name: &name, old: &old, aside: &aside, new: &new, counts };
    let anew = anew.statements(create, &moved)?.into_iter().chain(statements).chain(objects.iter().cloned());
    let begin = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"].map(str::to_owned);
    let end = ["COMMIT", "PRAGMA foreign_keys = ON"].map(str::to_owned);
    let sql = begin.into_iter().chain(anew).chain(end).collect::<Vec<_>>().join("; ");
    Ok(sql)
}
