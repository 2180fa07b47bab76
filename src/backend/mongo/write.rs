//! Writes: insert, update, delete. Each runs in a transaction; what fails ends it.

use super::{
    checkout::Checkout,
    condition::stages,
    constraint::{LISTED, has_any, has_children, matched, parents, required, still_referred, values},
    keys,
    references::{self, Reference},
    schema::collection,
    upsert,
    value::{decode, encode},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Delete, Filter, Insert, Outcome, Row, Update,
        normalise::{changed::changed, restricts_itself, sequence::Sequence},
        progress::Counter,
        value,
    },
    schema::{OnDelete, Table},
};
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use sea_orm::Value;
use std::{collections::HashMap, sync::Arc};

/// Rows that one command carries at most.
const ROWS: usize = 500;
/// Bytes that one command carries, roughly: well below the 48 MB of a message.
const BYTES: usize = 8 << 20;

/// A row that was found, and the document's own key.
pub(super) struct Found {
    pub id: Bson,
    pub row: Row,
}

/// The document of a row.
pub(super) fn document(table: &Table, row: &Row) -> Document {
    let mut document = doc! { "_id": ObjectId::new() };
    for (column, value) in table.columns.iter().zip(row) {
        document.insert(&*column.name, encode(&column.kind, value));
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

/// The documents for which a filter is true.
async fn matching(checkout: &mut Checkout, table: &Table, filter: Option<&Filter>) -> Result<Vec<Document>> {
    let pipeline = filter.map_or_else(|| Ok(Vec::new()), |filter| stages(table, filter))?;
    let aggregate = doc! { "aggregate": collection(table), "pipeline": pipeline, "cursor": {} };
    checkout.documents(aggregate, table).await
}

pub(super) fn found(table: &Table, documents: &[Document]) -> Result<Vec<Found>> {
    let found = |document: &Document| {
        Ok(Found { id: document.get("_id").cloned().unwrap_or(Bson::Null), row: row(table, document)? })
    };
    documents.iter().map(found).collect()
}

/// Adds rows in an order in which a row's parent goes before it.
pub(super) async fn insert(checkout: &mut Checkout, mut insert: Insert) -> Result<Outcome> {
    let table = Arc::clone(&insert.table);
    let sequence = Sequence::of(&insert);
    let mut counter = Counter::new(insert.progress.take(), insert.rows.len());
    // A made key is above every given one of the same insert, wherever it stands; where rows keep their order, of those before it.
    if !sequence.related && insert.on_conflict.is_none() {
        let every: Vec<usize> = (0..insert.rows.len()).collect();
        give_keys(checkout, &table, &mut insert.rows, &every, true).await?;
    }
    let mut answers: Vec<Option<Row>> = insert.rows.iter().map(|_| None).collect();
    let limit = if sequence.singly { 1 } else { ROWS };
    for chunk in chunks(&sequence.order, &insert.rows, limit) {
        let rows = match &insert.on_conflict {
            Some(on_conflict) => {
                let rows = chunk.iter().map(|&at| std::mem::take(&mut insert.rows[at])).collect();
                upsert::chunk(checkout, &table, on_conflict, rows).await?
            }
            None => {
                give_keys(checkout, &table, &mut insert.rows, &chunk, false).await?;
                let rows = chunk.iter().map(|&at| complete(&table, std::mem::take(&mut insert.rows[at]))).collect();
                put(checkout, &table, &rows).await?;
                rows
            }
        };
        for foreign_key in &table.foreign_keys {
            parents(checkout, &table, foreign_key, rows.iter()).await?;
        }
        counter.add(rows.len());
        for (at, row) in chunk.into_iter().zip(rows) {
            answers[at] = Some(row);
        }
    }
    Ok(Outcome::Rows(answers.into_iter().flatten().collect()))
}

/// Writes new documents.
pub(super) async fn put(checkout: &mut Checkout, table: &Table, rows: &Vec<Row>) -> Result<()> {
    let documents: Vec<Document> = rows.iter().map(|row| document(table, row)).collect();
    if !documents.is_empty() {
        checkout.command(doc! { "insert": collection(table), "documents": documents }, table).await?;
    }
    Ok(())
}

/// The rows' positions, in groups that one command can carry.
fn chunks(order: &[usize], rows: &[Vec<Option<Value>>], limit: usize) -> Vec<Vec<usize>> {
    let mut chunks: Vec<Vec<usize>> = Vec::new();
    let mut bytes = 0_usize;
    for &at in order {
        let size: usize = rows[at].iter().flatten().map(size).sum();
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < limit && bytes.saturating_add(size) <= BYTES => {
                bytes += size;
                chunk.push(at);
            }
            _ => {
                bytes = size;
                chunks.push(vec![at]);
            }
        }
    }
    chunks
}

/// About how many bytes a value takes.
fn size(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len() + 16,
        Value::Bytes(Some(bytes)) => bytes.len() + 16,
        Value::Json(Some(json)) => 2 * json.to_string().len() + 16,
        _ => 32,
    }
}

