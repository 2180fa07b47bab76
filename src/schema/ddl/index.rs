//! An index in the words of one server.

use crate::{
    Error, Result,
    schema::{Flavor, IndexDef, Part},
};

/// What follows the table's name: the parts in brackets, and the condition of a partial one. None where nothing is said for this
/// server: then it has no such index.
///
/// # Errors
/// `Unsupported` with entity, field and index for what the server has not; what `nullable` says of a column.
pub(super) fn written(
    table: &str,
    index: &IndexDef,
    nullable: impl Fn(&str) -> Result<bool>,
    flavor: Flavor,
) -> Result<Option<String>> {
    let refused = |why: &str| Error::unsupported(why.to_owned()).entity(table).constraint(&index.name);
    let mut sql = "(".to_owned();
    for (at, part) in index.parts.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        match part {
            Part::Column(name) => {
                flavor.quote(&mut sql, name);
                // Null sorts lowest (law Q2), which PostgreSQL's default index order cannot serve.
                if flavor == Flavor::Postgres && nullable(name)? {
                    sql.push_str(" NULLS FIRST");
                }
            }
            Part::Descending(name) => {
                flavor.quote(&mut sql, name);
                sql.push_str(" DESC");
                if flavor == Flavor::Postgres && nullable(name)? {
                    sql.push_str(" NULLS LAST");
                }
            }
            Part::Expression(words) => {
                let Some(words) = words.on(flavor) else { return Ok(None) };
                if flavor == Flavor::MariaDb {
                    return Err(refused("MariaDB has no index on an expression"));
                }
                sql.extend(["(", words, ")"]);
            }
        }
    }
    sql.push(')');
    if let Some(only) = &index.only {
        let Some(only) = only.on(flavor) else { return Ok(None) };
        if flavor.is_mysql() {
            return Err(refused("MySQL and MariaDB have no partial index"));
        }
        sql.extend([" WHERE ", only]);
    }
    Ok(Some(sql))
}

/// `CREATE INDEX x ON t (…)`, the table's name quoted.
pub(super) fn create(name: &str, unique: bool, table: &str, written: &str, flavor: Flavor) -> String {
    let unique = if unique { "UNIQUE " } else { "" };
    format!("CREATE {unique}INDEX {} ON {table} {written}", flavor.quoted(name))
}
