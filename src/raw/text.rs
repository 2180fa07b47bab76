//! A text with holes becomes a statement with placeholders.

use super::{Bound, Raw};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        RawStatement, RawWant,
        raw::{BOUND, Lexer, Token, Words, words},
    },
};
use sea_orm::{DbBackend, Value};
use std::fmt::Write as _;

impl Raw {
    /// The statement for this server.
    ///
    /// # Errors
    /// `Unsupported` where there is no text for it; `InvalidQuery` where holes and values do not fit, and as
    /// [`RawStatement::new`].
    pub(super) fn statement(&self, dialect: Option<DbBackend>, want: RawWant) -> Result<RawStatement> {
        let words = dialect.map_or(Words::Mongo, words);
        let special = self.special.iter().find(|(of, _)| *of == words).map(|(_, text)| text);
        let Some(text) = special.or(self.general.as_ref().filter(|_| dialect.is_some())) else {
            return Err(Error::unsupported(format!("the statement has no text for {}", named(words))));
        };
        let mut made = Made { sql: String::with_capacity(text.len() + 16), values: Vec::new(), words };
        let (mut copied, mut used) = (0, vec![false; self.bound.len()]);
        for (at, token) in Lexer::with_holes(text, words) {
            let (path, all) = match token {
                Token::Hole { path, all } => (path, all),
                Token::Brace => {
                    made.sql.push_str(&text[copied..=at.start]);
                    copied = at.end;
                    continue;
                }
                Token::Stray => return Err(refused("a brace that begins no hole: a brace itself is said twice")),
                Token::Placeholder(_) => {
                    return Err(refused("a placeholder of the server's own: write a hole, `{id}`"));
                }
                _ => continue,
            };
            made.sql.push_str(&text[copied..at.start]);
            copied = at.end;
            let fits = |bound: &Bound| matches!(bound, Bound::All(_)) == all;
            let of = self.bound.iter().position(|(name, bound)| name == path && fits(bound));
            let dots = if all { ".." } else { "" };
            let of = of.ok_or_else(|| refused(format!("the hole `{{{dots}{path}}}` has no value")))?;
            used[of] = true;
            match &self.bound[of].1 {
                Bound::One(value) => made.bind(value),
                Bound::All(values) if words == Words::Mongo => made.bind_all(values),
                Bound::All(values) if values.is_empty() => {
                    return Err(refused(format!("the list `{{..{path}}}` is empty, and SQL has no empty list")));
                }
                Bound::All(values) => {
                    for (index, value) in values.iter().enumerate() {
                        made.sql.push_str(if index > 0 { ", " } else { "" });
                        made.bind(value);
                    }
                }
            }
        }
        made.sql.push_str(&text[copied..]);
        // A text for one server need not have the holes of another's.
        if let (true, Some(missed)) = (self.special.is_empty(), used.iter().position(|used| !used)) {
            let name = &self.bound[missed].0;
            return Err(refused(format!("`{name}` stands in no hole, or in quotes: a hole has none around it")));
        }
        let statement = match dialect {
            Some(dialect) => RawStatement::new(dialect, made.sql, made.values, want)?,
            None => RawStatement::document(made.sql, made.values, want)?,
        };
        Ok(if self.writes { statement.writing() } else { statement })
    }
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidQuery, why)
}

fn named(words: Words) -> &'static str {
    match words {
        Words::Sqlite => "SQLite",
        Words::Postgres => "PostgreSQL",
        Words::MySql => "MySQL and MariaDB",
        Words::Mongo => "MongoDB",
        Words::Any => "this server",
    }
}

/// A statement in the making.
struct Made {
    sql: String,
    values: Vec<Value>,
    words: Words,
}

impl Made {
    fn bind(&mut self, value: &Value) {
        self.values.push(value.clone());
        // Writing to a String does not fail.
        let _ = match self.words {
            Words::Postgres => write!(self.sql, "${}", self.values.len()),
            Words::Mongo => write!(self.sql, "{{\"{BOUND}\":{}}}", self.values.len() - 1),
            _ => write!(self.sql, "?"),
        };
    }

