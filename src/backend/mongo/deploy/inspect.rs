//! What a database has, and what it would have: both from the same documents, so that equal things have equal words. What is wanted
//! is drawn without a server: MongoDB gives validators and indexes back as they were said.

use super::{
    super::{
        references::{REFERENCES, declared},
        schema::{collection, indexes, refused, validator},
    },
    MongoDeploy, OURS, session, text,
    validator::{self as property, Validator},
};
use crate::{
    Result,
    schema::{
        Kind, Picture, Table,
        lint::words,
        picture::{
            CheckPicture, ColumnPicture, ForeignKeyPicture, IndexPicture, KeyPicture, OtherPicture, PartPicture,
            TablePicture,
        },
    },
};
use mongodb::{
    Database,
    bson::{Bson, Document, doc},
};
use std::sync::Arc;

/// The picture of a database.
pub(super) async fn inspect(deploy: &mut MongoDeploy, database: &Database) -> Result<Picture> {
    let mut picture = Picture::default();
    let all = session::rows(deploy, database, doc! { "listCollections": 1 }).await?;
    let references = session::rows(deploy, database, doc! { "find": REFERENCES, "sort": { "_id": 1 } }).await?;
    for found in all {
        let name = found.get_str("name").unwrap_or_default().to_owned();
        if name.starts_with(OURS) || name.starts_with("system.") {
            continue;
        }
        let kind = found.get_str("type").unwrap_or("collection");
        if kind != "collection" {
            let options = found.get_document("options").cloned().unwrap_or_default();
            let text = text::written(&options);
            picture.others.push(OtherPicture { kind: kind.to_owned(), name, table: None, text });
            continue;
        }
        let there = session::rows(deploy, database, doc! { "listIndexes": &name }).await?;
        let options = found.get_document("options").cloned().unwrap_or_default();
        let its = references.iter().filter(|one| text::says(one, "child", &name));
        picture.tables.insert(name.clone(), table(options, &there, its));
    }
    picture.others.sort();
    Ok(picture)
}

/// The picture of a database of these tables.
///
/// # Errors
/// `Unsupported` with entity and field for what MongoDB cannot hold.
pub(super) fn want(tables: &[Arc<Table>]) -> Result<Picture> {
    let mut picture = Picture::default();
    for one in tables {
        if let Some(error) = refused(one).into_iter().next() {
            return Err(error);
        }
        let options = doc! { "validator": validator(one) };
        picture.tables.insert(collection(one), table(options, &indexes(one), declared(one).iter()));
    }
    Ok(picture)
}

/// MongoDB keeps no word of how long a text may be and how great a number. A column has what was said of it last; where nobody is
/// known to have said anything, what is wanted of it.
pub(super) fn completed(have: &mut Picture, want: &mut Picture, tables: &[Arc<Table>], owned: &[Table]) {
    let size = |table: &Table, column: &str| {
        let kind = &table.column(column).ok()?.kind;
        let sized = kind.is_whole() || matches!(kind, Kind::Text { .. } | Kind::Decimal { .. });
        Some(if sized { format!(", {}", words(kind)) } else { String::new() })
    };
    let wanted = |name: &str| tables.iter().map(Arc::as_ref).find(|table| collection(table) == name);
    for (name, table) in &mut want.tables {
        for column in &mut table.columns {
            column.declared += &wanted(name).and_then(|table| size(table, &column.name)).unwrap_or_default();
        }
    }
    for (name, table) in &mut have.tables {
        let owned = owned.iter().find(|table| collection(table) == *name);
        for column in &mut table.columns {
            let last = owned.and_then(|table| size(table, &column.name));
            let last = last.or_else(|| wanted(name).and_then(|table| size(table, &column.name)));
            column.declared += &last.unwrap_or_default();
        }
    }
}

