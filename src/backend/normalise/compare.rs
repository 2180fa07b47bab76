//! The one order of values: what filters, orders, unique indexes and keys all agree on.

use crate::backend::value;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use sea_orm::Value;
use std::{cmp::Ordering, sync::Arc};

/// A value of one kind, whichever variant carries it: a filter's `BigInt` meets a row's `SmallInt` as a whole number.
enum Cell<'v> {
    Null,
    Bool(bool),
    Whole(i128),
    Double(f64),
    Decimal(Decimal),
    Text(&'v str),
    Bytes(&'v [u8]),
    Uuid(&'v [u8; 16]),
    Instant(DateTime<Utc>),
    DateTime(NaiveDateTime),
    Date(NaiveDate),
    Time(NaiveTime),
    /// JSON and what is outside the portable types: the guard lets no question about its order through.
    Opaque(&'v Value),
}

impl<'v> From<&'v Value> for Cell<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Bool(Some(v)) => Self::Bool(*v),
            Value::TinyInt(Some(v)) => Self::Whole((*v).into()),
            Value::SmallInt(Some(v)) => Self::Whole((*v).into()),
            Value::Int(Some(v)) => Self::Whole((*v).into()),
            Value::BigInt(Some(v)) => Self::Whole((*v).into()),
            Value::TinyUnsigned(Some(v)) => Self::Whole((*v).into()),
            Value::SmallUnsigned(Some(v)) => Self::Whole((*v).into()),
            Value::Unsigned(Some(v)) => Self::Whole((*v).into()),
            Value::BigUnsigned(Some(v)) => Self::Whole((*v).into()),
            Value::Float(Some(v)) => Self::Double((*v).into()),
            Value::Double(Some(v)) => Self::Double(*v),
            Value::Decimal(Some(v)) => Self::Decimal(*v),
            Value::String(Some(v)) => Self::Text(v),
            Value::Bytes(Some(v)) => Self::Bytes(v),
            Value::Uuid(Some(v)) => Self::Uuid(v.as_bytes()),
            Value::ChronoDateTimeUtc(Some(v)) => Self::Instant(*v),
            Value::ChronoDateTime(Some(v)) => Self::DateTime(*v),
            Value::ChronoDate(Some(v)) => Self::Date(*v),
            Value::ChronoTime(Some(v)) => Self::Time(*v),
            value if value::is_null(value) => Self::Null,
            value => Self::Opaque(value),
        }
    }
}

impl Cell<'_> {
    /// Where values of different kinds stand to each other; only null ever meets another kind.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Whole(_) => 2,
            Self::Double(_) => 3,
            Self::Decimal(_) => 4,
            Self::Text(_) => 5,
            Self::Bytes(_) => 6,
            Self::Uuid(_) => 7,
            Self::Instant(_) => 8,
            Self::DateTime(_) => 9,
            Self::Date(_) => 10,
            Self::Time(_) => 11,
            Self::Opaque(_) => 12,
        }
    }
}

/// Which of two values is less: null first, `false` before `true`, text by code point (the order of UTF-8's bytes), UUIDs and
/// bytes by byte, decimals by value, instants by instant.
pub(in crate::backend) fn compare(a: &Value, b: &Value) -> Ordering {
    match (Cell::from(a), Cell::from(b)) {
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
        (Cell::Whole(a), Cell::Whole(b)) => a.cmp(&b),
        (Cell::Double(a), Cell::Double(b)) => a.total_cmp(&b),
        (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(&b),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        (Cell::Bytes(a), Cell::Bytes(b)) => a.cmp(b),
        (Cell::Uuid(a), Cell::Uuid(b)) => a.cmp(b),
        (Cell::Instant(a), Cell::Instant(b)) => a.cmp(&b),
        (Cell::DateTime(a), Cell::DateTime(b)) => a.cmp(&b),
        (Cell::Date(a), Cell::Date(b)) => a.cmp(&b),
        (Cell::Time(a), Cell::Time(b)) => a.cmp(&b),
        (Cell::Opaque(a), Cell::Opaque(b)) => a.to_string().cmp(&b.to_string()),
        (a, b) => a.rank().cmp(&b.rank()),
    }
}

/// Some columns of a row, ordered: a primary key, or the columns of an index. Clones share the values, because the persistent
/// maps copy keys whenever they copy a node.
#[derive(Clone, Debug)]
pub(in crate::backend) struct Key(Arc<[Value]>);

impl Key {
    /// Stands after every key that begins with this value: JSON, which no key holds, is above every other kind.
    pub(in crate::backend) fn after(value: &Value) -> Self {
        [value.clone(), Value::Json(Some(Box::default()))].into_iter().collect()
    }

    /// The values, in their order.
    pub(in crate::backend) fn values(&self) -> &[Value] {
        &self.0
    }
}

impl FromIterator<Value> for Key {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let pairs = self.0.iter().zip(&*other.0);
        let first = pairs.map(|(a, b)| compare(a, b)).find(|ordering| ordering.is_ne());
        // A prefix stands before what it begins: a range of an index starts at it.
        first.unwrap_or_else(|| self.0.len().cmp(&other.0.len()))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}
