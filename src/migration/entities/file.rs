use super::name::{Free, Names, variant};
use crate::schema::{ForeignKey, IndexDef, Kind, OnDelete, Part, Table, Words};

/// The file of the table at this place of all; to the others lead references.
pub(super) fn entity(at: usize, all: &[Table], names: &Names) -> String {
    let (table, fields) = (&all[at], &names.fields[at]);
    let mut taken = Free::default();
    for field in fields {
        taken.take(&variant(field));
    }
    let indexes = said(table, &mut taken);
    let file = File { table, all, names, fields, indexes, enums: enums(table) };
    let mut text = "use seabed::sea_orm::{self, entity::prelude::*};\n".to_owned();
    let shape = file.shape();
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
    (0..table.columns.len()).for_each(|position| text += &file.field(position));
    text += &file.relations(&mut taken);
    text += "}\n\nimpl ActiveModelBehavior for ActiveModel {}\n";
    for (position, column) in table.columns.iter().enumerate() {
        if let Kind::Enum { variants } = &column.kind {
            text += &enumeration(&file.enums[position], &fields[position], variants);
        }
    }
    if !shape.is_empty() {
        text += "\nseabed::rules!(Entity { schema: shape });\n\n";
        text += &format!("fn shape(it: Shape) -> Shape {{\n    it{shape}\n}}\n");
    }
    text
}

/// The file that names the others.
pub(super) fn modules(names: &Names) -> String {
    let mut names: Vec<&str> = names.modules.iter().map(String::as_str).collect();
    names.sort_unstable();
    let line = |name: &&str| {
        // Rust looks for the file of such a module only where it is told.
        let path = if name.is_ascii() { String::new() } else { format!("#[path = \"{name}.rs\"]\n") };
        format!("{path}pub mod {name};\n")
    };
    let lines: String = names.iter().map(line).collect();
    let list = names.join(", ");
    format!(
        "{lines}\n/// Every entity here, for migrations and for checks.\npub fn entities() -> Vec<seabed::repository::EntityInfo> {{\n    \
         seabed::entities![{list}]\n}}\n"
    )
}

/// A file in the making.
struct File<'a> {
    table: &'a Table,
    all: &'a [Table],
    names: &'a Names,
    /// What the columns are called.
    fields: &'a [String],
    /// How each index is said.
    indexes: Vec<Said>,
    /// What the type of each column is called where it is an enum.
    enums: Vec<String>,
}

/// How an index of plain columns is said.
enum Said {
    /// By an attribute of its column.
    Alone,
    /// By an attribute of this value on each of its columns, in their order.
    Key(String),
    /// By the `schema` rule.
    Shape,
}

fn said(table: &Table, taken: &mut Free) -> Vec<Said> {
    let (mut alone, mut in_a_key) = (Vec::new(), Vec::new());
    let of_key = |unique: bool, column: &usize| unique && table.key.contains(column);
    let said = table.indexes.iter().map(|index| match index.columns.as_slice() {
        // A column of the primary key is unique to SeaORM as the key is.
        [column] if !of_key(index.unique, column) && !alone.contains(&(index.unique, *column)) => {
            alone.push((index.unique, *column));
            Said::Alone
        }
        // A column is in one such key, and the fields say the order.
        columns
            if columns.len() > 1
                && index.unique
                && columns.is_sorted()
                && !columns.iter().any(|it| in_a_key.contains(it)) =>
        {
            in_a_key.extend(columns);
            Said::Key(taken.name(&index.name))
        }
        _ => Said::Shape,
    });
    said.collect()
}

fn enums(table: &Table) -> Vec<String> {
    let mut taken = Free::types();
    table.columns.iter().map(|column| taken.variant(&format!("{}_{}", table.name, column.name))).collect()
}

