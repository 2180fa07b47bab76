//! One law per portable type: what a value of it may be, and what becomes of it before it is bound.
//!
//! Values are normalised here, in Rust, so that what a write returns is what every later read returns (law V1): instants are
//! cut to milliseconds, decimals rounded half-even to their scale, whole numbers widened.

use crate::{
    Error, ErrorKind, Result,
    schema::{Kind, whole},
};
use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use sea_orm::{Value, prelude::Json};

/// The years that every server holds.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// Whether a value is a null of any type.
#[must_use]
pub fn is_null(value: &Value) -> bool {
    match value {
        Value::Bool(None)
        | Value::TinyInt(None)
        | Value::SmallInt(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::TinyUnsigned(None)
        | Value::SmallUnsigned(None)
        | Value::Unsigned(None)
        | Value::BigUnsigned(None)
        | Value::Float(None)
        | Value::Double(None)
        | Value::String(None)
        | Value::Char(None)
        | Value::Bytes(None)
        | Value::Json(None)
        | Value::ChronoDate(None)
        | Value::ChronoTime(None)
        | Value::ChronoDateTime(None)
        | Value::ChronoDateTimeUtc(None)
        | Value::ChronoDateTimeLocal(None)
        | Value::ChronoDateTimeWithTimeZone(None)
        | Value::Uuid(None)
        | Value::Decimal(None) => true,
        Value::Enum(value) => value.is_none_value(),
        _ => false,
    }
}

/// The whole number that a stored value is.
pub(crate) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::SmallInt(v) => v.map(i64::from),
        Value::Int(v) => v.map(i64::from),
        Value::BigInt(v) => *v,
        _ => None,
    }
}

/// SeaORM's enum value may itself be null; this says so without naming its crate-private shape.
trait IsNone {
    fn is_none_value(&self) -> bool;
}

impl IsNone for sea_orm::sea_query::OptionEnum {
    fn is_none_value(&self) -> bool {
        matches!(self, Self::None(_))
    }
}

/// A value as a column of this kind stores it.
///
/// # Errors
/// `InvalidQuery` for a value of another type, `InvalidValue` for one that the contract refuses. The caller names entity
/// and field.
pub fn stored(kind: &Kind, value: Value) -> Result<Value> {
    let value = match typed(kind, value)? {
        Value::ChronoDateTimeUtc(Some(v)) => {
            year(v.year())?;
            Value::from(cut_instant(v, TimeDelta::milliseconds(1))?)
        }
        Value::ChronoDateTime(Some(v)) => {
            year(v.year())?;
            Value::from(cut_datetime(v, TimeDelta::milliseconds(1))?)
        }
        Value::ChronoTime(Some(v)) => Value::from(cut_time(v, 1_000_000)?),
        Value::ChronoDate(Some(v)) => {
            year(v.year())?;
            Value::from(v)
        }
        Value::Decimal(Some(v)) => decimal(kind, v)?,
        Value::String(Some(v)) => text(kind, v)?,
        Value::Json(Some(v)) => Value::Json(Some(Box::new(canonical(*v, 0)?))),
        Value::BigInt(Some(v)) => whole(kind, v)?,
        other => other,
    };
    Ok(value)
}

/// A value that a filter compares with a column of this kind. Nothing is cut: where the column cannot hold the value
/// exactly, the greatest value below it that the column can hold is given, and `false`.
///
/// # Errors
/// As [`stored`].
pub fn compared(kind: &Kind, value: Value) -> Result<(Value, bool)> {
    let value = typed(kind, value)?;
    Ok(match value {
        // A statement is prepared once for the types of its first values: whole numbers are `BigInt` here, and so is their null.
        Value::SmallInt(None) | Value::Int(None) => (Value::BigInt(None), true),
        Value::ChronoDateTimeUtc(Some(v)) => {
            year(v.year())?;
            let cut = cut_instant(v, TimeDelta::microseconds(1))?;
            (Value::from(cut), cut == v)
        }
        Value::ChronoDateTime(Some(v)) => {
            year(v.year())?;
            let cut = cut_datetime(v, TimeDelta::microseconds(1))?;
            (Value::from(cut), cut == v)
        }
        Value::ChronoTime(Some(v)) => {
            let cut = cut_time(v, 1_000)?;
            (Value::from(cut), cut == v)
        }
        Value::ChronoDate(Some(v)) => {
            year(v.year())?;
            (Value::from(v), true)
        }
        Value::Decimal(Some(v)) => {
            let Kind::Decimal { precision, scale } = kind else { return Err(mismatch(kind)) };
            let mut floor = v.round_dp_with_strategy(*scale, RoundingStrategy::ToNegativeInfinity);
            let exact = floor == v;
            fits(floor, *precision, *scale)?;
            floor.rescale(*scale);
            (Value::from(floor), exact)
        }
        Value::String(Some(v)) => {
            no_nul(&v)?;
            (Value::from(v), true)
        }
        other => (other, true),
    })
}

