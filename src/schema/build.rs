//! Tables by hand, for migrations: `table("dataset").uuid("id").text("name", 255).primary_key(&["id"]).build()`.
//!
//! A migration says what was true when it was written, so it MUST NOT ask an entity: the entity changes, and the migration
//! would change with it. Names of indexes and foreign keys are made as an entity's are, so that both give the same table.

use super::{
    Column, ColumnExtra, ForeignKey, Index, Kind, Name, OnDelete, Part, Table, Words,
    name::bounded,
    step::{IndexBuilder, check},
};
use crate::{Error, ErrorKind, Result};
use sea_orm::Value;

/// Begins a table of this name.
///
/// ```
/// use seabed::schema::{OnDelete, build::table};
/// let annotation = table("annotation")
///     .uuid("id")
///     .uuid("dataset_id")
///     .text("label", 255)
///     .decimal("confidence", 5, 4)
///     .nullable()
///     .primary_key(&["id"])
///     .index(&["dataset_id"])
///     .references(&["dataset_id"], "dataset", &["id"], OnDelete::Cascade)
///     .build()?;
/// assert!(annotation.column("confidence")?.nullable);
/// # Ok::<_, seabed::Error>(())
/// ```
pub fn table(name: impl Into<String>) -> TableBuilder {
    TableBuilder { table: Table::empty(name), fault: None }
}

/// A table in the making. Columns come first, then keys, indexes and references, which name them; the first fault is kept for
/// [`build`](Self::build).
#[derive(Clone, Debug)]
#[must_use]
pub struct TableBuilder {
    table: Table,
    fault: Option<Error>,
}

/// The kinds of columns that are said by one word, for a builder's macro: what stands here is in a table and in a step.
macro_rules! plain_kinds {
    ($columns:ident) => {
        $columns! {
            /// A column of true and false.
            boolean Bool,
            /// A column of whole numbers from -128 to 127.
            int8 Int8,
            /// A column of whole numbers of 16 bits.
            int16 Int16,
            /// A column of whole numbers of 32 bits.
            int32 Int32,
            /// A column of whole numbers of 64 bits.
            int64 Int64,
            /// A column of whole numbers from 0 to 255.
            uint8 UInt8,
            /// A column of whole numbers from 0 to 65,535.
            uint16 UInt16,
            /// A column of whole numbers from 0 to 4,294,967,295.
            uint32 UInt32,
            /// A column of whole numbers from 0 to `i64::MAX`.
            uint64 UInt64,
            /// A column of finite floats of 64 bits.
            double Double,
            /// A column of bytes.
            bytes Bytes,
            /// A column of JSON values.
            json Json,
            /// A column of UUIDs.
            uuid Uuid,
            /// A column of instants, UTC.
            instant Instant,
            /// A column of dates with a time of day, without a zone.
            datetime DateTime,
            /// A column of dates.
            date Date,
            /// A column of times of day.
            time Time,
        }
    };
}
pub(super) use plain_kinds;

