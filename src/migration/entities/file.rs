//! One entity as the text of its file.

use super::name::{module, variant};
use crate::schema::{Column, ForeignKey, IndexDef, Kind, OnDelete, Part, Table, Words};

/// The file of a table. `all` are the tables that references lead to.
pub(super) fn entity(table: &Table, all: &[Table]) -> String {
    let mut text = "use seabed::sea_orm::{self, entity::prelude::*};\n".to_owned();
    let shape = shape(table);
    if !shape.is_empty() {
        let mut names = vec!["Shape"];
        names.extend(shape.contains("Words::").then_some("Words"));
        names.extend(shape.contains("index(&[").then_some("step::index"));
        let names = if names.len() == 1 { names.concat() } else { format!("{{{}}}", names.join(", ")) };
        text += &format!("use seabed::schema::{names};\n");
    }
    let float = table.columns.iter().any(|column| matches!(column.kind, Kind::Double | Kind::Json));
    let equal = if float { "PartialEq" } else { "PartialEq, Eq" };
    text += "\n#[sea_orm::model]\n";
    text += &format!("#[derive(Clone, Debug, {equal}, DeriveEntityModel)]\n");
    text += &format!("#[sea_orm(table_name = {})]\n", quoted(&table.name));
    text += "pub struct Model {\n";
    for position in 0..table.columns.len() {
        text += &field(table, position);
    }
    text += &relations(table, all);
    text += "}\n\nimpl ActiveModelBehavior for ActiveModel {}\n";
    for (position, column) in table.columns.iter().enumerate() {
        if let Kind::Enum { variants } = &column.kind {
            text += &enumeration(&enum_name(table, position), &column.name, variants);
        }
    }
    if !shape.is_empty() {
        text += "\nseabed::rules!(Entity { schema: shape });\n\n";
        text += &format!("fn shape(it: Shape) -> Shape {{\n    it{shape}\n}}\n");
    }
    text
}

/// The file that names the others.
pub(super) fn modules(tables: &[Table]) -> String {
    let mut names: Vec<String> = tables.iter().map(|table| module(&table.name)).collect();
    names.sort_unstable();
    let lines: String = names.iter().map(|name| format!("pub mod {name};\n")).collect();
    let list = names.join(", ");
    format!(
        "{lines}\n/// Every entity here, for migrations and for checks.\npub fn entities() -> Vec<seabed::repository::EntityInfo> {{\n    \
         seabed::entities![{list}]\n}}\n"
    )
}

fn field(table: &Table, position: usize) -> String {
    let column = &table.columns[position];
    let name = module(&column.name);
    let mut attributes = Vec::new();
    if table.key.contains(&position) {
        attributes.push(if column.auto_increment {
            "primary_key".to_owned()
        } else {
            "primary_key, auto_increment = false".to_owned()
        });
    }
    if name != column.name {
        attributes.push(format!("column_name = {}", quoted(&column.name)));
    }
    attributes.extend(column_type(&column.kind));
    let of_one =
        |unique: bool| table.indexes.iter().any(move |index| index.unique == unique && index.columns == [position]);
    if of_one(true) && table.key != [position] {
        attributes.push("unique".to_owned());
    }
    if of_one(false) {
        attributes.push("indexed".to_owned());
    }
    let several = table.indexes.iter().filter(|index| index.unique && index.columns.len() > 1);
    for index in several.filter(|index| index.columns.contains(&position)) {
        attributes.push(format!("unique_key = {}", quoted(&index.name)));
    }
    let rust = rust(table, position);
    let attributes =
        if attributes.is_empty() { String::new() } else { format!("    #[sea_orm({})]\n", attributes.join(", ")) };
    let rust = if column.nullable { format!("Option<{rust}>") } else { rust };
    format!("{attributes}    pub {name}: {rust},\n")
}

fn enum_name(table: &Table, position: usize) -> String {
    variant(&table.name) + &variant(&table.columns[position].name)
}

fn enumeration(name: &str, column: &str, variants: &[String]) -> String {
    let lines: String = variants
        .iter()
        .enumerate()
        .map(|(at, text)| {
            let name = variant(text);
            let name = if name.is_empty() || name.starts_with('_') { format!("Value{at}") } else { name };
            format!("    #[sea_orm(string_value = {})]\n    {name},\n", quoted(text))
        })
        .collect();
    format!(
        "\n#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]\n\
         #[sea_orm(rs_type = \"String\", db_type = \"Enum\", enum_name = {})]\npub enum {name} {{\n{lines}}}\n",
        quoted(&module(column))
    )
}

fn rust(table: &Table, position: usize) -> String {
    match &table.columns[position].kind {
        Kind::Bool => "bool",
        Kind::Int8 => "i8",
        Kind::Int16 => "i16",
        Kind::Int32 => "i32",
        Kind::Int64 => "i64",
        Kind::UInt8 => "u8",
        Kind::UInt16 => "u16",
        Kind::UInt32 => "u32",
        Kind::UInt64 => "u64",
        Kind::Double => "f64",
        Kind::Decimal { .. } => "Decimal",
        Kind::Text { .. } => "String",
        Kind::Enum { .. } => return enum_name(table, position),
        Kind::Bytes => "Vec<u8>",
        Kind::Json => "Json",
        Kind::Uuid => "Uuid",
        Kind::Instant => "DateTimeUtc",
        Kind::DateTime => "DateTime",
        Kind::Date => "Date",
        Kind::Time => "Time",
    }
    .to_owned()
}

