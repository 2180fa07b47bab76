//! Commands as JSON, and back: extended JSON, which keeps BSON's types, in the order in which it is written.

use crate::{Error, ErrorKind, Result};
use mongodb::bson::{Bson, Document};

/// A command as JSON.
pub(super) fn written(document: &Document) -> String {
    // A document of ours holds nothing that JSON has no form for.
    serde_json::to_string(document).unwrap_or_default()
}

/// A value as JSON.
pub(super) fn value(bson: &Bson) -> String {
    serde_json::to_string(bson).unwrap_or_default()
}

/// What JSON says.
///
/// # Errors
/// `InvalidQuery` for what is no JSON.
pub(super) fn read(json: &str) -> Result<Bson> {
    serde_json::from_str(json).map_err(|error| fault("this is no JSON").with_detail(format!("{error}: {json}")))
}

/// The document that JSON says.
///
/// # Errors
/// `InvalidQuery` for what is none.
pub(super) fn document(json: &str) -> Result<Document> {
    match read(json)? {
        Bson::Document(document) if !document.is_empty() => Ok(document),
        _ => Err(fault("MongoDB wants a document as JSON here, such as `{\"drop\": \"item\"}`").with_detail(json)),
    }
}

/// A cell as text: a number and a text as they are, all else as JSON.
pub(super) fn cell(bson: Bson) -> Option<String> {
    match bson {
        Bson::Null | Bson::Undefined => None,
        Bson::String(text) => Some(text),
        Bson::Double(number) => Some(number.to_string()),
        Bson::Decimal128(number) => Some(number.to_string()),
        other => Some(value(&other)),
    }
}

/// Whether a document says this.
pub(super) fn says(document: &Document, name: &str, value: &str) -> bool {
    document.get_str(name).is_ok_and(|said| said == value)
}

fn fault(why: &str) -> Error {
    Error::new(ErrorKind::InvalidQuery, why.to_owned())
}
