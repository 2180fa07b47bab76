//! A column's default as a literal: what a bound value of it would store.

use super::super::literal;
use crate::{
    Error, Result,
    schema::{Column, Flavor, Kind},
};
use rust_decimal::Decimal;
use sea_orm::Value;

/// The literal of a column's default, where it has one.
pub(super) fn constant(table: &str, column: &Column, flavor: Flavor) -> Result<Option<String>> {
    let Some(value) = &column.default else { return Ok(None) };
    let foreign = || Error::unsupported("the default is not of the column's type");
    let written = of(&column.kind, value, flavor).unwrap_or_else(|| Err(foreign()));
    written.map(Some).map_err(|error| error.entity(table).field(&*column.name))
}

/// None where the value is not of this kind.
fn of(kind: &Kind, value: &Value, flavor: Flavor) -> Option<Result<String>> {
    let text = |text: String| Some(literal(&text, flavor));
    if let Some(whole) = whole(value) {
        return match kind {
            kind if kind.is_whole() => Some(Ok(whole.to_string())),
            Kind::Double => Some(Ok(format!("{whole}.0"))),
            Kind::Decimal { scale, .. } => Some(decimal(whole.into(), *scale, flavor)),
            _ => None,
        };
    }
    match (kind, value) {
        (Kind::Bool, Value::Bool(Some(it))) => Some(Ok(match flavor {
            Flavor::Sqlite => u8::from(*it).to_string(),
            _ => it.to_string().to_uppercase(),
        })),
        (Kind::Double, Value::Double(Some(it))) if it.is_finite() => Some(Ok(format!("{it:?}"))),
        (Kind::Double, Value::Float(Some(it))) if it.is_finite() => Some(Ok(format!("{:?}", f64::from(*it)))),
        (Kind::Decimal { scale, .. }, Value::Decimal(Some(it))) => Some(decimal(*it, *scale, flavor)),
        (Kind::Text { .. } | Kind::Enum { .. }, Value::String(Some(it))) => text(it.clone()),
        (Kind::Bytes, Value::Bytes(Some(it))) => Some(Ok(bytes(it, flavor))),
        (Kind::Uuid, Value::Uuid(Some(it))) if flavor == Flavor::Postgres => text(it.to_string()),
        (Kind::Uuid, Value::Uuid(Some(it))) => Some(Ok(bytes(it.as_bytes(), flavor))),
        (Kind::Json, Value::Json(Some(it))) => Some(literal(&it.to_string(), flavor).map(|json| match flavor {
            Flavor::MySql => format!("CAST({json} AS JSON)"),
            _ => json,
        })),
        (Kind::Instant, Value::ChronoDateTimeUtc(Some(it))) => text(match flavor {
            Flavor::MySql | Flavor::MariaDb => it.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
            _ => it.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        }),
        (Kind::DateTime, Value::ChronoDateTime(Some(it))) => text(match flavor {
            Flavor::MySql | Flavor::MariaDb => it.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
            _ => it.format("%Y-%m-%dT%H:%M:%S%.6f").to_string(),
        }),
        (Kind::Date, Value::ChronoDate(Some(it))) => text(it.format("%Y-%m-%d").to_string()),
        (Kind::Time, Value::ChronoTime(Some(it))) => text(it.format("%H:%M:%S%.6f").to_string()),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::TinyInt(it) => it.map(i64::from),
        Value::SmallInt(it) => it.map(i64::from),
        Value::Int(it) => it.map(i64::from),
        Value::BigInt(it) => *it,
        Value::TinyUnsigned(it) => it.map(i64::from),
        Value::SmallUnsigned(it) => it.map(i64::from),
        Value::Unsigned(it) => it.map(i64::from),
        Value::BigUnsigned(it) => it.and_then(|it| i64::try_from(it).ok()),
        _ => None,
    }
}

/// SQLite holds a decimal as a whole number of its smallest unit.
fn decimal(mut value: Decimal, scale: u32, flavor: Flavor) -> Result<String> {
    let exact = value;
    value.rescale(scale);
    if value != exact {
        return Err(Error::unsupported("the default has more digits after the point than the column"));
    }
    Ok(if flavor == Flavor::Sqlite { value.mantissa().to_string() } else { value.to_string() })
}

fn bytes(bytes: &[u8], flavor: Flavor) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match flavor {
        Flavor::Sqlite => format!("x'{hex}'"),
        Flavor::Postgres => format!(r"'\x{hex}'::bytea"),
        // A hexadecimal literal that MariaDB keeps as text comes back with its backslash bare.
        Flavor::MySql | Flavor::MariaDb => format!("UNHEX('{hex}')"),
    }
}
