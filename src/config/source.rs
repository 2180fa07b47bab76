//! Where settings come from: each source gives a flat list of settings, each with its path and its origin.
//!
//! The crate `config` would merge them too, but it keeps neither the line of a file nor the name of a variable, and its
//! errors quote the line at fault, where the password may stand. So the parser is `toml` itself, which has the spans.

use super::{
    fault::{Faults, Origin},
    value::Value,
};
use std::ffi::{OsStr, OsString};
use toml::de::{DeTable, DeValue};

/// What the settings' variables begin with; `__` separates the levels.
const PREFIX: &str = "SEABED_";
/// The URL of `main`, as many tools know it.
const URL: &str = "DATABASE_URL";
/// Names the file.
pub(super) const FILE: &str = "SEABED_CONFIG";
/// The test suites' own variables.
const TESTS: &str = "SEABED_TEST_";

/// One value, and where it was written. `path` is `["databases", "main", "url"]`.
pub(super) struct Setting {
    pub path: Vec<String>,
    pub value: Value,
    pub origin: Origin,
}

/// The settings of a TOML text; `name` is what faults call it.
pub(super) fn text(name: &str, text: &str, faults: &mut Faults) -> Vec<Setting> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    for error in &errors {
        // `message` says what was expected; `Display` would quote the line, and with it a password.
        let origin = Origin::Line(name.to_owned(), error.span().map_or(1, |span| line(span.start)));
        faults.add(format!("is not TOML: {}", error.message()), Some(&origin));
    }
    let mut settings = Vec::new();
    if errors.is_empty() {
        let origin = |at| Origin::Line(name.to_owned(), line(at));
        flatten(table.get_ref(), &mut Vec::new(), &origin, &mut settings);
    }
    settings
}

fn flatten(table: &DeTable<'_>, path: &mut Vec<String>, origin: &dyn Fn(usize) -> Origin, settings: &mut Vec<Setting>) {
    for (key, entry) in table {
        path.push(key.get_ref().clone().into_owned());
        match entry.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => flatten(inner, path, origin, settings),
            other => {
                let origin = origin(key.span().start);
                settings.push(Setting { path: path.clone(), value: value(other), origin });
            }
        }
        path.pop();
    }
}

/// A value of TOML as one of ours.
pub(super) fn value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Value::Other, Value::Whole)
        }
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Array(items) => {
            let words: Option<_> = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            words.map_or(Value::Other, Value::List)
        }
        DeValue::Table(_) => Value::Table,
        DeValue::Float(_) | DeValue::Datetime(_) => Value::Other,
    }
}

/// The settings of the environment, weakest first: `DATABASE_URL`, then `SEABED_…`. An empty variable is one that is not
/// set: that is all that many tools can do to take one away.
pub(super) fn variables(variables: &[(OsString, OsString)], faults: &mut Faults) -> [Vec<Setting>; 2] {
    let (mut url, mut rest) = (Vec::new(), Vec::new());
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        let (list, path) = if name == URL {
            (&mut url, vec!["databases".to_owned(), "main".to_owned(), "url".to_owned()])
        } else if let Some(key) = name.strip_prefix(PREFIX).filter(|_| name != FILE && !name.starts_with(TESTS)) {
            (&mut rest, key.split("__").map(str::to_lowercase).collect())
        } else {
            continue;
        };
        let origin = Origin::Variable(name.to_owned());
        match value.to_str() {
            Some("") => {}
            Some(value) => list.push(Setting { path, value: Value::Text(value.to_owned()), origin }),
            None => faults.add("is not UTF-8", Some(&origin)),
        }
    }
    [url, rest]
}

/// The file that the environment names.
pub(super) fn named_file(variables: &[(OsString, OsString)]) -> Option<&OsStr> {
    variables.iter().find(|(name, value)| name == FILE && !value.is_empty()).map(|(_, value)| value.as_os_str())
}

/// A setting made in code: `key` is a path with dots.
pub(super) fn code(key: &str, value: String) -> Setting {
    Setting { path: key.split('.').map(str::to_owned).collect(), value: Value::Text(value), origin: Origin::Code }
}
