//! Indexes, the key's included. One that is unique leaves out the rows that have a null, so it hangs on which of its columns take
//! one.

use super::{
    super::{
        super::schema::{self, extra_index},
        text,
        validator::Validator,
    },
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

/// Which rows an index has, where it has not all.
const PARTIAL: &str = "partialFilterExpression";

pub(super) fn add(place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
    for column in index.parts.iter().filter_map(|part| part.column()) {
        place.has(column)?;
        if place.validator.property(column).is_some_and(|property| !property.contains_key("bsonType")) {
            let error = Error::unsupported("an index on JSON, which is neither compared nor ordered");
            return Err(error.entity(place.name).field(column).constraint(&index.name));
        }
    }
    let partial = |columns: &mut dyn Iterator<Item = &str>| place.validator.partial(columns);
    let Some(index) = extra_index(place.name, index, partial)? else { return Ok(Vec::new()) };
    if is_the_key(place, &index) {
        return Ok(Vec::new());
    }
    Ok(twins(place, &index).chain([created(place, index.clone())]).collect())
}

/// A reference whose children were found by it gets an index of its own: before it goes, or after where they are one and the same.
pub(super) fn drop_it(place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
    let Some(there) = place.live.index(&index.name) else {
        // It says nothing for MongoDB, so it was never made.
        let partial = |columns: &mut dyn Iterator<Item = &str>| place.validator.partial(columns);
        return match extra_index(place.name, index, partial) {
            Ok(None) => Ok(Vec::new()),
            // It is the new key's by now, or another's name took its place.
            Ok(Some(index)) if is_the_key(place, &index) || twins(place, &index).next().is_some() => Ok(Vec::new()),
            _ => Err(missing(place, &index.name)),
        };
    };
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for key in &place.live.foreign_keys {
        if serves(place, there, &key.columns) && !served(place, &key.columns, Some(&there.name)) {
            let index = plain(&key.name, &key.columns);
            let one_name = there.name == key.name;
            let statements = if one_name || is_twin(there, &index) { &mut after } else { &mut before };
            statements.push(created(place, index));
        }
    }
    before.push(dropped(place, &index.name));
    before.append(&mut after);
    Ok(before)
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
    statements.extend(twins(place, &index));
    let by_key = |key: &&ForeignKeyPicture| {
        let live = place.live.key.as_ref().is_some_and(|live| live.columns.starts_with(&key.columns));
        live && !to.starts_with(&key.columns) && !by_index(place, &key.columns, None)
    };
    let unserved = place.live.foreign_keys.iter().filter(by_key);
    statements.extend(unserved.map(|key| created(place, plain(&key.name, &key.columns))));
    statements.extend(place.live.key.as_ref().map(|key| dropped(place, &key.name)));
    statements.push(created(place, index));
    Ok(statements)
}

/// What is the same under another name goes first: MongoDB has no index twice.
fn twins(place: &Place<'_>, index: &Document) -> impl Iterator<Item = Statement> {
    let twins = place.live.indexes.iter().filter(move |there| is_twin(there, index));
    twins.map(move |there| dropped(place, &there.name))
}

/// Whether an index that is there is another only by its name, so that MongoDB refuses to make it.
fn is_twin(there: &IndexPicture, index: &Document) -> bool {
    let filter = |index: &Document| index.get_document(PARTIAL).cloned().unwrap_or_default();
    let key = |index: &Document| index.get_document("key").cloned().unwrap_or_default();
    let there_key = key(&keyed(&there.name, &there.parts));
    index.get_str("name").is_ok_and(|name| name != there.name)
        && there.odd.is_none()
        && there.method == "btree"
        && there.unique == index.get_bool("unique").unwrap_or(false)
        && there_key.iter().eq(key(index).iter())
        && filter_of(there) == filter(index)
}

/// Whether it is the primary key's, which stays.
fn is_the_key(place: &Place<'_>, index: &Document) -> bool {
    let key = |index: &Document| index.get_document("key").cloned().unwrap_or_default();
    let is_unique = index.get_bool("unique").unwrap_or(false) && !index.contains_key(PARTIAL);
    let there = place.live.key.as_ref().map(|there| key(&plain(&there.name, &there.columns)));
    is_unique && there.is_some_and(|there| there.iter().eq(key(index).iter()))
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
            document.insert(PARTIAL, becomes);
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
        document.insert(PARTIAL, text::document(json)?);
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

fn filter_of(index: &IndexPicture) -> Document {
    index.predicate.as_deref().and_then(|json| text::document(json).ok()).unwrap_or_default()
}

fn serves(place: &Place<'_>, index: &IndexPicture, columns: &[String]) -> bool {
    serves_with(index, &filter_of(index), columns, &place.validator)
}

fn serves_with(index: &IndexPicture, filter: &Document, columns: &[String], validator: &Validator) -> bool {
    let parts: Vec<&str> = index.parts.iter().map_while(|part| part.column.as_deref()).collect();
    schema::serves(&parts, filter, columns, &validator.partial(columns.iter().map(String::as_str)))
}

fn served(place: &Place<'_>, columns: &[String], but: Option<&str>) -> bool {
    place.live.key.as_ref().is_some_and(|key| key.columns.starts_with(columns)) || by_index(place, columns, but)
}

fn by_index(place: &Place<'_>, columns: &[String], but: Option<&str>) -> bool {
    place.live.indexes.iter().any(|index| Some(index.name.as_str()) != but && serves(place, index, columns))
}

/// What finds the children of a reference whose index, built anew, leaves out more rows.
pub(super) fn serving_after(place: &Place<'_>, rebuilt: &[Document], after: &Validator) -> Vec<Statement> {
    let filter = |index: &IndexPicture| {
        let anew = rebuilt.iter().find(|one| text::says(one, "name", &index.name));
        anew.map_or_else(|| filter_of(index), |one| one.get_document(PARTIAL).cloned().unwrap_or_default())
    };
    let unserved = |key: &&ForeignKeyPicture| {
        let still = place.live.indexes.iter().any(|index| serves_with(index, &filter(index), &key.columns, after));
        let by_key = place.live.key.as_ref().is_some_and(|live| live.columns.starts_with(&key.columns));
        !by_key && !still
    };
    let unserved = place.live.foreign_keys.iter().filter(unserved);
    unserved.map(|key| created(place, plain(&key.name, &key.columns))).collect()
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
