//! Columns that come, go, and get another name.

use super::{
    super::{
        super::{references::REFERENCES, schema::refused_name, value::encode},
        said, text,
    },
    Place, again, index, reference,
};
use crate::{
    Result,
    schema::{Column, Statement, Words, picture::ForeignKeyPicture},
};
use mongodb::bson::{Bson, Document, bson, doc};

/// The rows get it twice: before the validator asks for it, and those that a program of the last release wrote until then. One that
/// may be null and has no first value is missing in them, which is the same.
pub(super) fn add(place: &Place<'_>, column: &Column, fill: Option<&Words>) -> Result<Vec<Statement>> {
    if let Some(error) = refused_name(&column.name) {
        return Err(error.entity(place.name).field(&*column.name));
    }
    let mut validator = place.validator.clone();
    validator.set(column);
    let lacking = || doc! { &*column.name: { "$exists": false } };
    let Some(value) = first_value(place, column, fill)? else {
        if column.nullable {
            return Ok(vec![place.validated(&validator)]);
        }
        let none = place.none(lacking(), "NotNullViolation", &column.name);
        return Ok(vec![none, place.validated(&validator)]);
    };
    let fill = || place.updated(lacking(), bson!([{ "$set": { &*column.name: value.clone() } }]));
    let mut statements = vec![fill(), place.validated(&validator), fill()];
    if !column.nullable {
        statements.push(place.none(doc! { &*column.name: Bson::Null }, "NotNullViolation", &column.name));
    }
    Ok(statements)
}

/// The expression that makes the value of the rows that are there; none where nothing is said.
fn first_value(place: &Place<'_>, column: &Column, fill: Option<&Words>) -> Result<Option<Bson>> {
    let at = |error: crate::Error| error.entity(place.name).field(&*column.name);
    if let Some(json) = fill.map(said).transpose().map_err(at)?.flatten() {
        return text::read(json).map(Some).map_err(at);
    }
    Ok(column.default.as_ref().map(|value| bson!({ "$literal": encode(value) })))
}

/// Nobody is asked for it any more before the values go.
pub(super) fn drop_it(place: &Place<'_>, column: &str) -> Result<Vec<Statement>> {
    place.has(column)?;
    place.is_free(column)?;
    let named = |names: &[String]| names.iter().any(|name| name == column);
    let refused = |what: &str, name: &str| {
        Err(place.fault(&format!("{what} names the column: it goes first"), column).constraint(name))
    };
    if let Some(key) = place.live.key.as_ref().filter(|key| named(&key.columns)) {
        return refused("the primary key", &key.name);
    }
    if let Some(key) = place.live.foreign_keys.iter().find(|key| named(&key.columns)) {
        return refused("a foreign key", &key.name);
    }
    let among = |index: &&crate::schema::picture::IndexPicture| {
        index.parts.len() > 1 && index.parts.iter().any(|part| part.column.as_deref() == Some(column))
    };
    if let Some(index) = place.live.indexes.iter().find(among) {
        return refused("an index", &index.name);
    }
    let mut validator = place.validator.clone();
    validator.remove(column);
    let mut statements = vec![place.validated(&validator)];
    // Those of this column alone go with it.
    let of_it =
        place.live.indexes.iter().filter(|index| index.parts.iter().any(|part| part.column.as_deref() == Some(column)));
    statements.extend(of_it.map(|index| index::dropped(place, &index.name)));
    statements.push(place.updated(doc! { column: { "$exists": true } }, doc! { "$unset": { column: "" } }));
    Ok(statements)
}

/// The indexes that name it go before and come after: between the two nothing is unique that they made so.
pub(super) fn rename(place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>> {
    place.has(from)?;
    place.is_free(from)?;
    if let Some(error) = refused_name(to) {
        return Err(error.entity(place.name).field(to));
    }
    if place.validator.property(to).is_some() {
        return Err(place.fault("the collection has a column of this name", to));
    }
    let (mut without, mut validator) = (place.validator.clone(), place.validator.clone());
    without.remove(from);
    validator.rename(from, to);
    let indexes = index::naming(place, from)?;
    let mut statements = vec![place.validated(&without)];
    for index in &indexes {
        statements.push(index::dropped(place, index.get_str("name").unwrap_or_default()));
    }
    statements.push(place.updated(doc! { from: { "$exists": true } }, doc! { "$rename": { from: to } }));
    for mut index in indexes {
        for part in ["key", "partialFilterExpression"] {
            if let Ok(named) = index.get_document(part) {
                let named: Document = named
                    .iter()
                    .map(|(name, it)| (if name == from { to } else { name }.to_owned(), it.clone()))
                    .collect();
                index.insert(part, named);
            }
        }
        statements.push(index::created(place, index));
    }
    let renamed =
        |names: &mut [String]| names.iter_mut().filter(|name| *name == from).for_each(|name| to.clone_into(name));
    let names = |key: &ForeignKeyPicture| key.columns.iter().any(|name| name == from);
    for key in place.live.foreign_keys.iter().filter(|key| names(key)) {
        let mut key = key.clone();
        renamed(&mut key.columns);
        if key.parent == place.name {
            renamed(&mut key.parent_columns);
        }
        statements.push(reference::put(reference::document(place.name, &key, &validator)));
    }
    for (child, key) in place.children().filter(|(_, key)| key.parent_columns.iter().any(|name| name == from)) {
        let mut columns = key.parent_columns.clone();
        renamed(&mut columns);
        let one =
            doc! { "q": { "_id": format!("{child}/{}", key.name) }, "u": { "$set": { "parent_columns": columns } } };
        statements.push(again(doc! { "update": REFERENCES, "updates": [one] }));
    }
    statements.push(place.validated(&validator));
    Ok(statements)
}
