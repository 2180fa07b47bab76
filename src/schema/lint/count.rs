//! The questions that count what stands in the way.

use crate::schema::{Flavor, Part, Reference, Words, ddl};

/// Writes questions about one table in the words of one server.
pub(super) struct Ask<'a> {
    pub(super) flavor: Flavor,
    /// As an action names it: with its schema before a point, where it is in another.
    pub(super) table: &'a str,
}

impl Ask<'_> {
    pub(super) fn is_sqlite(&self) -> bool {
        self.flavor == Flavor::Sqlite
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.flavor == Flavor::Postgres
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> String {
        format!("SELECT count(*) FROM {}", self.name(self.table))
    }

    /// How many rows this is true of.
    pub(super) fn such(&self, condition: &str) -> String {
        format!("{} WHERE {condition}", self.rows())
    }

    pub(super) fn nulls(&self, column: &str) -> String {
        self.such(&format!("{} IS NULL", self.flavor.quoted(column)))
    }

    /// How many rows are one too many. Rows with a null among the values never collide.
    pub(super) fn duplicates(&self, parts: &[Part], only: Option<&Words>) -> Option<String> {
        let parts: Option<Vec<String>> = parts.iter().map(|part| self.part(part)).collect();
        let parts = parts?;
        let mut conditions: Vec<String> = parts.iter().map(|part| format!("{part} IS NOT NULL")).collect();
        conditions.extend(only.and_then(|only| only.on(self.flavor)).map(|only| format!("({only})")));
        let list = parts.join(", ");
        Some(format!(
            "SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY {list} ORDER BY {list}) AS place FROM {} WHERE {}) AS \
             twice WHERE place > 1",
            self.name(self.table),
            conditions.join(" AND ")
        ))
    }

    /// How many rows have no parent.
    pub(super) fn orphans(&self, key: &Reference) -> String {
        let quoted = |alias: &str, column: &String| format!("{alias}.{}", self.flavor.quoted(column));
        let set = key.columns.iter().map(|column| format!("{} IS NOT NULL", quoted("child", column)));
        let pairs = key.columns.iter().zip(&key.parent_columns);
        let pairs: Vec<_> =
            pairs.map(|(here, there)| format!("{} = {}", quoted("parent", there), quoted("child", here))).collect();
        format!(
            "SELECT count(*) FROM {} AS child WHERE {} AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE {})",
            self.name(self.table),
            set.collect::<Vec<_>>().join(" AND "),
            self.name(&key.parent),
            pairs.join(" AND ")
        )
    }

    /// That a column has none of these texts.
    pub(super) fn none_of(&self, quoted: &str, texts: &[String]) -> String {
        let list: Vec<_> = texts.iter().filter_map(|text| ddl::literal(text, self.flavor).ok()).collect();
        if list.is_empty() { format!("{quoted} IS NOT NULL") } else { format!("{quoted} NOT IN ({})", list.join(", ")) }
    }

    /// That a text is no whole number.
    pub(super) fn no_number(&self, quoted: &str) -> String {
        match self.flavor {
            Flavor::Postgres => format!("{quoted} !~ '^[+-]?[0-9]+$'"),
            Flavor::MySql | Flavor::MariaDb => format!("{quoted} NOT REGEXP '^[+-]?[0-9]+$'"),
            Flavor::Sqlite => format!("ltrim({quoted}, '+-') = '' OR ltrim({quoted}, '+-') GLOB '*[^0-9]*'"),
        }
    }

    /// That a text is no UUID.
    pub(super) fn no_uuid(&self, quoted: &str) -> String {
        const UUID: &str = "^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$";
        match self.flavor {
            Flavor::Postgres => format!("{quoted} !~ '{UUID}'"),
            Flavor::MySql | Flavor::MariaDb => format!("{quoted} NOT REGEXP '{UUID}'"),
            Flavor::Sqlite => format!("coalesce(length(unhex({quoted}, '-')), 0) <> 16 AND {quoted} IS NOT NULL"),
        }
    }

    fn part(&self, part: &Part) -> Option<String> {
        match part {
            Part::Column(column) | Part::Descending(column) => Some(self.flavor.quoted(column)),
            Part::Expression(words) => words.on(self.flavor).map(|text| format!("({text})")),
        }
    }

    fn name(&self, table: &str) -> String {
        let mut sql = String::new();
        match table.split_once('.') {
            Some((schema, name)) => self.flavor.qualified(&mut sql, Some(schema), name),
            None => self.flavor.quote(&mut sql, table),
        }
        sql
    }
}
