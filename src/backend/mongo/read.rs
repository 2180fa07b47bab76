//! Reads: pipelines are sent, and what comes back is rows.

use super::{aggregate, checkout::Checkout, query, schema::collection};
use crate::{
    Result,
    backend::{Aggregate, Figure, Outcome, Rows, Select},
    schema::Table,
};
use mongodb::bson::{Document, doc};
use sea_orm::Value;

/// Rows that the first batch of an answer holds at most; the later ones are bounded by their bytes.
pub(super) const BATCH: i32 = 1_000;

pub(super) async fn select(checkout: &mut Checkout, select: Select) -> Result<Outcome> {
    if select.limit == Some(0) || select.filter.as_ref().is_some_and(crate::backend::Filter::matches_nothing) {
        return Ok(Outcome::Rows(Rows::default()));
    }
    let table = &*select.table;
    let documents = documents(checkout, table, query::pipeline(&select)?).await?;
    let answer = query::answer(&select)?;
    documents.iter().map(|document| query::row(table, &answer, document)).collect::<Result<_>>().map(Outcome::Rows)
}

pub(super) async fn aggregate(checkout: &mut Checkout, asked: Aggregate) -> Result<Outcome> {
    if let (None, [Figure::Estimate], true) = (&asked.filter, asked.figures.as_slice(), asked.group.is_empty()) {
        return estimate(checkout, &asked).await;
    }
    let documents = documents(checkout, &asked.table, aggregate::pipeline(&asked)?).await?;
    aggregate::answer(&asked, &documents)
}

/// What a pipeline leaves of a table's documents.
pub(super) async fn documents(
    checkout: &mut Checkout,
    table: &Table,
    pipeline: Vec<Document>,
) -> Result<Vec<Document>> {
    let cursor = doc! { "batchSize": BATCH };
    checkout.documents(doc! { "aggregate": collection(table), "pipeline": pipeline, "cursor": cursor }, table).await
}

/// About how many rows there are: the server's own count, which it keeps. In a transaction it does not tell.
async fn estimate(checkout: &mut Checkout, asked: &Aggregate) -> Result<Outcome> {
    if checkout.is_open() {
        let documents = documents(checkout, &asked.table, aggregate::pipeline(asked)?).await?;
        return aggregate::answer(asked, &documents);
    }
    let answer = checkout.command(doc! { "count": collection(&asked.table) }, &asked.table).await?;
    let rows = i64::try_from(super::constraint::matched(&answer)).unwrap_or(i64::MAX);
    Ok(Outcome::Rows(vec![vec![Value::from(rows)]].into()))
}
