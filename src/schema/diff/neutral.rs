//! A picture in neutral words: what two lists of tables are compared by where no server is asked.

use super::ours::full;
use crate::schema::{
    Check, Column, Index, IndexDef, Part, Picture, Table, Words,
    picture::{CheckPicture, ColumnPicture, ForeignKeyPicture, IndexPicture, KeyPicture, PartPicture, TablePicture},
};

/// What a database of exactly these tables has, in words of no server.
pub(super) fn portrait<'t>(tables: impl Iterator<Item = &'t Table>) -> Picture {
    Picture { tables: tables.map(|table| (full(table), table_of(table))).collect(), others: Vec::new() }
}

fn table_of(table: &Table) -> TablePicture {
    let attributes = table.indexes.iter().map(|index| index_of(&def(table, index)));
    let key = table.names(&table.key).into_iter().map(ToOwned::to_owned).collect();
    TablePicture {
        columns: table.columns.iter().map(column_of).collect(),
        key: Some(KeyPicture { name: String::new(), columns: key }),
        indexes: attributes.chain(table.extra.indexes.iter().map(index_of)).collect(),
        foreign_keys: table.foreign_keys.iter().map(|key| key_of(table, key)).collect(),
        checks: table.extra.checks.iter().map(check_of).collect(),
        comment: table.extra.comment.clone(),
        ..TablePicture::default()
    }
}

fn column_of(column: &Column) -> ColumnPicture {
    let native = column.extra.native.as_ref().map(said).unwrap_or_default();
    ColumnPicture {
        name: column.name.to_string(),
        declared: format!("{:?} {native}", column.kind),
        nullable: column.nullable,
        auto: if column.auto_increment { "yes".to_owned() } else { String::new() },
        comment: column.extra.comment.clone(),
        ..ColumnPicture::default()
    }
}

/// An index of the attributes as a step names it.
pub(super) fn def(table: &Table, index: &Index) -> IndexDef {
    let parts = table.names(&index.columns).into_iter().map(|column| Part::Column(column.to_owned())).collect();
    IndexDef { name: index.name.clone(), parts, unique: index.unique, ..IndexDef::default() }
}

fn index_of(index: &IndexDef) -> IndexPicture {
    let parts = index.parts.iter().map(|part| match part {
        Part::Column(column) => PartPicture { column: Some(column.clone()), ..PartPicture::default() },
        Part::Descending(column) => {
            PartPicture { column: Some(column.clone()), descending: true, ..PartPicture::default() }
        }
        Part::Expression(words) => PartPicture { expression: Some(said(words)), ..PartPicture::default() },
    });
    IndexPicture {
        name: index.name.clone(),
        parts: parts.collect(),
        unique: index.unique,
        predicate: index.only.as_ref().map(said),
        valid: true,
        ..IndexPicture::default()
    }
}

fn key_of(table: &Table, key: &crate::schema::ForeignKey) -> ForeignKeyPicture {
    ForeignKeyPicture {
        name: key.name.clone(),
        columns: table.names(&key.columns).into_iter().map(ToOwned::to_owned).collect(),
        parent: super::ours::parent(table, key),
        parent_columns: key.parent_columns.clone(),
        on_delete: key.on_delete.words().to_owned(),
        ..ForeignKeyPicture::default()
    }
}

fn check_of(check: &Check) -> CheckPicture {
    CheckPicture { name: check.name.clone(), condition: said(&check.condition), enforced: true }
}

/// Words for all servers as one text, names and texts in it as they are.
fn said(words: &Words) -> String {
    let of = |server: &str, text: &Option<String>| text.as_ref().map(|text| format!("{server}: {text}"));
    let sql = [of("", &words.all), of("1", &words.sqlite), of("2", &words.postgres), of("3", &words.mysql)];
    let each = sql.into_iter().chain([of("4", &words.mongodb)]);
    each.flatten().collect::<Vec<_>>().join("; ")
}
