//! Writes: insert and update. Each runs in a transaction; what fails ends it.

use super::{
    checkout::Checkout,
    condition::{stages, together},
    constraint::{has_any, has_children, matched, parents, still_referred},
    keys,
    lists::{self, Parts},
    query, references,
    schema::collection,
    upsert,
    value::{decode, encode},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        Change, ChangeTo, Comparison, Filter, Insert, Outcome, Row, Update,
        normalise::{changed::changed, identity::identity, sequence::Sequence},
        progress::Counter,
        value,
    },
    schema::{ForeignKey, Kind, Table},
};
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use sea_orm::Value;
use std::{collections::HashSet, sync::Arc};

/// Rows that one command carries at most.
pub(super) const ROWS: usize = 500;
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
        let rows: Vec<Row> = if let Some(on_conflict) = &insert.on_conflict {
            let rows = chunk.iter().map(|&at| std::mem::take(&mut insert.rows[at])).collect();
            upsert::chunk(checkout, &table, on_conflict, rows).await?
        } else {
            give_keys(checkout, &table, &mut insert.rows, &chunk, false).await?;
            let cells = chunk.iter().map(|&at| std::mem::take(&mut insert.rows[at]));
            let rows: Vec<Row> = cells.map(|cells| complete(&table, cells)).collect();
            put(checkout, &table, &rows).await?;
            rows
        };
        for foreign_key in &table.foreign_keys {
            parents(checkout, &table, foreign_key, rows.iter(), written(&table, foreign_key, &answers, &rows)?).await?;
        }
        counter.add(rows.len());
        for (at, row) in chunk.into_iter().zip(rows) {
            answers[at] = Some(row);
        }
    }
    Ok(Outcome::Rows(answers.into_iter().flatten().collect()))
}

/// What of this insert's rows a foreign key of their own table may refer to.
fn written(table: &Table, key: &ForeignKey, before: &[Option<Row>], rows: &[Row]) -> Result<HashSet<String>> {
    if key.parent != table.name {
        return Ok(HashSet::new());
    }
    let columns = key.parent_columns.iter().map(|column| table.position(column)).collect::<Result<Vec<_>>>()?;
    let own = |row: &Row| identity(columns.iter().map(|&at| &row[at]));
    Ok(before.iter().flatten().chain(rows).map(own).collect())
}

/// Writes new documents.
pub(super) async fn put(checkout: &mut Checkout, table: &Table, rows: &[Row]) -> Result<()> {
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
    if let Some(outcome) = at_once(checkout, &update).await? {
        return Ok(outcome);
    }
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

/// Changes one row in one command, where that is exact: found by its key, no constraint but its own, and sums of whole numbers that
/// stay in their range. `None` where it is not so simple, or where there is no such row: all other ways tell which.
async fn at_once(checkout: &mut Checkout, update: &Update) -> Result<Option<Outcome>> {
    let table = &*update.table;
    let Some(filter) = update.filter.as_ref().filter(|filter| pins_the_key(table, filter)) else { return Ok(None) };
    let Some(query) = plain(&stages(table, filter)?) else { return Ok(None) };
    let (mut set, mut inc, mut conditions) = (Document::new(), Document::new(), vec![query]);
    for Change { column, to } in &update.changes {
        let at = table.position(column)?;
        let mut held = table.foreign_keys.iter().map(|key| &key.columns);
        let mut unique = table.indexes.iter().filter(|index| index.unique).map(|index| &index.columns);
        if held.any(|columns| columns.contains(&at)) || unique.any(|columns| columns.contains(&at)) {
            return Ok(None);
        }
        let kind = &table.columns[at].kind;
        match to {
            ChangeTo::Value(value) => drop(set.insert(&**column, encode(value))),
            ChangeTo::Increment(by) => {
                let (Some(step), false) = (step(kind, by), table.columns[at].nullable) else { return Ok(None) };
                let (least, most) = range(kind);
                let held = doc! { "$gte": least.saturating_sub(step.min(0)), "$lte": most.saturating_sub(step.max(0)) };
                conditions.push(doc! { &**column: held });
                inc.insert(&**column, encode(&value::stored(kind, Value::from(step))?));
            }
        }
    }
    let mut change = Document::new();
    for (operator, fields) in [("$set", set), ("$inc", inc)] {
        if !fields.is_empty() {
            change.insert(operator, fields);
        }
    }
    let query = together(conditions);
    let command = doc! { "update": collection(table), "updates": [{ "q": query, "u": change }] };
    if matched(&checkout.command(command, table).await?) == 0 {
        return Ok(None);
    }
    if !update.returning {
        return Ok(Some(Outcome::Affected(1)));
    }
    // Nobody else sees the row before the transaction ends.
    let Some(query) = plain(&stages(table, &by_key(table, filter))?) else { return Ok(None) };
    let find = doc! { "find": collection(table), "filter": query, "limit": 1, "singleBatch": true };
    let documents = checkout.documents(find, table).await?;
    documents.iter().map(|document| row(table, document)).collect::<Result<_>>().map(|rows| Some(Outcome::Rows(rows)))
}

/// What a filter says of the primary key: what it says beside may have changed.
fn by_key(table: &Table, filter: &Filter) -> Filter {
    let is_key = |name: &str| table.key.iter().any(|&key| table.columns[key].name == name);
    match filter {
        Filter::And(all) => Filter::And(all.iter().map(|part| by_key(table, part)).collect()),
        Filter::Compare(name, ..) if is_key(name) => filter.clone(),
        _ => Filter::And(Vec::new()),
    }
}

/// Whether a filter gives every column of the primary key one value.
fn pins_the_key(table: &Table, filter: &Filter) -> bool {
    let (mut given, mut left) = (HashSet::new(), vec![filter]);
    while let Some(part) = left.pop() {
        match part {
            Filter::And(parts) => left.extend(parts),
            Filter::Compare(column, Comparison::Eq, _) => given.extend(table.position(column)),
            _ => {}
        }
    }
    table.key.iter().all(|at| given.contains(at))
}

/// A step that a column of whole numbers can hold.
fn step(kind: &Kind, by: &Value) -> Option<i64> {
    if !kind.is_whole() || value::stored(kind, by.clone()).is_err() {
        return None;
    }
    whole(by)
}

/// The least and the greatest value of a column of whole numbers.
fn range(kind: &Kind) -> (i64, i64) {
    match kind {
        Kind::Int8 => (i8::MIN.into(), i8::MAX.into()),
        Kind::UInt8 => (0, u8::MAX.into()),
        Kind::Int16 => (i16::MIN.into(), i16::MAX.into()),
        Kind::UInt16 => (0, u16::MAX.into()),
        Kind::Int32 => (i32::MIN.into(), i32::MAX.into()),
        Kind::UInt32 => (0, u32::MAX.into()),
        Kind::UInt64 => (0, i64::MAX),
        _ => (i64::MIN, i64::MAX),
    }
}

/// Writes rows back that were read, and checks what their changes mean for parents and children.
pub(super) async fn replace(checkout: &mut Checkout, table: &Table, pairs: &[(Bson, Row, Row)]) -> Result<()> {
    let name = collection(table);
    for chunk in pairs.chunks(ROWS) {
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
