//! A long list of values as one bound JSON array.
//!
//! `IN (?, ?, …)` meets a limit on parameters at 32,766 on SQLite and 65,535 elsewhere (hazard D8), and each length is another
//! statement to prepare. One array has neither.

use crate::backend::sql::statement::Statement;
use crate::schema::{Column, Flavor, Kind, whole};
use sea_orm::{Value, prelude::Json};

/// Appends the subquery that yields the values in the column's type.
pub(in crate::backend::sql) fn json_list(s: &mut Statement, column: &Column, values: Vec<Value>) {
    let flavor = s.flavor;
    let array = Json::Array(values.into_iter().map(|value| item(flavor, value)).collect());
    match flavor {
        Flavor::Postgres => postgres(s, &column.kind, array),
        Flavor::Sqlite => {
            let blob = matches!(column.kind, Kind::Uuid | Kind::Bytes);
            s.push(if blob { "SELECT unhex(value) FROM json_each(" } else { "SELECT value FROM json_each(" });
            s.bind(Value::from(array.to_string())).push(")");
        }
        Flavor::MySql | Flavor::MariaDb => mysql(s, &column.kind, array),
    }
}

fn postgres(s: &mut Statement, kind: &Kind, array: Json) {
    let cast = match kind {
        Kind::Bool => "value::boolean",
        whole!() => "value::bigint",
        Kind::Double => "value::double precision",
        Kind::Decimal { .. } => "value::numeric",
        Kind::Text { .. } | Kind::Enum { .. } | Kind::Json => "value",
        Kind::Bytes => "decode(value, 'hex')",
        Kind::Uuid => "value::uuid",
        Kind::Instant => "value::timestamptz",
        Kind::DateTime => "value::timestamp",
        Kind::Date => "value::date",
        Kind::Time => "value::time",
    };
    s.push("SELECT ")
        .push(cast)
        .push(" FROM jsonb_array_elements_text(")
        .bind(Value::from(array))
        .push(") AS list(value)");
}

fn mysql(s: &mut Statement, kind: &Kind, array: Json) {
    let (select, column) = match kind {
        Kind::Bool => ("value", "TINYINT".to_owned()),
        whole!() => ("value", "BIGINT".to_owned()),
        Kind::Double => ("value", "DOUBLE".to_owned()),
        Kind::Decimal { precision, scale } => ("value", format!("DECIMAL({precision}, {scale})")),
        // Two columns of unlike collations cannot be compared; an explicit one wins.
        Kind::Text { .. } | Kind::Enum { .. } | Kind::Json if s.flavor == Flavor::MariaDb => {
            ("value COLLATE utf8mb4_nopad_bin", "LONGTEXT CHARACTER SET utf8mb4".to_owned())
        }
        Kind::Text { .. } | Kind::Enum { .. } | Kind::Json => {
            ("value COLLATE utf8mb4_0900_bin", "LONGTEXT CHARACTER SET utf8mb4".to_owned())
        }
        Kind::Bytes | Kind::Uuid => ("UNHEX(value)", "LONGTEXT".to_owned()),
        Kind::Instant | Kind::DateTime => ("value", "DATETIME(6)".to_owned()),
        Kind::Date => ("value", "DATE".to_owned()),
        Kind::Time => ("value", "TIME(6)".to_owned()),
    };
    s.push("SELECT ").push(select).push(" FROM JSON_TABLE(").bind(Value::from(array.to_string()));
    s.push(", '$[*]' COLUMNS(value ").push(&column).push(" PATH '$')) AS list");
}

fn item(flavor: Flavor, value: Value) -> Json {
    match value {
        // MySQL's JSON_TABLE and SQLite's json_each read a number where PostgreSQL casts the text of one.
        Value::Bool(Some(v)) => Json::from(u8::from(v)),
        Value::BigInt(Some(v)) => Json::from(v),
        Value::Double(Some(v)) => Json::from(v),
        Value::Decimal(Some(v)) if flavor == Flavor::Sqlite => {
            Json::from(i64::try_from(v.mantissa()).unwrap_or(if v.is_sign_negative() { i64::MIN } else { i64::MAX }))
        }
        Value::Decimal(Some(v)) => Json::from(v.to_string()),
        Value::String(Some(v)) => Json::from(v),
        Value::Bytes(Some(v)) => Json::from(hex::encode(v)),
        Value::Uuid(Some(v)) if flavor == Flavor::Postgres => Json::from(v.to_string()),
        Value::Uuid(Some(v)) => Json::from(hex::encode(v.as_bytes())),
        Value::ChronoDateTimeUtc(Some(v)) => Json::from(match flavor {
            Flavor::MySql | Flavor::MariaDb => v.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
            _ => v.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        }),
        Value::ChronoDateTime(Some(v)) => Json::from(v.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
        Value::ChronoDate(Some(v)) => Json::from(v.format("%Y-%m-%d").to_string()),
        Value::ChronoTime(Some(v)) => Json::from(v.format("%H:%M:%S%.6f").to_string()),
        _ => Json::Null,
    }
}
