//! Random conditions.

use crate::{compose::Composer, values};
use seabed::{
    backend::{Comparison, Filter, Match},
    schema::Table,
    sea_orm::Value,
};
use std::sync::Arc;

const COMPARISONS: [Comparison; 6] =
    [Comparison::Eq, Comparison::Ne, Comparison::Lt, Comparison::Lte, Comparison::Gt, Comparison::Gte];
const MATCHES: [Match; 3] = [Match::Contains, Match::StartsWith, Match::EndsWith];

/// A condition, now and then one that is refused.
pub fn random(composer: &mut Composer<'_>, at: usize, depth: u32) -> Filter {
    if composer.random.one_in(5) {
        return composer.key_filter(at);
    }
    if composer.random.one_in(40) {
        return refused(composer, at);
    }
    valid(composer, at, depth)
}

/// A condition that can be asked.
pub fn valid(composer: &mut Composer<'_>, at: usize, depth: u32) -> Filter {
    if depth == 0 || composer.random.below(5) < 2 {
        return leaf(composer, at);
    }
    match composer.random.below(8) {
        0..=2 => Filter::And(parts(composer, at, depth)),
        3..=5 => Filter::Or(parts(composer, at, depth)),
        _ => Filter::Not(Box::new(valid(composer, at, depth - 1))),
    }
}

fn parts(composer: &mut Composer<'_>, at: usize, depth: u32) -> Vec<Filter> {
    let count = if composer.random.one_in(12) { 0 } else { composer.random.size(3) + 1 };
    (0..count).map(|_| valid(composer, at, depth - 1)).collect()
}

fn leaf(composer: &mut Composer<'_>, at: usize) -> Filter {
    let table = Arc::clone(&composer.tables[at]);
    let position = composer.random.size(table.columns.len());
    let column = &table.columns[position];
    let name = column.name.clone();
    let random = &mut *composer.random;
    if !column.kind.is_comparable() {
        return if random.coin() { Filter::IsNull(name) } else { Filter::IsNotNull(name) };
    }
    match random.below(if column.kind.is_text() { 15 } else { 11 }) {
        0..=3 => {
            let comparison = *random.pick(&COMPARISONS);
            Filter::Compare(name, comparison, composer.known_value(at, position))
        }
        4 | 5 => {
            let value = if random.one_in(4) { column.kind.null() } else { composer.known_value(at, position) };
            Filter::DistinctFrom(name, value)
        }
        6 | 7 => {
            let (not, count) = (random.coin(), if random.one_in(40) { 300 } else { random.size(5) });
            let list: Vec<Value> = (0..count).map(|_| composer.known_value(at, position)).collect();
            if not { Filter::NotIn(name, list) } else { Filter::In(name, list) }
        }
        8 => Filter::Between(name, composer.known_value(at, position), composer.known_value(at, position)),
        9 => Filter::IsNull(name),
        10 => Filter::IsNotNull(name),
        _ => {
            let how = *random.pick(&MATCHES);
            Filter::Text(name, how, needle(composer, at, position))
        }
    }
}

/// A part of a text that is there, or another text.
fn needle(composer: &mut Composer<'_>, at: usize, position: usize) -> String {
    let Value::String(Some(text)) = composer.known_value(at, position) else { return String::new() };
    let letters: Vec<char> = text.chars().take(40).collect();
    let from = composer.random.size(letters.len() + 1);
    let to = from + composer.random.size(letters.len() - from + 1);
    letters[from..to].iter().collect()
}

/// A condition that cannot be asked.
fn refused(composer: &mut Composer<'_>, at: usize) -> Filter {
    let table = Arc::clone(&composer.tables[at]);
    let position = composer.random.size(table.columns.len());
    let column = &table.columns[position];
    let name = column.name.clone();
    match composer.random.below(5) {
        0 => Filter::IsNull("no_such_column".into()),
        1 => Filter::Compare(name, Comparison::Eq, column.kind.null()),
        2 => Filter::In(name, vec![values::invalid(&column.kind, composer.random)]),
        3 => Filter::Text(name, Match::Contains, "a\0".to_owned()),
        _ => Filter::Compare(name, Comparison::Lt, values::invalid(&column.kind, composer.random)),
    }
}

/// Whether every column that the filter asks of is there: then the filter is never unknown.
pub fn known(table: &Table, filter: &Filter) -> Filter {
    let mut asked = Vec::new();
    columns(filter, &mut asked);
    let nullable = |name: &&str| table.column(name).is_ok_and(|column| column.nullable);
    Filter::And(asked.into_iter().filter(nullable).map(|name| Filter::IsNotNull(name.to_owned().into())).collect())
}

fn columns<'f>(filter: &'f Filter, into: &mut Vec<&'f str>) {
    match filter {
        Filter::Compare(name, ..)
        | Filter::DistinctFrom(name, _)
        | Filter::In(name, _)
        | Filter::NotIn(name, _)
        | Filter::Between(name, ..)
        | Filter::IsNull(name)
        | Filter::IsNotNull(name)
        | Filter::Text(name, ..)
        | Filter::Folded(name, ..)
        | Filter::Json(name, ..) => into.push(name),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| columns(part, into)),
        Filter::Not(inner) => columns(inner, into),
        _ => {}
    }
}
