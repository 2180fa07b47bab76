//! A condition on rows, as a value that every backend can walk.
//!
//! Three-valued: a comparison with a null is unknown, `Not` of unknown is unknown, and a row matches where the whole is true.

use crate::schema::Name;
use sea_orm::Value;

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
            Self::In(_, values) => values.is_empty(),
            Self::And(all) => all.iter().any(Self::matches_nothing),
            Self::Or(any) => any.iter().all(Self::matches_nothing),
            _ => false,
        }
    }
}
