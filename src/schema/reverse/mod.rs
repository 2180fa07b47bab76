//! From what a server has to the tables that would make it: the way into Seabed for a database that is there already.
//!
//! A type's name only suggests a portable kind ([`guess`]). Whether our DDL of that kind gives the same column is asked of the
//! server: the guess is built in a scratch place, and where the two pictures differ the column keeps the server's own words
//! ([`corrected`]). So nothing here has to know how a server writes anything back.

mod mysql;
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;

use super::{
    Check, Column, ColumnExtra, Drift, Flavor, ForeignKey, Index, IndexDef, Kind, OnDelete, Part, Picture, Rules,
    Table, TableExtra, Words,
    picture::{CheckPicture, ColumnPicture, IndexPicture, TablePicture},
};

/// Tables, and what of the database they cannot say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reversed {
    /// The tables, by name.
    pub tables: Vec<Table>,
    /// What no entity can say: columns of a type that is not portable, tables without a key.
    pub left: Vec<Drift>,
}

/// The tables that a picture suggests, with portable kinds only.
#[must_use]
pub fn guess(have: &Picture, flavor: Flavor) -> Reversed {
    let mut reversed = Reversed::default();
    for (name, picture) in &have.tables {
        match table(name, picture, flavor, &mut reversed.left) {
            Some(table) => reversed.tables.push(table),
            None => reversed.left.push(left(name, format!("table {name}"), "it has no primary key")),
        }
    }
    let tables = reversed.tables.clone();
    for table in &mut reversed.tables {
        let (led, astray): (Vec<_>, Vec<_>) = table.foreign_keys.drain(..).partition(|key| {
            let parent = tables.iter().find(|parent| parent.name == key.parent);
            parent.is_some_and(|parent| key.parent_columns.iter().all(|column| parent.position(column).is_ok()))
        });
        table.foreign_keys = led;
        reversed.left.extend(astray.iter().map(|key| {
            let columns = table.names(&key.columns).join(", ");
            left(&table.name, format!("foreign key {columns}"), "what it leads to is left out")
        }));
    }
    reversed
}

/// The same tables, in the server's own words wherever what was built from them (`want`) is not what is there.
#[must_use]
pub fn corrected(mut reversed: Reversed, have: &Picture, want: &Picture, flavor: Flavor) -> Reversed {
    for table in &mut reversed.tables {
        let name = qualified(table);
        let (Some(have), Some(want)) = (have.tables.get(&name), want.tables.get(&name)) else { continue };
        let mut ours: Vec<&CheckPicture> = want.checks.iter().collect();
        for column in &mut table.columns {
            let (Some(is), Some(would)) = (have.column(&column.name), want.column(&column.name)) else { continue };
            // The checks that guard our type are named after the column; a column without them is not of our type.
            let guards = |check: &&CheckPicture| guards(check, &table.name, &column.name);
            let guarded = want
                .checks
                .iter()
                .filter(guards)
                .all(|check| have.checks.iter().any(|it| it.condition == check.condition));
            if !guarded || !same(is, would) {
                column.extra.native = Some(words(native(is, flavor), flavor));
                ours.retain(|check| !guards(check));
            }
        }
        // What is left is not ours, so it is said as it stands.
        let own = |check: &&CheckPicture| !ours.iter().any(|our| our.condition == check.condition);
        let checks = have.checks.iter().filter(own).filter(|check| check.enforced);
        table.extra.checks = checks.enumerate().map(|(at, check)| named(&table.name, at, check, flavor)).collect();
    }
    reversed
}

/// Whether two columns are one, but for their defaults, which are made in Rust.
fn same(is: &ColumnPicture, would: &ColumnPicture) -> bool {
    is.declared == would.declared && is.collation == would.collation && is.auto.is_empty() == would.auto.is_empty()
}

fn guards(check: &CheckPicture, table: &str, column: &str) -> bool {
    ["ty", "ck"].iter().any(|prefix| check.name == super::name::bounded(prefix, table, &[column]))
}

