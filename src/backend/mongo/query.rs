//! Stand-in until the pure half is merged.
use super::{checkout::Checkout, condition::stages, schema::collection, value::decode};
use crate::{
    Result,
    backend::{Outcome, Select},
};
use mongodb::bson::doc;

pub(super) async fn select(checkout: &mut Checkout, select: Select) -> Result<Outcome> {
    let table = &*select.table;
    let mut pipeline = match &select.filter {
        Some(filter) => stages(table, filter)?,
        None => Vec::new(),
    };
    if let Some(limit) = select.limit {
        if limit == 0 {
            return Ok(Outcome::Rows(Vec::new().into()));
        }
        pipeline.push(doc! { "$limit": i64::try_from(limit).unwrap_or(i64::MAX) });
    }
    let found =
        checkout.documents(doc! { "aggregate": collection(table), "pipeline": pipeline, "cursor": {} }, table).await?;
    let mut rows = Vec::new();
    for d in &found {
        let mut row = Vec::new();
        for c in &table.columns {
            row.push(decode(&c.kind, d.get(&*c.name).unwrap_or(&mongodb::bson::Bson::Null))?);
        }
        rows.push(row);
    }
    Ok(Outcome::Rows(rows.into()))
}
