//! What stands at a path in JSON and can be compared: a text, a number, a bool.
//!
//! Numbers have one form, the same as in the JSON that is stored: a float without a fraction is a whole number as far as 64 bits
//! reach. So two numbers are equal where their forms are, and whole numbers never pass through a float.

use super::value::{no_nul, whole_float};
use crate::{Error, ErrorKind, Result};
use sea_orm::{Value, prelude::Json};
use std::cmp::Ordering;

/// What is compared with the value at a path: `String`, `Bool`, `BigInt`, `BigUnsigned` above `i64::MAX`, or a `Double` that no
/// whole number of 64 bits equals.
///
/// # Errors
/// `InvalidQuery` for a null or a value of another type, `InvalidValue` for NUL, NaN and infinities.
pub fn scalar(value: Value) -> Result<Value> {
    let whole = |v: i64| Value::BigInt(Some(v));
    Ok(match value {
        Value::String(Some(text)) => {
            no_nul(&text)?;
            Value::String(Some(text))
        }
        Value::Char(Some(text)) => return scalar(Value::from(text.to_string())),
        Value::Bool(Some(v)) => Value::Bool(Some(v)),
        Value::TinyInt(Some(v)) => whole(v.into()),
        Value::SmallInt(Some(v)) => whole(v.into()),
        Value::Int(Some(v)) => whole(v.into()),
        Value::BigInt(Some(v)) => whole(v),
        Value::TinyUnsigned(Some(v)) => whole(v.into()),
        Value::SmallUnsigned(Some(v)) => whole(v.into()),
        Value::Unsigned(Some(v)) => whole(v.into()),
        Value::BigUnsigned(Some(v)) => i64::try_from(v).map_or(Value::BigUnsigned(Some(v)), whole),
        Value::Float(Some(v)) => return scalar(Value::from(f64::from(v))),
        Value::Double(Some(v)) if !v.is_finite() => {
            return Err(Error::new(ErrorKind::InvalidValue, "a number in JSON is neither NaN nor an infinity"));
        }
        Value::Double(Some(v)) => match whole_float(v) {
            None => Value::Double(Some(v)),
            Some(number) => match (number.as_i64(), number.as_u64()) {
                (Some(v), _) => whole(v),
                (None, v) => Value::BigUnsigned(v),
            },
        },
        _ => {
            let why = "at a path in JSON stand texts, numbers and bools; null is asked for by is_null";
            return Err(Error::new(ErrorKind::InvalidQuery, why));
        }
    })
}

/// The operand as JSON.
#[must_use]
pub fn json(scalar: &Value) -> Json {
    match scalar {
        Value::String(Some(v)) => Json::from(v.as_str()),
        Value::Bool(Some(v)) => Json::from(*v),
        Value::BigInt(Some(v)) => Json::from(*v),
        Value::BigUnsigned(Some(v)) => Json::from(*v),
        Value::Double(Some(v)) => Json::from(*v),
        _ => Json::Null,
    }
}

/// A number in its one form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number of 64 bits, with or without a sign.
    Whole(i128),
    /// A number with a fraction, or beyond 64 bits.
    Float(f64),
}

impl Number {
    /// The number that an operand is.
    #[must_use]
    pub fn of(scalar: &Value) -> Option<Self> {
        match scalar {
            Value::BigInt(Some(v)) => Some(Self::Whole((*v).into())),
            Value::BigUnsigned(Some(v)) => Some(Self::Whole((*v).into())),
            Value::Double(Some(v)) => Some(Self::Float(*v)),
            _ => None,
        }
    }

    /// A float that stands to every number with a fraction or beyond 64 bits as this one does: floats with a fraction are below
    /// 2⁵³, the others beyond 2⁶³, so a whole number between them may as well be 2⁶⁰.
    #[must_use]
    pub fn as_float(self) -> f64 {
        const EXACT: i128 = 1 << 53;
        const BETWEEN: f64 = 1_152_921_504_606_846_976.0;
        match self {
            Self::Float(v) => v,
            #[expect(clippy::cast_precision_loss, reason = "up to 2⁵³ nothing is lost")]
            Self::Whole(v) if (-EXACT..=EXACT).contains(&v) => v as f64,
            Self::Whole(v) => BETWEEN.copysign(if v < 0 { -1.0 } else { 1.0 }),
        }
    }

    /// How every whole number of 64 bits stands to this one, where that is the same for all of them: it is beyond 64 bits.
    #[must_use]
    pub fn beyond_whole(self) -> Option<Ordering> {
        match self {
            Self::Float(v) if v >= 18_446_744_073_709_551_616.0 => Some(Ordering::Less),
            Self::Float(v) if v < -9_223_372_036_854_775_808.0 => Some(Ordering::Greater),
            _ => None,
        }
    }

    /// Which is less, exactly.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(&b),
            (Self::Whole(_), Self::Float(b)) => other.beyond_whole().unwrap_or_else(|| self.as_float().total_cmp(&b)),
            (Self::Float(_), Self::Whole(_)) => other.compare(self).reverse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly_and_have_one_form() {
        let number = |value: Value| Number::of(&scalar(value).expect("a number")).expect("a number");
        let ascending = [
            number(Value::from(-1e300)),
            number(Value::from(-9_223_372_036_854_777_856.0)),
            number(Value::from(i64::MIN)),
            number(Value::from(-0.5)),
            number(Value::from(0)),
            number(Value::from(0.1)),
            number(Value::from(1)),
            number(Value::from(4_503_599_627_370_495.5)),
            number(Value::from(9_007_199_254_740_993_i64)),
            number(Value::from(i64::MAX)),
            number(Value::from(u64::MAX)),
            number(Value::from(18_446_744_073_709_551_616.0)),
            number(Value::from(1e300)),
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(a.compare(*b), i.cmp(&j), "{a:?} against {b:?}");
            }
        }
        assert_eq!(number(Value::from(-0.0)), number(Value::from(0)));
        assert_eq!(number(Value::from(9_223_372_036_854_775_808.0)), number(Value::from(1_u64 << 63)));
    }
}
