//! Indexes: known by their structure; a name tells only whose they are.

use super::{
    order::Phase,
    ours,
    walk::{Pair, Walk},
    words::form,
};
use crate::schema::{Action, IndexDef, Part, Words, picture::IndexPicture};

/// Whether two indexes do the same. Where nulls stand in one does not count: an index that others made holds the same rows, though
/// it does not serve an order of ours by a column that may be null.
pub(super) fn same(one: &IndexPicture, other: &IndexPicture) -> bool {
    let structure = |index: &IndexPicture| {
        let IndexPicture { mut parts, included, unique, mut predicate, method, valid, odd, name: _, constraint: _ } =
            index.clone();
        parts.iter_mut().for_each(|part| part.nulls_first = false);
        let words = parts.iter_mut().filter_map(|part| part.expression.as_mut()).chain(predicate.as_mut());
        words.for_each(|text| *text = form(text));
        (parts, included, unique, predicate, method, valid, odd)
    };
    structure(one) == structure(other)
}

/// Compares the indexes; `coming` are the names that new tables' indexes will have.
pub(super) fn compare(walk: &mut Walk<'_>, pair: Pair<'_>, coming: &[String]) {
    let mut left: Vec<&IndexPicture> = pair.have.indexes.iter().collect();
    let wanted = ours::indexes(pair.table);
    let mut wanted: Vec<(&IndexDef, &IndexPicture)> =
        wanted.iter().filter_map(|def| Some((def, pair.want.index(&def.name)?))).collect();
    let mut kept = Vec::new();
    for by_name in [true, false] {
        wanted.retain(|(def, want)| {
            let twin = |have: &&IndexPicture| same(have, want) && (!by_name || have.name == def.name);
            let Some(at) = left.iter().position(twin) else { return true };
            kept.push((left.remove(at), def.name.clone()));
            false
        });
    }
    let missing: Vec<&IndexDef> = wanted.into_iter().map(|(def, _)| def).collect();
    let is_missing = |name: &String| missing.iter().any(|def| def.name == *name);
    let table = || pair.name.to_owned();
    let names: Vec<String> = left.iter().map(|have| have.name.clone()).collect();
    for have in left {
        let index = match whose(pair, have, &names) {
            Whose::Owned(def) => IndexDef { name: have.name.clone(), ..def },
            Whose::Reference => continue,
            Whose::Nobody if is_missing(&have.name) => def(have),
            Whose::Nobody => {
                let gone = have.parts.iter().filter_map(|part| part.column.as_ref());
                let gone = gone
                    .filter(|name| pair.want.column(name).is_none())
                    .find(|name| pair.owned.is_some_and(|owned| owned.column(name).is_ok()));
                let why = gone.map_or_else(
                    || "no entity names it".to_owned(),
                    |column| format!("no entity names it, and it stands in the way of `{column}`, which goes"),
                );
                walk.tell(pair.name, format!("index {}", have.name), why);
                continue;
            }
        };
        let retyped = |column: &str| walk.retyped.iter().any(|(table, name)| table == pair.name && name == column);
        let in_the_way = is_missing(&have.name) || ours::columns(&index).any(retyped);
        let phase = if in_the_way { Phase::FreeIndex } else { Phase::DropIndex };
        walk.steps.push(phase, Action::DropIndex { table: table(), index });
    }
    for (have, to) in kept {
        if have.name != to && (is_missing(&have.name) || coming.contains(&have.name)) {
            let from = have.name.clone();
            walk.steps.push(Phase::FreeIndex, Action::RenameIndex { table: table(), from, to });
        }
    }
    for index in missing {
        walk.steps.push(Phase::AddIndex, Action::AddIndex { table: table(), index: index.clone() });
    }
}

enum Whose {
    /// Ours, as the last migration left it.
    Owned(IndexDef),
    /// A reference's, made by MySQL, which looks after it.
    Reference,
    Nobody,
}

fn whose(pair: Pair<'_>, have: &IndexPicture, left: &[String]) -> Whose {
    let owned = pair.owned.map(ours::indexes).unwrap_or_default();
    if let Some(def) = owned.iter().find(|def| def.name == have.name) {
        return Whose::Owned(def.clone());
    }
    let keys = pair.have.foreign_keys.iter().map(|key| &key.name);
    let mut keys = keys.chain(pair.owned.iter().flat_map(|owned| &owned.foreign_keys).map(|key| &key.name));
    if keys.any(|name| *name == have.name) {
        return Whose::Reference;
    }
    // After a column's new name the index has kept the name that it was made with.
    let plain = |def: &&IndexDef| {
        let columns: Option<Vec<&str>> = have.parts.iter().map(|part| part.column.as_deref()).collect();
        let ascending = def.parts.iter().all(|part| matches!(part, Part::Column(_)));
        ascending
            && def.only.is_none()
            && have.predicate.is_none()
            && have.unique == def.unique
            && columns.is_some_and(|columns| columns == ours::columns(def).collect::<Vec<_>>())
            && !left.contains(&def.name)
            && pair.want.index(&def.name).is_none()
    };
    owned.iter().find(plain).map_or(Whose::Nobody, |def| Whose::Owned(def.clone()))
}

/// What was made by hand under a name of ours, as far as a step can say it.
fn def(have: &IndexPicture) -> IndexDef {
    let parts = have.parts.iter().filter_map(|part| match (&part.column, &part.expression) {
        (Some(column), _) if part.descending => Some(Part::Descending(column.clone())),
        (Some(column), _) => Some(Part::Column(column.clone())),
        (None, Some(expression)) => Some(Part::Expression(Words::from(expression.as_str()))),
        (None, None) => None,
    });
    IndexDef {
        name: have.name.clone(),
        parts: parts.collect(),
        unique: have.unique,
        only: have.predicate.as_deref().map(Words::from),
        renamed_from: None,
    }
}
