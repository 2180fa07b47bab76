//! A column's values as BSON: equal, ordered and read back as the laws say.
//!
//! ```text
//! whole numbers   long, of whatever width: one number has one form
//! decimals        Decimal128, compared by value
//! instants, dates date in UTC, milliseconds; a date and time without a zone as if it were UTC, a day by its midnight
//! times of day    "13:30:05.123": BSON has no time of day, and texts of one width have its order
//! bytes           text of their digits in hex: BSON orders binary data by its length first (law V9)
//! UUIDs           binary, subtype 4: of one length, so ordered by their bytes
//! ```

use super::json;
use crate::{
    Error, ErrorKind, Result,
    backend::value,
    schema::{Kind, whole},
};
use chrono::{DateTime, NaiveDateTime, NaiveTime, SubsecRound, Utc};
use mongodb::bson::{self, Binary, Bson, Decimal128, spec::BinarySubtype};
use rust_decimal::Decimal;
use sea_orm::{Value, prelude::Uuid};

const TIME: &str = "%H:%M:%S%.3f";

/// Decimal128's exponent of zero, its exponent's place and its sign's.
const BIAS: i32 = 6_176;
const EXPONENT: u32 = 113;
const SIGN: u32 = 127;

/// A value of a column of this kind.
pub(super) fn encode(value: &Value) -> Bson {
    match value {
        Value::Bool(Some(v)) => Bson::Boolean(*v),
        Value::SmallInt(Some(v)) => Bson::Int64((*v).into()),
        Value::Int(Some(v)) => Bson::Int64((*v).into()),
        Value::BigInt(Some(v)) => Bson::Int64(*v),
        Value::Double(Some(v)) => Bson::Double(*v),
        Value::Decimal(Some(v)) => Bson::Decimal128(decimal(v.mantissa(), v.scale())),
        Value::String(Some(v)) => Bson::String(v.clone()),
        Value::Bytes(Some(v)) => Bson::String(hex::encode(v)),
        Value::Json(Some(v)) => json::encode(v),
        Value::Uuid(Some(v)) => Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: v.as_bytes().to_vec() }),
        Value::ChronoDateTimeUtc(Some(v)) => date(v.naive_utc()),
        Value::ChronoDateTime(Some(v)) => date(*v),
        Value::ChronoDate(Some(v)) => date(v.and_time(NaiveTime::MIN)),
        Value::ChronoTime(Some(v)) => Bson::String(v.format(TIME).to_string()),
        // Nulls: the guard lets no value of another kind through.
        _ => Bson::Null,
    }
}

/// What a filter compares with a column of this kind. Filters keep microseconds, and columns milliseconds: where no column
/// can hold the value exactly, the greatest below it that one can hold, and `false`.
pub(super) fn operand(value: &Value) -> (Bson, bool) {
    let exact = match value {
        Value::ChronoDateTimeUtc(Some(v)) => v.trunc_subsecs(3) == *v,
        Value::ChronoDateTime(Some(v)) => v.trunc_subsecs(3) == *v,
        Value::ChronoTime(Some(v)) => v.trunc_subsecs(3) == *v,
        _ => true,
    };
    (encode(value), exact)
}