/// What is added to a column of this kind: exact, of its type, not bound by its range.
///
/// # Errors
/// As [`stored`]; `InvalidValue` for a decimal step finer than the column's scale.
pub fn step(kind: &Kind, value: Value) -> Result<Value> {
    match compared(kind, value)? {
        (value, true) => Ok(value),
        (_, false) => Err(refused("the step is finer than the column's scale")),
    }
}

/// A value in the variant of its kind; whole numbers come out as `BigInt`.
fn typed(kind: &Kind, value: Value) -> Result<Value> {
    if is_null(&value) {
        return Ok(kind.null());
    }
    let fits = match kind {
        Kind::Bool => matches!(value, Value::Bool(_)),
        whole!() => return integer(kind, value),
        Kind::Double => return double(kind, value),
        Kind::Decimal { .. } => return exact(kind, value),
        Kind::Text { .. } | Kind::Enum { .. } => match value {
            Value::Char(Some(v)) => return Ok(Value::from(v.to_string())),
            Value::Enum(v) => return enum_text(v).map(Value::from).ok_or_else(|| mismatch(kind)),
            ref other => matches!(other, Value::String(_)),
        },
        Kind::Bytes => matches!(value, Value::Bytes(_)),
        Kind::Json => matches!(value, Value::Json(_)),
        Kind::Uuid => matches!(value, Value::Uuid(_)),
        Kind::Instant => match value {
            Value::ChronoDateTimeWithTimeZone(Some(v)) => return Ok(Value::from(v.with_timezone(&Utc))),
            Value::ChronoDateTimeLocal(Some(v)) => return Ok(Value::from(v.with_timezone(&Utc))),
            ref other => matches!(other, Value::ChronoDateTimeUtc(_)),
        },
        Kind::DateTime => matches!(value, Value::ChronoDateTime(_)),
        Kind::Date => matches!(value, Value::ChronoDate(_)),
        Kind::Time => matches!(value, Value::ChronoTime(_)),
    };
    if fits { Ok(value) } else { Err(mismatch(kind)) }
}

fn mismatch(kind: &Kind) -> Error {
    Error::new(ErrorKind::InvalidQuery, format!("the value is of another type than the column ({})", name(kind)))
}

/// The kind in a user's words.
fn name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "bool",
        whole!() => "whole number",
        Kind::Double => "float",
        Kind::Decimal { .. } => "decimal",
        Kind::Text { .. } | Kind::Enum { .. } => "text",
        Kind::Bytes => "bytes",
        Kind::Json => "JSON",
        Kind::Uuid => "UUID",
        Kind::Instant => "instant",
        Kind::DateTime => "date and time",
        Kind::Date => "date",
        Kind::Time => "time of day",
    }
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidValue, why)
}

fn enum_text(value: sea_orm::sea_query::OptionEnum) -> Option<String> {
    match value {
        sea_orm::sea_query::OptionEnum::Some(value) => Some(value.value.into_owned()),
        sea_orm::sea_query::OptionEnum::None(_) => None,
    }
}

fn integer(kind: &Kind, value: Value) -> Result<Value> {
    let wide = match value {
        Value::TinyInt(Some(v)) => i64::from(v),
        Value::SmallInt(Some(v)) => i64::from(v),
        Value::Int(Some(v)) => i64::from(v),
        Value::BigInt(Some(v)) => v,
        Value::TinyUnsigned(Some(v)) => i64::from(v),
        Value::SmallUnsigned(Some(v)) => i64::from(v),
        Value::Unsigned(Some(v)) => i64::from(v),
        Value::BigUnsigned(Some(v)) => {
            i64::try_from(v).map_err(|_| refused("a whole number above 9,223,372,036,854,775,807"))?
        }
        _ => return Err(mismatch(kind)),
    };
    Ok(Value::BigInt(Some(wide)))
}

