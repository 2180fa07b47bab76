//! A table as every backend understands it.

use super::{ColumnExtra, Rules, TableExtra};
use crate::{Error, ErrorKind, Result};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::Arc};

/// A column's name: static where an entity says it, owned where a server does.
pub type Name = Cow<'static, str>;

/// The portable types: what a column holds, the same on every backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// True or false.
    Bool,
    /// -128 to 127.
    Int8,
    /// A whole number of 16 bits.
    Int16,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// 0 to 255.
    UInt8,
    /// 0 to 65,535.
    UInt16,
    /// 0 to 4,294,967,295.
    UInt32,
    /// 0 to 9,223,372,036,854,775,807: what is above `i64::MAX` is refused.
    UInt64,
    /// A finite 64-bit float.
    Double,
    /// Exact: `precision` digits in all, `scale` of them after the point.
    Decimal {
        /// Digits in all, 1 to 28.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// Text, compared and ordered by code point; `max` characters where it has a limit.
    Text {
        /// The limit in characters.
        max: Option<u32>,
    },
    /// One of a list of texts.
    Enum {
        /// The texts, in the order of declaration.
        variants: Vec<String>,
    },
    /// Bytes.
    Bytes,
    /// A JSON value, compared as parsed.
    Json,
    /// A UUID, ordered by its bytes.
    Uuid,
    /// An instant, UTC.
    Instant,
    /// A date and a time of day without a zone.
    DateTime,
    /// A date.
    Date,
    /// A time of day.
    Time,
}

/// The kinds of whole numbers, as one pattern: a `match` that names it still names every kind.
macro_rules! whole {
    () => {
        $crate::schema::Kind::Int8
            | $crate::schema::Kind::Int16
            | $crate::schema::Kind::Int32
            | $crate::schema::Kind::Int64
            | $crate::schema::Kind::UInt8
            | $crate::schema::Kind::UInt16
            | $crate::schema::Kind::UInt32
            | $crate::schema::Kind::UInt64
    };
}
pub(crate) use whole;

impl Kind {
    /// The null of this kind, in the variant that rows of this kind carry.
    #[must_use]
    pub fn null(&self) -> Value {
        match self {
            Self::Bool => Value::Bool(None),
            Self::Int8 | Self::UInt8 | Self::Int16 => Value::SmallInt(None),
            Self::Int32 | Self::UInt16 => Value::Int(None),
            Self::Int64 | Self::UInt32 | Self::UInt64 => Value::BigInt(None),
            Self::Double => Value::Double(None),
            Self::Decimal { .. } => Value::Decimal(None),
            Self::Text { .. } | Self::Enum { .. } => Value::String(None),
            Self::Bytes => Value::Bytes(None),
            Self::Json => Value::Json(None),
            Self::Uuid => Value::Uuid(None),
            Self::Instant => Value::ChronoDateTimeUtc(None),
            Self::DateTime => Value::ChronoDateTime(None),
            Self::Date => Value::ChronoDate(None),
            Self::Time => Value::ChronoTime(None),
        }
    }

    /// Whether it is text.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Enum { .. })
    }

    /// Whether it is a number that `increment` takes.
    #[must_use]
    pub fn is_number(&self) -> bool {
        self.is_whole() || matches!(self, Self::Double | Self::Decimal { .. })
    }

    /// Whether it is a whole number, of whatever range.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self, whole!())
    }

    /// The least and the greatest of a kind of whole numbers, as they are kept; those of 64 bits where it is none.
    pub(crate) fn bounds(&self) -> (i64, i64) {
        match self {
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::UInt8 => (0, u8::MAX.into()),
            Self::UInt16 => (0, u16::MAX.into()),
            Self::UInt32 => (0, u32::MAX.into()),
            Self::UInt64 => (0, i64::MAX),
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Whether two values of it can be compared (everything but JSON).
    #[must_use]
    pub fn is_comparable(&self) -> bool {
        !matches!(self, Self::Json)
    }
}

/// What is the usual is not written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn no(yes: &bool) -> bool {
    !yes
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The column's name in the database.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be null.
    #[serde(default, skip_serializing_if = "no")]
    pub nullable: bool,
    /// What a row gets that does not set it; a constant, made in Rust on every backend.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "super::constant")]
    pub default: Option<Value>,
    /// Whether the database makes its value: a growing integer, never reused.
    #[serde(default, skip_serializing_if = "no")]
    pub auto_increment: bool,
    /// What else is said of it.
    #[serde(default, skip_serializing_if = "ColumnExtra::is_empty")]
    pub extra: ColumnExtra,
}

