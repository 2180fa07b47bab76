//! The values of raw statements, which have no column to say their kinds.

use crate::{Error, ErrorKind, Result};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::{Value, sea_query::OptionEnum};

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidValue, why)
}

/// A value in one of the variants that the drivers bind. There is no column here to say its kind, so it keeps its own, in the
/// form in which columns of its kind are stored.
pub(crate) fn bound(value: Value) -> Result<Value> {
    Ok(match value {
        Value::TinyInt(v) => Value::SmallInt(v.map(i16::from)),
        Value::TinyUnsigned(v) => Value::SmallInt(v.map(i16::from)),
        Value::SmallUnsigned(v) => Value::Int(v.map(i32::from)),
        Value::Unsigned(v) => Value::BigInt(v.map(i64::from)),
        // SeaORM panics here (hazard D4).
        Value::BigUnsigned(v) => {
            let signed = v.map(i64::try_from).transpose();
            Value::BigInt(signed.map_err(|_| refused("an integer above 9,223,372,036,854,775,807 cannot be bound"))?)
        }
        Value::Float(v) => number(v.map(f64::from))?,
        Value::Double(v) => number(v)?,
        Value::Char(v) => text(v.map(String::from))?,
        Value::String(v) => text(v)?,
        Value::Enum(OptionEnum::Some(v)) => text(Some(v.value.into_owned()))?,
        Value::Enum(OptionEnum::None(_)) => Value::String(None),
        Value::ChronoDateTimeLocal(v) => instant(v.map(|v| v.with_timezone(&Utc)))?,
        Value::ChronoDateTimeWithTimeZone(v) => instant(v.map(|v| v.with_timezone(&Utc)))?,
        Value::ChronoDateTimeUtc(v) => instant(v)?,
        value @ (Value::Bool(_)
        | Value::SmallInt(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Bytes(_)
        | Value::Json(_)
        | Value::Uuid(_)
        | Value::Decimal(_)
        | Value::ChronoTime(_)) => value,
        Value::ChronoDateTime(v) => {
            v.map(|v| year(v.date())).transpose()?;
            Value::ChronoDateTime(v)
        }
        Value::ChronoDate(v) => {
            v.map(year).transpose()?;
            Value::ChronoDate(v)
        }
        other => {
            // The name of the variant alone: what is in it is data.
            let name = format!("{other:?}");
            let name = name.split('(').next().unwrap_or_default().to_owned();
            return Err(refused(format!("a value of the kind {name} cannot be bound; a list is `{{..list}}`")));
        }
    })
}

/// Beyond these years a server has no form of a date, or one that is not ordered as its text.
fn year(date: NaiveDate) -> Result<()> {
    if (1000..=9999).contains(&date.year()) {
        Ok(())
    } else {
        Err(refused("a year outside 1000 to 9999 cannot be bound"))
    }
}

fn instant(value: Option<DateTime<Utc>>) -> Result<Value> {
    value.map(|v| year(v.date_naive())).transpose()?;
    Ok(Value::ChronoDateTimeUtc(value))
}

fn number(value: Option<f64>) -> Result<Value> {
    match value {
        Some(v) if !v.is_finite() => Err(refused("a number must be finite")),
        value => Ok(Value::Double(value)),
    }
}

fn text(value: Option<String>) -> Result<Value> {
    match value {
        Some(v) if v.contains('\0') => Err(refused("text must not contain the NUL character")),
        value => Ok(Value::String(value)),
    }
}
