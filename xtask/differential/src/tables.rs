//! Random tables of the portable types.

use crate::{random::Random, values};
use anyhow::{Context, Result};
use seabed::{
    Error, ErrorKind,
    schema::{
        Column, ColumnExtra, Folded, ForeignKey, Index, Kind, OnDelete, Rules, Table,
        name::bounded,
        rules::{Proposal, Proposed, Validate},
    },
    sea_orm::Value,
};
use std::sync::Arc;

/// One to three tables, parents first, with indexes on `floats` or none. Names are short: `named` makes them unique.
pub fn random(random: &mut Random, floats: bool) -> Vec<Arc<Table>> {
    let count = *random.pick(&[1, 2, 2, 3]);
    let mut tables: Vec<Table> = Vec::with_capacity(count);
    let owner = random.pick(&[Kind::Int64, Kind::Int32, Kind::Text { max: Some(8) }, Kind::Uuid]).clone();
    for position in 0..count {
        let table = table(&format!("t{position}"), &owner, &tables, random, floats);
        tables.push(table);
    }
    tables.into_iter().map(Arc::new).collect()
}

fn table(name: &str, owner: &Kind, before: &[Table], random: &mut Random, floats: bool) -> Table {
    let mut table = Table::empty(name);
    key(&mut table, random);
    let kinds = kinds(random);
    for (position, kind) in kinds.into_iter().enumerate() {
        let nullable = random.below(10) < 6;
        let default = random.one_in(4).then(|| values::valid(&kind, random));
        let mut name = format!("c{position}");
        if random.one_in(12) {
            // Names that are quoted for a reason.
            name = (*random.pick(&["order", "Group", "a\"b", "c`d", "ü x"])).to_owned() + &position.to_string();
        }
        column(&mut table, name, kind, nullable).default = default;
    }
    if random.below(5) < 3 {
        rules(&mut table, owner, random);
    }
    if !before.is_empty() && !random.one_in(5) {
        let parent = random.pick(before).clone();
        refer(&mut table, &parent, random);
    }
    if random.one_in(5) {
        let parent = table.clone();
        refer(&mut table, &parent, random);
    }
    for _ in 0..*random.pick(&[0, 1, 1, 2]) {
        index(&mut table, random, floats);
    }
    table
}

fn column(table: &mut Table, name: String, kind: Kind, nullable: bool) -> &mut Column {
    table.columns.push(Column {
        name: name.into(),
        kind,
        nullable,
        default: None,
        auto_increment: false,
        extra: ColumnExtra::default(),
    });
    let last = table.columns.len() - 1;
    &mut table.columns[last]
}

fn key(table: &mut Table, random: &mut Random) {
    let short = Kind::Text { max: Some(6) };
    let kinds = match random.below(10) {
        0 | 1 => {
            let kind = random.pick(&[Kind::Int32, Kind::Int64]).clone();
            column(table, "id".into(), kind, false).auto_increment = true;
            table.key = vec![0];
            return;
        }
        2 | 3 => vec![Kind::Int64],
        4 => vec![random.pick(&[Kind::Int16, Kind::Int32, Kind::UInt32, Kind::UInt64, Kind::Date]).clone()],
        5 | 6 => vec![Kind::Uuid],
        7 => vec![short],
        8 => vec![Kind::Int32, short],
        _ => vec![Kind::Uuid, Kind::Date],
    };
    for (position, kind) in kinds.into_iter().enumerate() {
        column(table, ["id", "part"][position].into(), kind, false);
        table.key.push(position);
    }
}

fn kinds(random: &mut Random) -> Vec<Kind> {
    let decimal = *random.pick(&[(5, 2), (10, 0), (18, 4), (4, 4), (18, 18)]);
    let mut all = vec![
        Kind::Bool,
        Kind::Int16,
        Kind::Int32,
        Kind::Int64,
        Kind::UInt32,
        Kind::UInt64,
        Kind::Double,
        Kind::Decimal { precision: decimal.0, scale: decimal.1 },
        Kind::Text { max: Some(*random.pick(&[3, 8, 40, 255])) },
        Kind::Text { max: Some(8) },
        Kind::Text { max: None },
        Kind::Enum { variants: values::VARIANTS.map(str::to_owned).to_vec() },
        Kind::Bytes,
        Kind::Json,
        Kind::Uuid,
        Kind::Instant,
        Kind::DateTime,
        Kind::Date,
        Kind::Time,
    ];
    random.shuffle(&mut all);
    all.truncate(random.size(6) + 2);
    all
}

