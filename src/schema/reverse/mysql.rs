//! MySQL's and MariaDB's type names. An instant and a date with a time of day are both `datetime(6)` there: with six digits it is
//! taken for ours, an instant.

use super::{Kind, decimal, text};

pub(super) fn kind(declared: &str, checks: &[&str]) -> Option<Kind> {
    let lower = declared.to_ascii_lowercase();
    let name = lower.split(['(', ' ']).next().unwrap_or(&lower);
    let unsigned = lower.contains("unsigned");
    Some(match name {
        "tinyint" if lower.starts_with("tinyint(1)") => Kind::Bool,
        "boolean" | "bool" => Kind::Bool,
        "tinyint" => {
            if unsigned {
                Kind::UInt8
            } else {
                Kind::Int8
            }
        }
        "smallint" => {
            if unsigned {
                Kind::UInt16
            } else {
                Kind::Int16
            }
        }
        "mediumint" => Kind::Int32,
        "int" | "integer" => {
            if unsigned {
                Kind::UInt32
            } else {
                Kind::Int32
            }
        }
        "bigint" => {
            if unsigned {
                Kind::UInt64
            } else {
                Kind::Int64
            }
        }
        "double" | "float" => Kind::Double,
        "decimal" => return decimal(&lower),
        "json" => Kind::Json,
        // MariaDB's JSON is a text with a check.
        "longtext" if checks.iter().any(|check| check.to_ascii_lowercase().contains("json_valid")) => Kind::Json,
        "varchar" | "char" => text(&lower),
        "tinytext" | "text" | "mediumtext" | "longtext" => Kind::Text { max: None },
        "enum" => Kind::Enum { variants: variants(declared) },
        "binary" if lower == "binary(16)" => Kind::Uuid,
        "uuid" => Kind::Uuid,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Kind::Bytes,
        "datetime" if lower == "datetime(6)" => Kind::Instant,
        "datetime" => Kind::DateTime,
        "timestamp" => Kind::Instant,
        "date" => Kind::Date,
        "time" => Kind::Time,
        _ => return None,
    })
}

/// The texts of `enum('a','it''s')`.
fn variants(declared: &str) -> Vec<String> {
    let inside = declared.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map_or("", |(inside, _)| inside);
    let (mut variants, mut rest) = (Vec::new(), inside);
    while let Some(start) = rest.strip_prefix('\'') {
        let (mut variant, mut chars) = (String::new(), start.char_indices().peekable());
        let mut end = start.len();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                variant.push(c);
            } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
                variant.push('\'');
            } else {
                end = at + 1;
                break;
            }
        }
        variants.push(variant);
        rest = start[end..].trim_start_matches([',', ' ']);
    }
    variants
}
