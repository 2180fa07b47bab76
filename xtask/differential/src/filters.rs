//! Random conditions.

use crate::{compose::Composer, random::Random, values};
use seabed::{
    backend::{Comparison, Filter, FoldedMatch, JsonTest, Match, Related},
    schema::{Kind, Name, Table},
    sea_orm::Value,
};
use std::sync::Arc;

const COMPARISONS: [Comparison; 6] =
    [Comparison::Eq, Comparison::Ne, Comparison::Lt, Comparison::Lte, Comparison::Gt, Comparison::Gte];
const MATCHES: [Match; 3] = [Match::Contains, Match::StartsWith, Match::EndsWith];

/// A condition, now and then one that is refused.
pub fn random(composer: &mut Composer<'_>, at: usize, depth: u32) -> Filter {
    if composer.random.one_in(5) {
        return composer.key_filter(at).0;
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
    if composer.random.one_in(7) {
        return related(composer, at, depth);
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
    if column.kind == Kind::Json && !composer.random.one_in(4) {
        return json(composer.random, name);
    }
    let folded: Vec<usize> = table.rules.folded.iter().map(|rule| rule.source).collect();
    if !folded.is_empty() && composer.random.one_in(8) {
        let source = *composer.random.pick(&folded);
        let part = FoldedMatch::Part(*composer.random.pick(&MATCHES));
        let how = if composer.random.coin() { FoldedMatch::Eq } else { part };
        let needle = needle(composer, at, source);
        let needle = if composer.random.coin() { needle.to_uppercase() } else { needle };
        return Filter::Folded(table.columns[source].name.clone(), how, needle);
    }
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
            let count = *random.pick(&[0, 1, 2, 2, 3, 4]);
            let long = *random.pick(&[30, 300, 300, 1_200]);
            let (not, count) = (random.coin(), if random.one_in(40) { long } else { count });
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

/// Rows of another table, or of the same: the parent, children, or whatever has the same values.
fn related(composer: &mut Composer<'_>, at: usize, depth: u32) -> Filter {
    let table = Arc::clone(&composer.tables[at]);
    let mut links: Vec<(Vec<Name>, usize, Vec<Name>)> = Vec::new();
    let names = |table: &Table, columns: &[usize]| -> Vec<Name> {
        columns.iter().map(|column| table.columns[*column].name.clone()).collect()
    };
    for (other, there) in composer.tables.iter().enumerate() {
        for key in &there.foreign_keys {
            let parent_columns: Vec<Name> = key.parent_columns.iter().map(|name| name.clone().into()).collect();
            if key.parent == table.name {
                links.push((parent_columns.clone(), other, names(there, &key.columns)));
            }
            if other == at {
                let parent = composer.tables.iter().position(|table| table.name == key.parent);
                links.extend(parent.map(|parent| (names(there, &key.columns), parent, parent_columns)));
            }
        }
    }
    if links.is_empty() || composer.random.one_in(6) {
        let other = composer.random.size(composer.tables.len());
        let here = composer.random.pick(&table.columns).clone();
        let theirs = composer.tables[other].columns.iter().filter(|column| column.kind == here.kind);
        let theirs: Vec<Name> = theirs.map(|column| column.name.clone()).collect();
        if here.kind != Kind::Json && !theirs.is_empty() {
            links.push((vec![here.name], other, vec![composer.random.pick(&theirs).clone()]));
        }
    }
    let Some((mut columns, other, their_columns)) = (!links.is_empty()).then(|| composer.random.pick(&links).clone())
    else {
        return leaf(composer, at);
    };
    if composer.random.one_in(100) {
        columns.pop();
    }
    let filter = (!composer.random.one_in(4)).then(|| valid(composer, other, depth - 1));
    Filter::Related(Box::new(Related { columns, table: Arc::clone(&composer.tables[other]), their_columns, filter }))
}

/// What stands at a path, mostly one that documents have.
fn json(random: &mut Random, name: Name) -> Filter {
    let paths: [&[&str]; 16] = [
        &["a"],
        &["a"],
        &["n"],
        &["n"],
        &["b"],
        &["a", "c"],
        &["a", "c"],
        &[""],
        &["t"],
        &["a.b"],
        &["a b"],
        &["0"],
        &["0", "a"],
        &["A"],
        &["a", "c", "0"],
        &[],
    ];
    let path = random.pick(&paths).iter().map(|key| (*key).to_owned()).collect();
    let scalar = |random: &mut Random| match random.below(10) {
        0 => Value::from(1_i64),
        1 => Value::from(*random.pick(&[5_i64, -3, 2, 0, i64::MIN, i64::MAX])),
        2 => Value::from(*random.pick(&[0.1, 1.5, 2.0, 1e18, 1e300, -0.5])),
        3 => Value::from(random.coin()),
        4 => Value::from(*random.pick(&["A ", "A", "1", "x", "", "ä😀\\\"'"])),
        5 => Value::from(1.0),
        6 => Value::from(5_i32),
        _ => Value::from(*random.pick(&["a", "x", "b"])),
    };
    let test = match random.below(12) {
        0..=5 => JsonTest::Compare(*random.pick(&COMPARISONS), scalar(random)),
        6 | 7 => {
            let count = random.size(4);
            JsonTest::In((0..count).map(|_| scalar(random)).collect())
        }
        8 | 9 => {
            JsonTest::Text(*random.pick(&MATCHES), (*random.pick(&["a", "A", "", "x", "😀", "%", "\\"])).to_owned())
        }
        10 => JsonTest::IsNull,
        _ => JsonTest::IsNotNull,
    };
    Filter::Json(name, path, test)
}

/// A condition that cannot be asked.
fn refused(composer: &mut Composer<'_>, at: usize) -> Filter {
    let table = Arc::clone(&composer.tables[at]);
    let position = composer.random.size(table.columns.len());
    let column = &table.columns[position];
    let name = column.name.clone();
    match composer.random.below(7) {
        5 => Filter::Folded(name, FoldedMatch::Eq, "a".to_owned()),
        6 => Filter::Json(name, vec!["-a".to_owned()], JsonTest::IsNull),
        0 => Filter::IsNull("no_such_column".into()),
        1 => Filter::Compare(name, Comparison::Eq, column.kind.null()),
        2 => Filter::In(name, vec![values::invalid(&column.kind, composer.random)]),
        3 => Filter::Text(name, Match::Contains, "a\0".to_owned()),
        _ => Filter::Compare(name, Comparison::Lt, values::invalid(&column.kind, composer.random)),
    }
}

/// Whether everything that the filter asks of is there: then the filter is never unknown.
pub fn known(table: &Table, filter: &Filter) -> Filter {
    let mut asked = Vec::new();
    columns(table, filter, &mut asked);
    Filter::And(asked)
}

fn columns(table: &Table, filter: &Filter, into: &mut Vec<Filter>) {
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
            if table.column(name).is_ok_and(|column| column.nullable) =>
        {
            into.push(Filter::IsNotNull(name.clone()));
        }
        Filter::Json(name, path, _) => into.push(Filter::Json(name.clone(), path.clone(), JsonTest::IsNotNull)),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| columns(table, part, into)),
        Filter::Not(inner) => columns(table, inner, into),
        _ => {}
    }
}
