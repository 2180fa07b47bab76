//! Tables, columns and values as Rust source, in the words that a person would write.

use crate::{
    Error, Result,
    schema::{Check, Column, IndexDef, Kind, OnDelete, Part, Reference, Table, Words, name::bounded},
};
use sea_orm::Value;

/// A text as a literal.
pub(super) fn text(text: impl AsRef<str>) -> String {
    format!("{:?}", text.as_ref())
}

/// Some names as a slice.
pub(super) fn names<T: AsRef<str>>(names: &[T]) -> String {
    format!("&[{}]", names.iter().map(text).collect::<Vec<_>>().join(", "))
}

/// A piece of SQL: a literal where every server has the same.
pub(super) fn words(words: &Words) -> String {
    let own = [
        ("sqlite", &words.sqlite),
        ("postgres", &words.postgres),
        ("mysql", &words.mysql),
        ("mongodb", &words.mongodb),
    ];
    if let (Some(all), true) = (&words.all, own.iter().all(|(_, own)| own.is_none())) {
        return text(all);
    }
    let begin =
        words.all.as_ref().map_or_else(|| "Words::default()".to_owned(), |all| format!("Words::from({})", text(all)));
    own.iter().fold(begin, |source, (server, own)| match own {
        Some(own) => format!("{source}.{server}({})", text(own)),
        None => source,
    })
}

/// A table as its builder makes it, without the call that builds.
pub(super) fn table(table: &Table) -> Result<String> {
    let mut source = format!("table({})", text(&table.name));
    let mut call = |call: String| source += &format!("\n.{call}");
    if let Some(schema) = &table.schema {
        call(format!("schema({})", text(schema)));
    }
    for column in &table.columns {
        call(self::column(column).map_err(|error| error.entity(&table.name).field(&*column.name))?);
    }
    call(format!("primary_key({})", names(&table.names(&table.key))));
    for index in &table.indexes {
        let columns = table.names(&index.columns);
        let (word, prefix) = if index.unique { ("unique", "ux") } else { ("index", "ix") };
        if index.name == bounded(prefix, &table.name, &columns) {
            call(format!("{word}({})", names(&columns)));
        } else {
            let parts = columns.iter().map(|column| Part::Column((*column).to_owned())).collect();
            let def = IndexDef { name: index.name.clone(), parts, unique: index.unique, ..IndexDef::default() };
            call(format!("indexed({})", self::index(&table.name, &def)));
        }
    }
    for index in &table.extra.indexes {
        call(format!("indexed({})", self::index(&table.name, index)));
    }
    for check in &table.extra.checks {
        call(format!("check({})", self::check(&table.name, check)));
    }
    for key in &table.foreign_keys {
        let on_delete = on_delete(key.on_delete);
        let (columns, parents) = (names(&table.names(&key.columns)), names(&key.parent_columns));
        call(format!("references({columns}, {}, {parents}, {on_delete})", text(&key.parent)));
    }
    if let Some(comment) = &table.extra.comment {
        call(format!("comment_table({})", text(comment)));
    }
    Ok(source)
}

/// A column: the call that makes it, and those that say more of it.
pub(super) fn column(column: &Column) -> Result<String> {
    let name = text(&column.name);
    let mut source = match &column.kind {
        Kind::Text { max: Some(max) } => format!("text({name}, {})", number(max)),
        Kind::Text { max: None } => format!("long_text({name})"),
        Kind::Decimal { precision, scale } => format!("decimal({name}, {precision}, {scale})"),
        Kind::Enum { variants } => {
            let variants: Vec<String> = variants.iter().map(text).collect();
            format!("enumeration({name}, [{}])", variants.join(", "))
        }
        plain => format!("{}({name})", plain_kind(plain)),
    };
    if column.nullable {
        source += ".nullable()";
    }
    if column.auto_increment {
        source += ".auto_increment()";
    }
    if let Some(value) = &column.default {
        source += &format!(".default_value({})", constant(value)?);
    }
    if let Some(native) = &column.extra.native {
        source += &format!(".native({})", words(native));
    }
    if let Some(comment) = &column.extra.comment {
        source += &format!(".comment({})", text(comment));
    }
    Ok(source)
}

fn plain_kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "boolean",
        Kind::Int8 => "int8",
        Kind::Int16 => "int16",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::UInt8 => "uint8",
        Kind::UInt16 => "uint16",
        Kind::UInt32 => "uint32",
        Kind::UInt64 => "uint64",
        Kind::Double => "double",
        Kind::Bytes => "bytes",
        Kind::Json => "json",
        Kind::Uuid => "uuid",
        Kind::Instant => "instant",
        Kind::DateTime => "datetime",
        Kind::Date => "date",
        Kind::Time => "time",
        // Written with their arguments, above.
        Kind::Text { .. } => "long_text",
        Kind::Decimal { .. } => "decimal",
        Kind::Enum { .. } => "enumeration",
    }
}

