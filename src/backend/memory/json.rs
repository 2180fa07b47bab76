//! What stands at a path in JSON.

use crate::backend::{
    Comparison, JsonTest, Match,
    scalar::{self, Number},
};
use sea_orm::{Value, prelude::Json};
use std::cmp::Ordering;

/// The value at a path of keys; `None` where it is not there, and where it is JSON's null.
pub(super) fn at<'v>(cell: &'v Value, path: &[String]) -> Option<&'v Json> {
    let Value::Json(Some(json)) = cell else { return None };
    let found = path.iter().try_fold(&**json, |value, key| value.as_object()?.get(key))?;
    (!found.is_null()).then_some(found)
}

/// A test whose operands are read once for all rows.
pub(super) enum Wanted<'f> {
    Compare(Comparison, Operand<'f>),
    In(Vec<Operand<'f>>),
    Text(Match, &'f str),
    Null,
    NotNull,
}

impl<'f> Wanted<'f> {
    pub(super) fn new(test: &'f JsonTest) -> Self {
        match test {
            JsonTest::Compare(how, value) => Self::Compare(*how, Operand::of(value)),
            JsonTest::In(values) => Self::In(values.iter().map(Operand::of).collect()),
            JsonTest::Text(how, needle) => Self::Text(*how, needle),
            JsonTest::IsNull => Self::Null,
            JsonTest::IsNotNull => Self::NotNull,
        }
    }

    /// Whether it is true of what was found; unknown where nothing was.
    pub(super) fn holds(&self, found: Option<&Json>) -> Option<bool> {
        match self {
            Self::Null => return Some(found.is_none()),
            Self::NotNull => return Some(found.is_some()),
            _ => {}
        }
        let found = found?;
        Some(match self {
            // Another type is unequal and has no order.
            Self::Compare(how, operand) => {
                operand.compare(found).map_or(*how == Comparison::Ne, |ordering| how.holds(ordering))
            }
            Self::In(operands) => operands.iter().any(|operand| operand.compare(found) == Some(Ordering::Equal)),
            Self::Text(how, needle) => found.as_str().is_some_and(|text| how.holds(text, needle)),
            Self::Null | Self::NotNull => false,
        })
    }
}

/// What a value is compared with.
pub(super) enum Operand<'f> {
    Text(&'f str),
    Bool(bool),
    Number(Number),
    /// Nothing that the guard lets through.
    None,
}

impl<'f> Operand<'f> {
    fn of(value: &'f Value) -> Self {
        match value {
            Value::String(Some(text)) => Self::Text(text),
            Value::Bool(Some(value)) => Self::Bool(*value),
            value => Number::of(value).map_or(Self::None, Self::Number),
        }
    }

    /// How what was found stands to it; `None` for another type.
    fn compare(&self, found: &Json) -> Option<Ordering> {
        match (self, found) {
            (Self::Text(text), Json::String(found)) => Some(found.as_str().cmp(text)),
            (Self::Bool(value), Json::Bool(found)) => Some(found.cmp(value)),
            (Self::Number(number), Json::Number(found)) => {
                let float = || found.as_f64().and_then(|v| scalar::scalar(Value::from(v)).ok());
                let found =
                    found.as_i64().map(Value::from).or_else(|| found.as_u64().map(Value::from)).or_else(float)?;
                Some(Number::of(&found)?.compare(*number))
            }
            _ => None,
        }
    }
}
