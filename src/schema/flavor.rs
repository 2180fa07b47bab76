//! Which SQL a server speaks, and how it writes names.

use super::Table;
use std::fmt;

/// A family of SQL servers. MySQL is not MariaDB: collations, `RETURNING` and JSON differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavor {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL by Oracle.
    MySql,
    /// MariaDB.
    MariaDb,
}

impl Flavor {
    /// Whether it is one of the two that speak the MySQL protocol.
    #[must_use]
    pub fn is_mysql(self) -> bool {
        matches!(self, Self::MySql | Self::MariaDb)
    }

    /// Appends a quoted name; a quote inside is doubled. SQLite takes an unknown name in double quotes for a text
    /// (sqlite.org/quirks.html, 8): a condition on a column that is not there would compare two constants. In backticks it is
    /// an error.
    pub fn quote(self, sql: &mut String, name: &str) {
        let (quote, doubled) = if self == Self::Postgres { ('"', "\"\"") } else { ('`', "``") };
        sql.push(quote);
        if name.contains(quote) {
            sql.push_str(&name.replace(quote, doubled));
        } else {
            sql.push_str(name);
        }
        sql.push(quote);
    }

    /// A quoted name.
    #[must_use]
    pub fn quoted(self, name: &str) -> String {
        let mut sql = String::with_capacity(name.len() + 2);
        self.quote(&mut sql, name);
        sql
    }

    /// Appends a table's quoted name, with the schema where the entity names one.
    pub fn table(self, sql: &mut String, table: &Table) {
        self.qualified(sql, table.schema.as_deref(), &table.name);
    }

    /// Appends a name in a schema. A SQLite file has no schemas: there `sales.thing` is one name, so that it and `stock.thing`
    /// are two tables.
    pub fn qualified(self, sql: &mut String, schema: Option<&str>, name: &str) {
        match schema {
            Some(schema) if self == Self::Sqlite => self.quote(sql, &[schema, name].join(".")),
            Some(schema) => {
                self.quote(sql, schema);
                sql.push('.');
                self.quote(sql, name);
            }
            None => self.quote(sql, name),
        }
    }
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
        })
    }
}
