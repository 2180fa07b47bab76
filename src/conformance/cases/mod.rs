//! The proofs, by group of laws.

pub mod automatic;
pub mod bulk;
pub mod busy;
pub mod changes;
pub mod constraints;
pub mod deadlines;
pub mod figures;
pub mod folded;
pub mod groups;
pub mod hooks;
pub mod integers;
pub mod isolation;
pub mod joined;
pub mod json;
pub mod keys;
pub mod keys_of_transactions;
pub mod keyset;
mod library;
pub mod lists;
pub mod loads;
pub mod locks;
pub mod nulls;
pub mod numbers;
pub mod outside;
pub mod pages;
pub mod parents;
pub mod projections;
pub mod related;
pub mod retries;
pub mod ruled_relations;
pub mod ruled_upserts;
pub mod savepoints;
pub mod schemas;
pub mod search;
pub mod slices;
pub mod snapshots;
pub mod soft_delete;
pub mod streams;
pub mod tenants;
pub mod text;
pub mod time;
pub mod tokens;
pub mod transactions;
pub mod upsert;
pub mod upsert_races;
pub mod values;
pub mod versions;
pub mod writes;

use super::{
    check::{Rows, table},
    entities::{article, maybe, word},
};
use crate::{
    Database, Result, all,
    repository::{IntoQuery, Order},
};

/// A table of one row per value, with the keys 0, 1, 2, …; `set` writes the value into the row.
async fn maybe_rows<T>(
    db: &Database,
    values: impl IntoIterator<Item = T>,
    mut set: impl FnMut(&mut maybe::ActiveModel, T),
) -> Result<Rows<maybe::Entity>> {
    let rows = table::<maybe::Entity>(db).await?;
    let new: Vec<_> = (0..)
        .zip(values)
        .map(|(id, value)| {
            let mut row = maybe::row(id);
            set(&mut row, value);
            row
        })
        .collect();
    rows.insert_many(new).await?;
    Ok(rows)
}

/// A table of one row per text, with the keys 0, 1, 2, ….
async fn words(db: &Database, texts: &[&str]) -> Result<Rows<word::Entity>> {
    let rows = table::<word::Entity>(db).await?;
    rows.insert_many((0..).zip(texts).map(|(id, text)| word::row(id, text)).collect::<Vec<_>>()).await?;
    Ok(rows)
}

/// The keys of the rows that match: in the query's order, or ascending where it has none.
async fn ids(rows: &Rows<maybe::Entity>, query: impl IntoQuery<maybe::Entity> + Send) -> Result<Vec<i32>> {
    let query = query.into_query();
    let ordered = !query.order.is_empty();
    let mut ids: Vec<i32> = rows.find(query).await?.into_iter().map(|row| row.id).collect();
    if !ordered {
        ids.sort_unstable();
    }
    Ok(ids)
}

/// The keys of all rows in this order.
async fn in_order(rows: &Rows<maybe::Entity>, order: Order<maybe::Entity>) -> Result<Vec<i32>> {
    ids(rows, all().order_by(order)).await
}

/// An empty table of articles, which have every rule but the tenant's.
async fn articles(db: &Database) -> Result<Rows<article::Entity>> {
    table::<article::Entity>(db).await
}

/// The clock goes on: what comes now has a later time, in milliseconds, than what was before.
async fn later() {
    tokio::time::sleep(std::time::Duration::from_millis(3)).await;
}