macro_rules! columns {
    ($($(#[$doc:meta])* $method:ident $kind:ident,)*) => {
        impl TableBuilder {
            $($(#[$doc])* pub fn $method(self, name: impl Into<Name>) -> Self { self.column(name, Kind::$kind) })*
        }
    };
}
plain_kinds!(columns);

impl TableBuilder {
    /// The schema of the table, where it is not the connection's own.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.table.schema = Some(schema.into());
        self
    }

    /// A column of text, at most `max` characters.
    pub fn text(self, name: impl Into<Name>, max: u32) -> Self {
        self.column(name, Kind::Text { max: Some(max) })
    }

    /// A column of text without a limit. It cannot be indexed on MySQL.
    pub fn long_text(self, name: impl Into<Name>) -> Self {
        self.column(name, Kind::Text { max: None })
    }

    /// A column of exact decimals: `precision` digits in all (1 to 28, on SQLite to 18), `scale` of them after the point.
    pub fn decimal(self, name: impl Into<Name>, precision: u32, scale: u32) -> Self {
        self.column(name, Kind::Decimal { precision, scale })
    }

    /// A column of one of these texts.
    pub fn enumeration<V: Into<String>>(self, name: impl Into<Name>, variants: impl IntoIterator<Item = V>) -> Self {
        self.column(name, Kind::Enum { variants: variants.into_iter().map(Into::into).collect() })
    }

    /// A column of any kind. It is not null unless [`nullable`](Self::nullable) follows.
    pub fn column(mut self, name: impl Into<Name>, kind: Kind) -> Self {
        let column = Column {
            name: name.into(),
            kind,
            nullable: false,
            default: None,
            auto_increment: false,
            extra: ColumnExtra::default(),
        };
        if let Err(error) = named(&column.name).and_then(|()| bounds(&column.kind)) {
            self.fail(error.field(&*column.name));
        }
        if self.table.columns.iter().any(|other| other.name == column.name) {
            self.fail(fault("the table has two columns of this name").field(&*column.name));
        }
        self.table.columns.push(column);
        self
    }

    /// Lets the last column be null.
    pub fn nullable(self) -> Self {
        self.last(|column| column.nullable = true)
    }

    /// Lets the database make the values of the last column, a whole number that is the key.
    pub fn auto_increment(self) -> Self {
        self.last(|column| column.auto_increment = true)
    }

    /// What a row gets that does not set the last column. Our writes fill it in; a hand-written INSERT must say it.
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        let value = value.into();
        let Some(last) = self.table.columns.last() else { return self.last(|_| ()) };
        match constant(&last.kind, value) {
            Ok(value) => self.last(|column| column.default = Some(value)),
            Err(error) => {
                let name = last.name.clone();
                self.fail(error.field(&*name));
                self
            }
        }
    }

    /// A type of the server's own for the last column in place of ours, with its collation. Who says one answers for the laws that
    /// it may break.
    pub fn native(self, words: impl Into<Words>) -> Self {
        let words = words.into();
        self.last(|column| column.extra.native = Some(words))
    }

    /// A remark on the last column that the server keeps; not on SQLite.
    pub fn comment(self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.last(|column| column.extra.comment = Some(text))
    }

    /// The name that the last column had before.
    pub fn renamed_from(self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.last(|column| column.extra.renamed_from = Some(name))
    }

    /// The name that the table had before.
    pub fn renamed_table(mut self, from: impl Into<String>) -> Self {
        self.table.extra.renamed_from = Some(from.into());
        self
    }

    /// A remark on the table that the server keeps; not on SQLite.
    pub fn comment_table(mut self, text: impl Into<String>) -> Self {
        self.table.extra.comment = Some(text.into());
        self
    }

    /// An index with more than columns: descending, over an expression, of some rows only. Only a server looks at a unique one.
    pub fn indexed(mut self, index: IndexBuilder) -> Self {
        let built = index.build(&self.table.name).and_then(|index| {
            index.parts.iter().filter_map(Part::column).try_for_each(|name| self.table.position(name).map(drop))?;
            Ok(index)
        });
        match built {
            Ok(index) => self.table.extra.indexes.push(index),
            Err(error) => self.fail(error),
        }
        self
    }

    /// A condition in SQL that every row keeps, called `ck_<table>_<name>`; the memory backend does not look at it.
    pub fn check(mut self, name: &str, condition: impl Into<Words>) -> Self {
        match check(&self.table.name, name, condition.into()) {
            Ok(check) => self.table.extra.checks.push(check),
            Err(error) => self.fail(error),
        }
        self
    }

    /// The columns of the primary key.
    pub fn primary_key(mut self, columns: &[&str]) -> Self {
        self.table.key = self.positions(columns);
        self
    }

    /// Refuses two rows with the same values here. Rows with a null among them never collide.
    pub fn unique(self, columns: &[&str]) -> Self {
        self.over("ux", columns, true)
    }

    /// An index that serves filters and orders by these columns, in this order.
    pub fn index(self, columns: &[&str]) -> Self {
        self.over("ix", columns, false)
    }

    /// A reference to a parent's key.
    pub fn references(mut self, columns: &[&str], parent: &str, parent_columns: &[&str], on_delete: OnDelete) -> Self {
        if columns.len() != parent_columns.len() {
            self.fail(fault("a reference has as many columns as the parent's key"));
        }
        let key = ForeignKey {
            name: bounded("fk", &self.table.name, columns),
            columns: self.positions(columns),
            parent: parent.to_owned(),
            parent_columns: parent_columns.iter().map(|column| (*column).to_owned()).collect(),
            on_delete,
            parent_tenant: None,
        };
        self.table.foreign_keys.push(key);
        self
    }

    /// The table.
    ///
    /// # Errors
    /// The first fault, with entity and field: `InvalidQuery` for a name that the table does not have, `SchemaMismatch` for a
    /// table without a key or with a nullable one, `Unsupported` for what is outside the portable types.
    pub fn build(mut self) -> Result<Table> {
        if self.table.key.is_empty() {
            self.fail(fault("a table has a primary key"));
        }
        if let Some(position) = self.table.key.iter().find(|position| self.table.columns[**position].nullable) {
            let name = self.table.columns[*position].name.clone();
            self.fail(fault("a column of the primary key is never null").field(name));
        }
        if let Err(error) = apart(&self.table) {
            self.fail(error);
        }
        match self.fault {
            Some(fault) => Err(fault.entity(self.table.name)),
            None => Ok(self.table),
        }
    }

    fn over(mut self, prefix: &str, columns: &[&str], unique: bool) -> Self {
        let name = bounded(prefix, &self.table.name, columns);
        let columns = self.positions(columns);
        self.table.indexes.push(Index { name, columns, unique });
        self
    }

    fn last(mut self, change: impl FnOnce(&mut Column)) -> Self {
        match self.table.columns.last_mut() {
            Some(column) => change(column),
            None => self.fail(fault("there is no column before this")),
        }
        self
    }

    fn positions(&mut self, columns: &[&str]) -> Vec<usize> {
        let found: Result<Vec<usize>> = columns.iter().map(|column| self.table.position(column)).collect();
        found.unwrap_or_else(|error| {
            self.fail(error);
            Vec::new()
        })
    }

    fn fail(&mut self, fault: Error) {
        self.fault.get_or_insert(fault);
    }
}

/// Refuses two of one name: a server would tell of the second.
pub(crate) fn apart(table: &Table) -> Result<()> {
    let enums = table.columns.iter().filter(|column| matches!(column.kind, Kind::Enum { .. }));
    let lists = enums.map(|column| bounded("ck", &table.name, &[&column.name]));
    let checks = lists.chain(table.extra.checks.iter().map(|check| check.name.clone()));
    let indexes = table.indexes.iter().map(|index| &index.name);
    let indexes = indexes.chain(table.extra.indexes.iter().map(|index| &index.name)).cloned();
    for names in [checks.collect::<Vec<_>>(), indexes.collect()] {
        if let Some(twice) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name))
        {
            return Err(fault("the table has two indexes or two checks of this name").constraint(twice));
        }
    }
    Ok(())
}

