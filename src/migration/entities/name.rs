//! Names of Rust from names of a database. SeaORM makes a column's variant from its field, so two fields must also differ as variants.

use crate::schema::Table;
use std::collections::BTreeSet;

/// Words that are no names in Rust, but with `r#`; those that are none at all; and our own, which every file names.
const RESERVED: [&str; 50] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "seabed", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while",
];

/// Types that an entity's file has already.
const TYPES: [&str; 24] = [
    "ActiveModel",
    "ActiveModelEx",
    "Column",
    "Date",
    "DateTime",
    "DateTimeUtc",
    "Decimal",
    "Entity",
    "EntityLoader",
    "HasMany",
    "HasOne",
    "Json",
    "Model",
    "ModelEx",
    "None",
    "Option",
    "PrimaryKey",
    "RelatedEntity",
    "Relation",
    "Shape",
    "Some",
    "String",
    "Time",
    "Uuid",
];

/// What Rust calls the tables and their columns.
#[derive(Debug)]
pub(super) struct Names {
    /// The module of each table.
    pub(super) modules: Vec<String>,
    /// The fields of each table, one a column.
    pub(super) fields: Vec<Vec<String>>,
}

impl Names {
    pub(super) fn of(tables: &[Table]) -> Self {
        let mut taken = Free::default();
        let modules = tables.iter().map(|table| taken.name(&table.name)).collect();
        let fields = tables.iter().map(|table| {
            let mut taken = Free::default();
            table.columns.iter().map(|column| taken.name(&column.name)).collect()
        });
        Self { modules, fields: fields.collect() }
    }
}

/// Gives each name once: to the next that would have it, with a number.
#[derive(Clone, Debug, Default)]
pub(super) struct Free {
    variants: BTreeSet<String>,
}

impl Free {
    /// Beside what stands in the file of an entity.
    pub(super) fn types() -> Self {
        Self { variants: TYPES.map(str::to_owned).into() }
    }

    /// A field's name, or a module's.
    pub(super) fn name(&mut self, like: &str) -> String {
        let name = identifier(like);
        let numbered = (2..).map(|number| format!("{}_{number}", name.trim_end_matches('_')));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| self.take(&variant(name)));
        free.unwrap_or(name)
    }

    /// A type's name, or a variant's.
    pub(super) fn variant(&mut self, like: &str) -> String {
        variant(&self.name(like))
    }

    /// Whether nobody had it.
    pub(super) fn take(&mut self, variant: &str) -> bool {
        self.variants.insert(variant.to_owned())
    }
}

/// `InvoiceLine` and `invoice-line` are `invoice_line`; a keyword gets an underscore.
fn identifier(name: &str) -> String {
    let mut snake = String::new();
    let mut before = None;
    for c in name.chars() {
        let lower = before.is_some_and(|b: char| b.is_lowercase() || b.is_ascii_digit());
        if c.is_uppercase() && lower {
            snake.push('_');
        }
        for c in c.to_lowercase() {
            let fits = c.is_alphanumeric() && unicode_ident::is_xid_continue(c);
            snake.push(if fits { c } else { '_' });
        }
        before = Some(c);
    }
    let mut snake = snake.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
    match snake.chars().next() {
        None => return "unnamed".to_owned(),
        Some(first) if !unicode_ident::is_xid_start(first) => snake.insert(0, 'n'),
        // Its variant would be `Self`.
        Some(_) if snake == "self" => return "itself".to_owned(),
        Some(_) if RESERVED.contains(&snake.as_str()) => snake.push('_'),
        Some(_) => {}
    }
    snake
}

/// `invoice_line` is `InvoiceLine`, as SeaORM makes it.
pub(super) fn variant(name: &str) -> String {
    let words = identifier(name);
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    words.split('_').map(capital).collect()
}
