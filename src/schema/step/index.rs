//! Indexes, references and checks by hand.

use crate::{
    Error, ErrorKind, Result,
    schema::{Check, IndexDef, OnDelete, Part, Reference, Words, build, name::bounded},
};

/// An index in the making: `index(&["state"]).descending("at").only("state <> 'done'")`. It gets its name from the table that it is
/// given to and from its columns, as an entity's does, unless it is [`named`](Self::named).
#[derive(Clone, Debug)]
#[must_use]
pub struct IndexBuilder {
    index: IndexDef,
}

/// An index over these columns, in this order.
pub fn index(columns: &[&str]) -> IndexBuilder {
    let parts = columns.iter().map(|column| Part::Column((*column).to_owned())).collect();
    IndexBuilder { index: IndexDef { parts, ..IndexDef::default() } }
}

impl IndexBuilder {
    /// Refuses two rows with the same values. Rows with a null among them never collide.
    pub fn unique(mut self) -> Self {
        self.index.unique = true;
        self
    }

    /// One column more, ascending, behind one that is not.
    pub fn ascending(mut self, column: impl Into<String>) -> Self {
        self.index.parts.push(Part::Column(column.into()));
        self
    }

    /// One column more, descending.
    pub fn descending(mut self, column: impl Into<String>) -> Self {
        self.index.parts.push(Part::Descending(column.into()));
        self
    }

    /// One expression more. Refused on MariaDB.
    pub fn expression(mut self, words: impl Into<Words>) -> Self {
        self.index.parts.push(Part::Expression(words.into()));
        self
    }

    /// Only the rows that fulfil this. Refused on MySQL and MariaDB where it is said for them; a server that it says nothing for
    /// has no such index.
    pub fn only(mut self, words: impl Into<Words>) -> Self {
        self.index.only = Some(words.into());
        self
    }

    /// Its name, at most 60 bytes.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.index.name = name.into();
        self
    }

    /// The name that it had before.
    pub fn renamed_from(mut self, name: impl Into<String>) -> Self {
        self.index.renamed_from = Some(name.into());
        self
    }

    /// The index, of this table.
    ///
    /// # Errors
    /// `SchemaMismatch` with the entity: an index without a part, a name that is too long.
    pub fn build(mut self, table: &str) -> Result<IndexDef> {
        if self.index.parts.is_empty() {
            return Err(Error::new(ErrorKind::SchemaMismatch, "an index has a column").entity(table));
        }
        if self.index.name.is_empty() {
            let parts = self.index.parts.iter().map(|part| part.column().unwrap_or("expression"));
            let mut parts: Vec<&str> = parts.collect();
            if self.index.only.is_some() {
                parts.push("only");
            }
            self.index.name = bounded(if self.index.unique { "ux" } else { "ix" }, bare(table), &parts);
        }
        build::named(&self.index.name).map_err(|error| error.entity(table))?;
        for column in self.index.parts.iter().filter_map(Part::column) {
            build::named(column).map_err(|error| error.entity(table).field(column))?;
        }
        Ok(self.index)
    }
}

/// A reference in the making, to a parent's key.
#[derive(Clone, Debug)]
#[must_use]
pub struct ReferenceBuilder {
    key: Reference,
}

/// A reference to a parent's key.
pub fn reference(columns: &[&str], parent: &str, parent_columns: &[&str], on_delete: OnDelete) -> ReferenceBuilder {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    ReferenceBuilder {
        key: Reference {
            name: String::new(),
            columns: owned(columns),
            parent: parent.to_owned(),
            parent_columns: owned(parent_columns),
            on_delete,
        },
    }
}

impl ReferenceBuilder {
    /// Its name, at most 60 bytes.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.key.name = name.into();
        self
    }

    /// The reference, of this table.
    ///
    /// # Errors
    /// `SchemaMismatch` with the entity and the fields where it has not as many columns as the parent's key.
    pub fn build(mut self, table: &str) -> Result<Reference> {
        if self.key.columns.is_empty() || self.key.columns.len() != self.key.parent_columns.len() {
            let why = "a reference has as many columns as the parent's key";
            let error = Error::new(ErrorKind::SchemaMismatch, why).entity(table);
            return Err(self.key.columns.iter().fold(error, Error::field));
        }
        if self.key.name.is_empty() {
            let columns: Vec<&str> = self.key.columns.iter().map(String::as_str).collect();
            self.key.name = bounded("fk", bare(table), &columns);
        }
        build::named(&self.key.name).map_err(|error| error.entity(table))?;
        Ok(self.key)
    }
}

/// A check: `price_positive` of the table `item` is called `ck_item_price_positive`; a name that begins with `ck_` stays.
///
/// # Errors
/// `SchemaMismatch` with the entity for an empty condition or a name that is too long.
pub(in crate::schema) fn check(table: &str, name: &str, condition: Words) -> Result<Check> {
    let fault = |error: Error| error.entity(table).field(name);
    build::named(name).map_err(fault)?;
    if condition == Words::default() {
        return Err(fault(Error::new(ErrorKind::SchemaMismatch, "a check says its condition")));
    }
    let name = if name.starts_with("ck_") { name.to_owned() } else { bounded("ck", bare(table), &[name]) };
    Ok(Check { name, condition })
}

/// The name without its schema.
fn bare(table: &str) -> &str {
    table.split_once('.').map_or(table, |(_, name)| name)
}
