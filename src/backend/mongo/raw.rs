//! Commands in MongoDB's own words, on the same fenced session.

use super::{checkout::Checkout, error::Doing, value::encode};
use crate::{
    Error, ErrorKind, Result,
    backend::{RawOutcome, RawStatement, RawWant, raw},
};
use mongodb::bson::{Binary, Bson, Document, doc, spec::BinarySubtype};
use sea_orm::Value;
use serde_json::Value as Json;

/// Commands that answer a cursor.
const CURSORS: [&str; 4] = ["aggregate", "find", "listCollections", "listIndexes"];
/// Commands that may write several documents, of which the server undoes nothing.
const CHANGES: [&str; 4] = ["delete", "findAndModify", "insert", "update"];
/// Commands that a transaction may hold.
const INSIDE: [&str; 7] = ["aggregate", "delete", "distinct", "find", "findAndModify", "insert", "update"];

/// A raw statement whose values are in their places.
#[derive(Clone)]
pub(super) struct Raw {
    commands: Vec<Document>,
    want: RawWant,
    writes: bool,
}

/// Where a bound value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A field's value: in a filter, a document, a `$set`.
    Plain,
    /// An expression, which reads a text with a `$` as a field.
    Expression,
    /// A stage of a pipeline that holds a filter beside its expressions.
    Stage,
}

impl Raw {
    /// What is refused before it is sent.
    pub fn of(statement: RawStatement) -> Result<Self> {
        if statement.dialect().is_some() {
            return Err(refused("the statement is none of MongoDB's"));
        }
        let (want, writes) = (statement.want(), !statement.reads());
        if want == RawWant::Rows {
            return Err(Error::unsupported("MongoDB answers documents and no rows: `documents`"));
        }
        let (text, values) = statement.into_parts();
        let values: Vec<Value> = values.into_iter().map(raw::bound).collect::<Result<_>>()?;
        // It was read before: what is left is a number out of range, or a form of extended JSON that is none.
        let read = if want == RawWant::Script {
            serde_json::from_str(&text)
        } else {
            serde_json::from_str(&text).map(|command| vec![command])
        };
        let commands: Vec<Document> =
            read.map_err(|error| refused("a value is none of MongoDB's").with_detail(error.to_string()))?;
        let commands = commands.into_iter().map(|command| bind(command, &values)).collect::<Result<_>>()?;
        Ok(Self { commands, want, writes })
    }

    /// A transaction takes reads and changes of documents, and not what makes or drops collections.
    pub fn may_stand_inside(&self) -> Result<()> {
        match self.commands.iter().find(|command| !INSIDE.contains(&name(command)) || (self.writes && merges(command)))
        {
            Some(command) => Err(Error::unsupported(format!("`{}` inside a transaction of MongoDB", name(command)))),
            None => Ok(()),
        }
    }

    /// Whether it has to be all or nothing, and so a transaction of its own.
    pub fn is_change(&self) -> bool {
        self.want != RawWant::Script && self.commands.iter().any(|command| CHANGES.contains(&name(command)))
    }

    pub fn writes(&self) -> bool {
        self.writes
    }

    /// The collection that it is about.
    pub fn collection(&self) -> &str {
        let first = self.commands.first().and_then(|command| command.iter().next());
        first.and_then(|(_, about)| about.as_str()).unwrap_or_default()
    }

    pub async fn run(self, checkout: &mut Checkout) -> Result<RawOutcome> {
        let (mut documents, mut affected) = (Vec::new(), 0);
        for mut command in self.commands {
            if CURSORS.contains(&name(&command)) {
                if !command.contains_key("cursor") && name(&command) == "aggregate" {
                    command.insert("cursor", doc! {});
                }
                let doing = if merges(&command) { Doing::Writing } else { Doing::Reading };
                documents.extend(checkout.cursor(command, doing).await?);
            } else {
                let mut answer = checkout.send(command, self.writes).await?;
                affected += count(&answer);
                for of_the_wire in ["$clusterTime", "operationTime", "electionId", "opTime"] {
                    answer.remove(of_the_wire);
                }
                documents.push(answer);
            }
        }
        Ok(match self.want {
            RawWant::Count => RawOutcome::Affected(affected),
            RawWant::Script => RawOutcome::Ran,
            _ => RawOutcome::Documents(documents.into_iter().map(|one| told(Bson::Document(one))).collect()),
        })
    }
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidQuery, why)
}