/// A column's type with its collation, as the server would have it declared.
fn native(column: &ColumnPicture, flavor: Flavor) -> String {
    let collation = column.collation.as_deref().filter(|collation| !collation.is_empty());
    match (flavor, collation) {
        (_, None) | (Flavor::Postgres, Some("default")) => column.declared.clone(),
        (Flavor::MySql | Flavor::MariaDb, Some(collation)) => {
            // The charset is the collation's first word.
            let charset = collation.split('_').next().unwrap_or(collation);
            format!("{} CHARACTER SET {charset} COLLATE {collation}", column.declared)
        }
        (_, Some(collation)) => format!("{} COLLATE {}", column.declared, flavor.quoted(collation)),
    }
}

fn named(table: &str, at: usize, check: &CheckPicture, flavor: Flavor) -> Check {
    let name = match check.name.as_str() {
        "" => super::name::bounded("ck", table, &[&(at + 1).to_string()]),
        name => name.to_owned(),
    };
    Check { name, condition: words(check.condition.clone(), flavor) }
}

fn words(text: String, flavor: Flavor) -> Words {
    match flavor {
        Flavor::Sqlite => Words::default().sqlite(text),
        Flavor::Postgres => Words::default().postgres(postgres::as_written(text)),
        Flavor::MySql | Flavor::MariaDb => Words::default().mysql(text),
    }
}

fn left(table: &str, what: String, why: &str) -> Drift {
    Drift { table: Some(table.to_owned()), what, why: why.to_owned() }
}

fn qualified(table: &Table) -> String {
    table.schema.as_deref().map_or_else(|| table.name.clone(), |schema| format!("{schema}.{}", table.name))
}

fn table(name: &str, picture: &TablePicture, flavor: Flavor, left_out: &mut Vec<Drift>) -> Option<Table> {
    let key = picture.key.as_ref()?;
    let mut columns = Vec::new();
    for column in &picture.columns {
        let kind = if column.generated.is_some() { None } else { kind(column, picture, flavor) };
        match kind {
            Some(kind) => columns.push(Column {
                name: column.name.clone().into(),
                nullable: column.nullable && !key.columns.contains(&column.name),
                auto_increment: !column.auto.is_empty() && key.columns == [column.name.clone()] && kind.is_whole(),
                default: None,
                extra: ColumnExtra { comment: column.comment.clone(), ..ColumnExtra::default() },
                kind,
            }),
            None => {
                let why = if column.generated.is_some() {
                    "its values are computed by the server"
                } else {
                    "its type is not one of the portable types"
                };
                left_out.push(left(name, format!("column {} {}", column.name, column.declared), why));
            }
        }
    }
    let position = |name: &String| columns.iter().position(|column| column.name == *name);
    let positions = |names: &[String]| names.iter().map(position).collect::<Option<Vec<usize>>>();
    let mut table = Table {
        schema: None,
        name: name.to_owned(),
        key: positions(&key.columns)?,
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        rules: Rules::default(),
        extra: TableExtra { comment: picture.comment.clone(), ..TableExtra::default() },
        columns: Vec::new(),
    };
    for index in &picture.indexes {
        if let Some(plain) = plain(index).and_then(|names| positions(&names)) {
            table.indexes.push(Index { name: index.name.clone(), columns: plain, unique: index.unique });
        } else if let Some(said) = said(index, flavor) {
            table.extra.indexes.push(said);
        } else {
            left_out.push(left(name, format!("index {}", index.name), "no entity can say it"));
        }
    }
    for key in &picture.foreign_keys {
        let on_delete = match key.on_delete.as_str() {
            "CASCADE" => Some(OnDelete::Cascade),
            "SET NULL" => Some(OnDelete::SetNull),
            "SET DEFAULT" => None,
            _ => Some(OnDelete::Restrict),
        };
        let updates = matches!(key.on_update.as_str(), "" | "NO ACTION" | "RESTRICT");
        match (positions(&key.columns), on_delete) {
            (Some(columns), Some(on_delete)) if updates && key.odd.is_none() => table.foreign_keys.push(ForeignKey {
                name: super::name::bounded("fk", name, &key.columns.iter().map(String::as_str).collect::<Vec<_>>()),
                columns,
                parent: key.parent.clone(),
                parent_columns: key.parent_columns.clone(),
                on_delete,
                parent_tenant: None,
            }),
            _ => left_out.push(left(name, format!("foreign key {}", key.columns.join(", ")), "no entity can say it")),
        }
    }
    table.columns = columns;
    Some(table)
}

