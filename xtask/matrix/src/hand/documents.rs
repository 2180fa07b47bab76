//! What somebody makes by hand on MongoDB, which has no triggers and no index on an expression: the nearest to the one is none, to the
//! other an index that ignores case.

use super::{Company, Thing};
use anyhow::{Context, Result, ensure};
use seabed::schema::Picture;
use serde_json::{Value, json};

/// The commands that make it, on a database that has this.
pub fn commands(company: Company, have: &Picture) -> Result<Vec<String>> {
    let mut commands = Vec::new();
    if let Company::Full | Company::Plain = company {
        let keep = json!({ "updates": [{ "q": {}, "u": { "$set": { "legacy": "keep" } }, "multi": true }] });
        commands.extend([
            index("hand_index", json!({ "n16": 1 }), json!({})),
            command("create", "hand_table", &json!({})),
            command("insert", "hand_table", &json!({ "documents": [{ "id": 1, "label": "keep" }] })),
            validator(have, true, true)?,
            command("update", "item", &keep),
        ]);
    }
    if company == Company::Full {
        commands.push(view());
    }
    if let Company::Only(thing) = company {
        commands.push(match thing {
            Thing::Index => index("hand_index", json!({ "name": 1 }), json!({})),
            Thing::Unique => index("hand_unique", json!({ "vc": 1 }), json!({ "unique": true })),
            Thing::Partial => {
                let only = json!({ "unique": true, "partialFilterExpression": { "flag": true } });
                index("hand_partial", json!({ "vc": 1 }), only)
            }
            Thing::Expression => {
                let folded = json!({ "unique": true, "collation": { "locale": "en", "strength": 2 } });
                index("hand_expression", json!({ "owner_id": 1, "name": 1 }), folded)
            }
            Thing::Column => validator(have, true, false)?,
            Thing::Table => command("create", "hand_table", &json!({})),
            Thing::Check => validator(have, false, true)?,
            Thing::View => view(),
        });
    }
    Ok(commands)
}

/// The command's name comes first, whatever the order of the rest.
fn command(name: &str, about: &str, rest: &Value) -> String {
    let rest = rest.as_object().into_iter().flatten().map(|(name, value)| format!(r#", "{name}": {value}"#));
    format!(r#"{{"{name}": "{about}"{}}}"#, rest.collect::<String>())
}

fn index(name: &str, key: Value, mut with: Value) -> String {
    with["name"] = name.into();
    with["key"] = key;
    command("createIndexes", "item", &json!({ "indexes": [with] }))
}

fn view() -> String {
    command("create", "hand_view", &json!({ "viewOn": "item", "pipeline": [{ "$project": { "n16": 1, "flag": 1 } }] }))
}

/// The validator that is there, in its own order, with a column that may be missing, and with a condition beside the schema.
fn validator(have: &Picture, column: bool, check: bool) -> Result<String> {
    let there = have.tables.get("item").and_then(|item| item.create.clone()).context("`item` has no validator")?;
    let mut validator = there;
    if column {
        let legacy = r#""properties":{"legacy":{"bsonType":["string","null"]},"#;
        ensure!(validator.contains(PROPERTIES), "the validator says no columns: {validator}");
        validator = validator.replacen(PROPERTIES, legacy, 1);
    }
    if check {
        let open = validator.strip_suffix('}').context("the validator is no document")?;
        validator = format!(r#"{open},"n16":{{"$gt":-99}}}}"#);
    }
    Ok(format!(r#"{{"collMod": "item", "validator": {validator}}}"#))
}

const PROPERTIES: &str = r#""properties":{"#;