/// Refuses a name that not every server takes: PostgreSQL cuts at 63 bytes without a word.
pub(super) fn named(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > 63 || name.contains('\0') {
        return Err(Error::unsupported("a name has 1 to 63 bytes"));
    }
    Ok(())
}

/// Refuses what no server holds.
pub(super) fn bounds(kind: &Kind) -> Result<()> {
    match kind {
        Kind::Decimal { precision, scale } if !(1..=28).contains(precision) || scale > precision => {
            Err(Error::unsupported("a decimal has 1 to 28 digits, the scale among them"))
        }
        Kind::Text { max: Some(0) } => Err(Error::unsupported("a text has room for a character")),
        Kind::Enum { variants } if variants.is_empty() => Err(Error::unsupported("an enum has a value")),
        _ => Ok(()),
    }
}

/// A default in the variant that rows of this kind carry.
pub(super) fn constant(kind: &Kind, value: Value) -> Result<Value> {
    let whole = match value {
        Value::TinyInt(Some(it)) => Some(i64::from(it)),
        Value::SmallInt(Some(it)) => Some(i64::from(it)),
        Value::Int(Some(it)) => Some(i64::from(it)),
        Value::BigInt(Some(it)) => Some(it),
        Value::TinyUnsigned(Some(it)) => Some(i64::from(it)),
        Value::SmallUnsigned(Some(it)) => Some(i64::from(it)),
        Value::Unsigned(Some(it)) => Some(i64::from(it)),
        Value::BigUnsigned(Some(it)) => i64::try_from(it).ok(),
        _ => None,
    };
    let foreign = || Error::unsupported("the default is not of the column's type");
    let held = match (kind.null(), whole) {
        (Value::SmallInt(_), Some(it)) => Value::SmallInt(Some(i16::try_from(it).map_err(|_| foreign())?)),
        (Value::Int(_), Some(it)) => Value::Int(Some(i32::try_from(it).map_err(|_| foreign())?)),
        (Value::BigInt(_), Some(it)) => Value::BigInt(Some(it)),
        (Value::Decimal(_), Some(it)) => Value::Decimal(Some(it.into())),
        (null, _) if std::mem::discriminant(&null) == std::mem::discriminant(&value) && value != null => value,
        _ => return Err(foreign()),
    };
    Ok(held)
}

fn fault(why: &str) -> Error {
    Error::new(ErrorKind::SchemaMismatch, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_column_is_told_at_build() {
        let error = table("note").uuid("id").primary_key(&["id"]).index(&["titel"]).build().expect_err("a wrong name");
        assert_eq!(error.kind(), ErrorKind::InvalidQuery);
        assert_eq!((error.entity_name(), error.fields()), (Some("note"), &["titel".to_owned()][..]));
    }

    #[test]
    fn a_table_without_a_key_is_refused() {
        let error = table("note").uuid("id").build().expect_err("no key");
        assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
        let error = table("note").uuid("id").nullable().primary_key(&["id"]).build().expect_err("a nullable key");
        assert_eq!(error.fields(), ["id"]);
    }

    #[test]
    fn names_are_made_as_an_entity_makes_them() {
        let note = table("note").uuid("id").text("a", 5).primary_key(&["id"]).unique(&["a"]).index(&["a", "id"]);
        let note = note.build().expect("a table");
        let names: Vec<&str> = note.indexes.iter().map(|index| index.name.as_str()).collect();
        assert_eq!(names, ["ux_note_a", "ix_note_a_id"]);
    }
}
