//! Foreign keys: documents beside the data.

use super::{
    super::{super::references::REFERENCES, validator::Validator},
    Place, again, index,
};
use crate::{
    Error, Result,
    schema::{Reference, Statement, picture::ForeignKeyPicture},
};
use mongodb::bson::{Bson, Document, doc};

/// The document of a reference, as the rows' own side reads it.
pub(super) fn document(child: &str, key: &ForeignKeyPicture, validator: &Validator) -> Document {
    let texts = |names: &[String]| names.iter().map(Bson::from).collect::<Vec<_>>();
    let required = key.columns.iter().find(|column| !validator.nullable(column));
    doc! {
        "_id": format!("{child}/{}", key.name),
        "name": &key.name,
        "child": child,
        "child_name": child.rsplit('.').next().unwrap_or(child),
        "columns": texts(&key.columns),
        "required": required.map_or(Bson::Null, Bson::from),
        "parent": &key.parent,
        "parent_columns": texts(&key.parent_columns),
        "on_delete": key.on_delete.to_lowercase(),
    }
}

/// Writes it in place of the one that has its name.
pub(super) fn put(document: Document) -> Statement {
    let id = document.get("_id").cloned();
    again(doc! { "update": REFERENCES, "updates": [{ "q": { "_id": id }, "u": document, "upsert": true }] })
}

/// The rows are looked at first: a reference that they break is not told.
pub(super) fn add(place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>> {
    for column in &key.columns {
        place.has(column)?;
    }
    let picture = picture(place, key);
    let mut statements = vec![again(doc! {
        "expectNone": orphans(place.name, &picture), "else": "ForeignKeyViolation", "entity": place.name,
        "fields": key.columns.clone(),
    })];
    statements.extend(index::serving(place, &picture));
    statements.push(put(document(place.name, &picture, &place.validator)));
    Ok(statements)
}

pub(super) fn drop_it(place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>> {
    let Some(there) = place.live.foreign_keys.iter().find(|there| there.name == key.name) else {
        let error = Error::new(crate::ErrorKind::SchemaMismatch, "the collection has no such reference");
        return Err(error.entity(place.name).constraint(&key.name));
    };
    let id = format!("{}/{}", place.name, there.name);
    let mut statements = vec![again(doc! { "delete": REFERENCES, "deletes": [{ "q": { "_id": id }, "limit": 1 }] })];
    // The index that came with it goes with it.
    if place.live.index(&there.name).is_some() {
        statements.push(index::dropped(place, &there.name));
    }
    Ok(statements)
}

/// A reference as the database has it. A parent that is named without a schema lives beside its child.
pub(in super::super) fn whole(child: &str, parent: &str) -> String {
    match child.rsplit_once('.') {
        Some((schema, _)) if !parent.contains('.') => format!("{schema}.{parent}"),
        _ => parent.to_owned(),
    }
}

fn picture(place: &Place<'_>, key: &Reference) -> ForeignKeyPicture {
    ForeignKeyPicture {
        name: key.name.clone(),
        columns: key.columns.clone(),
        parent: whole(place.name, &key.parent),
        parent_columns: key.parent_columns.clone(),
        on_delete: key.on_delete.words().to_owned(),
        ..ForeignKeyPicture::default()
    }
}

/// A question that counts the rows without a parent.
pub(in super::super) fn orphans(child: &str, key: &ForeignKeyPicture) -> Document {
    let set: Document = key.columns.iter().map(|column| (column.clone(), Bson::from(doc! { "$ne": null }))).collect();
    let names = || (0..key.columns.len()).map(|at| format!("v{at}"));
    let given: Document =
        names().zip(&key.columns).map(|(name, here)| (name, Bson::from(format!("${here}")))).collect();
    let same: Vec<Bson> = names()
        .zip(&key.parent_columns)
        .map(|(name, there)| Bson::from(doc! { "$eq": [format!("${there}"), format!("$${name}")] }))
        .collect();
    let lookup = match (key.columns.as_slice(), key.parent_columns.as_slice()) {
        ([here], [there]) => {
            doc! { "from": &key.parent, "localField": here, "foreignField": there, "as": "its parents" }
        }
        _ => doc! {
            "from": &key.parent, "let": given, "as": "its parents",
            "pipeline": [{ "$match": { "$expr": { "$and": same } } }, { "$limit": 1 }, { "$project": { "_id": 1 } }],
        },
    };
    let pipeline = vec![
        doc! { "$match": set },
        doc! { "$lookup": lookup },
        doc! { "$match": { "its parents": [] } },
        doc! { "$count": "n" },
    ];
    doc! { "aggregate": child, "pipeline": pipeline, "cursor": {} }
}
