//! What a new name changes in what is there: all that leads to it leads to the new one, as a server does it.

use super::{ours::full, walk::Walk, words};
use crate::schema::{Part, Table, Words};

/// A table under the name of `wanted`.
pub(super) fn table(walk: &mut Walk<'_>, from: &str, wanted: &Table) {
    let to = full(wanted);
    if let Some(table) = walk.have.tables.remove(from) {
        walk.have.tables.insert(to.clone(), table);
    }
    let keys = walk.have.tables.values_mut().flat_map(|table| &mut table.foreign_keys);
    keys.filter(|key| key.parent == from).for_each(|key| key.parent.clone_from(&to));
    for table in &mut walk.owned {
        let schema = table.schema.clone();
        let within = |name: &str| schema.as_ref().map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"));
        let keys = table.foreign_keys.iter_mut().filter(|key| within(&key.parent) == from);
        keys.for_each(|key| key.parent.clone_from(&wanted.name));
        if full(table) == from {
            table.name.clone_from(&wanted.name);
            table.schema.clone_from(&wanted.schema);
        }
    }
    walk.old_tables.insert(to, from.to_owned());
}

/// A column under a new name.
pub(super) fn column(walk: &mut Walk<'_>, place: &str, from: &str, to: &str) {
    let renamed = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    if let Some(table) = walk.have.tables.get_mut(place) {
        words::each(table, |text| words::renamed(text, from, to, '"'));
        table.columns.iter_mut().for_each(|column| renamed(&mut column.name));
        table.key.iter_mut().flat_map(|key| &mut key.columns).for_each(renamed);
        for index in &mut table.indexes {
            index.parts.iter_mut().filter_map(|part| part.column.as_mut()).for_each(renamed);
            index.included.iter_mut().for_each(renamed);
        }
        table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(renamed);
    }
    let keys = walk.have.tables.values_mut().flat_map(|table| &mut table.foreign_keys);
    keys.filter(|key| key.parent == place).flat_map(|key| &mut key.parent_columns).for_each(renamed);
    for table in &mut walk.owned {
        owned(table, place, from, to);
    }
    walk.old_columns.insert((place.to_owned(), to.to_owned()), from.to_owned());
}

fn owned(table: &mut Table, place: &str, from: &str, to: &str) {
    let leads = |table: &Table, at: usize| super::ours::parent(table, &table.foreign_keys[at]) == place;
    for at in 0..table.foreign_keys.len() {
        if leads(table, at) {
            let names = &mut table.foreign_keys[at].parent_columns;
            names.iter_mut().filter(|name| *name == from).for_each(|name| to.clone_into(name));
        }
    }
    if full(table) != place {
        return;
    }
    table.columns.iter_mut().filter(|column| column.name == from).for_each(|column| column.name = to.to_owned().into());
    for index in &mut table.extra.indexes {
        for part in &mut index.parts {
            match part {
                Part::Column(name) | Part::Descending(name) if name == from => to.clone_into(name),
                Part::Column(_) | Part::Descending(_) => {}
                Part::Expression(text) => in_words(text, from, to),
            }
        }
        index.only.iter_mut().for_each(|text| in_words(text, from, to));
    }
    table.extra.checks.iter_mut().for_each(|check| in_words(&mut check.condition, from, to));
}

/// A piece of SQL with a column under a new name.
pub(in crate::schema) fn in_words(text: &mut Words, from: &str, to: &str) {
    let each = [(&mut text.all, '"'), (&mut text.sqlite, '"'), (&mut text.postgres, '"'), (&mut text.mysql, '`')];
    for (text, quote) in each {
        text.iter_mut().for_each(|text| *text = words::renamed(text, from, to, quote));
    }
}