/// A command's name: its first field.
fn name(command: &Document) -> &str {
    command.keys().next().map_or("", String::as_str)
}

/// Whether a pipeline ends in a stage that writes.
fn merges(command: &Document) -> bool {
    let stages = command.get_array("pipeline").into_iter().flatten().filter_map(Bson::as_document);
    stages.flat_map(Document::keys).any(|stage| stage == "$out" || stage == "$merge")
}

/// How many documents an answer says were written.
fn count(answer: &Document) -> u64 {
    let last = answer.get_document("lastErrorObject").ok().and_then(|last| last.get("n"));
    let number = last.or_else(|| answer.get("n"));
    let number = number.and_then(|number| number.as_i64().or_else(|| number.as_i32().map(i64::from)));
    number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
}

/// Puts the values into their places.
fn bind(command: Document, values: &[Value]) -> Result<Document> {
    let field = |(name, value): (String, Bson)| {
        let value = match (name.as_str(), value) {
            ("explain", Bson::Document(inner)) => Bson::Document(bind(inner, values)?),
            ("updates", Bson::Array(updates)) => {
                Bson::Array(updates.into_iter().map(|one| update(one, values)).collect::<Result<_>>()?)
            }
            ("pipeline" | "projection" | "fields" | "let", value) | ("update", value @ Bson::Array(_)) => {
                put(value, values, Place::Expression)?
            }
            (_, value) => put(value, values, Place::Plain)?,
        };
        Ok((name, value))
    };
    command.into_iter().map(field).collect()
}

/// One of several updates: its change is a document, or the stages of a pipeline.
fn update(update: Bson, values: &[Value]) -> Result<Bson> {
    let Bson::Document(update) = update else { return put(update, values, Place::Plain) };
    let field = |(name, value): (String, Bson)| {
        let stages = name == "c" || (name == "u" && matches!(value, Bson::Array(_)));
        Ok((name, put(value, values, if stages { Place::Expression } else { Place::Plain })?))
    };
    update.into_iter().map(field).collect::<Result<_>>().map(Bson::Document)
}

fn document(fields: Document, values: &[Value], place: Place) -> Result<Document> {
    let bound = |(name, value): (String, Bson)| {
        let place = match (place, name.as_str()) {
            (Place::Expression, "$match" | "$literal") | (Place::Stage, "query" | "restrictSearchWithMatch") => {
                Place::Plain
            }
            (Place::Expression, "$geoNear" | "$graphLookup") => Place::Stage,
            (Place::Plain, "$expr") | (Place::Stage, _) => Place::Expression,
            (place, _) => place,
        };
        Ok((name, put(value, values, place)?))
    };
    fields.into_iter().map(bound).collect()
}

fn put(value: Bson, values: &[Value], place: Place) -> Result<Bson> {
    match value {
        Bson::Document(fields) => match marker(&fields) {
            Some(Bson::Array(_)) => Err(refused("a list of values, `{..list}`, stands in brackets")),
            Some(number) => one(number, values, place),
            None => document(fields, values, place).map(Bson::Document),
        },
        Bson::Array(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                let numbers = item.as_document().and_then(marker).and_then(Bson::as_array);
                match numbers {
                    Some(numbers) => {
                        for number in numbers {
                            list.push(one(number, values, place)?);
                        }
                    }
                    None => list.push(put(item, values, place)?),
                }
            }
            Ok(Bson::Array(list))
        }
        other => Ok(other),
    }
}

/// What stands in a document that stands for a value.
fn marker(fields: &Document) -> Option<&Bson> {
    fields.get(raw::BOUND).filter(|_| fields.len() == 1)
}

/// A bound value: never read as an operator or as a field's path.
fn one(number: &Bson, values: &[Value], place: Place) -> Result<Bson> {
    let number = number.as_i64().or_else(|| number.as_i32().map(i64::from));
    let value = number.and_then(|number| values.get(usize::try_from(number).ok()?));
    let value = encode(value.ok_or_else(|| refused("a place without a value"))?);
    let read = match &value {
        Bson::String(text) => text.starts_with('$'),
        Bson::Document(_) | Bson::Array(_) => true,
        _ => false,
    };
    Ok(if read && place != Place::Plain { Bson::Document(doc! { "$literal": value }) } else { value })
}

