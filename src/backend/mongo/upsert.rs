//! Upserts on one named key (law W4): what is there is read in the transaction, changed in Rust and written back; the rest is
//! inserted. A conflict on any other key is the server's to find.

use super::{
    checkout::Checkout,
    constraint::{LISTED, any_of},
    keys::give_keys,
    schema::collection,
    value::encode,
    write::{Found, complete, found, put, replace},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{
        OnConflict, Row,
        normalise::{
            changed::changed,
            identity::identity,
            upsert::{key_positions, sought},
        },
    },
    schema::Table,
};
use mongodb::bson::{Bson, doc};
use sea_orm::Value;
use std::{collections::HashMap, sync::Arc};

/// Writes rows of which no two have the same key; answers them in order.
pub(super) async fn chunk(
    checkout: &mut Checkout,
    table: &Arc<Table>,
    on_conflict: &OnConflict,
    rows: Vec<Vec<Option<Value>>>,
) -> Result<Vec<Row>> {
    let key = key_positions(table, &on_conflict.key)?;
    let mut there = there(checkout, table, &key, &rows).await?;
    let mut answers = Vec::with_capacity(rows.len());
    let mut new: Vec<Vec<Option<Value>>> = Vec::new();
    for cells in rows {
        let met = sought(&key, &cells).and_then(|values| there.remove(&identity(&values)));
        let Some(Found { id, row }) = met else {
            new.push(cells);
            continue;
        };
        answers.extend(add(checkout, table, on_conflict, std::mem::take(&mut new)).await?);
        answers.push(change(checkout, table, on_conflict, &cells, id, row).await?);
    }
    answers.extend(add(checkout, table, on_conflict, new).await?);
    Ok(answers)
}

/// The rows that have the key of one of these, by what their key is.
async fn there(
    checkout: &mut Checkout,
    table: &Table,
    key: &[usize],
    rows: &[Vec<Option<Value>>],
) -> Result<HashMap<String, Found>> {
    let list = |row: &Vec<Option<Value>>| {
        let values = sought(key, row)?;
        Some(values.iter().map(encode).collect::<Vec<Bson>>())
    };
    let lists: Vec<Vec<Bson>> = rows.iter().filter_map(list).collect();
    let mut there = HashMap::new();
    for chunk in lists.chunks(LISTED) {
        let find = doc! { "find": collection(table), "filter": any_of(&table.names(key), chunk) };
        let documents = checkout.documents(find, table).await?;
        for one in found(table, &documents)? {
            there.insert(identity(key.iter().map(|&at| &one.row[at])), one);
        }
    }
    Ok(there)
}

async fn add(
    checkout: &mut Checkout,
    table: &Arc<Table>,
    on_conflict: &OnConflict,
    mut rows: Vec<Vec<Option<Value>>>,
) -> Result<Vec<Row>> {
    let every: Vec<usize> = (0..rows.len()).collect();
    give_keys(checkout, table, &mut rows, &every, false).await?;
    let rows: Vec<Row> = rows.into_iter().map(|cells| complete(table, cells)).collect();
    put(checkout, table, &rows).await.map_err(|error| {
        let of_this_key = on_conflict.key.iter().all(|column| error.fields().iter().any(|field| **field == **column))
            && error.fields().len() == on_conflict.key.len();
        if error.is(ErrorKind::UniqueViolation) && of_this_key {
            // It was not there when the transaction began: run again, it is met.
            Error::new(ErrorKind::Serialization, "another insert of this key was faster")
                .entity(&table.name)
                .with_source(error)
        } else {
            error
        }
    })?;
    Ok(rows)
}

/// Changes the row that has the new one's key.
async fn change(
    checkout: &mut Checkout,
    table: &Table,
    on_conflict: &OnConflict,
    new: &[Option<Value>],
    id: Bson,
    there: Row,
) -> Result<Row> {
    if let Some(error) = on_conflict.unmet(table, new, &there) {
        return Err(error);
    }
    let mut row = changed(table, &there, &on_conflict.changes)?;
    for column in &on_conflict.take {
        let position = table.position(column)?;
        if let Some(value) = &new[position] {
            row[position].clone_from(value);
        }
    }
    let one = [(id, there, row)];
    replace(checkout, table, &one).await?;
    let [(_, _, row)] = one;
    Ok(row)
}