impl File<'_> {
    fn field(&self, position: usize) -> String {
        let (table, name) = (self.table, &self.fields[position]);
        let column = &table.columns[position];
        let mut attributes = Vec::new();
        if table.key.contains(&position) {
            attributes.push(if column.auto_increment {
                "primary_key".to_owned()
            } else {
                "primary_key, auto_increment = false".to_owned()
            });
        }
        // SeaORM drops an underscore at the end.
        if *name != column.name || name.ends_with('_') {
            attributes.push(format!("column_name = {}", quoted(&column.name)));
        }
        attributes.extend(column_type(&column.kind));
        for (index, said) in table.indexes.iter().zip(&self.indexes) {
            match said {
                Said::Alone if index.columns == [position] => {
                    attributes.push(if index.unique { "unique" } else { "indexed" }.to_owned());
                }
                Said::Key(name) if index.columns.contains(&position) => {
                    attributes.push(format!("unique_key = {}", quoted(name)));
                }
                _ => {}
            }
        }
        let rust = self.rust(position);
        let attributes =
            if attributes.is_empty() { String::new() } else { format!("    #[sea_orm({})]\n", attributes.join(", ")) };
        let rust = if column.nullable { format!("Option<{rust}>") } else { rust };
        format!("{attributes}    pub {name}: {rust},\n")
    }

    fn rust(&self, position: usize) -> String {
        match &self.table.columns[position].kind {
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
            Kind::Enum { .. } => return self.enums[position].clone(),
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

    fn relations(&self, taken: &mut Free) -> String {
        let mut text = String::new();
        let mut variants = Free::default();
        for key in &self.table.foreign_keys {
            text += &self.belongs_to(key, taken, &mut variants);
        }
        for (at, child) in self.all.iter().enumerate().filter(|(_, child)| child.name != self.table.name) {
            let keys = child.foreign_keys.iter().filter(|key| key.parent == self.table.name).count();
            let both = self.table.foreign_keys.iter().any(|key| key.parent == child.name);
            // Where two lead here, or one there, nobody can say which is meant.
            let target = &self.names.modules[at];
            if keys == 1 && !both && variants.take(&variant(target)) {
                let name = taken.name(&format!("{}s", target.trim_end_matches('_')));
                text += &format!("    #[sea_orm(has_many)]\n    pub {name}: HasMany<super::{target}::Entity>,\n");
            }
        }
        text
    }

    fn belongs_to(&self, key: &ForeignKey, taken: &mut Free, variants: &mut Free) -> String {
        // A reference to what is no entity was left out before.
        let Some(parent) = self.all.iter().position(|table| table.name == key.parent) else { return String::new() };
        let there = |name: &String| {
            let position = self.all[parent].columns.iter().position(|column| column.name == *name);
            position.map(|position| self.names.fields[parent][position].clone())
        };
        let list = |names: Vec<String>| {
            if names.len() == 1 { names.concat() } else { format!("({})", names.join(", ")) }
        };
        let from = list(key.columns.iter().map(|position| self.fields[*position].clone()).collect());
        let to = list(key.parent_columns.iter().filter_map(there).collect());
        let on_delete = match key.on_delete {
            OnDelete::Restrict => "",
            OnDelete::Cascade => ", on_delete = \"Cascade\"",
            OnDelete::SetNull => ", on_delete = \"SetNull\"",
        };
        let itself = key.parent == self.table.name;
        let several = self.table.foreign_keys.iter().filter(|other| other.parent == key.parent).count() > 1;
        let column = key.columns.first().map(|position| self.fields[*position].as_str()).unwrap_or_default();
        let target = &self.names.modules[parent];
        let by_column = column.strip_suffix("_id").map_or_else(|| format!("{column}_{target}"), str::to_owned);
        // SeaORM calls a relation after its target, where it is told nothing.
        let explicit = several || itself || !variants.take(&variant(target));
        let name = taken.name(if explicit { &by_column } else { target });
        let relation = if explicit {
            let relation = variants.variant(&name);
            variants.take(&format!("{relation}Reverse"));
            format!(", relation_enum = {}", quoted(&relation))
        } else {
            String::new()
        };
        let (what, target) =
            if itself { ("self_ref", "Entity".to_owned()) } else { ("belongs_to", format!("super::{target}::Entity")) };
        format!(
            "    #[sea_orm({what}{relation}, from = \"{from}\", to = \"{to}\"{on_delete})]\n    pub {name}: HasOne<{target}>,\n"
        )
    }

    /// What the attributes cannot say, one call a line.
    fn shape(&self) -> String {
        let table = self.table;
        let mut calls = Vec::new();
        for (column, field) in table.columns.iter().zip(self.fields) {
            let field = format!("Column::{}", variant(field));
            calls.extend(column.extra.native.as_ref().map(|it| format!("native({field}, {})", words(it))));
            calls.extend(column.extra.comment.as_ref().map(|text| format!("comment({field}, {})", quoted(text))));
        }
        let plain = table.indexes.iter().zip(&self.indexes).filter(|(_, said)| matches!(said, Said::Shape));
        calls.extend(plain.map(|(index, _)| {
            let names: Vec<String> = table.names(&index.columns).into_iter().map(quoted).collect();
            let unique = if index.unique { ".unique()" } else { "" };
            format!("indexed(index(&[{}]){unique}.named({}))", names.join(", "), quoted(&index.name))
        }));
        calls.extend(table.extra.indexes.iter().map(index));
        calls.extend(
            table
                .extra
                .checks
                .iter()
                .map(|check| format!("check({}, {})", quoted(&check.name), words(&check.condition))),
        );
        calls.extend(table.extra.comment.as_ref().map(|text| format!("comment_table({})", quoted(text))));
        calls.into_iter().map(|call| format!("\n        .{call}")).collect()
    }
}

fn enumeration(name: &str, field: &str, variants: &[String]) -> String {
    let mut taken = Free::default();
    let lines: String = variants
        .iter()
        .map(|text| format!("    #[sea_orm(string_value = {})]\n    {},\n", quoted(text), taken.variant(text)))
        .collect();
    format!(
        "\n#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]\n\
         #[sea_orm(rs_type = \"String\", db_type = \"Enum\", enum_name = {})]\npub enum {name} {{\n{lines}}}\n",
        quoted(field)
    )
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

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
