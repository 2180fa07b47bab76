//! Rows more, with their keys and their parents.

use super::{ROWS, document};
use crate::{
    Result,
    backend::{
        Insert, Outcome, Row,
        mongo::{checkout::Checkout, constraint::parents, keys::give_keys, schema::collection, upsert},
        normalise::{identity::identity, sequence::Sequence},
        progress::Counter,
    },
    schema::{ForeignKey, Table},
};
use mongodb::bson::{Document, doc};
use sea_orm::Value;
use std::{collections::HashSet, sync::Arc};

/// Bytes that one command carries, roughly: rows travel in its body, which may have 16 MB and 16 KB.
const BYTES: usize = 8 << 20;

/// Adds rows in an order in which a row's parent goes before it.
pub(in crate::backend::mongo) async fn insert(checkout: &mut Checkout, mut insert: Insert) -> Result<Outcome> {
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
pub(in crate::backend::mongo) async fn put(checkout: &mut Checkout, table: &Table, rows: &[Row]) -> Result<()> {
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

/// How many of these rows one command can carry, of which there is one at least.
pub(super) fn carried<'r>(rows: impl Iterator<Item = &'r Row>) -> usize {
    let mut bytes = 0_usize;
    let fits = |row: &&Row| {
        bytes = bytes.saturating_add(row.iter().map(size).sum());
        bytes <= BYTES
    };
    rows.take(ROWS).take_while(fits).count().max(1)
}

/// About how many bytes a value takes.
fn size(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len() + 16,
        Value::Bytes(Some(bytes)) => 2 * bytes.len() + 16,
        Value::Json(Some(json)) => 2 * json.to_string().len() + 16,
        _ => 32,
    }
}

/// A whole row; the guard has filled in all but the integer key, which is there by now.
pub(in crate::backend::mongo) fn complete(table: &Table, cells: Vec<Option<Value>>) -> Row {
    let cells = cells.into_iter().zip(&table.columns);
    cells.map(|(cell, column)| cell.unwrap_or_else(|| column.kind.null())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_carries_no_more_than_its_body_holds() {
        let row = |bytes: usize| Row::from([Value::from(1_i64), Value::from("x".repeat(bytes))]);
        let counts = |bytes, rows: usize| carried(vec![row(bytes); rows].iter());
        assert_eq!(counts(10, 3), 3);
        assert_eq!(counts(10, 2 * ROWS), ROWS);
        assert_eq!(counts(1 << 20, 20), 7, "below 8 MB with what stands around");
        assert_eq!(counts(9 << 20, 2), 1, "one is always tried");
    }
}
