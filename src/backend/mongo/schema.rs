//! Collections, their validators and indexes.

use super::{
    checkout::Checkout,
    keys::COUNTERS,
    references::{REFERENCES, declared},
    value::decimal,
};
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, IndexDef, Kind, Part, Table, Words, model::parents_first, name::bounded},
};
use mongodb::bson::{Bson, DateTime, Document, Uuid, doc};
use std::sync::Arc;

/// How often a row's children were written: a field that no entity sees.
pub(super) const TOUCHED: &str = "_touched";

/// What the names of fields begin with that a pipeline adds on its way.
const MARKS: [&str; 2] = ["related ", "null "];

/// A table's collection.
pub(super) fn collection(table: &Table) -> String {
    super::references::parent(table, &table.name)
}

/// What MongoDB cannot hold of a table.
pub(crate) fn refused(table: &Table) -> Vec<Error> {
    let mut refused = Vec::new();
    for column in &table.columns {
        let error = refused_name(&column.name);
        refused.extend(error.map(|error| error.entity(&table.name).field(&*column.name)));
    }
    let extra =
        table.extra.indexes.iter().filter_map(|index| extra_index(&table.name, index, |_| Document::new()).err());
    refused.extend(extra);
    for check in &table.extra.checks {
        // What is said for servers of SQL alone is theirs.
        if check.condition.all.is_some() || check.condition.mongodb.is_some() {
            let error = Error::unsupported("MongoDB has no checks here but those of a column's type");
            refused.push(error.entity(&table.name).constraint(&check.name));
        }
    }
    let mut indexed = table.key.iter().chain(table.indexes.iter().flat_map(|index| &index.columns));
    if let Some(&column) = indexed.find(|column| !table.columns[**column].kind.is_comparable()) {
        let error = Error::unsupported("an index on JSON, which is neither compared nor ordered");
        refused.push(error.entity(&table.name).field(&*table.columns[column].name));
    }
    refused
}

/// Why a column cannot have this name.
pub(super) fn refused_name(name: &str) -> Option<Error> {
    let refused = name.is_empty()
        || name.starts_with('$')
        || name.contains('.')
        || name == "_id"
        || name == TOUCHED
        || MARKS.iter().any(|mark| name.starts_with(mark));
    let why = "MongoDB has no field of this name: it begins with `$`, holds a `.`, or is one of its own";
    refused.then(|| Error::unsupported(why))
}

/// An index as a rule or a step says it; none where it says nothing for MongoDB. `partial` tells which rows a unique one leaves out.
pub(super) fn extra_index(
    table: &str,
    index: &IndexDef,
    partial: impl FnOnce(&mut dyn Iterator<Item = &str>) -> Document,
) -> Result<Option<Document>> {
    let refused = |why: &str| Error::unsupported(why.to_owned()).entity(table).constraint(&index.name);
    let mut key = Document::new();
    for part in &index.parts {
        match part {
            Part::Column(column) => drop(key.insert(column, 1)),
            Part::Descending(column) => drop(key.insert(column, -1)),
            Part::Expression(Words { all: None, mongodb: None, .. }) => return Ok(None),
            Part::Expression(_) => return Err(refused("MongoDB has no index on an expression")),
        }
    }
    let mut only = match &index.only {
        None => Document::new(),
        Some(Words { mongodb: Some(json), .. }) => {
            serde_json::from_str(json).map_err(|_| refused("its condition is no document as JSON"))?
        }
        Some(Words { all: None, .. }) => return Ok(None),
        Some(_) => {
            return Err(refused(
                "its condition is SQL for every server: say it for MongoDB too (`.mongodb(\"{ … }\")`)",
            ));
        }
    };
    let mut document = doc! { "key": key, "name": &index.name };
    if index.unique {
        document.insert("unique", true);
        for (column, types) in partial(&mut index.parts.iter().filter_map(Part::column)) {
            if !only.contains_key(&column) {
                only.insert(column, types);
            }
        }
    }
    if !only.is_empty() {
        document.insert("partialFilterExpression", only);
    }
    Ok(Some(document))
}

/// The types of a column's values, as MongoDB calls them; JSON is of any.
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

/// The validator of a collection (law V10): every column is of its type, and there unless it may be null: what is missing is null. So
/// a program of the last release, which does not know a new column, may go on inserting.
pub(super) fn validator(table: &Table) -> Document {
    let mut properties = Document::new();
    for column in &table.columns {
        properties.insert(&*column.name, property(column));
    }
    let required = table.columns.iter().filter(|column| !column.nullable);
    let required: Vec<Bson> = required.map(|column| Bson::from(&*column.name)).collect();
    let mut schema = doc! { "bsonType": "object" };
    // MongoDB takes no empty list.
    if !required.is_empty() {
        schema.insert("required", required);
    }
    schema.insert("properties", properties);
    doc! { "$jsonSchema": schema }
}

