//! A look at a live database: which collections, validators and indexes are not as the entities want them.

use super::{checkout::Checkout, schema::collection};
use crate::{Result, backend::Finding, schema::Table};
use mongodb::bson::doc;
use std::sync::Arc;

pub(super) async fn verify(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for table in tables {
        let list = doc! { "listCollections": 1, "filter": { "name": collection(table) } };
        let found = checkout.documents(list, table).await?;
        if found.is_empty() {
            findings.push(Finding::new("W1", "the collection is not there: was it created?").entity(&table.name));
        }
    }
    Ok(findings)
}
