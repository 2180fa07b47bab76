//! Between a model's own types and the one variant per kind that rows carry.

use crate::{Error, ErrorKind, Result};
use sea_orm::{
    Value,
    sea_query::{ArrayType, Enum, OptionEnum},
};

/// A stored value in the variant that the model's field takes.
///
/// # Errors
/// `CorruptData` for a value that the field cannot hold; the caller names entity and field.
pub fn loaded(field: &ArrayType, value: Value) -> Result<Value> {
    Ok(match (field, value) {
        (ArrayType::TinyInt, value) => Value::TinyInt(narrow(value)?),
        (ArrayType::SmallInt, Value::SmallInt(value)) => Value::SmallInt(value),
        (ArrayType::SmallInt, value) => Value::SmallInt(narrow(value)?),
        (ArrayType::Int, Value::Int(value)) => Value::Int(value),
        (ArrayType::Int, value) => Value::Int(narrow(value)?),
        (ArrayType::TinyUnsigned, value) => Value::TinyUnsigned(narrow(value)?),
        (ArrayType::SmallUnsigned, value) => Value::SmallUnsigned(narrow(value)?),
        (ArrayType::Unsigned, value) => Value::Unsigned(narrow(value)?),
        (ArrayType::BigUnsigned, value) => Value::BigUnsigned(narrow(value)?),
        #[expect(clippy::cast_possible_truncation, reason = "the field is an f32: what it cannot hold it never wrote")]
        (ArrayType::Float, Value::Double(value)) => Value::Float(value.map(|v| v as f32)),
        (ArrayType::Enum(name), Value::String(value)) => Value::Enum(match value {
            Some(value) => OptionEnum::Some(Box::new(Enum { type_name: (**name).clone(), value: value.into() })),
            None => OptionEnum::None((**name).clone()),
        }),
        (ArrayType::Char, Value::String(value)) => Value::Char(one_char(value)?),
        (ArrayType::ChronoDateTimeWithTimeZone, Value::ChronoDateTimeUtc(value)) => {
            Value::ChronoDateTimeWithTimeZone(value.map(Into::into))
        }
        (ArrayType::ChronoDateTimeLocal, Value::ChronoDateTimeUtc(value)) => {
            Value::ChronoDateTimeLocal(value.map(Into::into))
        }
        (_, value) => value,
    })
}

fn narrow<T: TryFrom<i64>>(value: Value) -> Result<Option<T>> {
    let wide = match value {
        Value::SmallInt(value) => value.map(i64::from),
        Value::Int(value) => value.map(i64::from),
        Value::BigInt(value) => value,
        _ => return Err(corrupt()),
    };
    wide.map(|wide| T::try_from(wide).map_err(|_| corrupt())).transpose()
}

fn one_char(value: Option<String>) -> Result<Option<char>> {
    let Some(text) = value else { return Ok(None) };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(one), None) => Ok(Some(one)),
        _ => Err(corrupt()),
    }
}

fn corrupt() -> Error {
    Error::new(ErrorKind::CorruptData, "the stored value is out of the field's range")
}
