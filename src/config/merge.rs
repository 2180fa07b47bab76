//! Settings of several sources become one set per database: the last source that names a key wins.

use super::{
    fault::{Faults, Origin},
    key,
    nearest::hint,
    source::Setting,
    value::Value,
};
use std::collections::{BTreeMap, btree_map::Entry as Slot};

/// The database that `[database]` and `DATABASE_URL` are short for.
pub(super) const MAIN: &str = "main";

/// What one key of one database is set to.
pub(super) struct Entry {
    pub value: Value,
    pub origin: Origin,
    /// Higher beats lower; the same rank is the same source.
    pub rank: usize,
}

/// What is set of one database, by key.
pub(super) type Entries = BTreeMap<&'static str, Entry>;

/// What is set of every database, by name.
#[derive(Default)]
pub(super) struct Merged {
    pub databases: BTreeMap<String, Entries>,
    rank: usize,
}

impl Merged {
    /// Adds a source that beats those before it.
    pub(super) fn add(&mut self, settings: Vec<Setting>, faults: &mut Faults) {
        self.rank += 1;
        for setting in settings {
            match Place::of(&setting) {
                Ok(Place::Key(name, key)) => self.set(name, key, setting, faults),
                Ok(Place::Table(name)) => {
                    self.databases.entry(name).or_default();
                }
                Ok(Place::Nothing) => {}
                Err(what) => faults.add(what, Some(&setting.origin)),
            }
        }
    }

    fn set(&mut self, name: String, key: &'static str, setting: Setting, faults: &mut Faults) {
        let path = format!("databases.{name}.{key}");
        let entry = Entry { value: setting.value, origin: setting.origin, rank: self.rank };
        match self.databases.entry(name).or_default().entry(key) {
            Slot::Occupied(before) if before.get().rank == self.rank => {
                let other = &before.get().origin;
                faults.add(
                    format!("`{path}` is set twice, at {other} too: `database` is short for `databases.main`"),
                    Some(&entry.origin),
                );
            }
            Slot::Occupied(mut before) => {
                before.insert(entry);
            }
            Slot::Vacant(free) => {
                free.insert(entry);
            }
        }
    }
}

/// What a path leads to.
enum Place {
    /// A key of a database.
    Key(String, &'static str),
    /// A database of which nothing is said.
    Table(String),
    /// An empty table elsewhere.
    Nothing,
}

impl Place {
    fn of(setting: &Setting) -> Result<Self, String> {
        let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
        let empty = matches!(setting.value, Value::Table);
        let (name, rest) = match path.as_slice() {
            ["database", rest @ ..] => (MAIN, rest),
            ["databases", name, rest @ ..] => (*name, rest),
            ["databases"] if empty => return Ok(Self::Nothing),
            ["databases"] => return Err("`databases` is a table of databases, such as `[databases.audit]`".to_owned()),
            [first, ..] => {
                return Err(format!("unknown key `{}`{}", path.join("."), hint(first, ["database", "databases"])));
            }
            [] => return Err("a key without a name".to_owned()),
        };
        if !is_name(name) {
            return Err(format!("`{name}` cannot name a database: use lower-case letters, digits, `-` and single `_`"));
        }
        let key = rest.join(".");
        if let Some(known) = key::names().find(|known| *known == key) {
            return Ok(Self::Key(name.to_owned(), known));
        }
        let below =
            |parent: &str| key::names().find(|known| known.strip_prefix(parent).is_some_and(|k| k.starts_with('.')));
        match (rest, below(&key)) {
            ([], _) if empty => Ok(Self::Table(name.to_owned())),
            ([], _) => Err(format!("`databases.{name}` is a table of keys, such as `url`")),
            (_, Some(_)) if empty => Ok(Self::Nothing),
            (_, Some(child)) => Err(format!("`databases.{name}.{key}` is a table: did you mean `{child}`?")),
            ([first, _, ..], None) if key::names().any(|known| known == *first) => {
                Err(format!("`databases.{name}.{first}` is a value, not a table"))
            }
            _ => Err(format!("unknown key `databases.{name}.{key}`{}", hint(&key, key::names()))),
        }
    }
}

/// The environment has no lower case, and separates levels by two underscores.
fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    !name.is_empty()
        && name.chars().all(letter)
        && !name.contains("__")
        && !name.starts_with('_')
        && !name.ends_with('_')
}
