//! A look at a live database: which collections, validators, indexes and references are not as the entities want them. Nothing is
//! changed.

use super::{
    checkout::Checkout,
    references::{REFERENCES, declared},
    schema::{collection, indexes, validator},
};
use crate::{
    Result,
    backend::Finding,
    schema::{Kind, Table},
};
use mongodb::bson::{Bson, Document, doc};
use std::sync::Arc;

/// What is broken; empty where all is well.
pub(super) async fn verify(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for table in tables {
        let name = collection(table);
        let list = doc! { "listCollections": 1, "filter": { "name": &name } };
        let Some(found) = checkout.documents(list, table).await?.pop() else {
            findings.push(Finding::new("W1", "the collection is not there: was it created?").entity(&table.name));
            continue;
        };
        findings.extend(columns(table, &found));
        let there = checkout.documents(doc! { "listIndexes": &name }, table).await?;
        findings.extend(unindexed(table, &there));
        let references = checkout.documents(doc! { "find": REFERENCES, "filter": { "child": &name } }, table).await?;
        for wanted in declared(table).iter().filter(|wanted| !references.contains(wanted)) {
            let mend = doc! { "update": REFERENCES, "updates": [
                { "q": { "_id": wanted.get("_id").cloned() }, "u": wanted.clone(), "upsert": true },
            ] };
            let why = format!(
                "the reference `{}` is not declared: its parent's deletes do not see these rows",
                wanted.get_str("name").unwrap_or_default()
            );
            findings.push(Finding::new("W2", why).entity(&table.name).mend(mend.to_string()));
        }
    }
    Ok(findings)
}

/// What the validator lets through that a column does not hold.
fn columns(table: &Table, found: &Document) -> Vec<Finding> {
    let properties = |whole: &Document| {
        let schema = whole.get_document("$jsonSchema").ok()?;
        schema.get_document("properties").ok().cloned()
    };
    let wanted = validator(table);
    let mend = doc! { "collMod": collection(table), "validator": wanted.clone() }.to_string();
    let there = found.get_document("options").and_then(|options| options.get_document("validator"));
    let Some(there) = there.ok().and_then(properties) else {
        let why = "the collection has no validator: it takes values of any type";
        return vec![Finding::new("V10", why).entity(&table.name).mend(mend)];
    };
    let wanted = properties(&wanted).unwrap_or_default();
    let mut findings = Vec::new();
    for column in &table.columns {
        let (law, why) = match (there.get(&*column.name), wanted.get(&*column.name)) {
            (None, _) => ("W1", "the collection was made without this column"),
            (Some(there), Some(wanted)) if same(there, wanted) => continue,
            _ if matches!(column.kind, Kind::Enum { .. }) => ("V9", "the validator takes other variants"),
            _ => ("V10", "the validator takes values of another type"),
        };
        findings.push(Finding::new(law, why).entity(&table.name).field(&*column.name).mend(mend.clone()));
    }
    for name in there.keys().filter(|name| table.position(name).is_err()) {
        let required = found.get_document("options").and_then(|options| options.get_document("validator"));
        let required = required.and_then(|it| it.get_document("$jsonSchema")).and_then(|it| it.get_array("required"));
        if required.is_ok_and(|list| list.iter().any(|one| one.as_str() == Some(name))) {
            let why = "the collection requires a field that the entity does not know: nothing can be inserted";
            findings.push(Finding::new("W1", why).entity(&table.name).field(name));
        }
    }
    findings
}

/// Servers tell numbers back in a type of their own.
fn same(a: &Bson, b: &Bson) -> bool {
    match (a, b) {
        (Bson::Document(a), Bson::Document(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Bson::Array(a), Bson::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

fn number(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(v) => Some((*v).into()),
        Bson::Int64(v) => Some(*v),
        #[expect(clippy::cast_possible_truncation, reason = "a direction or a version is a small whole number")]
        Bson::Double(v) => Some(*v as i64),
        _ => None,
    }
}

/// The indexes that are not there as they are to be.
fn unindexed(table: &Table, there: &[Document]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for wanted in indexes(table) {
        let part = |index: &Document, name: &str| index.get(name).cloned().unwrap_or(Bson::Null);
        let unique = |index: &Document| index.get_bool("unique").unwrap_or(false);
        let fits = |index: &&Document| {
            let keys = match (index.get_document("key"), wanted.get_document("key")) {
                (Ok(a), Ok(b)) => a.keys().eq(b.keys()),
                _ => false,
            };
            let partial = "partialFilterExpression";
            keys && (!unique(&wanted) || (unique(index) && same(&part(index, partial), &part(&wanted, partial))))
        };
        if there.iter().any(|index| fits(&index)) {
            continue;
        }
        let name = wanted.get_str("name").unwrap_or_default();
        let (law, why) = if unique(&wanted) {
            ("W3", format!("there is no unique index `{name}`: two rows may have the same values"))
        } else {
            ("Q10", format!("there is no index `{name}`: every document is looked at"))
        };
        let mend = doc! { "createIndexes": collection(table), "indexes": [wanted] }.to_string();
        findings.push(Finding::new(law, why).entity(&table.name).mend(mend));
    }
    findings
}