/// An index, unique or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Its name, bounded (see [`name`](super::name)).
    pub name: String,
    /// Its columns, as positions in [`Table::columns`].
    pub columns: Vec<usize>,
    /// Whether two rows may not have the same values. Rows with a null among them never collide.
    pub unique: bool,
}

/// What happens to children when their parent is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDelete {
    /// The delete is refused while children are there.
    Restrict,
    /// The children are deleted too.
    Cascade,
    /// The children's columns become null.
    SetNull,
}

impl OnDelete {
    /// As SQL says it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
        }
    }
}

/// A reference to another table's key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// Its name, bounded.
    pub name: String,
    /// The columns here, as positions.
    pub columns: Vec<usize>,
    /// The parent's table.
    pub parent: String,
    /// The parent's columns, by name.
    pub parent_columns: Vec<String>,
    /// What a delete of the parent does.
    pub on_delete: OnDelete,
    /// The parent's tenant column, where the parent has a tenant rule: a parent of another tenant is none.
    #[serde(skip)]
    pub parent_tenant: Option<Name>,
}

/// One table: what an entity wants, and what every operation on the erased plane names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The schema that the entity names, where it names one.
    pub schema: Option<String>,
    /// The table's name in the database.
    pub name: String,
    /// The columns, in the order of the model.
    pub columns: Vec<Column>,
    /// The primary key, as positions.
    pub key: Vec<usize>,
    /// The indexes, unique ones included.
    pub indexes: Vec<Index>,
    /// The references to parents.
    pub foreign_keys: Vec<ForeignKey>,
    /// What every path does for it.
    #[serde(skip)]
    pub rules: Rules,
    /// What else is said of it.
    #[serde(default)]
    pub extra: TableExtra,
}

/// The tables in an order in which each stands after its parents, otherwise as given; tables that are parents of each other
/// stay as given.
#[must_use]
pub fn parents_first(tables: &[Arc<Table>]) -> Vec<Arc<Table>> {
    let mut left: Vec<&Arc<Table>> = tables.iter().collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &Table| {
            table.foreign_keys.iter().any(|key| key.parent != table.name && left.iter().any(|t| t.name == key.parent))
        };
        let next = left.iter().position(|table| !waits(table)).unwrap_or(0);
        ordered.push(Arc::clone(left.remove(next)));
    }
    ordered
}

impl Table {
    /// A table of this name that has nothing yet: no schema, no column, no key, no rule.
    pub fn empty(name: impl Into<String>) -> Self {
        Self {
            schema: None,
            name: name.into(),
            columns: Vec::new(),
            key: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            rules: Rules::default(),
            extra: TableExtra::default(),
        }
    }

    /// The position of a column.
    ///
    /// # Errors
    /// `InvalidQuery` with entity and field for a name that the table does not have.
    pub fn position(&self, column: &str) -> Result<usize> {
        self.columns.iter().position(|c| c.name == column).ok_or_else(|| {
            Error::new(ErrorKind::InvalidQuery, "the entity has no such column").entity(&self.name).field(column)
        })
    }

    /// The column of this name.
    ///
    /// # Errors
    /// As [`position`](Self::position).
    pub fn column(&self, column: &str) -> Result<&Column> {
        self.position(column).map(|position| &self.columns[position])
    }

    /// The one column that the database fills, where the key is such a column.
    #[must_use]
    pub fn auto_key(&self) -> Option<usize> {
        match self.key.as_slice() {
            [one] if self.columns[*one].auto_increment => Some(*one),
            _ => None,
        }
    }

    /// The names of some columns.
    #[must_use]
    pub fn names(&self, columns: &[usize]) -> Vec<&str> {
        columns.iter().map(|c| &*self.columns[*c].name).collect()
    }
}