fn table<'d>(
    mut options: Document,
    there: &[Document],
    references: impl Iterator<Item = &'d Document>,
) -> TablePicture {
    let mut table = TablePicture::default();
    if let Some(Bson::Document(whole)) = options.remove("validator") {
        table.create = Some(text::written(&whole));
        let validator = Validator::read(whole);
        let weak = [("validationLevel", "off"), ("validationAction", "warn")];
        let enforced = !weak.iter().any(|(name, weak)| text::says(&options, name, weak));
        let checks = validator.conditions().into_iter();
        table.checks = checks.map(|condition| CheckPicture { name: String::new(), condition, enforced }).collect();
        table.columns = validator.columns().filter_map(|name| column(&validator, name)).collect();
    }
    let usual = [("validationLevel", "strict"), ("validationAction", "error")];
    for (name, value) in options {
        if !usual.iter().any(|(option, usual)| *option == name && value.as_str() == Some(usual)) {
            table.options.insert(name, text::value(&value));
        }
    }
    for found in there.iter().filter(|found| !text::says(found, "name", "_id_")) {
        let index = index(found);
        let columns: Option<Vec<String>> = index.parts.iter().map(|part| part.column.clone()).collect();
        match columns {
            Some(columns) if index.unique && index.name.starts_with("pk_") && table.key.is_none() => {
                table.key = Some(KeyPicture { name: index.name, columns });
            }
            _ => table.indexes.push(index),
        }
    }
    table.indexes.sort_by(|one, other| one.name.cmp(&other.name));
    table.foreign_keys = references.map(foreign_key).collect();
    table.foreign_keys.sort_by(|one, other| one.name.cmp(&other.name));
    table
}

fn column(validator: &Validator, name: &str) -> Option<ColumnPicture> {
    let said = validator.property(name)?;
    let (mut declared, nullable) = (property::declared(said), property::nullable(said));
    // What may be null may be missing, which is the same.
    if !nullable && !validator.requires(name) {
        declared += ", may be missing";
    }
    Some(ColumnPicture { name: name.to_owned(), declared, nullable, ..ColumnPicture::default() })
}

fn index(found: &Document) -> IndexPicture {
    let mut method = "btree".to_owned();
    let mut parts = Vec::new();
    for (name, direction) in found.get_document("key").into_iter().flatten() {
        let number = match direction {
            Bson::Int32(n) => Some(f64::from(*n)),
            #[expect(clippy::cast_precision_loss, reason = "a direction is 1 or -1")]
            Bson::Int64(n) => Some(*n as f64),
            Bson::Double(n) => Some(*n),
            other => {
                other.as_str().unwrap_or("odd").clone_into(&mut method);
                None
            }
        };
        let descending = number.is_some_and(|number| number < 0.0);
        parts.push(PartPicture { column: Some(name.clone()), descending, ..PartPicture::default() });
    }
    let predicate = found.get_document("partialFilterExpression").ok().map(text::written);
    let known = ["v", "key", "name", "ns", "unique", "partialFilterExpression", "background"];
    let odd: Vec<String> = found
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| format!("{name} {}", text::value(value)))
        .collect();
    IndexPicture {
        name: found.get_str("name").unwrap_or_default().to_owned(),
        parts,
        unique: found.get_bool("unique").unwrap_or(false),
        predicate,
        method,
        valid: true,
        odd: (!odd.is_empty()).then(|| odd.join(", ")),
        ..IndexPicture::default()
    }
}

fn foreign_key(found: &Document) -> ForeignKeyPicture {
    let text = |name: &str| found.get_str(name).unwrap_or_default().to_owned();
    let texts = |name: &str| {
        let list = found.get_array(name).into_iter().flatten();
        list.filter_map(Bson::as_str).map(ToOwned::to_owned).collect()
    };
    ForeignKeyPicture {
        name: text("name"),
        columns: texts("columns"),
        parent: text("parent"),
        parent_columns: texts("parent_columns"),
        on_delete: text("on_delete").to_uppercase(),
        on_update: "RESTRICT".to_owned(),
        odd: None,
    }
}
