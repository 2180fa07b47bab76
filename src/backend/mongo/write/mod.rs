//! Writes: insert and update. Each runs in a transaction; what fails ends it.

mod at_once;
mod insert;
mod update;

use crate::{
    Error, ErrorKind, Result,
    backend::{
        Filter, Row,
        mongo::{
            checkout::Checkout,
            condition::stages,
            constraint::{has_any, has_children, matched, parents, still_referred},
            lists::{self, Parts},
            query, references,
            schema::collection,
            value::{decode, encode},
        },
        value,
    },
    schema::Table,
};
pub(super) use insert::{complete, insert, put};
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use std::collections::HashSet;
pub(super) use update::update;

/// Rows that one command carries at most.
pub(super) const ROWS: usize = 500;

/// A row that was found, and the document's own key.
pub(super) struct Found {
    pub id: Bson,
    pub row: Row,
}

/// The document of a row.
pub(super) fn document(table: &Table, row: &Row) -> Document {
    let mut document = doc! { "_id": ObjectId::new() };
    for (column, value) in table.columns.iter().zip(row) {
        document.insert(&*column.name, encode(value));
    }
    document
}

/// The row of a document.
pub(super) fn row(table: &Table, document: &Document) -> Result<Row> {
    let cell = |column: &crate::schema::Column| {
        decode(&column.kind, document.get(&*column.name).unwrap_or(&Bson::Null))
            .map_err(|error| error.entity(&table.name).field(&*column.name))
    };
    table.columns.iter().map(cell).collect()
}

/// The documents for which a filter is true, each once.
pub(super) async fn matching(checkout: &mut Checkout, table: &Table, filter: Option<&Filter>) -> Result<Vec<Document>> {
    let Some(filter) = filter else {
        return checkout.documents(query::aggregate(table, Vec::new()), table).await;
    };
    let Some(Parts { filters, disjoint }) = lists::parts(filter) else {
        return checkout.documents(query::aggregate(table, stages(table, filter)?), table).await;
    };
    let (mut all, mut seen) = (Vec::new(), HashSet::new());
    for filter in filters {
        let found = checkout.documents(query::aggregate(table, stages(table, &filter)?), table).await?;
        let new = |one: &Document| disjoint || one.get("_id").is_none_or(|id| seen.insert(id.to_string()));
        all.extend(found.into_iter().filter(new));
    }
    Ok(all)
}

pub(super) fn found(table: &Table, documents: &[Document]) -> Result<Vec<Found>> {
    let found = |document: &Document| {
        Ok(Found { id: document.get("_id").cloned().unwrap_or(Bson::Null), row: row(table, document)? })
    };
    documents.iter().map(found).collect()
}

/// Writes rows back that were read, and checks what their changes mean for parents and children.
pub(super) async fn replace(checkout: &mut Checkout, table: &Table, pairs: &[(Bson, Row, Row)]) -> Result<()> {
    let name = collection(table);
    let mut left = pairs;
    while !left.is_empty() {
        let (chunk, rest) = left.split_at(insert::carried(left.iter().map(|(_, _, new)| new)));
        left = rest;
        let one = |(id, old, new): &(Bson, Row, Row)| {
            let mut set = Document::new();
            for ((column, old), new) in table.columns.iter().zip(old).zip(new) {
                if old != new {
                    set.insert(&*column.name, encode(new));
                }
            }
            // One that changes nothing is written all the same: it was read to be written.
            let set = if set.is_empty() {
                doc! { "$inc": { super::schema::TOUCHED: 1_i64 } }
            } else {
                doc! { "$set": set }
            };
            doc! { "q": { "_id": id.clone() }, "u": set }
        };
        let updates: Vec<Document> = chunk.iter().map(one).collect();
        let answer = checkout.command(doc! { "update": &name, "updates": updates }, table).await?;
        if matched(&answer) < chunk.len() as u64 {
            return Err(Error::new(ErrorKind::Serialization, "a row went away meanwhile").entity(&table.name));
        }
    }
    for foreign_key in &table.foreign_keys {
        let moved = |(_, old, new): &&(Bson, Row, Row)| foreign_key.columns.iter().any(|&at| old[at] != new[at]);
        parents(checkout, table, foreign_key, pairs.iter().filter(moved).map(|(_, _, new)| new), HashSet::new())
            .await?;
    }
    children_keep_their_parent(checkout, table, pairs).await
}

/// Values that children refer to stay while children have them. A primary key never changes, so only other unique keys are looked at.
async fn children_keep_their_parent(checkout: &mut Checkout, table: &Table, pairs: &[(Bson, Row, Row)]) -> Result<()> {
    let differ = |at: usize| pairs.iter().any(|(_, old, new)| old[at] != new[at]);
    let mut unique = table.indexes.iter().filter(|index| index.unique).flat_map(|index| &index.columns);
    if !unique.any(|&at| differ(at)) {
        return Ok(());
    }
    for reference in references::to(checkout, &collection(table), table).await? {
        let columns = reference.parent_columns.iter().map(|column| table.position(column));
        let columns = columns.collect::<Result<Vec<usize>>>()?;
        for (_, old, new) in pairs {
            if columns.iter().all(|&at| old[at] == new[at]) || columns.iter().any(|&at| value::is_null(&old[at])) {
                continue;
            }
            let list = [columns.iter().map(|&at| encode(&old[at])).collect::<Vec<_>>()];
            // Another row may have taken the values over in the same update.
            if !has_any(checkout, &collection(table), &reference.parent_columns, &list, table).await?
                && has_children(checkout, &reference, &list, table).await?
            {
                return Err(still_referred(table, &reference));
            }
        }
    }
    Ok(())
}

/// The condition of a pipeline that is nothing more than one.
pub(super) fn plain(pipeline: &[Document]) -> Option<Document> {
    match pipeline {
        [] => Some(Document::new()),
        [only] if only.len() == 1 => only.get_document("$match").ok().cloned(),
        _ => None,
    }
}