/// A default: a literal where Rust has one, else the form that a snapshot writes.
fn constant(value: &Value) -> Result<String> {
    Ok(match value {
        Value::Bool(Some(it)) => it.to_string(),
        Value::SmallInt(Some(it)) => number(it),
        Value::Int(Some(it)) => number(it),
        // A literal without a type is one of 32 bits.
        Value::BigInt(Some(it)) if i32::try_from(*it).is_ok() => number(it),
        Value::BigInt(Some(it)) => format!("{}_i64", number(it)),
        // `{:?}` is the shortest text that reads back as the same float.
        Value::Double(Some(it)) => format!("{it:?}_f64"),
        Value::String(Some(it)) => text(it),
        other => {
            let column = Column { default: Some(other.clone()), ..unnamed() };
            let json = serde_json::to_value(&column)
                .map_err(|error| Error::unsupported("this default cannot be written").with_source(error))?;
            format!("constant({})?", raw(&json["default"].to_string()))
        }
    })
}

/// A whole number as a literal; a long one is written in groups of three.
pub(super) fn number(number: impl std::fmt::Display) -> String {
    let number = number.to_string();
    let (sign, digits) = number.split_at(usize::from(number.starts_with('-')));
    if digits.len() < 5 {
        return number;
    }
    let grouped = digits.char_indices().fold(String::new(), |mut grouped, (at, digit)| {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push('_');
        }
        grouped.push(digit);
        grouped
    });
    format!("{sign}{grouped}")
}

fn unnamed() -> Column {
    Column {
        name: "".into(),
        kind: Kind::Json,
        nullable: false,
        default: None,
        auto_increment: false,
        extra: crate::schema::ColumnExtra::default(),
    }
}

/// A text full of quotes.
fn raw(text: &str) -> String {
    let hashes =
        (1..=text.len() + 1).map(|count| "#".repeat(count)).find(|hashes| !text.contains(&format!("\"{hashes}")));
    let hashes = hashes.unwrap_or_default();
    format!("r{hashes}\"{text}\"{hashes}")
}

/// An index of this table.
pub(super) fn index(table: &str, index: &IndexDef) -> String {
    let leading: Vec<&str> = index
        .parts
        .iter()
        .map_while(|part| if let Part::Column(name) = part { Some(name.as_str()) } else { None })
        .collect();
    let mut source = format!("index({})", names(&leading));
    for part in &index.parts[leading.len()..] {
        source += &match part {
            Part::Column(name) => format!(".ascending({})", text(name)),
            Part::Descending(name) => format!(".descending({})", text(name)),
            Part::Expression(expression) => format!(".expression({})", words(expression)),
        };
    }
    if index.unique {
        source += ".unique()";
    }
    if let Some(only) = &index.only {
        source += &format!(".only({})", words(only));
    }
    if index.name != usual_name(table, index) {
        source += &format!(".named({})", text(&index.name));
    }
    source
}

/// The name that an index gets which says none.
fn usual_name(table: &str, index: &IndexDef) -> String {
    let parts = index.parts.iter().map(|part| part.column().unwrap_or("expression"));
    let parts: Vec<&str> = parts.chain(index.only.iter().map(|_| "only")).collect();
    bounded(if index.unique { "ux" } else { "ix" }, bare(table), &parts)
}

/// The name without its schema.
fn bare(table: &str) -> &str {
    table.split_once('.').map_or(table, |(_, name)| name)
}

/// The arguments that name a check of this table; its name begins with the table's wherever it is made.
pub(super) fn check(table: &str, check: &Check) -> String {
    let begin = format!("ck_{}_", bare(table));
    format!("{}, {}", text(check.name.strip_prefix(&begin).unwrap_or(&check.name)), words(&check.condition))
}

/// A reference of this table.
pub(super) fn reference(table: &str, key: &Reference) -> String {
    let (columns, parents) = (names(&key.columns), names(&key.parent_columns));
    let mut source = format!("reference({columns}, {}, {parents}, {})", text(&key.parent), on_delete(key.on_delete));
    let usual: Vec<&str> = key.columns.iter().map(String::as_str).collect();
    if key.name != bounded("fk", bare(table), &usual) {
        source += &format!(".named({})", text(&key.name));
    }
    source
}

fn on_delete(on_delete: OnDelete) -> &'static str {
    match on_delete {
        OnDelete::Restrict => "OnDelete::Restrict",
        OnDelete::Cascade => "OnDelete::Cascade",
        OnDelete::SetNull => "OnDelete::SetNull",
    }
}
