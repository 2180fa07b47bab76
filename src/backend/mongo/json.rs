//! JSON as BSON, and what stands at a path in it.
//!
//! Objects are documents and arrays are arrays, so that other programs read them. Three things have no word in BSON: a whole
//! number above `i64::MAX` is a Decimal128, JSON's null where a whole column is one is `MinKey` (the column's null is null), and
//! `$`, `.` and the empty key, which mean something in a path, are written `%24`, `%2E` and `%`, and `%` itself `%25`.

use super::{text, value};
use crate::{
    Result,
    backend::{Comparison, JsonTest, scalar},
};
use mongodb::bson::{Bson, Document, bson};
use sea_orm::{Value, prelude::Json};

/// A column's JSON.
pub(super) fn encode(json: &Json) -> Bson {
    if json.is_null() { Bson::MinKey } else { inner(json) }
}

fn inner(json: &Json) -> Bson {
    match json {
        Json::Null => Bson::Null,
        Json::Bool(v) => Bson::Boolean(*v),
        Json::Number(v) => match (v.as_i64(), v.as_u64()) {
            (Some(v), _) => Bson::Int64(v),
            (None, Some(v)) => Bson::Decimal128(value::decimal(v.into(), 0)),
            // Not infinite: `arbitrary_precision` is not asked of serde_json.
            (None, None) => v.as_f64().map_or(Bson::Null, Bson::Double),
        },
        Json::String(v) => Bson::String(v.clone()),
        Json::Array(items) => items.iter().map(inner).collect(),
        Json::Object(fields) => Bson::Document(fields.iter().map(|(name, value)| (key(name), inner(value))).collect()),
    }
}

/// JSON as it was given.
///
/// # Errors
/// `CorruptData` for what another program stored and JSON has no word for.
pub(super) fn decode(bson: &Bson) -> Result<Json> {
    Ok(match bson {
        Bson::Null | Bson::MinKey => Json::Null,
        Bson::Boolean(v) => Json::from(*v),
        Bson::Int32(v) => Json::from(*v),
        Bson::Int64(v) => Json::from(*v),
        Bson::Double(v) if v.is_finite() => Json::from(*v),
        Bson::Decimal128(v) => {
            let whole = value::units(*v, 0).and_then(|v| u64::try_from(v).ok());
            Json::from(whole.ok_or_else(value::corrupt)?)
        }
        Bson::String(v) => Json::from(v.as_str()),
        Bson::Array(items) => Json::Array(items.iter().map(decode).collect::<Result<_>>()?),
        Bson::Document(fields) => {
            let fields = fields.iter().map(|(name, value)| Ok((name_of(name), decode(value)?)));
            Json::Object(fields.collect::<Result<_>>()?)
        }
        _ => return Err(value::corrupt()),
    })
}

/// An object's key as a name of a field.
fn key(name: &str) -> String {
    if name.is_empty() {
        return "%".to_owned();
    }
    name.replace('%', "%25").replace('$', "%24").replace('.', "%2E")
}

fn name_of(key: &str) -> String {
    if key == "%" {
        return String::new();
    }
    key.replace("%2E", ".").replace("%24", "$").replace("%25", "%")
}

/// The kinds of numbers, as `$type` says them.
const NUMBERS: [&str; 4] = ["int", "long", "double", "decimal"];

/// An expression that is true where the test is true of what stands at the path, or, not `wanted`, where it is false.
pub(super) fn condition(column: &str, path: &[String], test: &JsonTest, wanted: bool) -> Bson {
    let there = bson!({ "$ne": ["$$v", null] });
    let holds = match test {
        JsonTest::IsNull | JsonTest::IsNotNull => {
            let null = matches!(test, JsonTest::IsNull) == wanted;
            return at(column, path, if null { bson!({ "$eq": ["$$v", null] }) } else { there });
        }
        JsonTest::Compare(how, operand) => compare(*how, operand),
        JsonTest::In(operands) => {
            bson!({ "$in": ["$$v", { "$literal": operands.iter().map(scalar_of).collect::<Vec<_>>() }] })
        }
        JsonTest::Text(_, needle) if needle.is_empty() => is_of(&["string"]),
        // What is no text is an empty one here, which holds no needle.
        JsonTest::Text(how, needle) => text::holds(bson!({ "$cond": [is_of(&["string"]), "$$v", ""] }), *how, needle),
    };
    let holds = if wanted { holds } else { bson!({ "$not": [holds] }) };
    at(column, path, bson!({ "$and": [there, holds] }))
}

/// Says `$$v` in an expression for the value at a path: null where it is not there, and where it is JSON's null. A step goes
/// into objects alone: MongoDB's own would go through every item of an array.
fn at(column: &str, path: &[String], expression: Bson) -> Bson {
    let mut steps = Vec::with_capacity(path.len());
    let mut place = format!("${column}");
    for name in path {
        steps.push(bson!({ "$eq": [{ "$type": &place }, "object"] }));
        place.push('.');
        place.push_str(&key(name));
    }
    let value = bson!({ "$ifNull": [&place, null] });
    let value = if steps.is_empty() {
        bson!({ "$cond": [{ "$eq": [{ "$type": &place }, "minKey"] }, null, value] })
    } else {
        bson!({ "$cond": [{ "$and": steps }, value, null] })
    };
    bson!({ "$let": { "vars": { "v": value }, "in": expression } })
}