/// Makes the integer keys that are not given (law W7); `ahead` where the given ones, wherever they stand, are below them.
pub(super) async fn give_keys(
    checkout: &Checkout,
    table: &Table,
    rows: &mut [Vec<Option<Value>>],
    order: &[usize],
    ahead: bool,
) -> Result<()> {
    let Some(auto) = table.auto_key() else { return Ok(()) };
    let shared = Arc::clone(checkout.shared());
    let at = |error: Error| error.entity(&table.name).field(&*table.columns[auto].name);
    if ahead {
        let given = order.iter().filter_map(|&row| whole(rows[row][auto].as_ref()?)).max();
        if let Some(given) = given {
            keys::raise(&shared, table, given).await?;
        }
    }
    let mut next = 0;
    while next < order.len() {
        if let Some(value) = &rows[order[next]][auto] {
            if let Some(given) = whole(value).filter(|_| !ahead) {
                keys::raise(&shared, table, given).await?;
            }
            next += 1;
            continue;
        }
        let missing = order[next..].iter();
        let run: Vec<usize> = if ahead {
            missing.filter(|&&row| rows[row][auto].is_none()).copied().collect()
        } else {
            missing.take_while(|&&row| rows[row][auto].is_none()).copied().collect()
        };
        let first = keys::take(&shared, table, run.len()).await.map_err(at)?;
        for (key, row) in (first..).zip(run) {
            let key = value::stored(&table.columns[auto].kind, Value::from(key)).map_err(|_| at(keys::used_up()))?;
            rows[row][auto] = Some(key);
        }
    }
    Ok(())
}

pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::SmallInt(v) => v.map(i64::from),
        Value::Int(v) => v.map(i64::from),
        Value::BigInt(v) => *v,
        _ => None,
    }
}

/// A whole row; the guard has filled in all but the integer key, which is there by now.
pub(super) fn complete(table: &Table, cells: Vec<Option<Value>>) -> Row {
    let cells = cells.into_iter().zip(&table.columns);
    cells.map(|(cell, column)| cell.unwrap_or_else(|| column.kind.null())).collect()
}

/// Changes rows: reads them, adds up in Rust as every backend does, and writes them back in the same transaction.
pub(super) async fn update(checkout: &mut Checkout, update: Update) -> Result<Outcome> {
    let table = &*update.table;
    let documents = matching(checkout, table, update.filter.as_ref()).await?;
    let mut pairs = Vec::with_capacity(documents.len());
    for Found { id, row } in found(table, &documents)? {
        let new = changed(table, &row, &update.changes)?;
        pairs.push((id, row, new));
    }
    replace(checkout, table, &pairs).await?;
    Ok(if update.returning {
        Outcome::Rows(pairs.into_iter().map(|(_, _, new)| new).collect())
    } else {
        Outcome::Affected(pairs.len() as u64)
    })
}