/// A whole number in the variant and the range of its kind.
fn whole(kind: &Kind, value: i64) -> Result<Value> {
    let out = || refused(format!("{value} is out of the column's range"));
    Ok(match kind {
        Kind::Int8 => Value::SmallInt(Some(i8::try_from(value).map_err(|_| out())?.into())),
        Kind::UInt8 => Value::SmallInt(Some(u8::try_from(value).map_err(|_| out())?.into())),
        Kind::Int16 => Value::SmallInt(Some(i16::try_from(value).map_err(|_| out())?)),
        Kind::UInt16 => Value::Int(Some(u16::try_from(value).map_err(|_| out())?.into())),
        Kind::Int32 => Value::Int(Some(i32::try_from(value).map_err(|_| out())?)),
        Kind::UInt32 => Value::BigInt(Some(u32::try_from(value).map_err(|_| out())?.into())),
        Kind::UInt64 if value < 0 => return Err(out()),
        _ => Value::BigInt(Some(value)),
    })
}

fn double(kind: &Kind, value: Value) -> Result<Value> {
    let v = match value {
        Value::Double(Some(v)) => v,
        Value::Float(Some(v)) => f64::from(v),
        other => {
            let Value::BigInt(Some(v)) = integer(kind, other)? else { return Err(mismatch(kind)) };
            #[expect(clippy::cast_precision_loss, reason = "the next line refuses what does not survive")]
            let float = v as f64;
            if v.unsigned_abs() > 1 << 53 {
                return Err(refused(format!("{v} is not exact as a float")));
            }
            float
        }
    };
    if !v.is_finite() {
        return Err(refused("a float must be finite: neither NaN nor an infinity"));
    }
    // -0.0 equals 0.0 everywhere but not every server keeps its sign.
    Ok(Value::Double(Some(if v == 0.0 { 0.0 } else { v })))
}

fn exact(kind: &Kind, value: Value) -> Result<Value> {
    match value {
        Value::Decimal(v) => Ok(Value::Decimal(v)),
        other => match integer(kind, other)? {
            Value::BigInt(Some(v)) => Ok(Value::Decimal(Some(Decimal::from(v)))),
            _ => Err(mismatch(kind)),
        },
    }
}

fn decimal(kind: &Kind, value: Decimal) -> Result<Value> {
    let Kind::Decimal { precision, scale } = kind else { return Err(mismatch(kind)) };
    let mut value = value.round_dp_with_strategy(*scale, RoundingStrategy::MidpointNearestEven);
    fits(value, *precision, *scale)?;
    value.rescale(*scale);
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    Ok(Value::Decimal(Some(value)))
}

fn fits(value: Decimal, precision: u32, scale: u32) -> Result<()> {
    let digits = precision.saturating_sub(scale);
    let limit = 10_i128.checked_pow(digits).unwrap_or(i128::MAX);
    if value.trunc().mantissa().abs() < limit {
        Ok(())
    } else {
        Err(refused(format!("the decimal has more than {digits} digits before the point")))
    }
}

pub(super) fn no_nul(value: &str) -> Result<()> {
    if value.contains('\0') { Err(refused("text must not contain the NUL character")) } else { Ok(()) }
}

fn text(kind: &Kind, value: String) -> Result<Value> {
    no_nul(&value)?;
    match kind {
        Kind::Text { max: Some(max) } if value.len() > *max as usize && value.chars().count() > *max as usize => {
            Err(refused(format!("the text has more than {max} characters")))
        }
        Kind::Enum { variants } if !variants.contains(&value) => {
            Err(refused("the text is none of the enum's variants"))
        }
        _ => Ok(Value::String(Some(value))),
    }
}

/// The deepest JSON that is kept: MariaDB checks 32 levels, and a parser must not be led into the depths of its stack.
const DEPTH: u32 = 30;

