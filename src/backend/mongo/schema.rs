//! Collections, their validators and indexes.

use super::{
    checkout::Checkout,
    keys::COUNTERS,
    references::{REFERENCES, declared},
};
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, Kind, Table, model::parents_first, name::bounded},
};
use mongodb::bson::{Bson, Document, doc};
use std::sync::Arc;

/// How often a row's children were written: a field that no entity sees.
pub(super) const TOUCHED: &str = "_touched";

/// A table's collection.
pub(super) fn collection(table: &Table) -> String {
    super::references::parent(table, &table.name)
}

/// What MongoDB cannot hold of a table.
pub(crate) fn refused(table: &Table) -> Vec<Error> {
    let mut refused = Vec::new();
    for column in &table.columns {
        let name = &*column.name;
        if name.is_empty() || name.starts_with('$') || name.contains('.') || name == "_id" || name == TOUCHED {
            let why = "MongoDB has no field of this name: it begins with `$`, holds a `.`, or is one of its own";
            refused.push(Error::unsupported(why).entity(&table.name).field(name));
        }
    }
    let mut indexed = table.key.iter().chain(table.indexes.iter().flat_map(|index| &index.columns));
    if let Some(&column) = indexed.find(|column| !table.columns[**column].kind.is_comparable()) {
        let error = Error::unsupported("an index on JSON, which is neither compared nor ordered");
        refused.push(error.entity(&table.name).field(&*table.columns[column].name));
    }
    refused
}

/// The type of a column's values, as MongoDB calls it.
pub(super) fn bson_type(kind: &Kind) -> Option<Vec<&'static str>> {
    Some(match kind {
        Kind::Bool => vec!["bool"],
        crate::schema::whole!() => vec!["int", "long"],
        Kind::Double => vec!["double"],
        Kind::Decimal { .. } => vec!["decimal"],
        Kind::Text { .. } | Kind::Enum { .. } | Kind::Bytes | Kind::Time => vec!["string"],
        Kind::Uuid => vec!["binData"],
        Kind::Json => return None,
        Kind::Instant | Kind::DateTime | Kind::Date => vec!["date"],
    })
}

/// The validator of a collection (law V10): every column is there and of its type. Null is a value of those that allow it.
pub(super) fn validator(table: &Table) -> Document {
    let mut properties = Document::new();
    for column in &table.columns {
        properties.insert(&*column.name, property(column));
    }
    let required: Vec<Bson> = table.columns.iter().map(|column| Bson::from(&*column.name)).collect();
    doc! { "$jsonSchema": { "bsonType": "object", "required": required, "properties": properties } }
}

fn property(column: &Column) -> Document {
    let mut property = Document::new();
    match bson_type(&column.kind) {
        Some(mut types) => {
            if column.nullable {
                types.push("null");
            }
            property.insert("bsonType", types);
        }
        None if !column.nullable => {
            property.insert("not", doc! { "bsonType": "null" });
        }
        None => {}
    }
    if let Kind::Enum { variants } = &column.kind {
        let mut values: Vec<Bson> = variants.iter().map(Bson::from).collect();
        if column.nullable {
            values.push(Bson::Null);
        }
        property.insert("enum", values);
    }
    property
}

/// The indexes of a collection: the key, those of the entity, and one for each reference, by which children are found.
pub(super) fn indexes(table: &Table) -> Vec<Document> {
    let mut indexes = vec![index(table, &bounded("pk", &table.name, &[]), &table.key, true)];
    indexes.extend(table.indexes.iter().map(|it| index(table, &it.name, &it.columns, it.unique)));
    for foreign_key in &table.foreign_keys {
        let served = |columns: &[usize]| columns.starts_with(&foreign_key.columns);
        if !served(&table.key) && !table.indexes.iter().any(|it| served(&it.columns)) {
            indexes.push(index(table, &foreign_key.name, &foreign_key.columns, false));
        }
    }
    let mut seen: Vec<Document> = Vec::new();
    for one in indexes {
        let same = |other: &&Document| other.get("key") == one.get("key") && other.get("unique") == one.get("unique");
        if !seen.iter().any(|other| same(&other)) {
            seen.push(one);
        }
    }
    seen
}

/// A unique index leaves out rows with a null: MongoDB would count nulls as one value (law W3).
fn index(table: &Table, name: &str, columns: &[usize], unique: bool) -> Document {
    let mut key = Document::new();
    let mut partial = Document::new();
    for column in columns.iter().map(|&at| &table.columns[at]) {
        key.insert(&*column.name, 1);
        if column.nullable
            && let Some(types) = bson_type(&column.kind)
        {
            partial.insert(&*column.name, doc! { "$type": types });
        }
    }
    let mut index = doc! { "key": key, "name": name };
    if unique {
        index.insert("unique", true);
        if !partial.is_empty() {
            index.insert("partialFilterExpression", partial);
        }
    }
    index
}

/// Makes the collections that are not there, parents first.
pub(super) async fn create_tables(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<()> {
    if let Some(error) = tables.iter().flat_map(|table| refused(table)).next() {
        return Err(error);
    }
    for name in [COUNTERS, REFERENCES] {
        there(checkout.run(doc! { "create": name }).await)?;
    }
    let by_parent = doc! { "key": { "parent": 1 }, "name": "parent" };
    checkout.run(doc! { "createIndexes": REFERENCES, "indexes": [by_parent] }).await?;
    for table in parents_first(tables) {
        let name = collection(&table);
        let about = |error: Error| error.entity(&table.name);
        there(checkout.run(doc! { "create": &name, "validator": validator(&table) }).await).map_err(about)?;
        checkout.run(doc! { "createIndexes": &name, "indexes": indexes(&table) }).await.map_err(about)?;
        let references = declared(&table);
        let put = |one: Document| doc! { "q": { "_id": one.get("_id").cloned() }, "u": one, "upsert": true };
        let updates: Vec<Document> = references.into_iter().map(put).collect();
        if !updates.is_empty() {
            checkout.run(doc! { "update": REFERENCES, "updates": updates }).await.map_err(about)?;
        }
    }
    Ok(())
}

/// A collection that is there is what was wanted.
fn there(made: Result<Document>) -> Result<()> {
    match made {
        Err(error) if super::error::exists(&error) => Ok(()),
        Err(error) if error.is(ErrorKind::UniqueViolation) => Ok(()),
        other => other.map(drop),
    }
}
