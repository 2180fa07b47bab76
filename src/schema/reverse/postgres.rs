//! PostgreSQL's type names.

use super::{Kind, decimal, text};

pub(super) fn kind(declared: &str) -> Option<Kind> {
    let name = declared.split('(').next().unwrap_or(declared).trim();
    Some(match name {
        "boolean" => Kind::Bool,
        "smallint" => Kind::Int16,
        "integer" => Kind::Int32,
        "bigint" => Kind::Int64,
        "double precision" | "real" => Kind::Double,
        "numeric" => return decimal(declared),
        "character varying" | "character" => text(declared),
        "text" => Kind::Text { max: None },
        "bytea" => Kind::Bytes,
        "jsonb" | "json" => Kind::Json,
        "uuid" => Kind::Uuid,
        "date" => Kind::Date,
        name if name.starts_with("timestamp") => {
            if declared.ends_with("with time zone") {
                Kind::Instant
            } else {
                Kind::DateTime
            }
        }
        name if name.starts_with("time") && !declared.ends_with("with time zone") => Kind::Time,
        _ => return None,
    })
}