/// JSON as it comes back from every server: no NUL (PostgreSQL's jsonb refuses it), and a float without a fraction is a whole
/// number, because jsonb prints 1e18 as digits.
fn canonical(value: Json, depth: u32) -> Result<Json> {
    if depth > DEPTH {
        return Err(refused(format!("the JSON is deeper than {DEPTH} levels")));
    }
    Ok(match value {
        Json::String(text) => {
            no_nul(&text)?;
            Json::String(text)
        }
        Json::Array(items) => {
            Json::Array(items.into_iter().map(|item| canonical(item, depth + 1)).collect::<Result<_>>()?)
        }
        Json::Object(fields) => Json::Object(
            fields
                .into_iter()
                .map(|(name, value)| {
                    no_nul(&name)?;
                    Ok((name, canonical(value, depth + 1)?))
                })
                .collect::<Result<_>>()?,
        ),
        Json::Number(number) => Json::Number(match number.as_f64() {
            Some(float) if number.is_f64() => whole_float(float).unwrap_or(number),
            _ => number,
        }),
        other => other,
    })
}

/// The whole number that a float is, where a JSON number can hold it as one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are powers of two, exact as floats"
)]
pub(super) fn whole_float(float: f64) -> Option<serde_json::Number> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    if float.fract() != 0.0 {
        None
    } else if (-TWO_63..TWO_63).contains(&float) {
        Some((float as i64).into())
    } else if (TWO_63..2.0 * TWO_63).contains(&float) {
        Some((float as u64).into())
    } else {
        None
    }
}

fn year(year: i32) -> Result<()> {
    if YEARS.contains(&year) { Ok(()) } else { Err(refused(format!("the year {year} is outside 1000 to 9999"))) }
}

fn cut_instant(value: DateTime<Utc>, unit: TimeDelta) -> Result<DateTime<Utc>> {
    Ok(cut_datetime(value.naive_utc(), unit)?.and_utc())
}

fn cut_datetime(value: NaiveDateTime, unit: TimeDelta) -> Result<NaiveDateTime> {
    // `duration_trunc` counts nanoseconds since 1970 in an i64 and fails after 2262, so only the second's part is cut.
    let time = cut_time(value.time(), u32::try_from(unit.num_nanoseconds().unwrap_or(1)).unwrap_or(1))?;
    Ok(value.date().and_time(time))
}

fn cut_time(value: NaiveTime, unit: u32) -> Result<NaiveTime> {
    // A leap second is written as nanoseconds above a second; no server holds one.
    let nanos = value.nanosecond().min(999_999_999);
    value.with_nanosecond(nanos - nanos % unit).ok_or_else(|| refused("the time of day is not one"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn date(y: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, 1, 1).expect("a first of January exists")
    }

    #[test]
    fn instants_are_cut_to_milliseconds_on_write_and_kept_in_filters() {
        let t = date(2300).and_hms_nano_opt(1, 2, 3, 123_456_789).expect("a time").and_utc();
        assert_eq!(
            stored(&Kind::Instant, t.into()).expect("valid"),
            Value::from(date(2300).and_hms_milli_opt(1, 2, 3, 123).expect("a time").and_utc())
        );
        let (cut, exact) = compared(&Kind::Instant, t.into()).expect("valid");
        assert!(!exact);
        assert_eq!(cut, Value::from(date(2300).and_hms_micro_opt(1, 2, 3, 123_456).expect("a time").and_utc()));
    }

    #[test]
    fn a_u64_above_i64_max_is_a_typed_error() {
        let error = stored(&Kind::UInt64, Value::from(u64::MAX)).expect_err("too large");
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
    }

    #[test]
    fn decimals_are_rounded_half_even() {
        let kind = Kind::Decimal { precision: 5, scale: 2 };
        for (given, kept) in [("1.005", "1.00"), ("1.015", "1.02"), ("-0.001", "0.00")] {
            assert_eq!(
                stored(&kind, Value::from(given.parse::<Decimal>().expect("a decimal"))).expect("valid").to_string(),
                Value::from(kept.parse::<Decimal>().expect("a decimal")).to_string()
            );
        }
        assert!(stored(&kind, Value::from(Decimal::from(1000))).is_err());
    }
}
