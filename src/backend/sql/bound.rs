//! What is different of the values of raw statements from server to server.

use crate::{Error, ErrorKind, Result, backend::raw, schema::Flavor};
use sea_orm::Value;

/// What tells the types of bound values apart.
pub(super) fn letter(value: &Value) -> char {
    match value {
        Value::Bool(_) => 'b',
        Value::SmallInt(_) => 's',
        Value::Int(_) => 'i',
        Value::BigInt(_) => 'l',
        Value::Double(_) => 'd',
        Value::Decimal(_) => 'n',
        Value::Bytes(_) => 'y',
        Value::Json(_) => 'j',
        Value::Uuid(_) => 'u',
        Value::ChronoDateTimeUtc(_) => 'z',
        Value::ChronoDateTime(_) => 'c',
        Value::ChronoDate(_) => 'a',
        Value::ChronoTime(_) => 'e',
        _ => 't',
    }
}

/// A value in one of the variants that the drivers bind.
pub(super) fn bound(flavor: Flavor, value: Value) -> Result<Value> {
    if flavor == Flavor::Sqlite && matches!(value, Value::Decimal(Some(_))) {
        let why = "SQLite keeps a decimal as a whole number of its column's smallest unit: bind that number, 1250_i64 for 12.50";
        return Err(Error::new(ErrorKind::InvalidValue, why));
    }
    raw::bound(value)
}
