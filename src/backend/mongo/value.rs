//! Stand-in until the pure half is merged.
use crate::{Error, ErrorKind, Result, backend::value::is_null, schema::Kind};
use mongodb::bson::{Binary, Bson, spec::BinarySubtype};
use sea_orm::Value;

pub(super) fn encode(_: &Kind, value: &Value) -> Bson {
    if is_null(value) {
        return Bson::Null;
    }
    match value {
        Value::Bool(Some(v)) => Bson::Boolean(*v),
        Value::SmallInt(Some(v)) => Bson::Int32((*v).into()),
        Value::Int(Some(v)) => Bson::Int32(*v),
        Value::BigInt(Some(v)) => Bson::Int64(*v),
        Value::Double(Some(v)) => Bson::Double(*v),
        Value::String(Some(v)) => Bson::String(v.clone()),
        Value::Uuid(Some(v)) => Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes: v.as_bytes().to_vec() }),
        _ => Bson::Null,
    }
}

pub(super) fn decode(kind: &Kind, bson: &Bson) -> Result<Value> {
    Ok(match (kind, bson) {
        (_, Bson::Null) => kind.null(),
        (Kind::Bool, Bson::Boolean(v)) => Value::Bool(Some(*v)),
        (Kind::Int64 | Kind::UInt32 | Kind::UInt64, Bson::Int64(v)) => Value::BigInt(Some(*v)),
        (Kind::Int32 | Kind::UInt16, Bson::Int32(v)) => Value::Int(Some(*v)),
        (Kind::Text { .. } | Kind::Enum { .. }, Bson::String(v)) => Value::from(v.clone()),
        (Kind::Uuid, Bson::Binary(v)) => Value::from(uuid::Uuid::from_slice(&v.bytes).unwrap_or_default()),
        _ => return Err(Error::new(ErrorKind::SchemaMismatch, "stand-in")),
    })
}
