//! Kinds in the words of a reader.

use crate::schema::Kind;

/// A kind in a few words.
pub(crate) fn words(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Int8 => "a number of 8 bits".to_owned(),
        Kind::Int16 => "a number of 16 bits".to_owned(),
        Kind::Int32 => "a number of 32 bits".to_owned(),
        Kind::Int64 => "a number of 64 bits".to_owned(),
        Kind::UInt8 => "0 to 255".to_owned(),
        Kind::UInt16 => "0 to 65,535".to_owned(),
        Kind::UInt32 => "0 to 4,294,967,295".to_owned(),
        Kind::UInt64 => "a number from 0".to_owned(),
        Kind::Double => "a float".to_owned(),
        Kind::Decimal { precision, scale } => format!("a decimal of {precision} digits, {scale} after the point"),
        Kind::Text { max: Some(max) } => format!("{max} characters"),
        Kind::Text { max: None } => "text".to_owned(),
        Kind::Enum { .. } => "one of its values".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Json => "JSON".to_owned(),
        Kind::Uuid => "a UUID".to_owned(),
        Kind::Instant => "an instant".to_owned(),
        Kind::DateTime => "a date with a time".to_owned(),
        Kind::Date => "a date".to_owned(),
        Kind::Time => "a time of day".to_owned(),
    }
}
