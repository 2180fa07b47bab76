//! References: known by their columns and what they lead to.

use super::{
    order::Phase,
    ours,
    walk::{Pair, Walk},
};
use crate::schema::{Action, OnDelete, Reference, picture::ForeignKeyPicture};

/// Compares the references.
pub(super) fn compare(walk: &mut Walk<'_>, pair: Pair<'_>) {
    let mut left: Vec<&ForeignKeyPicture> = pair.have.foreign_keys.iter().collect();
    let mut missing = Vec::new();
    for key in ours::references(pair.table) {
        let Some(want) = pair.want.foreign_keys.iter().find(|want| is(want, &key)) else { continue };
        match left.iter().position(|have| same(have, want)) {
            Some(at) => {
                let name = left.remove(at).name.clone();
                walk.kept.push((pair.name.to_owned(), name, key));
            }
            None => missing.push(key),
        }
    }
    let owned = pair.owned.map(ours::references).unwrap_or_default();
    for have in left {
        let ours = owned.iter().find(|key| is(have, key)).cloned();
        let ours = ours.or_else(|| missing.iter().any(|key| is(have, key)).then(|| def(have)));
        match ours {
            Some(key) => drop_reference(walk, pair.name, &have.name, key),
            None => {
                let what = format!(
                    "reference {}",
                    if have.name.is_empty() { have.columns.join(", ") } else { have.name.clone() }
                );
                walk.tell(pair.name, what, "no entity names it");
            }
        }
    }
    for key in missing {
        walk.steps.push(Phase::AddReference, Action::AddForeignKey { table: pair.name.to_owned(), key });
    }
}

/// References of columns that get another type go before and come after: MySQL refuses to change what one stands on.
pub(super) fn release_retyped(walk: &mut Walk<'_>) {
    for (table, name, key) in std::mem::take(&mut walk.kept) {
        let is = |of: &str, column: &String| walk.retyped.iter().any(|(t, c)| t == of && c == column);
        let stands = key.columns.iter().any(|column| is(&table, column))
            || key.parent_columns.iter().any(|column| is(&key.parent, column));
        if stands {
            drop_reference(walk, &table, &name, key.clone());
            walk.steps.push(Phase::AddReference, Action::AddForeignKey { table, key });
        }
    }
}

/// It goes before anything has a new name.
fn drop_reference(walk: &mut Walk<'_>, table: &str, name: &str, mut key: Reference) {
    if !name.is_empty() {
        name.clone_into(&mut key.name);
    }
    let old = |table: &str, column: &mut String| {
        if let Some(old) = walk.old_columns.get(&(table.to_owned(), column.clone())) {
            column.clone_from(old);
        }
    };
    key.columns.iter_mut().for_each(|column| old(table, column));
    key.parent_columns.iter_mut().for_each(|column| old(&key.parent, column));
    let was = |table: &str| walk.old_tables.get(table).cloned().unwrap_or_else(|| table.to_owned());
    key.parent = was(&key.parent);
    let table = was(table);
    walk.steps.push(Phase::DropReference, Action::DropForeignKey { table, key });
}

/// Whether this is that reference, whatever a delete does.
fn is(have: &ForeignKeyPicture, key: &Reference) -> bool {
    let parent = have.parent == key.parent || have.parent.rsplit('.').next() == Some(&key.parent);
    let structure = have.columns == key.columns && parent && have.parent_columns == key.parent_columns;
    structure || (!have.name.is_empty() && have.name == key.name)
}

/// The name does not count, nor whether a delete is refused row by row (RESTRICT, which is ours) or at the statement's end.
fn same(one: &ForeignKeyPicture, other: &ForeignKeyPicture) -> bool {
    let refused = |action: &str| if action == "NO ACTION" { "RESTRICT".to_owned() } else { action.to_owned() };
    let structure = |key: &ForeignKeyPicture| ForeignKeyPicture {
        name: String::new(),
        on_delete: refused(&key.on_delete),
        on_update: refused(&key.on_update),
        ..key.clone()
    };
    structure(one) == structure(other)
}

fn def(have: &ForeignKeyPicture) -> Reference {
    Reference {
        name: have.name.clone(),
        columns: have.columns.clone(),
        parent: have.parent.clone(),
        parent_columns: have.parent_columns.clone(),
        on_delete: match have.on_delete.as_str() {
            "CASCADE" => OnDelete::Cascade,
            "SET NULL" => OnDelete::SetNull,
            _ => OnDelete::Restrict,
        },
    }
}
