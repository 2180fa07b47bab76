//! Queries as bytes that mean the same in every process and every release: written by hand, because `Debug` and `Hash`
//! promise neither. What changes here changes every token: then [`VERSION`](super::VERSION) changes too.

use super::code;
use crate::{
    Error, ErrorKind, Result,
    backend::{Comparison, Filter, FoldedMatch, JsonTest, Match, Nulls, keyset::Keyset},
    schema::{Kind, Name, Table, whole},
};
use sea_orm::Value;

/// Deeper filters are refused by every read.
const DEPTH: usize = 200;

/// Bytes in the making. Whatever has a length is written with it, so that no two things run into one.
#[derive(Debug, Default)]
pub(super) struct Canonical(Vec<u8>);

impl Canonical {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        code::unsigned(&mut self.0, bytes.len() as u128);
        self.0.extend(bytes);
    }

    pub(super) fn value(&mut self, value: &Value) {
        code::write(&mut self.0, value);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn table(&mut self, table: &Table) {
        self.text(table.schema.as_deref().unwrap_or_default());
        self.text(&table.name);
    }

    /// The order's columns, with what decides where a value stands.
    pub(super) fn order(&mut self, keyset: &Keyset) {
        for (order, &column) in keyset.order().iter().zip(keyset.columns()) {
            let column = &keyset.table().columns[column];
            let first = match order.nulls {
                Nulls::Lowest => !order.descending,
                Nulls::First => true,
                Nulls::Last => false,
            };
            self.text(&order.column);
            self.byte(kind(&column.kind));
            if let Kind::Decimal { scale, .. } = &column.kind {
                code::unsigned(&mut self.0, (*scale).into());
            }
            self.byte(u8::from(order.descending));
            // Without a null it makes no difference where nulls would stand.
            self.byte(if column.nullable { 1 + u8::from(first) } else { 0 });
        }
    }

    pub(super) fn filter(&mut self, filter: Option<&Filter>) -> Result<()> {
        match filter {
            None => self.byte(0),
            Some(filter) => self.condition(filter, 1)?,
        }
        Ok(())
    }

    fn condition(&mut self, filter: &Filter, depth: usize) -> Result<()> {
        if depth > DEPTH {
            let why = format!("the filter is nested deeper than {DEPTH} levels");
            return Err(Error::new(ErrorKind::InvalidQuery, why));
        }
        match filter {
            Filter::Compare(column, how, value) => {
                self.about(1, column);
                self.byte(comparison(*how));
                self.value(value);
            }
            Filter::DistinctFrom(column, value) => {
                self.about(2, column);
                self.value(value);
            }
            Filter::In(column, values) => {
                self.about(3, column);
                self.list(values);
            }
            Filter::NotIn(column, values) => {
                self.about(4, column);
                self.list(values);
            }
            Filter::Between(column, low, high) => {
                self.about(5, column);
                self.value(low);
                self.value(high);
            }
            Filter::IsNull(column) => self.about(6, column),
            Filter::IsNotNull(column) => self.about(7, column),
            Filter::Text(column, how, needle) => {
                self.about(8, column);
                self.byte(place(*how));
                self.text(needle);
            }
            Filter::Folded(column, how, needle) => {
                self.about(9, column);
                self.byte(match how {
                    FoldedMatch::Eq => 0,
                    FoldedMatch::Part(how) => place(*how),
                });
                self.text(needle);
            }
            Filter::Json(column, path, test) => {
                self.about(10, column);
                code::unsigned(&mut self.0, path.len() as u128);
                for step in path {
                    self.text(step);
                }
                self.json(test);
            }
            Filter::Related(related) => {
                self.byte(11);
                self.table(&related.table);
                for columns in [&related.columns, &related.their_columns] {
                    code::unsigned(&mut self.0, columns.len() as u128);
                    for column in columns {
                        self.text(column);
                    }
                }
                match &related.filter {
                    None => self.byte(0),
                    Some(filter) => self.condition(filter, depth + 1)?,
                }
            }
            Filter::And(all) => self.parts(12, all, depth)?,
            Filter::Or(any) => self.parts(13, any, depth)?,
            Filter::Not(inner) => {
                self.byte(14);
                self.condition(inner, depth + 1)?;
            }
        }
        Ok(())
    }

    fn about(&mut self, what: u8, column: &Name) {
        self.byte(what);
        self.text(column);
    }

    /// A list's values, whatever their order: it may come out of a set.
    fn list(&mut self, values: &[Value]) {
        let coded = values.iter().map(|value| {
            let mut bytes = Vec::new();
            code::write(&mut bytes, value);
            bytes
        });
        self.unordered(coded.collect());
    }

    /// Joined conditions, whatever their order.
    fn parts(&mut self, what: u8, parts: &[Filter], depth: usize) -> Result<()> {
        self.byte(what);
        let mut coded = Vec::with_capacity(parts.len());
        for part in parts {
            let mut one = Self::default();
            one.condition(part, depth + 1)?;
            coded.push(one.0);
        }
        self.unordered(coded);
        Ok(())
    }

    fn unordered(&mut self, mut items: Vec<Vec<u8>>) {
        items.sort_unstable();
        items.dedup();
        code::unsigned(&mut self.0, items.len() as u128);
        for item in items {
            self.bytes(&item);
        }
    }

    fn json(&mut self, test: &JsonTest) {
        match test {
            JsonTest::Compare(how, value) => {
                self.byte(1);
                self.byte(comparison(*how));
                self.value(value);
            }
            JsonTest::In(values) => {
                self.byte(2);
                self.list(values);
            }
            JsonTest::Text(how, needle) => {
                self.byte(3);
                self.byte(place(*how));
                self.text(needle);
            }
            JsonTest::IsNull => self.byte(4),
            JsonTest::IsNotNull => self.byte(5),
        }
    }
}

fn comparison(how: Comparison) -> u8 {
    match how {
        Comparison::Eq => 1,
        Comparison::Ne => 2,
        Comparison::Lt => 3,
        Comparison::Lte => 4,
        Comparison::Gt => 5,
        Comparison::Gte => 6,
    }
}

fn place(how: Match) -> u8 {
    match how {
        Match::Contains => 1,
        Match::StartsWith => 2,
        Match::EndsWith => 3,
    }
}

/// What a value of this kind is compared as: a column that grows from 32 bits to 64 keeps its tokens.
fn kind(kind: &Kind) -> u8 {
    match kind {
        Kind::Bool => 1,
        whole!() => 2,
        Kind::Double => 3,
        Kind::Decimal { .. } => 4,
        Kind::Text { .. } | Kind::Enum { .. } => 5,
        Kind::Bytes => 6,
        Kind::Json => 7,
        Kind::Uuid => 8,
        Kind::Instant => 9,
        Kind::DateTime => 10,
        Kind::Date => 11,
        Kind::Time => 12,
    }
}