/// The columns of an index that an attribute can say.
fn plain(index: &IndexPicture) -> Option<Vec<String>> {
    let ordinary = index.predicate.is_none() && index.odd.is_none() && index.included.is_empty() && index.valid;
    let method = matches!(index.method.to_ascii_lowercase().as_str(), "" | "btree");
    let column = |part: &super::picture::PartPicture| {
        let bare = !part.descending && part.prefix.is_none() && part.collation.is_none() && part.expression.is_none();
        part.column.clone().filter(|_| bare)
    };
    index.parts.iter().map(column).collect::<Option<Vec<_>>>().filter(|_| ordinary && method)
}

/// An index that the `schema` rule can say.
fn said(index: &IndexPicture, flavor: Flavor) -> Option<IndexDef> {
    let method = matches!(index.method.to_ascii_lowercase().as_str(), "" | "btree");
    if !method || index.odd.is_some() || !index.included.is_empty() || !index.valid {
        return None;
    }
    let part = |part: &super::picture::PartPicture| match (&part.column, &part.expression) {
        (Some(_), _) if part.prefix.is_some() || part.collation.is_some() => None,
        (Some(column), None) if part.descending => Some(Part::Descending(column.clone())),
        (Some(column), None) => Some(Part::Column(column.clone())),
        (None, Some(expression)) if !part.descending => Some(Part::Expression(words(expression.clone(), flavor))),
        _ => None,
    };
    Some(IndexDef {
        name: index.name.clone(),
        parts: index.parts.iter().map(part).collect::<Option<_>>()?,
        unique: index.unique,
        only: index.predicate.clone().map(|predicate| words(predicate, flavor)),
        renamed_from: None,
    })
}

fn kind(column: &ColumnPicture, table: &TablePicture, flavor: Flavor) -> Option<Kind> {
    let declared = column.declared.to_ascii_lowercase();
    let check = |check: &&CheckPicture| check.condition.contains(column.name.as_str());
    let checks: Vec<&str> = table.checks.iter().filter(check).map(|check| check.condition.as_str()).collect();
    let guessed = match flavor {
        Flavor::Sqlite => sqlite::kind(&declared, &checks),
        Flavor::Postgres => postgres::kind(&declared),
        Flavor::MySql | Flavor::MariaDb => mysql::kind(&column.declared, &checks),
    }?;
    Some(narrowed(guessed, &checks))
}

/// Whole numbers whose range a check of ours says.
fn narrowed(kind: Kind, checks: &[&str]) -> Kind {
    let says = |bound: &str| {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        checks.iter().any(|check| {
            check.match_indices(bound).any(|(at, _)| {
                !digit(check[..at].chars().next_back()) && !digit(check[at + bound.len()..].chars().next())
            })
        })
    };
    match kind {
        Kind::Int16 if says("255") => Kind::UInt8,
        Kind::Int16 if says("127") => Kind::Int8,
        Kind::Int32 if says("65535") => Kind::UInt16,
        Kind::Int64 if says("4294967295") => Kind::UInt32,
        other => other,
    }
}

/// The numbers between the brackets of a type: `numeric(10,2)` has 10 and 2.
fn arguments(declared: &str) -> Vec<u32> {
    let inside = declared.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(inside, _)| inside);
    inside.into_iter().flat_map(|inside| inside.split(',')).filter_map(|number| number.trim().parse().ok()).collect()
}

/// A decimal with its digits; one without has as many as are portable.
fn decimal(declared: &str) -> Option<Kind> {
    match arguments(declared).as_slice() {
        [] => Some(Kind::Decimal { precision: 28, scale: 10 }),
        [precision] if (1..=28).contains(precision) => Some(Kind::Decimal { precision: *precision, scale: 0 }),
        [precision, scale] if (1..=28).contains(precision) && scale <= precision => {
            Some(Kind::Decimal { precision: *precision, scale: *scale })
        }
        _ => None,
    }
}

/// A text with its length.
fn text(declared: &str) -> Kind {
    Kind::Text { max: arguments(declared).first().copied() }
}
