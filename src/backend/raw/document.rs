//! A statement of MongoDB: a command as a JSON document. What it does is told by its name and its stages.

use super::look::{Look, refused};
use crate::Result;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// The one field of a document that stands for a bound value: its number, or a list of them where a list is bound.
pub const BOUND: &str = "$bound";

/// Commands that only read. An `aggregate` does where none of its stages writes.
const READS: [&str; 15] = [
    "aggregate",
    "buildInfo",
    "collStats",
    "connectionStatus",
    "count",
    "dbStats",
    "distinct",
    "explain",
    "find",
    "hello",
    "listCollections",
    "listIndexes",
    "ping",
    "serverStatus",
    "validate",
];

/// Commands whose state is ours: transactions, sessions, cursors and who is logged in.
const CONTROL: [&str; 15] = [
    "abortTransaction",
    "authenticate",
    "commitTransaction",
    "coordinateCommitTransaction",
    "endSessions",
    "getMore",
    "killAllSessions",
    "killAllSessionsByPattern",
    "killCursors",
    "killSessions",
    "logout",
    "prepareTransaction",
    "refreshSessions",
    "saslStart",
    "startSession",
];

/// Fields that the library writes itself. What is written is acknowledged by the majority, or it is not told as written.
const OURS: [&str; 10] = [
    "$clusterTime",
    "$db",
    "$readPreference",
    "autocommit",
    "lsid",
    "maxTimeMS",
    "startTransaction",
    "stmtId",
    "txnNumber",
    "writeConcern",
];

/// What belongs to whoever runs the server.
const ADMINISTRATION: [&str; 9] = [
    "configureFailPoint",
    "fsync",
    "fsyncUnlock",
    "killOp",
    "rotateCertificates",
    "setFeatureCompatibilityVersion",
    "setParameter",
    "shutdown",
    "stopServer",
];

/// A command: its name is its first field.
struct Command {
    name: String,
    fields: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Command;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> std::result::Result<Command, A::Error> {
                let (mut name, mut fields) = (String::new(), Map::new());
                while let Some((field, value)) = from.next_entry::<String, Value>()? {
                    if fields.is_empty() {
                        name.clone_from(&field);
                    }
                    if fields.insert(field, value).is_some() {
                        return Err(serde::de::Error::custom("a field stands there twice"));
                    }
                }
                Ok(Command { name, fields })
            }
        }
        from.deserialize_map(Fields)
    }
}

/// Looks at the text of one command, or of a list of them, with so many values.
///
/// # Errors
/// `InvalidQuery` for what is no document, for a command whose state is the library's, and where a value is not bound.
pub(super) fn look(text: &str, script: bool, values: usize) -> Result<Look> {
    let commands = if script { serde_json::from_str(text) } else { serde_json::from_str(text).map(|one| vec![one]) };
    // serde_json quotes what stands there: the place alone is told.
    let commands: Vec<Command> = commands.map_err(|error| {
        let what = if script { "a list of documents" } else { "a document" };
        let twice = error.to_string().contains("twice");
        let why = if twice { "it has a field twice".to_owned() } else { format!("it is no JSON of {what}") };
        refused(format!("{why}; line {}, column {}", error.line(), error.column()))
    })?;
    if commands.is_empty() || commands.iter().any(|command| command.fields.is_empty()) {
        return Err(refused("there is no command"));
    }
    let mut bound = BTreeSet::new();
    for command in &commands {
        command.is_for_anybody()?;
        command.fields.values().for_each(|value| markers(value, &mut bound));
    }
    if script && values > 0 || bound != (0..values as u64).collect() {
        return Err(refused(format!("{} places and {values} values", bound.len())));
    }
    let reads = !script && commands.iter().all(Command::reads);
    Ok(Look { reads, session: false, commits: false })
}

impl Command {
    fn is_for_anybody(&self) -> Result<()> {
        let name = self.name.as_str();
        if CONTROL.contains(&name) {
            return Err(refused(format!("`{name}` goes round the state of a transaction: use `transact`")));
        }
        if ADMINISTRATION.contains(&name) || name.starts_with("replSet") {
            return Err(refused(format!("`{name}` is for whoever runs the server, in a shell of theirs")));
        }
        match self.fields.keys().find(|field| OURS.contains(&field.as_str())) {
            Some(field) => Err(refused(format!("the library writes the field `{field}` itself"))),
            None => Ok(()),
        }
    }

    fn reads(&self) -> bool {
        READS.contains(&self.name.as_str()) && !self.fields.get("pipeline").is_some_and(writes)
    }
}

/// Whether a stage of a pipeline writes.
fn writes(pipeline: &Value) -> bool {
    let stages = pipeline.as_array().into_iter().flatten().filter_map(Value::as_object);
    stages.flat_map(Map::keys).any(|stage| stage == "$out" || stage == "$merge")
}

fn markers(value: &Value, found: &mut BTreeSet<u64>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| markers(item, found)),
        Value::Object(fields) => match fields.get(BOUND).filter(|_| fields.len() == 1) {
            Some(Value::Array(list)) => found.extend(list.iter().filter_map(Value::as_u64)),
            Some(one) => found.extend(one.as_u64()),
            None => fields.values().for_each(|value| markers(value, found)),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> bool {
        look(text, false, 0).unwrap_or_else(|error| panic!("{text}: {error}")).reads
    }

    #[test]
    fn t5_a_command_is_judged_by_its_name_and_its_stages() {
        for text in [
            r#"{ "find": "x" }"#,
            r#"{ "aggregate": "x", "pipeline": [{ "$match": { "$out": 1 } }] }"#,
            r#"{ "count": "x", "query": {} }"#,
        ] {
            assert!(reads(text), "{text}");
        }
        for text in [
            r#"{ "aggregate": "x", "pipeline": [{ "$match": {} }, { "$out": "y" }] }"#,
            r#"{ "aggregate": "x", "pipeline": [{ "$merge": { "into": "y" } }] }"#,
            r#"{ "delete": "x", "deletes": [] }"#,
            // What nobody has heard of may write. So may one that names a read further back.
            r#"{ "unheardOf": 1 }"#,
            r#"{ "drop": "x", "find": "x" }"#,
        ] {
            assert!(!reads(text), "{text}");
        }
    }

    #[test]
    fn t1_what_the_library_keeps_is_refused() {
        for (text, part) in [
            (r#"{ "commitTransaction": 1 }"#, "transact"),
            (r#"{ "killSessions": [] }"#, "transact"),
            (r#"{ "insert": "x", "documents": [], "writeConcern": { "w": 0 } }"#, "writeConcern"),
            (r#"{ "find": "x", "lsid": {} }"#, "lsid"),
            (r#"{ "shutdown": 1 }"#, "runs the server"),
            (r#"{ "replSetStepDown": 1 }"#, "runs the server"),
            (r#"{ "find": "x", "find": "y" }"#, "twice"),
            ("{}", "no command"),
            ("select 1", "no JSON"),
            (r#"{ "find": "x" } { "find": "y" }"#, "no JSON"),
            (r#"{ "find": "x", "filter": { "a": { "$bound": 0 } } }"#, "1 places and 0 values"),
        ] {
            let error = look(text, false, 0).expect_err(part);
            assert!(error.is(crate::ErrorKind::InvalidQuery) && error.message().contains(part), "{error}");
        }
        look(r#"[{ "drop": "x" }, { "create": "x" }]"#, true, 0).expect("a script");
        assert!(look(r#"[{ "drop": "x" }, { "abortTransaction": 1 }]"#, true, 0).is_err());
    }
}
