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

    /// Appends a quoted name; a quote inside is doubled.
    pub fn quote(self, sql: &mut String, name: &str) {
        let quote = if self.is_mysql() { '`' } else { '"' };
        sql.push(quote);
        for c in name.chars() {
            if c == quote {
                sql.push(quote);
            }
            sql.push(c);
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

    /// Appends a table's quoted name, with the schema where the entity names one. A SQLite file has no schemas: there the
    /// table's name stands alone.
    pub fn table(self, sql: &mut String, table: &Table) {
        if let Some(schema) = table.schema.as_deref().filter(|_| self != Self::Sqlite) {
            self.quote(sql, schema);
            sql.push('.');
        }
        self.quote(sql, &table.name);
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
