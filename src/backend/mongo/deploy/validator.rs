//! The validator of a collection, to be read and changed column by column; what others put into it stays.

use super::{
    super::schema::{partial, property},
    text,
};
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, picture::TablePicture},
};
use mongodb::bson::{Bson, Document, doc};

/// A validator in its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Validator {
    properties: Document,
    required: Vec<String>,
    /// What else stands in the `$jsonSchema`.
    schema: Document,
    /// What else stands beside it.
    beside: Document,
}

impl Validator {
    /// The one that a table of a picture has.
    pub fn of(table: &TablePicture, name: &str) -> Result<Self> {
        let Some(json) = &table.create else { return Ok(Self::default()) };
        let damaged =
            || Error::new(ErrorKind::SchemaMismatch, "the collection's validator cannot be read").entity(name);
        Ok(Self::read(text::document(json).map_err(|_| damaged())?))
    }

    pub fn read(mut validator: Document) -> Self {
        let Some(Bson::Document(mut schema)) = validator.remove("$jsonSchema") else {
            return Self { beside: validator, ..Self::default() };
        };
        let properties = match schema.remove("properties") {
            Some(Bson::Document(properties)) => properties,
            _ => Document::new(),
        };
        let required = match schema.remove("required") {
            Some(Bson::Array(names)) => names.iter().filter_map(Bson::as_str).map(ToOwned::to_owned).collect(),
            _ => Vec::new(),
        };
        Self { properties, required, schema, beside: validator }
    }

    /// The whole of it.
    pub fn document(&self) -> Document {
        let mut schema = doc! { "bsonType": "object" };
        schema.extend(self.schema.clone());
        if !self.required.is_empty() {
            schema.insert("required", self.required.clone());
        }
        schema.insert("properties", self.properties.clone());
        let mut whole = doc! { "$jsonSchema": schema };
        whole.extend(self.beside.clone());
        whole
    }

    /// What is said of a column; none where it is not named.
    pub fn property(&self, column: &str) -> Option<&Document> {
        self.properties.get_document(column).ok()
    }

    pub fn columns(&self) -> impl Iterator<Item = &String> {
        self.properties.keys()
    }

    /// Whether every document has it.
    pub fn requires(&self, column: &str) -> bool {
        self.required.iter().any(|name| name == column)
    }

    /// Says a column as it is to be, where it stands or behind the others; what others said of it stays.
    pub fn set(&mut self, column: &Column) {
        let mut said = property(column);
        for (name, it) in self.property(&column.name).map(theirs).unwrap_or_default() {
            if !said.contains_key(&name) {
                said.insert(name, it);
            }
        }
        self.properties.insert(&*column.name, said);
        if column.nullable {
            self.required.retain(|name| *name != *column.name);
        } else if !self.requires(&column.name) {
            self.required.push(column.name.to_string());
        }
    }

    /// Lets any value of a column through; it stays a column.
    pub fn loosen(&mut self, column: &str) {
        self.properties.insert(column, Document::new());
    }

    pub fn remove(&mut self, column: &str) {
        self.properties.remove(column);
        self.required.retain(|name| name != column);
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        let new = |name: &str| if name == from { to.to_owned() } else { name.to_owned() };
        let properties = std::mem::take(&mut self.properties);
        self.properties = properties.into_iter().map(|(name, property)| (new(&name), property)).collect();
        self.required.iter_mut().for_each(|name| *name = new(name));
    }

    /// What others ask of the documents, each as the validator that would ask for it alone.
    pub fn conditions(&self) -> Vec<String> {
        let beside = self.beside.iter().map(|(name, it)| doc! { name: it.clone() });
        let schema = self.schema.iter().filter(|(name, it)| !is_plain(name, it));
        let schema = schema.map(|(name, it)| doc! { "$jsonSchema": { name: it.clone() } });
        let columns = self.properties.iter().filter_map(|(name, it)| Some((name, theirs(it.as_document()?))));
        let columns = columns.map(|(name, it)| {
            let asked: Document = it.into_iter().filter(|(name, it)| !is_plain(name, it)).collect();
            (name, asked)
        });
        let columns = columns.filter(|(_, asked)| !asked.is_empty());
        let columns = columns.map(|(name, asked)| doc! { "$jsonSchema": { "properties": { name: asked } } });
        beside.chain(schema).chain(columns).map(|one| text::written(&one)).collect()
    }

    /// Whether one of those that are no column's names it: under another name, or gone, no document would pass.
    pub fn is_named(&self, column: &str) -> bool {
        self.beside.iter().chain(&self.schema).any(|(name, it)| name == column || names(it, column))
    }

    /// Whether a column may be null.
    pub fn nullable(&self, column: &str) -> bool {
        self.property(column).is_none_or(nullable)
    }

    /// What a unique index says of a column: it leaves out the rows that have none, for MongoDB counts nulls as one value.
    pub fn partial<'c>(&self, columns: impl Iterator<Item = &'c str>) -> Document {
        let said = |column: &'c str| (column, self.nullable(column), self.property(column).and_then(types));
        partial(columns.map(said))
    }
}

/// What of the schema's own words asks nothing of a document that passes the rest.
fn is_plain(name: &str, it: &Bson) -> bool {
    matches!((name, it.as_str()), ("bsonType", Some("object")) | ("title" | "description", _))
}

/// What others said of a column.
fn theirs(property: &Document) -> Document {
    let ours = |name: &str, it: &Bson| {
        let not_null = || *it == Bson::from(doc! { "bsonType": "null" });
        matches!(name, "bsonType" | "enum") || name == "not" && not_null()
    };
    property.clone().into_iter().filter(|(name, it)| !ours(name, it)).collect()
}

/// Whether a value names a field: as a key, in a list of names, or in an expression.
fn names(value: &Bson, field: &str) -> bool {
    match value {
        Bson::Document(inner) => inner.iter().any(|(name, it)| name == field || names(it, field)),
        Bson::Array(items) => items.iter().any(|it| names(it, field)),
        Bson::String(text) => text == field || text.strip_prefix('$') == Some(field),
        _ => false,
    }
}

/// The types of a property but for null; none where it takes any.
pub(super) fn types(property: &Document) -> Option<Vec<String>> {
    let all = match property.get("bsonType")? {
        Bson::String(one) => vec![one.clone()],
        Bson::Array(all) => all.iter().filter_map(Bson::as_str).map(ToOwned::to_owned).collect(),
        _ => return None,
    };
    Some(all.into_iter().filter(|name| name != "null").collect())
}

/// Whether a property takes null.
pub(super) fn nullable(property: &Document) -> bool {
    match property.get("bsonType") {
        Some(Bson::String(one)) => one == "null",
        Some(Bson::Array(all)) => all.iter().any(|one| one.as_str() == Some("null")),
        _ => {
            let not = property.get_document("not").ok().and_then(|not| not.get_str("bsonType").ok());
            not != Some("null")
        }
    }
}

/// A property in words, but for whether it takes null.
pub(super) fn declared(property: &Document) -> String {
    let mut said = types(property).map_or_else(|| "any".to_owned(), |types| types.join(" or "));
    if let Ok(values) = property.get_array("enum") {
        let values: Vec<String> = values.iter().filter(|it| !matches!(it, Bson::Null)).map(text::value).collect();
        said += &format!(", one of {}", values.join(", "));
    }
    said
}
