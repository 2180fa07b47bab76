//! A condition with a long list, or with many alternatives, in parts that are commands of their own (law Q10): a command has a bound,
//! and a server may go through the whole list for each row that it finds.

use super::constraint::LISTED;
use crate::{
    backend::{Comparison, Filter, normalise::identity::identity},
    schema::Name,
};
use sea_orm::Value;
use std::collections::{HashMap, HashSet};

/// Alternatives that one command has at most.
const ALTERNATIVES: usize = 50;
/// Keys that a list of one of their columns holds at least, on the average: else there are more commands than without such lists.
const GROUPED: usize = 8;
/// Commands that a list becomes: a longer one has longer parts.
const COMMANDS: usize = 100;

/// Conditions of which one holds for each row that the whole holds for.
#[derive(Debug, PartialEq)]
pub(super) struct Parts {
    pub filters: Vec<Filter>,
    /// Whether never two of them hold for one row.
    pub disjoint: bool,
}

/// The parts of a condition; none where it is short, or where each part would carry another long list.
pub(super) fn parts(filter: &Filter) -> Option<Parts> {
    let mut all = Vec::new();
    conjuncts(filter, &mut all);
    let longest = (0..all.len()).filter(|&at| is_long(all[at])).max_by_key(|&at| weight(all[at]))?;
    let split = all.remove(longest);
    if all.iter().map(|part| weight(part)).sum::<usize>() > LISTED {
        return None;
    }
    let (split, disjoint) = match split {
        Filter::In(column, values) => (listed(column, values, &[]), true),
        Filter::Or(any) => match keys(any) {
            Some(parts) => (parts, true),
            None => (any.chunks(ALTERNATIVES).map(|any| Filter::Or(any.to_vec())).collect(), false),
        },
        _ => return None,
    };
    let rest: Vec<Filter> = all.into_iter().cloned().collect();
    // The list goes first: it leaves fewer rows than what stands beside it.
    let with_rest = |one: Filter| {
        let mut all = vec![one];
        all.extend_from_slice(&rest);
        Filter::And(all)
    };
    Some(Parts { filters: split.into_iter().map(with_rest).collect(), disjoint })
}

fn conjuncts<'f>(filter: &'f Filter, all: &mut Vec<&'f Filter>) {
    match filter {
        Filter::And(parts) => parts.iter().for_each(|part| conjuncts(part, all)),
        one => all.push(one),
    }
}

fn is_long(filter: &Filter) -> bool {
    match filter {
        Filter::In(_, values) => values.len() > LISTED,
        Filter::Or(any) => any.len() > ALTERNATIVES,
        _ => false,
    }
}

/// How many values a condition speaks of.
fn weight(filter: &Filter) -> usize {
    match filter {
        Filter::In(_, values) | Filter::NotIn(_, values) => values.len(),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().map(weight).sum(),
        Filter::Not(inner) => weight(inner),
        Filter::Related(related) => related.filter.as_ref().map_or(1, weight),
        _ => 1,
    }
}

/// A list in parts, each with what is `fixed` beside it; a value stands in one of them alone.
fn listed(column: &Name, values: &[Value], fixed: &[Filter]) -> Vec<Filter> {
    let mut seen = HashSet::with_capacity(values.len());
    let values: Vec<&Value> = values.iter().filter(|value| seen.insert(same(value))).collect();
    let part = |values: &[&Value]| {
        let list = Filter::In(column.clone(), values.iter().copied().cloned().collect());
        if fixed.is_empty() { list } else { Filter::And([fixed, &[list]].concat()) }
    };
    values.chunks(LISTED.max(values.len().div_ceil(COMMANDS))).map(part).collect()
}

/// What equal values have in common: a decimal may be written with more zeros.
fn same(value: &Value) -> String {
    match value {
        Value::Decimal(Some(decimal)) => identity([&Value::from(decimal.normalize())]),
        value => identity([value]),
    }
}

/// Alternatives that are keys of several columns, as lists of one of the columns for each combination of the others: an index finds
/// what they list.
fn keys(any: &[Filter]) -> Option<Vec<Filter>> {
    let keys: Vec<Vec<(&Name, &Value)>> = any.iter().map(key).collect::<Option<_>>()?;
    let columns: Vec<&Name> = keys.first()?.iter().map(|&(column, _)| column).collect();
    if keys.iter().any(|key| !key.iter().map(|&(column, _)| column).eq(columns.iter().copied())) {
        return None;
    }
    let groups = (0..columns.len()).map(|varying| grouped(&keys, varying)).min_by_key(Vec::len)?;
    if groups.len() * GROUPED > any.len() {
        return None;
    }
    let parts = groups.into_iter().flat_map(|group| {
        let equal = |&(column, value): &(&Name, &Value)| Filter::Compare(column.clone(), Comparison::Eq, value.clone());
        let fixed: Vec<Filter> = group.fixed.iter().map(equal).collect();
        listed(group.column, &group.values, &fixed)
    });
    Some(parts.collect())
}