/// A value of a column of this kind, as a row carries it.
///
/// # Errors
/// `CorruptData` for what is no value of the kind; the caller names entity and field.
pub(super) fn decode(kind: &Kind, bson: &Bson) -> Result<Value> {
    Ok(match (kind, bson) {
        (Kind::Json, Bson::Null | Bson::Undefined) => kind.null(),
        (Kind::Json, bson) => Value::from(json::decode(bson)?),
        (_, Bson::Null | Bson::Undefined) => kind.null(),
        (Kind::Bool, Bson::Boolean(v)) => Value::from(*v),
        (whole!(), Bson::Int32(v)) => number(kind, (*v).into())?,
        (whole!(), Bson::Int64(v)) => number(kind, *v)?,
        (Kind::Double, Bson::Double(v)) => Value::from(*v),
        (Kind::Decimal { scale, .. }, Bson::Decimal128(v)) => {
            let units = units(*v, *scale).and_then(|units| Decimal::try_from_i128_with_scale(units, *scale).ok());
            Value::from(units.ok_or_else(corrupt)?)
        }
        (Kind::Text { .. } | Kind::Enum { .. }, Bson::String(v)) => Value::from(v.as_str()),
        (Kind::Bytes, Bson::String(v)) => Value::from(hex::decode(v).map_err(|_| corrupt())?),
        (Kind::Uuid, Bson::Binary(v)) => Value::from(Uuid::from_slice(&v.bytes).map_err(|_| corrupt())?),
        (Kind::Instant, Bson::DateTime(v)) => Value::from(instant(*v)?),
        (Kind::DateTime, Bson::DateTime(v)) => Value::from(instant(*v)?.naive_utc()),
        (Kind::Date, Bson::DateTime(v)) => Value::from(instant(*v)?.date_naive()),
        (Kind::Time, Bson::String(v)) => Value::from(NaiveTime::parse_from_str(v, TIME).map_err(|_| corrupt())?),
        _ => return Err(corrupt()),
    })
}

/// What is stored is of another type than its column.
pub(super) fn corrupt() -> Error {
    Error::new(ErrorKind::CorruptData, "the stored value is none of the field's type")
}

fn number(kind: &Kind, v: i64) -> Result<Value> {
    value::stored(kind, Value::from(v)).map_err(|_| corrupt())
}

/// So many units of the digit at this scale. A decimal of ours has 29 digits at most, and Decimal128 holds 34.
pub(super) fn decimal(units: i128, scale: u32) -> Decimal128 {
    let exponent = BIAS.saturating_sub_unsigned(scale).unsigned_abs();
    let bits = units.unsigned_abs() | u128::from(exponent) << EXPONENT | u128::from(units < 0) << SIGN;
    Decimal128::from_bytes(bits.to_le_bytes())
}

/// How many units of the digit at this scale a decimal is; `None` where it is not a whole number of them, or too many.
pub(super) fn units(decimal: Decimal128, scale: u32) -> Option<i128> {
    let bits = u128::from_le_bytes(decimal.bytes());
    // Infinities, NaN, and a form of zero that no server writes.
    if bits >> (SIGN - 2) & 0b11 == 0b11 {
        return None;
    }
    let digits = i128::try_from(bits & ((1 << EXPONENT) - 1)).ok()?;
    let exponent = i32::try_from(bits >> EXPONENT & 0x3fff).ok()? - BIAS;
    let shift = exponent.checked_add_unsigned(scale)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    let units = match (digits, power) {
        (0, _) => 0,
        (_, Some(power)) if shift >= 0 => digits.checked_mul(power)?,
        (_, Some(power)) if digits % power == 0 => digits / power,
        _ => return None,
    };
    Some(if bits >> SIGN == 1 { -units } else { units })
}

fn date(value: NaiveDateTime) -> Bson {
    Bson::DateTime(bson::DateTime::from_millis(value.and_utc().timestamp_millis()))
}