pub(super) fn property(column: &Column) -> Document {
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
    let nullable = |columns: &mut dyn Iterator<Item = &str>| {
        let positions: Vec<usize> = columns.filter_map(|name| table.position(name).ok()).collect();
        left_out(table, &positions)
    };
    let extra = table.extra.indexes.iter().filter_map(|it| extra_index(&table.name, it, nullable).ok().flatten());
    indexes.extend(extra);
    for foreign_key in &table.foreign_keys {
        let (wanted, given) = (table.names(&foreign_key.columns), left_out(table, &foreign_key.columns));
        let served = |columns: &[usize], unique: bool| {
            let filter = if unique { left_out(table, columns) } else { Document::new() };
            serves(&table.names(columns), &filter, &wanted, &given)
        };
        if !served(&table.key, true) && !table.indexes.iter().any(|it| served(&it.columns, it.unique)) {
            indexes.push(index(table, &foreign_key.name, &foreign_key.columns, false));
        }
    }
    let mut seen: Vec<Document> = Vec::new();
    for one in indexes {
        let parts = ["key", "unique", "partialFilterExpression"];
        let same = |other: &&Document| parts.iter().all(|part| other.get(part) == one.get(part));
        if !seen.iter().any(|other| same(&other)) {
            seen.push(one);
        }
    }
    seen
}

/// Whether the children of a foreign key of these columns are found by an index. MongoDB asks one that leaves rows out only for what
/// implies its filter, and who looks for children says only that these columns have values: `given`.
pub(super) fn serves(
    index: &[impl AsRef<str>],
    filter: &Document,
    columns: &[impl AsRef<str>],
    given: &Document,
) -> bool {
    let begins = index.iter().zip(columns).all(|(one, column)| one.as_ref() == column.as_ref());
    index.len() >= columns.len() && begins && (filter.is_empty() || filter == given)
}

/// A unique index leaves out rows with a null: MongoDB would count nulls as one value (law W3).
fn index(table: &Table, name: &str, columns: &[usize], unique: bool) -> Document {
    let key: Document = table.names(columns).into_iter().map(|name| (name.to_owned(), Bson::Int32(1))).collect();
    let partial = left_out(table, columns);
    let mut index = doc! { "key": key, "name": name };
    if unique {
        index.insert("unique", true);
        if !partial.is_empty() {
            index.insert("partialFilterExpression", partial);
        }
    }
    index
}

fn left_out(table: &Table, columns: &[usize]) -> Document {
    let columns = columns.iter().map(|&at| &table.columns[at]);
    partial(columns.map(|column| (&*column.name, column.nullable, bson_type(&column.kind))))
}

/// That every column of a unique index has a value, from its columns' names, whether they may be null, and types. All before the last
/// that may be null are named: `SecantusDB` asks an index for whatever is within its condition, and finds nothing where the
/// beginning of the key is not given. No row is left out by them, and who looks for the whole key is within.
pub(super) fn partial<'c, T: AsRef<str>>(columns: impl Iterator<Item = (&'c str, bool, Option<Vec<T>>)>) -> Document {
    let (mut partial, mut so_far) = (Document::new(), Document::new());
    for (name, nullable, types) in columns {
        so_far.extend(types.map(|types| (name.to_owned(), has_value(&types).into())));
        if nullable {
            partial.clone_from(&so_far);
        }
    }
    partial
}

/// The first instant that programs of every language can read, in milliseconds; law V5 begins later.
const YEAR_1: i64 = -62_135_596_800_000;

/// That a column of these types has a value. `$type` would say it too, but then MongoDB asks that index for no comparison: it sees
/// what is within a range, and not what is of a type.
fn has_value(types: &[impl AsRef<str>]) -> Document {
    let least = match types.first().map(AsRef::as_ref) {
        Some("bool") => Bson::Boolean(false),
        Some("int" | "long") => Bson::Int64(i64::MIN),
        Some("double") => Bson::Double(f64::MIN),
        Some("decimal") => decimal(-10_i128.pow(33), 0).into(),
        Some("binData") => Uuid::from_bytes([0; 16]).into(),
        Some("date") => DateTime::from_millis(YEAR_1).into(),
        Some("string") => Bson::String(String::new()),
        _ => return doc! { "$type": types.iter().map(AsRef::as_ref).collect::<Vec<_>>() },
    };
    doc! { "$gte": least }
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
pub(super) fn there(made: Result<Document>) -> Result<()> {
    match made {
        Err(error) if super::error::exists(&error) => Ok(()),
        Err(error) if error.is(ErrorKind::UniqueViolation) => Ok(()),
        other => other.map(drop),
    }
}
