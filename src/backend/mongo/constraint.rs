//! Foreign keys, from both ends, inside the transaction of the write. A child's insert also writes its parent, so that a
//! concurrent delete of the parent conflicts with it (law W2).

use super::{
    checkout::Checkout,
    references::{self, Reference},
    schema::TOUCHED,
    value::encode,
    write::ROWS,
};
use crate::{
    Error, ErrorKind, Result,
    backend::{Row, normalise::identity::identity, value::is_null},
    schema::{ForeignKey, Table},
};
use mongodb::bson::{Bson, Document, doc};
use std::collections::HashSet;

/// Values that one condition lists, where it can be several: a server that goes through a list for each row that it finds takes the
/// square of its length.
pub(super) const LISTED: usize = 100;

/// What a row has in some columns, where none is null: a null refers to nobody, and nobody refers to it.
pub(super) fn values(document: &Document, columns: &[String]) -> Option<Vec<Bson>> {
    let value = |column: &String| document.get(column).filter(|value| !matches!(value, Bson::Null)).cloned();
    columns.iter().map(value).collect()
}

/// The documents that have one of these lists of values in these columns.
pub(super) fn any_of<C: AsRef<str>>(columns: &[C], lists: &[Vec<Bson>]) -> Document {
    if let [only] = lists {
        let pairs = columns.iter().zip(only).map(|(column, value)| (column.as_ref().to_owned(), value.clone()));
        return pairs.collect();
    }
    if let [only] = columns {
        return doc! { only.as_ref(): { "$in": lists.iter().flatten().cloned().collect::<Vec<_>>() } };
    }
    let all = |list: &Vec<Bson>| {
        let pairs = columns.iter().zip(list).map(|(column, value)| (column.as_ref().to_owned(), value.clone()));
        Bson::from(pairs.collect::<Document>())
    };
    doc! { "$or": lists.iter().map(all).collect::<Vec<_>>() }
}

/// Checks that each row's parent is there, and writes it; a row with a null among the columns has none and needs none, and so does
/// one whose parent is `seen`: written in this transaction, so that nobody else takes it away.
///
/// # Errors
/// `ForeignKeyViolation` with entity, fields and constraint.
pub(super) async fn parents(
    checkout: &mut Checkout,
    table: &Table,
    foreign_key: &ForeignKey,
    children: impl Iterator<Item = &Row>,
    mut seen: HashSet<String>,
) -> Result<()> {
    let mut wanted = Vec::new();
    for row in children {
        let cells = || foreign_key.columns.iter().map(|&column| &row[column]);
        if !cells().any(is_null) && seen.insert(identity(cells())) {
            wanted.push(cells().map(encode).collect::<Vec<Bson>>());
        }
    }
    let parent = references::parent(table, &foreign_key.parent);
    for chunk in wanted.chunks(ROWS) {
        let touch = |values: &Vec<Bson>| {
            let query = any_of(&foreign_key.parent_columns, std::slice::from_ref(values));
            doc! { "q": query, "u": { "$inc": { TOUCHED: 1_i64 } } }
        };
        let updates: Vec<Document> = chunk.iter().map(touch).collect();
        let answer = checkout.command(doc! { "update": &parent, "updates": updates }, table).await?;
        if matched(&answer) < chunk.len() as u64 {
            let why = format!("no such row in {}", foreign_key.parent);
            let error = Error::new(ErrorKind::ForeignKeyViolation, why).entity(&table.name);
            let error = table.names(&foreign_key.columns).into_iter().fold(error, Error::field);
            return Err(error.constraint(&foreign_key.name));
        }
    }
    Ok(())
}

/// How many documents a command speaks of.
pub(super) fn matched(answer: &Document) -> u64 {
    match answer.get("n") {
        Some(Bson::Int32(n)) => u64::try_from(*n).unwrap_or_default(),
        Some(Bson::Int64(n)) => u64::try_from(*n).unwrap_or_default(),
        _ => 0,
    }
}

/// Whether a child has one of these lists of values.
pub(super) async fn has_children(
    checkout: &mut Checkout,
    reference: &Reference,
    lists: &[Vec<Bson>],
    about: &Table,
) -> Result<bool> {
    has_any(checkout, &reference.child, &reference.columns, lists, about).await
}

/// Whether a document of the collection has one of these lists of values.
pub(super) async fn has_any<C: AsRef<str>>(
    checkout: &mut Checkout,
    collection: &str,
    columns: &[C],
    lists: &[Vec<Bson>],
    about: &Table,
) -> Result<bool> {
    for chunk in lists.chunks(LISTED) {
        let find = doc! {
            "find": collection, "filter": any_of(columns, chunk), "limit": 1, "projection": { "_id": 1 }, "singleBatch": true,
        };
        if !checkout.documents(find, about).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A child still refers to a row that goes away, or to values of it that do.
pub(super) fn still_referred(about: &Table, reference: &Reference) -> Error {
    Error::new(ErrorKind::ForeignKeyViolation, format!("rows of {} refer to it", reference.child_name))
        .entity(&about.name)
        .constraint(&reference.name)
}

/// `ON DELETE SET NULL` met a column that requires a value.
pub(super) fn required(reference: &Reference, column: &str) -> Error {
    Error::new(ErrorKind::NotNullViolation, "the parent went away and the field is required")
        .entity(&reference.child_name)
        .field(column)
        .constraint(&reference.name)
}