/// A document as JSON, in the forms that serde's fields of such values read.
fn told(bson: Bson) -> Json {
    match bson {
        Bson::Document(fields) => Json::Object(fields.into_iter().map(|(name, value)| (name, told(value))).collect()),
        Bson::Array(items) => Json::Array(items.into_iter().map(told).collect()),
        Bson::Null | Bson::Undefined | Bson::MinKey => Json::Null,
        Bson::Boolean(v) => Json::from(v),
        Bson::Int32(v) => Json::from(v),
        Bson::Int64(v) => Json::from(v),
        Bson::Double(v) => Json::from(v),
        Bson::String(v) | Bson::Symbol(v) => Json::from(v),
        Bson::Decimal128(v) => Json::from(v.to_string()),
        Bson::ObjectId(v) => Json::from(v.to_hex()),
        Bson::DateTime(v) => v.try_to_rfc3339_string().map_or(Json::Null, Json::from),
        Bson::Binary(Binary { subtype: BinarySubtype::Uuid, bytes }) => sea_orm::prelude::Uuid::from_slice(&bytes)
            .map_or_else(|_| Json::from(hex::encode(&bytes)), |id| Json::from(id.to_string())),
        Bson::Binary(Binary { bytes, .. }) => Json::from(hex::encode(bytes)),
        other => Json::from(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str, values: Vec<Value>) -> Result<Document> {
        let statement = RawStatement::document(text, values, RawWant::Documents)?;
        Raw::of(statement).map(|mut raw| raw.commands.remove(0))
    }

    #[test]
    fn a_value_is_never_an_operator_nor_a_path() {
        let evil = || vec![Value::from("$password"), serde_json::json!({ "$ne": null }).into()];
        let find = bound(r#"{ "find": "x", "filter": { "a": { "$bound": 0 }, "b": { "$bound": 1 } } }"#, evil());
        let filter = doc! { "a": "$password", "b": { "%24ne": Bson::Null } };
        assert_eq!(find.expect("a command").get_document("filter").expect("a filter"), &filter);
        let text = r#"{ "aggregate": "x", "pipeline": [
            { "$match": { "a": { "$bound": 0 }, "$expr": { "$eq": ["$a", { "$bound": 0 }] } } },
            { "$set": { "b": { "$bound": 1 }, "query": { "$bound": 0 } } }] }"#;
        let literal = |value: Bson| Bson::Document(doc! { "$literal": value });
        let matched = doc! { "a": "$password", "$expr": { "$eq": ["$a", literal("$password".into())] } };
        let set =
            doc! { "b": literal(Bson::Document(doc! { "%24ne": Bson::Null })), "query": literal("$password".into()) };
        let pipeline = bound(text, evil()).expect("a command");
        assert_eq!(
            pipeline.get_array("pipeline").expect("stages")[..],
            [doc! { "$match": matched }.into(), doc! { "$set": set }.into()]
        );
        let text = r#"{ "update": "x", "updates": [
            { "q": {}, "u": { "$set": { "a": { "$bound": 0 } } } }, { "q": {}, "u": [{ "$set": { "a": { "$bound": 1 } } }] }] }"#;
        let updates = bound(text, vec!["$a".into(), "$b".into()]).expect("a command");
        let updates = updates.get_array("updates").expect("two");
        assert!(format!("{:?}", updates[0]).find("$literal").is_none(), "{:?}", updates[0]);
        assert!(format!("{:?}", updates[1]).contains("$literal"), "{:?}", updates[1]);
    }

    #[test]
    fn a_list_stands_in_brackets_and_may_be_empty() {
        let text = r#"{ "find": "x", "filter": { "a": { "$in": [1, { "$bound": [0, 1] }, { "$bound": [] }] } } }"#;
        let find = bound(text, vec![2.into(), 3.into()]).expect("a command");
        assert_eq!(find.get_document("filter").expect("a filter"), &doc! { "a": { "$in": [1, 2_i64, 3_i64] } });
        let error =
            bound(r#"{ "find": "x", "filter": { "a": { "$bound": [0] } } }"#, vec![1.into()]).expect_err("no list");
        assert!(error.message().contains("brackets"), "{error}");
    }

    #[test]
    fn the_order_of_fields_is_kept() {
        let find = bound(r#"{ "find": "x", "sort": { "b": 1, "a": -1 } }"#, Vec::new()).expect("a command");
        assert_eq!(find.get_document("sort").expect("an order").keys().collect::<Vec<_>>(), ["b", "a"]);
    }
}
