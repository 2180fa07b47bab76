//! When values are the same, as something that can be hashed.

use sea_orm::Value;
use std::fmt::Write as _;

/// Two lists of normalised values have the same identity where the contract calls them equal: text by code point, a whole
/// number whatever its width. Null is the same as null; whoever asks for SQL's meaning leaves nulls out.
#[must_use]
pub fn identity<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    let mut identity = String::new();
    for value in values {
        let whole = match value {
            Value::SmallInt(Some(v)) => Some(i64::from(*v)),
            Value::Int(Some(v)) => Some(i64::from(*v)),
            Value::BigInt(Some(v)) => Some(*v),
            _ => None,
        };
        // Writing to a String does not fail. The debug form quotes, so that two texts never run into each other.
        let _ = match (whole, crate::backend::value::is_null(value)) {
            (Some(whole), _) => write!(identity, "{whole},"),
            (None, true) => write!(identity, "null,"),
            (None, false) => write!(identity, "{value:?},"),
        };
    }
    identity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_any_width_are_the_same_and_texts_do_not_run_together() {
        assert_eq!(identity([&Value::SmallInt(Some(7))]), identity([&Value::BigInt(Some(7))]));
        assert_eq!(identity([&Value::Int(None)]), identity([&Value::BigInt(None)]));
        assert_ne!(identity([&Value::from("a,b")]), identity([&Value::from("a"), &Value::from("b")]));
        assert_ne!(
            identity([&Value::from("a\",\"b"), &Value::from("c")]),
            identity([&Value::from("a"), &Value::from("b\",\"c")])
        );
        assert_ne!(identity([&Value::from("é")]), identity([&Value::from("e\u{301}")]));
        assert_ne!(identity([&Value::from("7")]), identity([&Value::BigInt(Some(7))]));
    }
}
