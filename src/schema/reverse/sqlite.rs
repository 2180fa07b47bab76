//! SQLite's type names: any text may be one. Those that our DDL writes are known exactly, others by the rules of affinity
//! (SQLite manual, "Datatypes", 3.1), times by their names.

use super::{Kind, decimal, text};

pub(super) fn kind(declared: &str, checks: &[&str]) -> Option<Kind> {
    let name = declared.split('(').next().unwrap_or(declared).trim();
    Some(match name {
        "boolean" | "bool" => Kind::Bool,
        "smallint" => Kind::Int16,
        // Our 32 bits have a check of their range; without it the column holds 64.
        "integer" if checks.iter().any(|check| check.contains("2147483647") || check.contains("65535")) => Kind::Int32,
        "json_text" | "json" => Kind::Json,
        "uuid_text" => Kind::Uuid,
        "timestamp_with_timezone_text" => Kind::Instant,
        "datetime_text" | "datetime" | "timestamp" => Kind::DateTime,
        "date_text" | "date" => Kind::Date,
        "time_text" | "time" => Kind::Time,
        "decimal" | "numeric" => match decimal(declared)? {
            // As many digits as a file holds exactly.
            Kind::Decimal { precision, scale } if precision > 18 => {
                Kind::Decimal { precision: 18, scale: scale.min(10) }
            }
            decimal => decimal,
        },
        name if name.contains("int") => Kind::Int64,
        name if name.contains("char") => text(declared),
        name if name.contains("text") || name.contains("clob") => Kind::Text { max: None },
        name if name.contains("blob") => Kind::Bytes,
        name if name.contains("real") || name.contains("floa") || name.contains("doub") => Kind::Double,
        _ => return None,
    })
}