/// What the Rust type does not say of the column's.
fn column_type(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Text { max: Some(255) } => None,
        Kind::Text { max: Some(max) } => Some(format!("column_type = \"String(StringLen::N({max}))\"")),
        Kind::Text { max: None } => Some("column_type = \"Text\"".to_owned()),
        Kind::Decimal { precision, scale } => Some(format!("column_type = \"Decimal(Some(({precision}, {scale})))\"")),
        _ => None,
    }
}

fn relations(table: &Table, all: &[Table]) -> String {
    let mut text = String::new();
    let mut taken: Vec<String> = table.columns.iter().map(|column| module(&column.name)).collect();
    for key in &table.foreign_keys {
        let to_same = table.foreign_keys.iter().filter(|other| other.parent == key.parent).count() > 1;
        text += &belongs_to(table, key, to_same, &mut taken);
    }
    for child in all.iter().filter(|child| child.name != table.name) {
        let keys: Vec<&ForeignKey> = child.foreign_keys.iter().filter(|key| key.parent == table.name).collect();
        // Where two lead here nobody can say which is meant.
        if keys.len() == 1 {
            let target = module(&child.name);
            let name = free(&format!("{target}s"), &mut taken);
            text += &format!("    #[sea_orm(has_many)]\n    pub {name}: HasMany<super::{target}::Entity>,\n");
        }
    }
    text
}

fn belongs_to(table: &Table, key: &ForeignKey, several: bool, taken: &mut Vec<String>) -> String {
    let list = |names: Vec<String>| {
        if names.len() == 1 { names.concat() } else { format!("({})", names.join(", ")) }
    };
    let from = list(table.names(&key.columns).into_iter().map(module).collect());
    let to = list(key.parent_columns.iter().map(|name| module(name)).collect());
    let on_delete = match key.on_delete {
        OnDelete::Restrict => "",
        OnDelete::Cascade => ", on_delete = \"Cascade\"",
        OnDelete::SetNull => ", on_delete = \"SetNull\"",
    };
    let itself = key.parent == table.name;
    let column = table.names(&key.columns).first().map(|name| module(name)).unwrap_or_default();
    let by_column = column.strip_suffix("_id").unwrap_or(&column).to_owned();
    let name = if several || itself { by_column } else { module(&key.parent) };
    let name = free(&name, taken);
    let (what, target) = if itself {
        ("self_ref", "Entity".to_owned())
    } else {
        ("belongs_to", format!("super::{}::Entity", module(&key.parent)))
    };
    let relation =
        if several || itself { format!(", relation_enum = {}", quoted(&variant(&name))) } else { String::new() };
    format!(
        "    #[sea_orm({what}{relation}, from = \"{from}\", to = \"{to}\"{on_delete})]\n    pub {name}: HasOne<{target}>,\n"
    )
}

/// A field's name that no other has.
fn free(name: &str, taken: &mut Vec<String>) -> String {
    let mut free = name.to_owned();
    while taken.contains(&free) {
        free.push('_');
    }
    taken.push(free.clone());
    free
}

/// What the attributes cannot say, one call a line.
fn shape(table: &Table) -> String {
    let mut calls = Vec::new();
    for column in &table.columns {
        calls.extend(native(column));
        calls.extend(
            column.extra.comment.as_ref().map(|text| format!("comment({}, {})", field_of(column), quoted(text))),
        );
    }
    let several = table.indexes.iter().filter(|index| !index.unique && index.columns.len() > 1);
    calls.extend(several.map(|index| {
        let names: Vec<String> = table.names(&index.columns).into_iter().map(quoted).collect();
        format!("indexed(index(&[{}]).named({}))", names.join(", "), quoted(&index.name))
    }));
    calls.extend(table.extra.indexes.iter().map(index));
    calls.extend(
        table.extra.checks.iter().map(|check| format!("check({}, {})", quoted(&check.name), words(&check.condition))),
    );
    calls.extend(table.extra.comment.as_ref().map(|text| format!("comment_table({})", quoted(text))));
    calls.into_iter().map(|call| format!("\n        .{call}")).collect()
}

fn native(column: &Column) -> Option<String> {
    column.extra.native.as_ref().map(|it| format!("native({}, {})", field_of(column), words(it)))
}

fn index(index: &IndexDef) -> String {
    let mut text = "indexed(index(&[])".to_owned();
    for part in &index.parts {
        text += &match part {
            Part::Column(name) => format!(".ascending({})", quoted(name)),
            Part::Descending(name) => format!(".descending({})", quoted(name)),
            Part::Expression(it) => format!(".expression({})", words(it)),
        };
    }
    text += if index.unique { ".unique()" } else { "" };
    text += &index.only.as_ref().map(|only| format!(".only({})", words(only))).unwrap_or_default();
    text + &format!(".named({}))", quoted(&index.name))
}

fn words(words: &Words) -> String {
    let mut text = match &words.all {
        Some(all) => format!("Words::from({})", quoted(all)),
        None => "Words::default()".to_owned(),
    };
    for (server, said) in [("sqlite", &words.sqlite), ("postgres", &words.postgres), ("mysql", &words.mysql)] {
        text += &said.as_ref().map(|said| format!(".{server}({})", quoted(said))).unwrap_or_default();
    }
    text
}

/// The column as the derived enum names it.
fn field_of(column: &Column) -> String {
    format!("Column::{}", variant(&column.name))
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
