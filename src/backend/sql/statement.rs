//! SQL text and its values, written side by side.

use crate::schema::{Flavor, Table};
use sea_orm::Value;
use std::fmt::Write as _;

/// Values that one statement may bind (hazard D8).
pub(super) fn parameters(flavor: Flavor) -> usize {
    if flavor == Flavor::Sqlite { 32_766 } else { 65_535 }
}

/// Values that a statement may have when one is said again.
const REPEATED: usize = 4_096;

/// The bytes that a value takes on its way, roughly.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len(),
        Value::Bytes(Some(bytes)) => bytes.len(),
        // Printed once here and once when bound: a guess that is too small would meet the server's limit.
        Value::Json(Some(json)) => json.to_string().len(),
        _ => 8,
    }
}

/// A statement in the making. Values are always bound, never written into the text.
#[derive(Debug)]
pub(super) struct Statement {
    pub sql: String,
    pub values: Vec<Value>,
    pub flavor: Flavor,
    /// How many related tables stand around what is being written; their aliases are numbered by it.
    pub depth: usize,
}

impl Statement {
    pub fn new(flavor: Flavor, text: &str) -> Self {
        let mut sql = String::with_capacity(256);
        sql.push_str(text);
        Self { sql, values: Vec::new(), flavor, depth: 0 }
    }

    pub fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// A quoted name.
    pub fn name(&mut self, name: &str) -> &mut Self {
        self.flavor.quote(&mut self.sql, name);
        self
    }

    /// A column of the table that the condition is about: by its bare name, or inside a subquery with the alias of its table.
    pub fn column(&mut self, name: &str) -> &mut Self {
        if self.depth > 0 {
            self.alias(self.depth).push(".");
        }
        self.name(name)
    }

    /// The alias of the related table at this depth: with a space, which no entity's table has.
    pub fn alias(&mut self, depth: usize) -> &mut Self {
        self.name(&format!("related {depth}"))
    }

    /// A table's quoted name.
    pub fn table(&mut self, table: &Table) -> &mut Self {
        self.flavor.table(&mut self.sql, table);
        self
    }

    /// A placeholder, and the value that it stands for.
    pub fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        if self.flavor == Flavor::Postgres {
            // Writing to a String does not fail.
            let _ = write!(self.sql, "${}", self.values.len());
        } else {
            self.sql.push('?');
        }
        self
    }

    /// The values of a list. The last is said again up to a power of two, which changes nothing for `IN` and `NOT IN`: so
    /// lists of near lengths have one text, and a prepared statement is met again. Not where values are many already.
    pub fn bind_list(&mut self, mut values: Vec<Value>) -> &mut Self {
        let length = values.len().next_power_of_two();
        if self.values.len() + length <= REPEATED
            && let Some(last) = values.last().cloned()
        {
            values.resize(length, last);
        }
        self.list(", ", values, |s, value| {
            s.bind(value);
        });
        self
    }

    /// Items with `separator` between them.
    pub fn list<T>(
        &mut self,
        separator: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(separator);
            }
            write(self, item);
        }
    }

    /// All columns of a table, by name and in its order.
    pub fn columns(&mut self, table: &Table) -> &mut Self {
        self.list(", ", &table.columns, |s, column| {
            s.name(&column.name);
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(before: usize, values: i32) -> Statement {
        let mut s = Statement::new(Flavor::Sqlite, "");
        s.values = vec![Value::from(0); before];
        s.bind_list((1..=values).map(Value::from).collect());
        s
    }

    #[test]
    fn lists_of_near_lengths_have_one_text() {
        let texts: Vec<String> = (1..=9).map(|length| listed(0, length).sql).collect();
        assert_eq!(texts[4], "?, ?, ?, ?, ?, ?, ?, ?");
        assert_eq!(texts[2], texts[3], "three and four");
        assert!(texts[4..8].iter().all(|text| *text == texts[4]), "five to eight");
        assert_ne!(texts[7], texts[8], "eight and nine");
        assert_eq!(listed(0, 3).values, [1, 2, 3, 3].map(Value::from), "the last is said again");
    }

    #[test]
    fn a_statement_of_many_values_gets_no_more() {
        assert_eq!(listed(REPEATED, 3).values.len(), REPEATED + 3);
        assert_eq!(listed(0, 0).values.len(), 0, "and nothing is made of nothing");
    }
}