/// Writes rows back that were read, and checks what their changes mean for parents and children.
pub(super) async fn replace(checkout: &mut Checkout, table: &Table, pairs: &[(Bson, Row, Row)]) -> Result<()> {
    let name = collection(table);
    for chunk in pairs.chunks(ROWS) {
        let one = |(id, old, new): &(Bson, Row, Row)| {
            let mut set = Document::new();
            for ((column, old), new) in table.columns.iter().zip(old).zip(new) {
                if old != new {
                    set.insert(&*column.name, encode(&column.kind, new));
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
        parents(checkout, table, foreign_key, pairs.iter().filter(moved).map(|(_, _, new)| new)).await?;
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
            let list = [columns.iter().map(|&at| encode(&table.columns[at].kind, &old[at])).collect::<Vec<_>>()];
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

/// Takes rows away, and what refers to them: first every cascade, then every `SET NULL`, then `RESTRICT` looks at what is left.
pub(super) async fn delete(checkout: &mut Checkout, delete: Delete) -> Result<Outcome> {
    let table = &*delete.table;
    let name = collection(table);
    let mut known: HashMap<String, Vec<Reference>> = HashMap::new();
    let first = references::to(checkout, &name, table).await?;
    if first.is_empty() {
        let pipeline = delete.filter.as_ref().map_or_else(|| Ok(Vec::new()), |filter| stages(table, filter))?;
        if let Some(query) = plain(&pipeline) {
            let command = doc! { "delete": &name, "deletes": [{ "q": query, "limit": 0 }] };
            return checkout.command(command, table).await.map(|answer| Outcome::Affected(matched(&answer)));
        }
    }
    let rows = matching(checkout, table, delete.filter.as_ref()).await?;
    for foreign_key in table.foreign_keys.iter().filter(|key| restricts_itself(table, key)) {
        let own = first.iter().filter(|one| one.child == name && one.name == foreign_key.name);
        for reference in own {
            if has_children(checkout, reference, &lists(&rows, reference), table).await? {
                return Err(still_referred(table, reference));
            }
        }
    }
    let affected = rows.len() as u64;
    known.insert(name.clone(), first);
    let mut orphans: Vec<(Reference, Vec<Vec<Bson>>)> = Vec::new();
    let mut waiting = vec![(name, rows)];
    while let Some((from, rows)) = waiting.pop() {
        remove(checkout, &from, &rows, table).await?;
        if !known.contains_key(&from) {
            let found = references::to(checkout, &from, table).await?;
            known.insert(from.clone(), found);
        }
        for reference in known.get(&from).cloned().unwrap_or_default() {
            let lists = lists(&rows, &reference);
            if lists.is_empty() {
                continue;
            }
            if reference.on_delete != OnDelete::Cascade {
                orphans.push((reference, lists));
                continue;
            }
            for chunk in lists.chunks(LISTED) {
                // One that has gone already is not found again.
                let find =
                    doc! { "find": &reference.child, "filter": super::constraint::any_of(&reference.columns, chunk) };
                let children = checkout.documents(find, table).await?;
                if !children.is_empty() {
                    waiting.push((reference.child.clone(), children));
                }
            }
        }
    }
    for (reference, lists) in orphans.iter().filter(|(reference, _)| reference.on_delete == OnDelete::SetNull) {
        set_null(checkout, reference, lists, table).await?;
    }
    for (reference, lists) in &orphans {
        if has_children(checkout, reference, lists, table).await? {
            // Of the entity that was to be deleted, also where a cascade met the child: not every server tells more.
            return Err(still_referred(table, reference));
        }
    }
    Ok(Outcome::Affected(affected))
}

/// The condition of a pipeline that is nothing more than one.
fn plain(pipeline: &[Document]) -> Option<Document> {
    match pipeline {
        [] => Some(Document::new()),
        [only] if only.len() == 1 => only.get_document("$match").ok().cloned(),
        _ => None,
    }
}

fn lists(rows: &[Document], reference: &Reference) -> Vec<Vec<Bson>> {
    rows.iter().filter_map(|row| values(row, &reference.parent_columns)).collect()
}

async fn remove(checkout: &mut Checkout, from: &str, rows: &[Document], about: &Table) -> Result<()> {
    for chunk in rows.chunks(ROWS) {
        let one = |row: &Document| doc! { "q": { "_id": row.get("_id").cloned() }, "limit": 1 };
        let deletes: Vec<Document> = chunk.iter().map(one).collect();
        checkout.command(doc! { "delete": from, "deletes": deletes }, about).await?;
    }
    Ok(())
}

async fn set_null(checkout: &mut Checkout, reference: &Reference, lists: &[Vec<Bson>], about: &Table) -> Result<()> {
    if let Some(column) = &reference.required {
        return if has_children(checkout, reference, lists, about).await? {
            Err(required(reference, column))
        } else {
            Ok(())
        };
    }
    let nulls: Document = reference.columns.iter().map(|column| (column.clone(), Bson::Null)).collect();
    for chunk in lists.chunks(LISTED) {
        let query = super::constraint::any_of(&reference.columns, chunk);
        let update = doc! { "q": query, "u": { "$set": nulls.clone() }, "multi": true };
        checkout.command(doc! { "update": &reference.child, "updates": [update] }, about).await?;
    }
    Ok(())
}
