//! SQLite: any column takes any value, so each has a CHECK of its type.
//!
//! STRICT tables would refuse every type name but five, and SeaORM's tools would then read a UUID back as text. The declared
//! names below are those that sea-schema 0.18 reads back as the type that was meant, but for whole numbers of 32 bits
//! and unsigned ones, which it reads as 64 bits whatever they are called.
//!
//! A name also gives its column an affinity (SQLite manual, "Datatypes", 3.1), which converts what is stored; each was checked
//! to leave our values alone: `boolean` and `decimal` are NUMERIC and hold integers only; `…int` is INTEGER; `double` is REAL,
//! where 1 becomes 1.0; names with `char` or `text` are TEXT, which never touches a blob; `blob` converts nothing. A value that
//! the affinity can turn into the type (`'1'` in an integer column) is stored as that type.

use super::{Storage, longest};
use crate::{Error, Result, schema::Kind};

/// A decimal is held as a whole number of 64 bits, which has 18 full digits.
const DIGITS: u32 = 18;

pub(super) fn storage(c: &str, kind: &Kind) -> Result<Storage> {
    Ok(match kind {
        Kind::Bool => Storage::checked("boolean", format!("typeof({c}) = 'integer' AND {c} IN (0, 1)")),
        Kind::Int16 => whole("smallint", c, i16::MIN.into(), i16::MAX.into()),
        Kind::Int32 => whole("integer", c, i32::MIN.into(), i32::MAX.into()),
        Kind::Int64 => Storage::checked("bigint", format!("typeof({c}) = 'integer'")),
        Kind::Int8 => whole("smallint", c, i8::MIN.into(), i8::MAX.into()),
        Kind::UInt8 => whole("smallint", c, 0, u8::MAX.into()),
        Kind::UInt16 => whole("integer", c, 0, u16::MAX.into()),
        Kind::UInt32 => whole("bigint", c, 0, u32::MAX.into()),
        Kind::UInt64 => Storage::checked("bigint", format!("typeof({c}) = 'integer' AND {c} >= 0")),
        Kind::Double => Storage::checked("double", format!("typeof({c}) = 'real' AND abs({c}) < 9e999")),
        Kind::Decimal { precision, scale } => {
            if *precision > DIGITS {
                return Err(Error::unsupported("SQLite holds decimals of at most 18 digits exactly"));
            }
            let most = 10_i64.pow(*precision) - 1;
            whole(&format!("decimal({precision}, {scale})"), c, -most, most)
        }
        Kind::Text { max: Some(max) } => text(&format!("varchar({max})"), c, &format!("length({c}) <= {max}")),
        Kind::Text { max: None } => Storage::checked("text", format!("typeof({c}) = 'text'")),
        Kind::Enum { variants } => {
            Storage::checked(format!("varchar({})", longest(variants)), format!("typeof({c}) = 'text'"))
        }
        Kind::Bytes => Storage::checked("blob", format!("typeof({c}) = 'blob'")),
        Kind::Json => text("json_text", c, &format!("json_valid({c})")),
        Kind::Uuid => Storage::checked("uuid_text", format!("typeof({c}) = 'blob' AND length({c}) = 16")),
        // Fixed widths and UTC, so that the order of the texts is the order of time.
        Kind::Instant => text("timestamp_with_timezone_text", c, &format!("length({c}) = 27")),
        Kind::DateTime => text("datetime_text", c, &format!("length({c}) = 26")),
        Kind::Date => text("date_text", c, &format!("length({c}) = 10")),
        Kind::Time => text("time_text", c, &format!("length({c}) = 15")),
    })
}

/// What follows the type of a key that the database makes. Without AUTOINCREMENT the ids of deleted rows come again (law W7).
pub(super) fn key() -> &'static str {
    "NOT NULL PRIMARY KEY AUTOINCREMENT"
}

fn whole(declared: &str, c: &str, low: i64, high: i64) -> Storage {
    Storage::checked(declared, format!("typeof({c}) = 'integer' AND {c} BETWEEN {low} AND {high}"))
}

fn text(declared: &str, c: &str, check: &str) -> Storage {
    Storage::checked(declared, format!("typeof({c}) = 'text' AND {check}"))
}