    /// Every value of a list of MongoDB, which may be empty.
    fn bind_all(&mut self, values: &[Value]) {
        let numbers: Vec<String> = (self.values.len()..).take(values.len()).map(|number| number.to_string()).collect();
        let _ = write!(self.sql, "{{\"{BOUND}\":[{}]}}", numbers.join(","));
        self.values.extend_from_slice(values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(raw: &Raw, dialect: DbBackend) -> (String, Vec<Value>) {
        raw.statement(Some(dialect), RawWant::Rows).expect("a statement").into_parts()
    }

    #[test]
    fn a_hole_becomes_a_placeholder_on_each_server() {
        let raw = Raw::new("select '{a}', {{1}} -- {b}\n where x = {x} and y in ({..ys}) and z = {x}")
            .bind("x", "it's")
            .bind_all("ys", [1, 2]);
        let values = vec![Value::from("it's"), Value::from(1), Value::from(2), Value::from("it's")];
        let text = "select '{a}', {1} -- {b}\n where x = ? and y in (?, ?) and z = ?";
        assert_eq!(made(&raw, DbBackend::Sqlite), (text.to_owned(), values.clone()));
        let text = "select '{a}', {1} -- {b}\n where x = $1 and y in ($2, $3) and z = $4";
        assert_eq!(made(&raw, DbBackend::Postgres), (text.to_owned(), values));
    }

    #[test]
    fn a_brace_of_json_begins_no_hole_and_a_hole_stands_in_no_quotes() {
        let raw = Raw::default()
            .mongodb(
                r#"{"find":"x","filter":{"a":{a},"b":{"$in":[0,{..bs}]},"c":"{a} \" {a}","d":{}},"limit":{pair.0}}"#,
            )
            .bind("a", "it's {a}\"")
            .bind_all("bs", [1, 2])
            .bind("pair.0", 7);
        let (text, values) = raw.statement(None, RawWant::Documents).expect("a statement").into_parts();
        let filter = r#"{"a":{"$bound":0},"b":{"$in":[0,{"$bound":[1,2]}]},"c":"{a} \" {a}","d":{}}"#;
        assert_eq!(text, format!(r#"{{"find":"x","filter":{filter},"limit":{{"$bound":3}}}}"#));
        assert_eq!(values, vec![Value::from("it's {a}\""), Value::from(1), Value::from(2), Value::from(7)]);
        let none = Raw::default().mongodb(r#"{"find":"x","filter":{"a":{"$in":[{..a}]}}}"#);
        assert!(none.bind_all("a", Vec::<i32>::new()).statement(None, RawWant::Documents).is_ok());
        let sql = Raw::new("select 1").statement(None, RawWant::Rows).expect_err("it has no words for it");
        assert!(sql.is(ErrorKind::Unsupported) && sql.message().contains("MongoDB"), "{sql}");
    }

    #[test]
    fn each_server_has_its_text_or_none() {
        let raw = Raw::default().postgres("select {a}").mysql("select {a}, {b}").bind("a", 1).bind("b", 2);
        assert_eq!(made(&raw, DbBackend::Postgres).0, "select $1");
        assert_eq!(made(&raw, DbBackend::MySql).0, "select ?, ?");
        let error = raw.statement(Some(DbBackend::Sqlite), RawWant::Rows).expect_err("no text");
        assert_eq!(error.to_string(), "unsupported: the statement has no text for SQLite");
        assert_eq!(made(&raw.general("select {b}"), DbBackend::Sqlite).0, "select ?");
    }

    #[test]
    fn holes_and_values_fit_or_it_is_no_statement() {
        for (raw, part) in [
            (Raw::new("select {a}"), "`{a}` has no value"),
            (Raw::new("select {..a}").bind("a", 1), "`{..a}` has no value"),
            (Raw::new("select {a}").bind_all("a", [1]), "`{a}` has no value"),
            (Raw::new("select {..a}").bind_all("a", Vec::<i32>::new()), "empty"),
            (Raw::new("select '{a}'").bind("a", 1), "in quotes"),
            (Raw::new("select { a }").bind("a", 1), "brace"),
            (Raw::new("select ?").bind("a", 1), "placeholder"),
        ] {
            let error = raw.statement(Some(DbBackend::Sqlite), RawWant::Rows).expect_err(part);
            assert!(error.is(ErrorKind::InvalidQuery) && error.message().contains(part), "{error}");
        }
    }
}
