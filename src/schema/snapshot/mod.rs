//! The tables as a migration leaves them, as a file that is committed: `schema.json` beside the migrations.
//!
//! It is what the entities are compared with where no database is at hand. Columns are named, not counted, and each stands on
//! a line of its own, so that two branches that change the same table meet in a conflict that a person can read.

mod replay;
#[cfg(test)]
mod tests;

use super::{Column, ForeignKey, Index, Reference, Rules, Table, TableExtra};
use crate::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The form that is written; a file of a later form is refused, not guessed at.
const FORM: u32 = 1;

/// The tables of a schema, in alphabetical order, and what a step makes of them.
///
/// ```
/// use seabed::schema::{Snapshot, build::table};
/// let note = table("note").uuid("id").text("title", 80).primary_key(&["id"]).build()?;
/// let text = Snapshot::of([&note])?.to_text();
/// assert!(text.contains(r#"{"name":"title","kind":{"text":{"max":80}}}"#), "{text}");
/// assert_eq!(Snapshot::from_text(&text)?.tables()?, [note]);
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    tables: Vec<Named>,
}

/// A table whose columns are named: it can be changed without counting anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Named {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<String>,
    columns: Vec<Column>,
    key: Vec<String>,
    #[serde(default)]
    indexes: Vec<NamedIndex>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    extra: TableExtra,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NamedIndex {
    name: String,
    columns: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    unique: bool,
}

#[derive(Deserialize)]
struct File {
    seabed: u32,
    tables: Vec<Named>,
}

impl Snapshot {
    /// Of these tables. What they were called before is not kept: it tells of a step, not of a state.
    ///
    /// # Errors
    /// `SchemaMismatch` for two tables of one name.
    pub fn of<'t>(tables: impl IntoIterator<Item = &'t Table>) -> Result<Self> {
        let mut snapshot = Self { tables: tables.into_iter().map(Named::of).collect() };
        snapshot.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        match snapshot.tables.windows(2).find(|two| (&two[0].schema, &two[0].name) == (&two[1].schema, &two[1].name)) {
            Some(twice) => Err(fault("two tables have this name").entity(&twice[0].name)),
            None => Ok(snapshot),
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote; an empty text has no tables.
    ///
    /// # Errors
    /// `SchemaMismatch` with the line for what is no snapshot, such as a conflict that was left in it.
    pub fn from_text(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let file: File = serde_json::from_str(text).map_err(|error| fault("it is no snapshot").with_source(error))?;
        if file.seabed != FORM {
            return Err(fault(format!("it has form {}, and this program knows form {FORM}", file.seabed)));
        }
        let mut snapshot = Self { tables: file.tables };
        snapshot.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
        Ok(snapshot)
    }

    /// The text that is committed: the same tables always give the same.
    #[must_use]
    pub fn to_text(&self) -> String {
        let tables: Vec<String> = self.tables.iter().map(Named::to_text).collect();
        format!("{{\n  \"seabed\": {FORM},\n  \"tables\": {}\n}}\n", list(&tables, "  "))
    }

    /// The tables, in alphabetical order.
    ///
    /// # Errors
    /// `InvalidQuery` with entity and field where a key, an index or a reference names a column that is not there.
    pub fn tables(&self) -> Result<Vec<Table>> {
        self.tables.iter().map(Named::table).collect()
    }

    /// The tables, each after its parents.
    ///
    /// # Errors
    /// As [`tables`](Self::tables).
    pub fn parents_first(&self) -> Result<Vec<Arc<Table>>> {
        let tables: Vec<Arc<Table>> = self.tables()?.into_iter().map(Arc::new).collect();
        Ok(super::model::parents_first(&tables))
    }
}

impl Named {
    fn of(table: &Table) -> Self {
        let names = |columns: &[usize]| table.names(columns).into_iter().map(ToOwned::to_owned).collect::<Vec<_>>();
        let mut extra = table.extra.clone();
        extra.renamed_from = None;
        for index in &mut extra.indexes {
            index.renamed_from = None;
        }
        let mut columns = table.columns.clone();
        for column in &mut columns {
            column.extra.renamed_from = None;
        }
        let index = |index: &Index| NamedIndex {
            name: index.name.clone(),
            columns: names(&index.columns),
            unique: index.unique,
        };
        let reference = |key: &ForeignKey| Reference {
            name: key.name.clone(),
            columns: names(&key.columns),
            parent: key.parent.clone(),
            parent_columns: key.parent_columns.clone(),
            on_delete: key.on_delete,
        };
        let mut named = Self {
            name: table.name.clone(),
            schema: table.schema.clone(),
            key: names(&table.key),
            indexes: table.indexes.iter().map(index).collect(),
            references: table.foreign_keys.iter().map(reference).collect(),
            columns,
            extra,
        };
        named.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        named.references.sort_by(|a, b| a.name.cmp(&b.name));
        named
    }

    fn table(&self) -> Result<Table> {
        let mut table = Table {
            schema: self.schema.clone(),
            name: self.name.clone(),
            columns: self.columns.clone(),
            key: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            rules: Rules::default(),
            extra: self.extra.clone(),
        };
        let positions =
            |names: &[String]| names.iter().map(|name| table.position(name)).collect::<Result<Vec<usize>>>();
        let key = positions(&self.key)?;
        let mut indexes = Vec::new();
        for index in &self.indexes {
            let columns = positions(&index.columns)?;
            indexes.push(Index { name: index.name.clone(), columns, unique: index.unique });
        }
        let mut foreign_keys = Vec::new();
        for key in &self.references {
            foreign_keys.push(ForeignKey {
                name: key.name.clone(),
                columns: positions(&key.columns)?,
                parent: key.parent.clone(),
                parent_columns: key.parent_columns.clone(),
                on_delete: key.on_delete,
                parent_tenant: None,
            });
        }
        (table.key, table.indexes, table.foreign_keys) = (key, indexes, foreign_keys);
        Ok(table)
    }

    fn to_text(&self) -> String {
        let mut fields = vec![format!("\"name\": {}", json(&self.name))];
        fields.extend(self.schema.iter().map(|schema| format!("\"schema\": {}", json(schema))));
        fields.push(format!("\"columns\": {}", lines(&self.columns)));
        fields.push(format!("\"key\": {}", json(&self.key)));
        fields.push(format!("\"indexes\": {}", lines(&self.indexes)));
        fields.push(format!("\"references\": {}", lines(&self.references)));
        if !self.extra.is_empty() {
            fields.push(format!("\"extra\": {}", json(&self.extra)));
        }
        format!("{{\n      {}\n    }}", fields.join(",\n      "))
    }
}

/// One line each.
fn lines<T: Serialize>(items: &[T]) -> String {
    list(&items.iter().map(json).collect::<Vec<_>>(), "      ")
}

fn list(items: &[String], indent: &str) -> String {
    match items {
        [] => "[]".to_owned(),
        some => format!("[\n{indent}  {}\n{indent}]", some.join(&format!(",\n{indent}  "))),
    }
}

/// What is written here has text for keys and no float but a default's, which is finite: there is nothing that JSON refuses.
fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn fault(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::SchemaMismatch, why.into())
}
