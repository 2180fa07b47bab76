//! MySQL and MariaDB: the server's charset may be latin1 and its collations fold case and pad spaces, so each text column and
//! each table says its own (laws V2, V3).
//!
//! `utf8mb4_bin` would compare by code point and still pad spaces; the two that do not pad have different names.

use super::{Storage, longest};
use crate::{
    Error, Result,
    schema::{Column, Flavor, Kind, OnDelete, Table},
};

/// The longest `varchar(n)` in `utf8mb4`: a row has 65,535 bytes (MySQL 8.0, 8.4.7).
const VARCHAR: u32 = 16_383;
/// The most bytes of one index entry (`InnoDB`, row format DYNAMIC).
const INDEX_BYTES: u64 = 3_072;

pub(super) fn storage(c: &str, kind: &Kind, flavor: Flavor) -> Storage {
    let text = |declared: String| format!("{declared} CHARACTER SET utf8mb4 COLLATE {}", collation(flavor));
    match kind {
        Kind::Bool => Storage::plain("boolean"),
        Kind::Int16 => Storage::plain("smallint"),
        Kind::Int32 => Storage::plain("int"),
        Kind::Int64 => Storage::plain("bigint"),
        Kind::Int8 => Storage::checked("smallint", format!("{c} BETWEEN {} AND {}", i8::MIN, i8::MAX)),
        Kind::UInt8 => Storage::checked("smallint", format!("{c} BETWEEN 0 AND {}", u8::MAX)),
        Kind::UInt16 => Storage::checked("int", format!("{c} BETWEEN 0 AND {}", u16::MAX)),
        Kind::UInt32 => Storage::checked("bigint", format!("{c} BETWEEN 0 AND {}", u32::MAX)),
        Kind::UInt64 => Storage::checked("bigint", format!("{c} >= 0")),
        Kind::Double => Storage::plain("double"),
        Kind::Decimal { precision, scale } => Storage::plain(format!("decimal({precision}, {scale})")),
        Kind::Text { max: Some(max) } if *max <= VARCHAR => Storage::plain(text(format!("varchar({max})"))),
        Kind::Text { max: Some(max) } => {
            Storage::checked(text("longtext".to_owned()), format!("char_length({c}) <= {max}"))
        }
        Kind::Text { max: None } => Storage::plain(text("longtext".to_owned())),
        Kind::Enum { variants } => Storage::plain(text(format!("varchar({})", longest(variants)))),
        Kind::Bytes => Storage::plain("longblob"),
        Kind::Json => Storage::plain("json"),
        Kind::Uuid => Storage::plain("binary(16)"),
        // `timestamp` ends in 2038 and is moved by the session's zone; both are held as what the clock in UTC says.
        Kind::Instant | Kind::DateTime => Storage::plain("datetime(6)"),
        Kind::Date => Storage::plain("date"),
        Kind::Time => Storage::plain("time(6)"),
    }
}

/// What follows the type of a key that the database makes.
pub(super) fn key() -> &'static str {
    "NOT NULL AUTO_INCREMENT"
}

/// What follows the last bracket of CREATE TABLE.
pub(super) fn options(flavor: Flavor) -> &'static str {
    if flavor == Flavor::MySql {
        " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin"
    } else {
        " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin"
    }
}

/// Whether the column takes no check of its own: MySQL refuses one on what ON DELETE SET NULL may change (MySQL 8.0, 13.1.20.6).
/// Nothing is lost, for each of its values stands in the parent, which has the check.
pub(super) fn guarded_by_its_parent(table: &Table, column: &Column) -> bool {
    let set_null = table.foreign_keys.iter().filter(|key| key.on_delete == OnDelete::SetNull);
    set_null.flat_map(|key| &key.columns).any(|position| table.columns[*position].name == column.name)
}

/// A remark as a literal. A backslash means itself under one mode and escapes under the other, and a remark takes no function.
pub(super) fn remark(text: &str) -> Result<String> {
    if text.contains('\\') || text.contains('\0') {
        return Err(Error::unsupported("a remark on MySQL has no backslash"));
    }
    super::literal(text, Flavor::MySql)
}

fn collation(flavor: Flavor) -> &'static str {
    if flavor == Flavor::MySql { "utf8mb4_0900_bin" } else { "utf8mb4_nopad_bin" }
}

/// Refuses by name what the server would refuse by number: values without a length cannot be indexed.
pub(super) fn indexable(table: &Table, columns: &[usize]) -> Result<()> {
    let mut bytes = 0;
    for column in columns.iter().map(|position| &table.columns[*position]) {
        bytes += match &column.kind {
            Kind::Text { max: Some(max) } if *max <= VARCHAR => u64::from(*max) * 4,
            Kind::Enum { variants } => longest(variants) as u64 * 4,
            Kind::Text { .. } | Kind::Bytes | Kind::Json => {
                let why = "what is indexed has a declared length";
                return Err(Error::unsupported(why).entity(&table.name).field(&*column.name));
            }
            _ => 16,
        };
    }
    if bytes > INDEX_BYTES {
        let names = table.names(columns).into_iter();
        let why = "an index entry has at most 3,072 bytes, four to a character";
        return Err(names.fold(Error::unsupported(why).entity(&table.name), Error::field));
    }
    Ok(())
}
