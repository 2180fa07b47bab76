//! Rows written as JSON: a column's type says how its value is written.

use crate::{
    Entity, Error, ErrorKind, Result,
    repository::{EntityInfo, codec},
    schema::{Column, Kind, Table, whole},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sea_orm::{ActiveModelTrait, IdenStatic, Iterable, ModelTrait, Value, prelude::Json};

/// The rows of a JSON array of objects.
pub(super) fn rows<E: Entity>(text: &str) -> Result<Vec<E::ActiveModel>> {
    let table = EntityInfo::of::<E>().table()?;
    let none = |why: String| Error::new(ErrorKind::InvalidValue, why).entity(&table.name);
    let rows: Vec<serde_json::Map<String, Json>> =
        serde_json::from_str(text).map_err(|error| none(format!("rows are an array of objects: {}", place(&error))))?;
    let numbered = rows.into_iter().enumerate();
    numbered
        .map(|(at, row)| active::<E>(&table, row).map_err(|error| error.with("row", (at + 1).to_string())))
        .collect()
}

/// Where the text is wrong, without a word of it.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

fn active<E: Entity>(table: &Table, row: serde_json::Map<String, Json>) -> Result<E::ActiveModel> {
    let mut active = <E::ActiveModel as ActiveModelTrait>::default();
    for (name, json) in row {
        let column = table.column(&name)?;
        let refused = |why: &str| Error::new(ErrorKind::InvalidValue, why).entity(&table.name).field(&*column.name);
        let field = E::Column::iter().find(|field| field.as_str() == name);
        let field = field.ok_or_else(|| refused("the entity has no such field"))?;
        let value = value(column, json).ok_or_else(|| refused(wanted(&column.kind)))?;
        let value = codec::loaded(&E::Model::get_value_type(field), value);
        let value = value.map_err(|_| refused("the value is out of the field's range"))?;
        active.try_set(field, value).map_err(|_| refused(wanted(&column.kind)))?;
    }
    Ok(active)
}

/// A value in the variant of its column; `None` where it is of another type.
fn value(column: &Column, json: Json) -> Option<Value> {
    if json.is_null() {
        return Some(column.kind.null());
    }
    let text = json.as_str();
    Some(match &column.kind {
        Kind::Bool => json.as_bool()?.into(),
        Kind::Int8 | Kind::UInt8 | Kind::Int16 => i16::try_from(json.as_i64()?).ok()?.into(),
        Kind::Int32 | Kind::UInt16 => i32::try_from(json.as_i64()?).ok()?.into(),
        Kind::Int64 | Kind::UInt32 | Kind::UInt64 => json.as_i64()?.into(),
        Kind::Double => json.as_f64()?.into(),
        Kind::Decimal { .. } => match &json {
            Json::String(text) => text.parse::<rust_decimal::Decimal>().ok()?.into(),
            Json::Number(number) => number.to_string().parse::<rust_decimal::Decimal>().ok()?.into(),
            _ => return None,
        },
        Kind::Text { .. } | Kind::Enum { .. } => text?.into(),
        Kind::Bytes => hex::decode(text?).ok()?.into(),
        Kind::Json => json.into(),
        Kind::Uuid => text?.parse::<uuid::Uuid>().ok()?.into(),
        Kind::Instant => DateTime::parse_from_rfc3339(text?).ok()?.with_timezone(&Utc).into(),
        Kind::DateTime => text?.parse::<NaiveDateTime>().ok()?.into(),
        Kind::Date => text?.parse::<NaiveDate>().ok()?.into(),
        Kind::Time => text?.parse::<NaiveTime>().ok()?.into(),
    })
}

fn wanted(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false is wanted",
        whole!() => "a whole number in the column's range is wanted",
        Kind::Double => "a number is wanted",
        Kind::Decimal { .. } => "a decimal is wanted, as text or number",
        Kind::Text { .. } | Kind::Enum { .. } => "a text is wanted",
        Kind::Bytes => "bytes are wanted, as hexadecimal text",
        Kind::Json => "JSON is wanted",
        Kind::Uuid => "a UUID is wanted",
        Kind::Instant => "an instant is wanted, such as 2026-01-31T12:00:00Z",
        Kind::DateTime => "a date and a time are wanted, such as 2026-01-31T12:00:00",
        Kind::Date => "a date is wanted, such as 2026-01-31",
        Kind::Time => "a time of day is wanted, such as 12:00:00",
    }
}
