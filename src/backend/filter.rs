//! A condition on rows, as a value that every backend can walk.
//!
//! Three-valued: a comparison with a null is unknown, `Not` of unknown is unknown, and a row matches where the whole is true.

use crate::schema::{Name, Table};
use sea_orm::Value;
use std::{cmp::Ordering, sync::Arc};

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Not equal; never matches null.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
}

impl Comparison {
    /// Whether it holds for two values that stand to each other like this.
    #[must_use]
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Lte => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Gte => ordering.is_ge(),
        }
    }
}

/// Where a text is looked for; literal, case-sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Anywhere.
    Contains,
    /// At the beginning.
    StartsWith,
    /// At the end.
    EndsWith,
}

impl Match {
    /// Whether it holds for this text.
    #[must_use]
    pub fn holds(self, text: &str, needle: &str) -> bool {
        match self {
            Self::Contains => text.contains(needle),
            Self::StartsWith => text.starts_with(needle),
            Self::EndsWith => text.ends_with(needle),
        }
    }
}

/// How a text is compared without regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldedMatch {
    /// The whole text.
    Eq,
    /// A part of it.
    Part(Match),
}

/// What is asked of the value at a path in JSON. A path that is not there, and JSON's own null, are unknown like a null; a
/// value of another type than the one that it is compared with is unequal to it and neither less nor greater.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum JsonTest {
    /// Against a text, a whole number, a float or a bool.
    Compare(Comparison, Value),
    /// Among such values.
    In(Vec<Value>),
    /// A text that holds a text; false for what is no text.
    Text(Match, String),
    /// Not there, or JSON's null.
    IsNull,
    /// There, and not JSON's null.
    IsNotNull,
}

/// Rows of another table that belong to a row of this one: where these columns have the values of those.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// The columns here.
    pub columns: Vec<Name>,
    /// The other table.
    pub table: Arc<Table>,
    /// The columns there, in the same order.
    pub their_columns: Vec<Name>,
    /// Which of them; any where there is none.
    pub filter: Option<Filter>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// A column against a value that is not null.
    Compare(Name, Comparison, Value),
    /// A column against a value or null, where null equals null: never unknown.
    DistinctFrom(Name, Value),
    /// A column among values; unknown for null, also where the list is empty.
    In(Name, Vec<Value>),
    /// A column not among values; unknown for null, also where the list is empty.
    NotIn(Name, Vec<Value>),
    /// A column between two values, both included.
    Between(Name, Value, Value),
    /// A column that is null.
    IsNull(Name),
    /// A column that is not null.
    IsNotNull(Name),
    /// A text column that holds a text.
    Text(Name, Match, String),
    /// A text column without regard to case: the guard asks the column that a `folded` rule keeps beside it.
    Folded(Name, FoldedMatch, String),
    /// What stands at a path in a JSON column.
    Json(Name, Vec<String>, JsonTest),
    /// A row of another table that belongs to this one, and for which its own filter is true. Never unknown.
    Related(Box<Related>),
    /// All of them; true where there is none.
    And(Vec<Filter>),
    /// Any of them; false where there is none.
    Or(Vec<Filter>),
    /// True where it is false.
    Not(Box<Filter>),
}

impl Filter {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::And(mut all), Self::And(more)) => {
                all.extend(more);
                Self::And(all)
            }
            // Flat from whichever side it grows: a filter that is built in a loop must not be as deep as it is long.
            (Self::And(mut all), one) | (one, Self::And(mut all)) => {
                all.push(one);
                Self::And(all)
            }
            (one, other) => Self::And(vec![one, other]),
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Or(mut any), Self::Or(more)) => {
                any.extend(more);
                Self::Or(any)
            }
            (Self::Or(mut any), one) | (one, Self::Or(mut any)) => {
                any.push(one);
                Self::Or(any)
            }
            (one, other) => Self::Or(vec![one, other]),
        }
    }

    /// True where it is false; unknown stays unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether no row can match, whatever is stored: then nothing need be asked.
    #[must_use]
    pub fn matches_nothing(&self) -> bool {
        match self {
            Self::In(_, values) | Self::Json(_, _, JsonTest::In(values)) => values.is_empty(),
            Self::And(all) => all.iter().any(Self::matches_nothing),
            Self::Or(any) => any.iter().all(Self::matches_nothing),
            Self::Related(related) => related.filter.as_ref().is_some_and(Self::matches_nothing),
            _ => false,
        }
    }

    /// Whether rows of this table are looked at beside those that it is a condition on.
    #[must_use]
    pub fn looks_at(&self, table: &Table) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.looks_at(table)),
            Self::Not(inner) => inner.looks_at(table),
            Self::Related(related) => {
                (related.table.name == table.name && related.table.schema == table.schema)
                    || related.filter.as_ref().is_some_and(|filter| filter.looks_at(table))
            }
            _ => false,
        }
    }
}

/// The first text by code point after all that begin with this one; `None` where none follows: so `starts_with` is a range.
#[must_use]
pub fn after(beginning: &str) -> Option<String> {
    let last = beginning.trim_end_matches(char::MAX);
    let mut letters = last.chars();
    let next = (letters.next_back()?..=char::MAX).nth(1)?;
    let mut after = letters.as_str().to_owned();
    after.push(next);
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn what_follows_a_beginning_is_the_next_code_point() {
        assert_eq!(after("ab").as_deref(), Some("ac"));
        assert_eq!(after("a\u{d7ff}").as_deref(), Some("a\u{e000}"), "over the surrogates");
        assert_eq!(after("a\u{ffff}").as_deref(), Some("a\u{10000}"));
        assert_eq!(after("a\u{10ffff}\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after("\u{10ffff}"), None);
    }
}
