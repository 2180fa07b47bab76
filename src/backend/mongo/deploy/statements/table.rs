//! Collections that come, go, and get another name.

use super::{
    super::super::{
        keys::COUNTERS,
        references::{self, REFERENCES},
        schema::{collection, indexes, refused, validator},
    },
    Place, again, done, reference,
};
use crate::{
    Error, ErrorKind, Result,
    schema::{Done, Picture, Statement, Table},
};
use mongodb::bson::doc;

/// A collection with its validator, then its indexes, then whom it refers to.
pub(super) fn create(table: &Table) -> Result<Vec<Statement>> {
    if let Some(error) = refused(table).into_iter().next() {
        return Err(error);
    }
    let name = collection(table);
    let mut statements = vec![
        done(doc! { "create": &name, "validator": validator(table) }, Done::Table(name.clone())),
        again(doc! { "createIndexes": &name, "indexes": indexes(table) }),
    ];
    statements.extend(references::declared(table).into_iter().map(reference::put));
    Ok(statements)
}

/// With it go the counter of its keys and what it says of its parents.
pub(super) fn drop_it(table: &Table, have: &Picture) -> Result<Vec<Statement>> {
    let name = collection(table);
    let children = have.tables.iter().filter(|(child, _)| **child != name);
    let children: Vec<&String> = children
        .filter(|(_, it)| it.foreign_keys.iter().any(|key| key.parent == name))
        .map(|(child, _)| child)
        .collect();
    if let Some(child) = children.first() {
        let why = format!("rows of `{child}` refer to it: that reference goes first");
        return Err(Error::new(ErrorKind::SchemaMismatch, why).entity(&name));
    }
    Ok(vec![
        done(doc! { "drop": &name }, Done::NoTable(name.clone())),
        again(doc! { "delete": REFERENCES, "deletes": [{ "q": { "child": &name }, "limit": 0 }] }),
        again(doc! { "delete": COUNTERS, "deletes": [{ "q": { "_id": &name }, "limit": 0 }] }),
    ])
}

/// What stands beside it under its name gets the new one too: the counter of its keys, and the references from and to it.
pub(super) fn rename(place: &Place<'_>, to: &str) -> Vec<Statement> {
    let from = place.name;
    let mut statements = vec![done(doc! { "renameCollection": from, "to": to }, Done::Table(to.to_owned()))];
    if place.live.create.is_some() {
        // SecantusDB forgets it on the way.
        statements.push(again(doc! { "collMod": to, "validator": place.validator.document() }));
    }
    for key in &place.live.foreign_keys {
        let mut key = key.clone();
        if key.parent == from {
            to.clone_into(&mut key.parent);
        }
        statements.push(reference::put(reference::document(to, &key, &place.validator)));
    }
    statements.push(again(doc! { "delete": REFERENCES, "deletes": [{ "q": { "child": from }, "limit": 0 }] }));
    let parents = doc! { "q": { "parent": from }, "u": { "$set": { "parent": to } }, "multi": true };
    statements.push(again(doc! { "update": REFERENCES, "updates": [parents] }));
    statements.push(again(doc! { "aggregate": COUNTERS, "pipeline": [
        { "$match": { "_id": from } },
        { "$set": { "_id": to } },
        { "$merge": { "into": COUNTERS, "on": "_id" } },
    ], "cursor": {} }));
    statements.push(again(doc! { "delete": COUNTERS, "deletes": [{ "q": { "_id": from }, "limit": 0 }] }));
    statements
}
