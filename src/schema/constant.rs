//! A default as JSON, with its type, so that it comes back as the very value.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use sea_orm::{Value, prelude::Uuid};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Constant {
    Bool(bool),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Double(f64),
    Decimal(Decimal),
    Text(String),
    Bytes(Vec<u8>),
    Json(serde_json::Value),
    Uuid(Uuid),
    Instant(DateTime<Utc>),
    DateTime(NaiveDateTime),
    Date(NaiveDate),
    Time(NaiveTime),
}

#[expect(clippy::ref_option, reason = "serde's `with` calls it so")]
pub(super) fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    let constant = match value.clone() {
        None => return serializer.serialize_none(),
        Some(Value::Bool(Some(it))) => Constant::Bool(it),
        Some(Value::SmallInt(Some(it))) => Constant::Int16(it),
        Some(Value::Int(Some(it))) => Constant::Int32(it),
        Some(Value::BigInt(Some(it))) => Constant::Int64(it),
        Some(Value::Double(Some(it))) => Constant::Double(it),
        Some(Value::Decimal(Some(it))) => Constant::Decimal(it),
        Some(Value::String(Some(it))) => Constant::Text(it),
        Some(Value::Bytes(Some(it))) => Constant::Bytes(it),
        Some(Value::Json(Some(it))) => Constant::Json(*it),
        Some(Value::Uuid(Some(it))) => Constant::Uuid(it),
        Some(Value::ChronoDateTimeUtc(Some(it))) => Constant::Instant(it),
        Some(Value::ChronoDateTime(Some(it))) => Constant::DateTime(it),
        Some(Value::ChronoDate(Some(it))) => Constant::Date(it),
        Some(Value::ChronoTime(Some(it))) => Constant::Time(it),
        Some(_) => return Err(S::Error::custom("a default is not null, and of a portable type")),
    };
    constant.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let constant = Option::<Constant>::deserialize(deserializer).map_err(D::Error::custom)?;
    Ok(constant.map(|constant| match constant {
        Constant::Bool(it) => it.into(),
        Constant::Int16(it) => it.into(),
        Constant::Int32(it) => it.into(),
        Constant::Int64(it) => it.into(),
        Constant::Double(it) => it.into(),
        Constant::Decimal(it) => it.into(),
        Constant::Text(it) => it.into(),
        Constant::Bytes(it) => it.into(),
        Constant::Json(it) => it.into(),
        Constant::Uuid(it) => it.into(),
        Constant::Instant(it) => it.into(),
        Constant::DateTime(it) => it.into(),
        Constant::Date(it) => it.into(),
        Constant::Time(it) => it.into(),
    }))
}

/// A default that Rust has no literal for, as a snapshot writes it: `{"decimal":"1.50"}`, `{"uuid":"…"}`,
/// `{"instant":"2026-01-01T00:00:00Z"}`, and so on.
///
/// # Errors
/// `SchemaMismatch` for what is none of these.
pub fn constant(json: &str) -> crate::Result<Value> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = deserialize(&mut reader).ok().flatten();
    value.ok_or_else(|| {
        crate::Error::new(
            crate::ErrorKind::SchemaMismatch,
            format!("`{json}` is no default: it is as `{{\"date\":\"2026-01-01\"}}`"),
        )
    })
}