/// What is of another type is unequal, and has no order.
fn compare(how: Comparison, operand: &Value) -> Bson {
    let value = bson!({ "$literal": scalar_of(operand) });
    let mut compared = Document::new();
    compared.insert(sign(how), bson!(["$$v", value]));
    match (how, operand) {
        (Comparison::Eq | Comparison::Ne, _) => Bson::Document(compared),
        (_, Value::String(_)) => bson!({ "$and": [is_of(&["string"]), compared] }),
        (_, Value::Bool(_)) => bson!({ "$and": [is_of(&["bool"]), compared] }),
        _ => bson!({ "$and": [is_of(&NUMBERS), compared] }),
    }
}

fn is_of(types: &[&str]) -> Bson {
    bson!({ "$in": [{ "$type": "$$v" }, types.to_vec()] })
}

fn scalar_of(operand: &Value) -> Bson {
    inner(&scalar::json(operand))
}

fn sign(how: Comparison) -> &'static str {
    match how {
        Comparison::Eq => "$eq",
        Comparison::Ne => "$ne",
        Comparison::Lt => "$lt",
        Comparison::Lte => "$lte",
        Comparison::Gt => "$gt",
        Comparison::Gte => "$gte",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, backend::Match};
    use serde_json::json;

    #[test]
    fn json_comes_back_as_it_was() {
        for json in [
            json!(null),
            json!([null, { "a": null }]),
            json!([i64::MIN, i64::MAX, u64::MAX, 1_u64 << 63, 0, 0.1, -2.5e300, 5e-324, true, ""]),
            json!({ "a.b": 1, "$c": { "$set": [] }, "": "empty", "%": 2, "%24": 3, "%25%2E": 4, "$": 5, "..": 6, "0": 7 }),
            json!({ "z": {}, "a": [[], [{}]] }),
            json!("$x"),
        ] {
            assert_eq!(decode(&encode(&json)).expect("JSON"), json);
        }
    }

    #[test]
    fn keys_stay_apart_and_say_nothing_in_a_path() {
        let names = ["", "%", "$", ".", "%24", "%2E", "%25", "%%", "%25%", "a", "a.b", "$a"];
        let mut keys: Vec<String> = names.iter().map(|name| key(name)).collect();
        for (name, key) in names.iter().zip(&keys) {
            assert_eq!(name_of(key), *name);
            assert!(!key.is_empty() && !key.contains(['$', '.']), "{key}");
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), names.len());
    }

    #[test]
    fn null_is_one_thing_and_jsons_null_another() {
        assert_eq!(encode(&json!(null)), Bson::MinKey);
        assert_eq!(encode(&json!([null])), bson!([null]));
    }

    #[test]
    fn what_is_no_json_is_corrupt() {
        let huge: mongodb::bson::Decimal128 = "1E+30".parse().expect("a decimal");
        for bson in [Bson::MaxKey, Bson::Decimal128(huge), Bson::Double(f64::NAN), bson!([{ "a": Bson::MaxKey }])] {
            assert_eq!(decode(&bson).expect_err("no JSON").kind(), ErrorKind::CorruptData);
        }
    }

    #[test]
    fn a_path_goes_into_objects_alone() {
        let path = ["a.b".to_owned(), String::new()];
        let asked = condition("extra", &path, &JsonTest::IsNull, false);
        let object = |place: &str| bson!({ "$eq": [{ "$type": place }, "object"] });
        let value = bson!({ "$cond": [
            { "$and": [object("$extra"), object("$extra.a%2Eb")] },
            { "$ifNull": ["$extra.a%2Eb.%", null] },
            null,
        ] });
        assert_eq!(asked, bson!({ "$let": { "vars": { "v": value }, "in": { "$ne": ["$$v", null] } } }));
    }

    #[test]
    fn what_is_not_there_is_unknown() {
        let number = JsonTest::Compare(Comparison::Lt, 5_i64.into());
        let text = JsonTest::Text(Match::Contains, "$".into());
        for test in [number, text, JsonTest::In(vec![1_i64.into()]), JsonTest::Compare(Comparison::Ne, true.into())] {
            for wanted in [true, false] {
                let asked = condition("extra", &["a".to_owned()], &test, wanted);
                let said =
                    asked.as_document().and_then(|asked| asked.get_document("$let").ok()?.get_document("in").ok());
                let parts = said.and_then(|said| said.get_array("$and").ok()).expect("two conditions");
                assert_eq!(parts[0], bson!({ "$ne": ["$$v", null] }));
                assert_eq!(parts[1].as_document().is_some_and(|part| part.contains_key("$not")), !wanted);
            }
        }
    }
}
