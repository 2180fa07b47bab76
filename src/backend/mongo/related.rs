//! Rows of another table: a `$lookup` of one of them at most, into a field that no entity has.

use super::{condition::nested, schema::collection};
use crate::{Result, backend::Related, schema::Table};
use mongodb::bson::{Bson, Document, bson, doc};

/// The field that holds what was found; with a space, which no entity's column has.
pub(super) fn found(at: usize) -> String {
    format!("related {at}")
}

/// The stage that looks for a row. The first pair of columns is one that an index of the other table serves.
pub(super) fn lookup(related: &Related, at: usize, depth: usize) -> Result<Document> {
    let mut pairs = related.columns.iter().zip(&related.their_columns);
    let mut lookup = doc! { "from": collection(&related.table) };
    if let Some((ours, theirs)) = pairs.next() {
        lookup.insert("localField", &**ours);
        lookup.insert("foreignField", &**theirs);
    }
    let (mut variables, mut equal) = (Document::new(), Vec::new());
    for (number, (ours, theirs)) in pairs.enumerate() {
        variables.insert(format!("v{number}"), format!("${ours}"));
        equal.push(bson!({ "$eq": [format!("${theirs}"), format!("$$v{number}")] }));
    }
    let mut pipeline = Vec::new();
    if !equal.is_empty() {
        lookup.insert("let", variables);
        pipeline.push(doc! { "$match": { "$expr": { "$and": equal } } });
    }
    if let Some(filter) = &related.filter {
        pipeline.extend(nested(&related.table, filter, depth + 4)?);
    }
    pipeline.push(doc! { "$limit": 1 });
    pipeline.push(doc! { "$project": { "_id": 1 } });
    lookup.insert("pipeline", pipeline);
    lookup.insert("as", found(at));
    Ok(doc! { "$lookup": lookup })
}

/// Whether a row was found. MongoDB finds null for null, and a null belongs to nothing.
pub(super) fn condition(table: &Table, related: &Related, at: usize, wanted: bool) -> Result<Document> {
    let mut nullable = Vec::new();
    for name in &related.columns {
        if table.column(name)?.nullable {
            nullable.push(&**name);
        }
    }
    let found = found(at);
    if wanted {
        let mut condition = doc! { found: { "$ne": [] } };
        condition.extend(nullable.into_iter().map(|name| (name.to_owned(), bson!({ "$ne": null }))));
        return Ok(condition);
    }
    let none = doc! { found: { "$eq": [] } };
    if nullable.is_empty() {
        return Ok(none);
    }
    let null = nullable.into_iter().map(|name| doc! { name: { "$eq": null } });
    let any: Vec<Bson> = null.chain([none]).map(Bson::Document).collect();
    Ok(doc! { "$or": any })
}
