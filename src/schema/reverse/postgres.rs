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

/// A condition that the server reads back as it says it. Of a `varchar` among texts it says `((ARRAY['a'::character varying])::text[])`, and
/// given that it would cast each of them: the cast of the whole is one that it finds by itself.
pub(super) fn as_written(mut text: String) -> String {
    const END: &str = "])::text[])";
    let mut from = 0;
    while let Some(start) = text[from..].find("((ARRAY[").map(|at| from + at) {
        let Some(end) = text[start..].find(END).map(|at| start + at) else { break };
        text.replace_range(end..end + END.len(), "])");
        text.replace_range(start..start + 2, "(");
        from = start + 1;
    }
    text
}