fn instant(value: bson::DateTime) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_millis(value.timestamp_millis()).ok_or_else(corrupt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::value::{compared, stored};
    use chrono::NaiveDate;

    fn day(y: i32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(y, 2, 28).and_then(|day| day.and_hms_milli_opt(23, 59, 59, 999)).expect("a day")
    }

    fn price(digits: &str) -> Value {
        digits.parse::<Decimal>().expect("a decimal").into()
    }

    #[test]
    fn what_is_stored_comes_back() {
        let money = Kind::Decimal { precision: 28, scale: 4 };
        let text = Kind::Text { max: None };
        let values: Vec<(Kind, Vec<Value>)> = vec![
            (Kind::Bool, vec![true.into(), false.into()]),
            (Kind::Int8, vec![i8::MIN.into(), i8::MAX.into()]),
            (Kind::UInt8, vec![0_u8.into(), u8::MAX.into()]),
            (Kind::Int16, vec![i16::MIN.into(), i16::MAX.into()]),
            (Kind::UInt16, vec![u16::MAX.into()]),
            (Kind::Int32, vec![i32::MIN.into(), i32::MAX.into()]),
            (Kind::UInt32, vec![u32::MAX.into()]),
            (Kind::Int64, vec![i64::MIN.into(), i64::MAX.into(), 0_i64.into()]),
            (Kind::UInt64, vec![i64::MAX.into()]),
            (Kind::Double, [0.1, -2.5, f64::MAX, 5e-324].map(Value::from).to_vec()),
            (money.clone(), ["0", "1.005", "-0.0001", "999999999999999999999999.9999"].map(price).to_vec()),
            (text, ["", "é", "$a.b", "e\u{301} 😀"].map(Value::from).to_vec()),
            (Kind::Bytes, vec![Vec::<u8>::new().into(), vec![0_u8, 255, 16].into()]),
            (Kind::Uuid, vec![Uuid::from_u128(u128::MAX - 7).into()]),
            (Kind::Instant, [1000, 1969, 2300, 9999].map(|y| day(y).and_utc().into()).to_vec()),
            (Kind::DateTime, [1000, 1969, 2300, 9999].map(|y| day(y).into()).to_vec()),
            (Kind::Date, [1000, 1969, 9999].map(|y| day(y).date().into()).to_vec()),
            (Kind::Time, vec![NaiveTime::MIN.into(), day(2000).time().into()]),
        ];
        for (kind, values) in values {
            for value in values.into_iter().chain([kind.null()]) {
                let kept = stored(&kind, value).expect("a value");
                assert_eq!(decode(&kind, &encode(&kept)).expect("read"), kept, "{kind:?}");
            }
            assert!(decode(&kind, &Bson::MaxKey).is_err(), "{kind:?} is no other type");
        }
    }

    #[test]
    fn a_number_out_of_its_columns_range_is_corrupt() {
        for (kind, number) in [(Kind::Int8, 128), (Kind::UInt32, -1), (Kind::Int32, 1 << 31)] {
            let error = decode(&kind, &Bson::Int64(number)).expect_err("out of range");
            assert_eq!(error.kind(), ErrorKind::CorruptData);
        }
    }

    #[test]
    fn decimals_are_what_the_driver_makes_of_their_text() {
        for text in ["0", "1", "-1.50", "79228162514264337593543950335", "-0.0000000000000000000000000001"] {
            let value: Decimal = text.parse().expect("a decimal");
            let driver: Decimal128 = text.parse().expect("a decimal");
            assert_eq!(decimal(value.mantissa(), value.scale()), driver, "{text}");
            assert_eq!(units(driver, value.scale()), Some(value.mantissa()), "{text}");
        }
    }

    #[test]
    fn a_decimal_in_another_form_is_read_by_its_value() {
        let of = |text: &str, scale| units(text.parse().expect("a decimal"), scale);
        assert_eq!(of("1.5E+3", 2), Some(150_000));
        assert_eq!(of("1.500", 1), Some(15));
        assert_eq!(of("-0E+6000", 2), Some(0));
        assert_eq!(of("0E-6000", 2), Some(0));
        assert_eq!(of("1.005", 2), None, "finer than the column");
        assert_eq!(of("1E+60", 2), None, "beyond 128 bits");
        assert_eq!((of("NaN", 0), of("Infinity", 0), of("-Infinity", 0)), (None, None, None));
    }

    #[test]
    fn microseconds_are_below_what_a_column_holds() {
        let at = |nanos| Value::from(day(1950).and_utc() - chrono::TimeDelta::nanoseconds(nanos));
        let asked = |nanos| operand(&compared(&Kind::Instant, at(nanos)).expect("a value").0);
        let stored = encode(&at(0));
        let Bson::DateTime(before) = stored else { panic!("{stored:?}") };
        let before = Bson::DateTime(bson::DateTime::from_millis(before.timestamp_millis() - 1));
        assert_eq!(asked(0), (stored, true));
        assert_eq!(asked(1_000), (before.clone(), false));
        assert_eq!(asked(1_000_000), (before, true));
        let clock = |micros| Value::from(NaiveTime::from_hms_micro_opt(1, 2, 3, micros).expect("a time"));
        assert_eq!(operand(&clock(999_999)), (Bson::from("01:02:03.999"), false));
        assert_eq!(operand(&clock(999_000)), (Bson::from("01:02:03.999"), true));
    }
}