/// Rules, and the columns that they write.
fn rules(table: &mut Table, owner: &Kind, random: &mut Random) {
    let mut add = |name: &'static str, kind: Kind, nullable: bool| {
        column(table, name.into(), kind, nullable);
        Some(table.columns.len() - 1)
    };
    let mut rules = Rules::default();
    if random.one_in(3) {
        rules.version = add("version", random.pick(&[Kind::Int32, Kind::Int64]).clone(), false);
    }
    if random.one_in(3) {
        rules.created_at = add("created_at", Kind::Instant, random.one_in(4));
    }
    if random.one_in(3) {
        rules.updated_at = add("updated_at", Kind::Instant, random.one_in(4));
    }
    if random.one_in(3) {
        rules.soft_delete = add("deleted_at", Kind::Instant, true);
    }
    if random.one_in(3) {
        rules.tenant = add("owner", owner.clone(), false);
    }
    for source in 0..table.columns.len() {
        let of = &table.columns[source];
        if let (Kind::Text { max }, false) = (&of.kind, table.key.contains(&source))
            && random.coin()
        {
            // A letter becomes three at most; now and then there is no room for them.
            let room = if random.one_in(6) { 1 } else { 3 };
            let kind = Kind::Text { max: max.map(|max| (max * room).min(400)) };
            let (name, nullable) = (format!("{}_folded", of.name), of.nullable);
            column(table, name, kind, nullable);
            rules.folded.push(Folded { source, folded: table.columns.len() - 1 });
        }
    }
    if random.one_in(5) {
        rules.validate = Some(Validate(no_shout));
    }
    table.rules = rules;
}

/// Refuses one text, wherever it is written.
///
/// # Errors
/// Where it is.
pub fn no_shout(proposal: &Proposal<'_>) -> seabed::Result<()> {
    let shouts = |proposed: &Proposed<'_>| *proposed == Proposed::Value(&Value::from("SS"));
    match proposal.cells.iter().find(|(_, proposed)| shouts(proposed)) {
        Some((name, _)) => Err(Error::new(ErrorKind::InvalidValue, "it shouts").field(&**name)),
        None => Ok(()),
    }
}

/// The columns of rules that are not for keys.
fn moves(table: &Table, position: usize) -> bool {
    let rules = &table.rules;
    [rules.version, rules.created_at, rules.updated_at, rules.soft_delete].contains(&Some(position))
}

/// A reference to the parent's key, in columns of its kinds.
fn refer(table: &mut Table, parent: &Table, random: &mut Random) {
    let on_delete = *random.pick(&[OnDelete::Restrict, OnDelete::Cascade, OnDelete::SetNull]);
    let own = table.name == parent.name;
    let nullable = own || on_delete == OnDelete::SetNull || random.coin();
    let mut columns = Vec::new();
    for &position in &parent.key {
        let of = &parent.columns[position];
        column(table, format!("{}_{}", if own { "own" } else { &parent.name }, of.name), of.kind.clone(), nullable);
        columns.push(table.columns.len() - 1);
    }
    let parent_columns = parent.key.iter().map(|&position| parent.columns[position].name.to_string()).collect();
    let name = String::new();
    table.foreign_keys.push(ForeignKey {
        name,
        columns,
        parent: parent.name.clone(),
        parent_columns,
        on_delete,
        parent_tenant: parent.rules.tenant.map(|tenant| parent.columns[tenant].name.clone()),
    });
}

fn index(table: &mut Table, random: &mut Random, floats: bool) {
    let able = |column: &Column| {
        // Without a length, or with a great one, it cannot be indexed on MySQL; a bool would refuse the third row.
        let long = matches!(column.kind, Kind::Text { max } if max.is_none_or(|max| max > 255));
        !long
            && (floats || column.kind != Kind::Double)
            && !matches!(column.kind, Kind::Json | Kind::Bytes | Kind::Bool | Kind::Enum { .. })
    };
    let mut columns: Vec<usize> = (0..table.columns.len())
        .filter(|position| able(&table.columns[*position]) && !table.key.contains(position) && !moves(table, *position))
        .collect();
    random.shuffle(&mut columns);
    columns.truncate(*random.pick(&[1, 2, 2]));
    // Two indexes on the same columns say nothing new, and which of them is told is the server's choice.
    let same = |index: &Index| index.columns.iter().all(|column| columns.contains(column));
    if !columns.is_empty() && !table.indexes.iter().any(same) {
        table.indexes.push(Index { name: String::new(), columns, unique: random.below(3) < 2 });
    }
}

/// The tables with a suffix to each name, and the names of indexes and references that follow from it.
///
/// # Errors
/// A parent that is none of them.
pub fn named(tables: &[Arc<Table>], suffix: &str) -> Result<Vec<Arc<Table>>> {
    let mut renamed = Vec::with_capacity(tables.len());
    for table in tables {
        let mut table = Table::clone(table);
        let stem = |name: &str| name.split_once('_').map_or(name, |(stem, _)| stem).to_owned();
        table.name = format!("{}_{suffix}", stem(&table.name));
        for index in &mut table.indexes {
            let columns: Vec<&str> = index.columns.iter().map(|column| &*table.columns[*column].name).collect();
            index.name = bounded(if index.unique { "ux" } else { "ix" }, &table.name, &columns);
        }
        for key in &mut table.foreign_keys {
            let columns: Vec<&str> = key.columns.iter().map(|column| &*table.columns[*column].name).collect();
            key.name = bounded("fk", &table.name, &columns);
            let parent = tables.iter().find(|table| table.name == key.parent).context("a parent that is not there")?;
            key.parent = format!("{}_{suffix}", stem(&parent.name));
        }
        renamed.push(Arc::new(table));
    }
    Ok(renamed)
}
