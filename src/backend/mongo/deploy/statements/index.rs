//! Indexes, the key's included. One that is unique leaves out the rows that have a null, so it hangs on which of its columns take
//! one.

use super::{
    super::{super::schema::extra_index, text, validator::Validator},
    Place, again,
};
use crate::{
    Error, ErrorKind, Result,
    schema::{
        IndexDef, Statement,
        name::bounded,
        picture::{ForeignKeyPicture, IndexPicture, PartPicture},
    },
};
use mongodb::bson::{Bson, Document, doc};

pub(super) fn add(place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
    for column in index.parts.iter().filter_map(|part| part.column()) {
        place.has(column)?;
        if place.validator.property(column).is_some_and(|property| !property.contains_key("bsonType")) {
            let error = Error::unsupported("an index on JSON, which is neither compared nor ordered");
            return Err(error.entity(place.name).field(column).constraint(&index.name));
        }
    }
    let partial = |columns: &mut dyn Iterator<Item = &str>| place.validator.partial(columns);
    match extra_index(place.name, index, partial)? {
        Some(index) => Ok(vec![created(place, index)]),
        None => Ok(Vec::new()),
    }
}

/// A reference whose children were found by it gets an index of its own.
pub(super) fn drop_it(place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
    let Some(there) = place.live.index(&index.name) else {
        // It says nothing for MongoDB, so it was never made.
        let partial = |columns: &mut dyn Iterator<Item = &str>| place.validator.partial(columns);
        return match extra_index(place.name, index, partial) {
            Ok(None) => Ok(Vec::new()),
            _ => Err(missing(place, &index.name)),
        };
    };
    let mut statements: Vec<Statement> = Vec::new();
    for key in &place.live.foreign_keys {
        if serves(there, &key.columns) && !served(place, &key.columns, Some(&there.name)) {
            statements.push(created(place, plain(&key.name, &key.columns)));
        }
    }
    statements.push(dropped(place, &index.name));
    Ok(statements)
}

/// MongoDB renames none: it is built anew.
pub(super) fn rename(place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>> {
    let there = place.live.index(from).ok_or_else(|| missing(place, from))?;
    let mut index = of_picture(place, there)?;
    index.insert("name", to);
    Ok(vec![dropped(place, from), created(place, index)])
}

/// The new key is looked at before the old one goes: for a moment there is none.
pub(super) fn set_key(place: &Place<'_>, to: &[String]) -> Result<Vec<Statement>> {
    for column in to {
        place.has(column)?;
    }
    let name = bounded("pk", place.name.rsplit('.').next().unwrap_or(place.name), &[]);
    let mut index = plain(&name, to);
    index.insert("unique", true);
    let mut statements: Vec<Statement> =
        to.iter().map(|column| place.none(doc! { column: Bson::Null }, "NotNullViolation", column)).collect();
    statements.extend(place.live.key.as_ref().map(|key| dropped(place, &key.name)));
    statements.push(created(place, index));
    Ok(statements)
}

/// What finds the children of a reference, where nothing does yet.
pub(super) fn serving(place: &Place<'_>, key: &ForeignKeyPicture) -> Option<Statement> {
    (!served(place, &key.columns, None)).then(|| created(place, plain(&key.name, &key.columns)))
}

/// The indexes that name a column, the key's included, as they are to be built anew.
pub(super) fn naming(place: &Place<'_>, column: &str) -> Result<Vec<Document>> {
    let mut all = Vec::new();
    if let Some(key) = place.live.key.as_ref().filter(|key| key.columns.iter().any(|name| name == column)) {
        let mut index = plain(&key.name, &key.columns);
        index.insert("unique", true);
        all.push(index);
    }
    let names = |index: &&IndexPicture| index.parts.iter().any(|part| part.column.as_deref() == Some(column));
    for index in place.live.indexes.iter().filter(names) {
        all.push(of_picture(place, index)?);
    }
    Ok(all)
}

/// The unique indexes that leave out other rows once a column is another.
pub(super) fn left_out_otherwise(place: &Place<'_>, column: &str, after: &Validator) -> Vec<Document> {
    let mut changed = Vec::new();
    for index in place.live.indexes.iter().filter(|index| index.unique && index.odd.is_none()) {
        let columns = || index.parts.iter().filter_map(|part| part.column.as_deref());
        if !columns().any(|name| name == column) {
            continue;
        }
        let (was, becomes) = (place.validator.partial(columns()), after.partial(columns()));
        let there = index.predicate.as_deref().and_then(|json| text::document(json).ok()).unwrap_or_default();
        if was == becomes || there != was {
            continue;
        }
        let mut document = keyed(&index.name, &index.parts);
        document.insert("unique", true);
        if !becomes.is_empty() {
            document.insert("partialFilterExpression", becomes);
        }
        changed.push(document);
    }
    changed
}

/// An index that is there, as it is made.
fn of_picture(place: &Place<'_>, index: &IndexPicture) -> Result<Document> {
    if index.odd.is_some() || index.method != "btree" {
        let error = Error::unsupported("it was made by hand with what no step can say: it goes first");
        return Err(error.entity(place.name).constraint(&index.name));
    }
    let mut document = keyed(&index.name, &index.parts);
    if index.unique {
        document.insert("unique", true);
    }
    if let Some(json) = &index.predicate {
        document.insert("partialFilterExpression", text::document(json)?);
    }
    Ok(document)
}

fn keyed(name: &str, parts: &[PartPicture]) -> Document {
    let parts = parts.iter().filter_map(|part| Some((part.column.clone()?, if part.descending { -1 } else { 1 })));
    let key: Document = parts.map(|(column, direction)| (column, Bson::Int32(direction))).collect();
    doc! { "key": key, "name": name }
}

fn plain(name: &str, columns: &[String]) -> Document {
    let key: Document = columns.iter().map(|column| (column.clone(), Bson::Int32(1))).collect();
    doc! { "key": key, "name": name }
}

fn serves(index: &IndexPicture, columns: &[String]) -> bool {
    let parts: Vec<&str> = index.parts.iter().filter_map(|part| part.column.as_deref()).collect();
    parts.len() >= columns.len() && parts.iter().zip(columns).all(|(part, column)| part == column)
}

fn served(place: &Place<'_>, columns: &[String], but: Option<&str>) -> bool {
    place.live.key.as_ref().is_some_and(|key| key.columns.starts_with(columns))
        || place.live.indexes.iter().any(|index| Some(index.name.as_str()) != but && serves(index, columns))
}

pub(super) fn created(place: &Place<'_>, index: Document) -> Statement {
    again(doc! { "createIndexes": place.name, "indexes": [index] })
}

pub(super) fn dropped(place: &Place<'_>, name: &str) -> Statement {
    again(doc! { "dropIndexes": place.name, "index": name })
}

fn missing(place: &Place<'_>, name: &str) -> Error {
    let error = Error::new(ErrorKind::SchemaMismatch, "the collection has no such index");
    error.entity(place.name).constraint(name)
}
