//! Columns, keys and indexes in few words.

use crate::schema::{Column, IndexDef, Kind, OnDelete, Part, Reference, Table, Words};

/// `1 migration`, `2 migrations`.
pub(crate) fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A kind, such as `text(80)`.
pub(crate) fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int8 => "int8".to_owned(),
        Kind::Int16 => "int16".to_owned(),
        Kind::Int32 => "int32".to_owned(),
        Kind::Int64 => "int64".to_owned(),
        Kind::UInt8 => "uint8".to_owned(),
        Kind::UInt16 => "uint16".to_owned(),
        Kind::UInt32 => "uint32".to_owned(),
        Kind::UInt64 => "uint64".to_owned(),
        Kind::Double => "double".to_owned(),
        Kind::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        Kind::Text { max: Some(max) } => format!("text({max})"),
        Kind::Text { max: None } => "text".to_owned(),
        Kind::Enum { variants } => format!("one of {}", variants.join(", ")),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Json => "json".to_owned(),
        Kind::Uuid => "uuid".to_owned(),
        Kind::Instant => "instant".to_owned(),
        Kind::DateTime => "datetime".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Time => "time".to_owned(),
    }
}

/// What a column is, without its name.
pub(crate) fn column(column: &Column) -> String {
    let native = column.extra.native.as_ref().map(any);
    let mut text = native.unwrap_or_else(|| kind(&column.kind));
    if column.nullable {
        text += ", may be null";
    }
    if column.auto_increment {
        text += ", made by the database";
    }
    if column.default.is_some() {
        text += ", has a default";
    }
    text
}

/// A table's name, with its schema where it has one.
pub(crate) fn table(table: &Table) -> String {
    table.schema.as_ref().map_or_else(|| table.name.clone(), |schema| format!("{schema}.{}", table.name))
}

/// `(a, b descending) where live`.
pub(crate) fn index(index: &IndexDef) -> String {
    let parts = index.parts.iter().map(|part| match part {
        Part::Column(column) => column.clone(),
        Part::Descending(column) => format!("{column} descending"),
        Part::Expression(words) => any(words),
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    index.only.as_ref().map_or_else(|| format!("({parts})"), |only| format!("({parts}) where {}", any(only)))
}

/// `(a) → parent (id)`, with what a delete of the parent does.
pub(crate) fn reference(key: &Reference) -> String {
    pointed(&key.columns.join(", "), &key.parent, &key.parent_columns.join(", "), key.on_delete)
}

/// As [`reference`], in parts.
pub(crate) fn pointed(columns: &str, parent: &str, parent_columns: &str, on_delete: OnDelete) -> String {
    let does = match on_delete {
        OnDelete::Restrict => "",
        OnDelete::Cascade => ", deleted with it",
        OnDelete::SetNull => ", null without it",
    };
    format!("({columns}) → {parent} ({parent_columns}){does}")
}

/// The words for all servers, or the first that there are.
pub(crate) fn any(words: &Words) -> String {
    let first = [&words.all, &words.postgres, &words.mysql, &words.sqlite, &words.mongodb].into_iter().flatten().next();
    first.cloned().unwrap_or_default()
}
