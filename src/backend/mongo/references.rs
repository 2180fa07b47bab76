//! Who refers to whom. MongoDB has no foreign keys, so each stands as a document beside the data; a delete reads those of its
//! table in the transaction that it runs in, whoever made them.

use super::{
    checkout::Checkout,
    pool::{Columns, Shared},
    schema::collection,
};
use crate::{
    Error, ErrorKind, Result,
    backend::{Filter, Operation},
    schema::{OnDelete, Table},
};
use mongodb::bson::{Bson, Document, doc};
use std::sync::Arc;

/// The collection of references.
pub(super) const REFERENCES: &str = "_seabed.references";

/// One foreign key, as the children's table declared it.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub name: String,
    /// The collection of the children, and their table's name.
    pub child: String,
    pub child_name: String,
    pub columns: Vec<String>,
    /// The first of the columns that is required, where one is.
    pub required: Option<String>,
    pub parent_columns: Vec<String>,
    pub on_delete: OnDelete,
}

/// The documents of a table's foreign keys.
pub(super) fn declared(table: &Table) -> Vec<Document> {
    let child = collection(table);
    let one = |key: &crate::schema::ForeignKey| {
        let required = key.columns.iter().map(|&at| &table.columns[at]).find(|column| !column.nullable);
        doc! {
            "_id": format!("{child}/{}", key.name),
            "name": &key.name,
            "child": &child,
            "child_name": &table.name,
            "columns": table.names(&key.columns).into_iter().map(Bson::from).collect::<Vec<_>>(),
            "required": required.map_or(Bson::Null, |column| Bson::from(&*column.name)),
            "parent": parent(table, &key.parent),
            "parent_columns": key.parent_columns.iter().map(Bson::from).collect::<Vec<_>>(),
            "on_delete": key.on_delete.words().to_lowercase(),
        }
    };
    table.foreign_keys.iter().map(one).collect()
}

/// The collection of a parent: it stands in the schema of its child.
pub(super) fn parent(child: &Table, name: &str) -> String {
    match &child.schema {
        Some(schema) => format!("{schema}.{name}"),
        None => name.to_owned(),
    }
}

/// What refers to rows of this collection.
pub(super) async fn to(checkout: &mut Checkout, parent: &str, about: &Table) -> Result<Vec<Reference>> {
    let find = doc! { "find": REFERENCES, "filter": { "parent": parent }, "sort": { "_id": 1 } };
    checkout.documents(find, about).await?.iter().map(read).collect()
}

fn read(found: &Document) -> Result<Reference> {
    let text = |name: &str| found.get_str(name).map(ToOwned::to_owned).map_err(|_| damaged());
    let texts = |name: &str| {
        let list = found.get_array(name).map_err(|_| damaged())?;
        list.iter().map(|one| one.as_str().map(ToOwned::to_owned).ok_or_else(damaged)).collect::<Result<Vec<_>>>()
    };
    Ok(Reference {
        name: text("name")?,
        child: text("child")?,
        child_name: text("child_name")?,
        columns: texts("columns")?,
        required: found.get_str("required").ok().map(ToOwned::to_owned),
        parent_columns: texts("parent_columns")?,
        on_delete: match found.get_str("on_delete") {
            Ok("cascade") => OnDelete::Cascade,
            Ok("set null") => OnDelete::SetNull,
            _ => OnDelete::Restrict,
        },
    })
}

fn damaged() -> Error {
    Error::new(ErrorKind::CorruptData, format!("a document of `{REFERENCES}` is none of ours"))
}

/// That the collections that an operation reads or writes are there.
pub(super) async fn known(shared: &Arc<Shared>, operation: &Operation) -> Result<()> {
    of(shared, operation.table()).await?;
    let filter = match operation {
        Operation::Select(it) => &it.filter,
        Operation::Aggregate(it) => &it.filter,
        Operation::Update(it) => &it.filter,
        Operation::Delete(it) => &it.filter,
        Operation::Insert(_) => &None,
    };
    let mut left: Vec<&Filter> = filter.iter().collect();
    while let Some(part) = left.pop() {
        match part {
            Filter::And(parts) | Filter::Or(parts) => left.extend(parts),
            Filter::Not(inner) => left.push(inner),
            Filter::Related(related) => {
                of(shared, &related.table).await?;
                left.extend(&related.filter);
            }
            _ => {}
        }
    }
    Ok(())
}

/// That the collection is there and was made with these columns: the server reads one that is not as an empty one, a column that is
/// not as null, and a write would make both.
async fn of(shared: &Arc<Shared>, table: &Table) -> Result<()> {
    let name = collection(table);
    let seen =
        shared.known.read().ok().and_then(|known| known.get(&name).map(|columns| lacking(table, columns).is_none()));
    if seen == Some(true) {
        return Ok(());
    }
    // It may have been made, or changed, since.
    let found = shared.ask(doc! { "listCollections": 1, "filter": { "name": &name } }).await?;
    let list = found.get_document("cursor").and_then(|cursor| cursor.get_array("firstBatch"));
    let Some(first) = list.ok().and_then(|list| list.first()).and_then(Bson::as_document) else {
        let error = Error::new(ErrorKind::TableNotFound, "the collection is not there: was the database migrated?");
        return Err(error.entity(&table.name));
    };
    let columns = declared_columns(first);
    let lacking = lacking(table, &columns).map(ToOwned::to_owned);
    if let Ok(mut known) = shared.known.write() {
        known.insert(name, columns);
    }
    match lacking {
        None => Ok(()),
        Some(column) => {
            let error = Error::new(ErrorKind::SchemaMismatch, "the collection was made without this column");
            Err(error.entity(&table.name).field(column))
        }
    }
}

/// The columns that a collection's validator names.
pub(super) fn declared_columns(collection: &Document) -> Columns {
    let schema = collection.get_document("options").and_then(|options| options.get_document("validator"));
    let schema = schema.and_then(|validator| validator.get_document("$jsonSchema")).ok()?;
    Some(schema.get_document("properties").ok()?.keys().cloned().collect())
}

fn lacking<'t>(table: &'t Table, columns: &Columns) -> Option<&'t str> {
    let columns = columns.as_ref()?;
    table.columns.iter().map(|column| &*column.name).find(|name| !columns.contains(*name))
}
