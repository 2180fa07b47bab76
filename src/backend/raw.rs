//! A statement in the words of one server: what the contract leaves out.

use sea_orm::{ExecResult, QueryResult, Value};

/// A statement as the server will read it, and the values that its placeholders stand for.
#[derive(Clone, Debug)]
pub struct RawStatement {
    /// The text, with the placeholders of its dialect.
    pub sql: String,
    /// The values, in the order of the placeholders.
    pub values: Vec<Value>,
    /// What is wanted of it.
    pub want: RawWant,
}

/// What is wanted of a raw statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RawWant {
    /// Its rows.
    Rows,
    /// How many rows it changed.
    Count,
    /// That it runs: several statements without values, one after the other.
    Script,
}

/// What a raw statement answers.
#[derive(Debug)]
#[non_exhaustive]
pub enum RawOutcome {
    /// Rows, as `SeaORM` reads them.
    Rows(Vec<QueryResult>),
    /// What the driver says of rows affected and of the last key made.
    Count(ExecResult),
    /// A script ran to its end.
    Ran,
}

impl RawOutcome {
    /// Rows answered or affected.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Rows(rows) => rows.len() as u64,
            Self::Count(counted) => counted.rows_affected(),
            Self::Ran => 0,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether a statement begins as one that only reads. One that hides a write behind such a word (a function of the user's) is
/// taken for a read: SQLite refuses it then, and a lost connection says `ConnectionLost` of it.
#[must_use]
pub fn reads(sql: &str) -> bool {
    ["SELECT", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DESCRIBE"].contains(&first_word(sql).as_str())
}

/// The first word of a statement, in capitals; comments and opening brackets before it are passed over.
#[must_use]
pub fn first_word(sql: &str) -> String {
    let mut rest = sql.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '(');
    loop {
        let passed = if let Some(comment) = rest.strip_prefix("--").or_else(|| rest.strip_prefix('#')) {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            break;
        };
        rest = passed.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '(');
    }
    rest.chars().take_while(|letter| letter.is_ascii_alphabetic()).collect::<String>().to_ascii_uppercase()
}