/// The values of one column that stand beside the same values of all others.
struct Group<'f> {
    fixed: Vec<(&'f Name, &'f Value)>,
    column: &'f Name,
    values: Vec<Value>,
}

fn grouped<'f>(keys: &[Vec<(&'f Name, &'f Value)>], varying: usize) -> Vec<Group<'f>> {
    let (mut groups, mut places): (Vec<Group<'f>>, HashMap<Vec<String>, usize>) = Default::default();
    for key in keys {
        let mut fixed = key.clone();
        let (column, value) = fixed.remove(varying);
        let place = *places.entry(fixed.iter().map(|(_, value)| same(value)).collect()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { fixed, column, values: Vec::new() });
        }
        groups[place].values.push(value.clone());
    }
    groups
}

/// The columns and values of a condition that is nothing but equalities.
fn key(filter: &Filter) -> Option<Vec<(&Name, &Value)>> {
    let Filter::And(parts) = filter else { return None };
    if parts.len() < 2 {
        return None;
    }
    let mut key = Vec::with_capacity(parts.len());
    for part in parts {
        let Filter::Compare(column, Comparison::Eq, value) = part else { return None };
        key.push((column, value));
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(column: &'static str, values: std::ops::Range<i64>) -> Filter {
        Filter::In(column.into(), values.map(Value::from).collect())
    }

    fn eq(column: &'static str, value: i64) -> Filter {
        Filter::Compare(column.into(), Comparison::Eq, value.into())
    }

    fn lengths(parts: &Parts) -> Vec<usize> {
        parts.filters.iter().map(weight).collect()
    }

    #[test]
    fn a_long_list_is_parts_that_carry_the_rest() {
        assert_eq!(parts(&list("a", 0..100)), None, "short");
        let whole = Filter::And(vec![eq("b", 1), Filter::And(vec![list("a", 0..250)])]);
        let found = parts(&whole).expect("parts");
        let part = |values| Filter::And(vec![list("a", values), eq("b", 1)]);
        assert_eq!(found.filters, [part(0..100), part(100..200), part(200..250)]);
        assert!(found.disjoint);
        let lengths = lengths(&parts(&list("a", 0..70_000)).expect("parts"));
        assert_eq!((lengths.len(), lengths[0]), (100, 700), "a bounded number of commands");
        assert_eq!(parts(&list("a", 0..250).and(list("b", 0..250))), None, "each part would carry the other list");
        assert_eq!(parts(&list("a", 0..250).negated()), None);
        assert_eq!(parts(&list("a", 0..250).or(eq("b", 1))), None, "a list of which not all rows are");
    }

    #[test]
    fn a_value_stands_in_one_part_alone() {
        let decimals =
            (0..150).flat_map(|n| [sea_orm::prelude::Decimal::new(n, 0), sea_orm::prelude::Decimal::new(n * 10, 1)]);
        let found = parts(&Filter::In("a".into(), decimals.map(Value::from).collect())).expect("parts");
        assert_eq!(lengths(&found), [100, 50]);
    }

    #[test]
    fn keys_that_differ_in_one_column_are_lists_of_it() {
        let key = |a, b| Filter::And(vec![eq("a", a), eq("b", b)]);
        let found = parts(&Filter::Or((0..150).map(|b| key(9, b)).collect())).expect("parts");
        let part = |values| Filter::And(vec![Filter::And(vec![eq("a", 9), list("b", values)])]);
        assert_eq!(found, Parts { filters: vec![part(0..100), part(100..150)], disjoint: true });
        let first = parts(&Filter::Or((0..60).map(|a| key(a, a % 2)).collect())).expect("parts");
        assert_eq!(lengths(&first), [31, 31], "whichever column it is");
    }

    #[test]
    fn other_alternatives_are_asked_for_by_fifty_and_may_meet() {
        let apart: Vec<_> = (0..120).map(|n| Filter::And(vec![eq("a", n), eq("b", n)])).collect();
        let found = parts(&Filter::Or(apart)).expect("parts");
        assert_eq!((found.filters.len(), found.disjoint), (3, false), "keys that have nothing in common");
        let mixed: Vec<_> = (0..60).map(|n| if n == 7 { list("a", 0..5) } else { eq("a", n) }).collect();
        let found = parts(&Filter::Or(mixed)).expect("parts");
        assert_eq!((found.filters.len(), found.disjoint), (2, false));
    }
}
