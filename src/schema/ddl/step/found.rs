//! What of a table belongs to a column, and what is there under another name than a step says.

use super::{Place, tokens};
use crate::schema::{
    Column, IndexDef, Kind, Part, Reference,
    name::bounded,
    picture::{CheckPicture, ForeignKeyPicture, IndexPicture, TablePicture},
};

/// The checks that we made for a column: of its type, and of an enum's list. Those of a column or table that was renamed carry
/// the old name, so they are known by their kind and by what they name. Where nobody knows what the column was, a list of another
/// name is a person's.
pub(super) fn own_checks<'a>(place: &Place<'a>, name: &str, from: Option<&Column>) -> Vec<&'a CheckPicture> {
    let Some(live) = place.seen() else { return Vec::new() };
    let was_enum = from.map(|from| matches!(from.kind, Kind::Enum { .. }));
    let (ty, ck) = (bounded("ty", place.name, &[name]), bounded("ck", place.name, &[name]));
    let list = |check: &CheckPicture| {
        let words = check.condition.to_uppercase().replace(">=", "").replace("<=", "");
        was_enum.unwrap_or(check.name == ck) && [" IN ", " IN(", "ANY", "="].iter().any(|word| words.contains(word))
    };
    let of = |prefix: &str, name_of: &str, fits: &dyn Fn(&CheckPicture) -> bool| {
        let fitting = || live.checks.iter().filter(|check| fits(check));
        let named: Vec<_> = fitting().filter(|check| check.name == name_of).collect();
        if !named.is_empty() {
            return named;
        }
        fitting().filter(|it| it.name.starts_with(prefix) && only_of(place, live, &it.condition, name)).collect()
    };
    [of("ty_", &ty, &|_| true), of("ck_", &ck, &list)].concat()
}

/// The checks that name a column, those that name it alone first.
pub(super) fn checks_naming<'a>(place: &Place<'a>, name: &str) -> (Vec<&'a CheckPicture>, Vec<&'a CheckPicture>) {
    let Some(live) = place.seen() else { return (Vec::new(), Vec::new()) };
    let escapes = place.flavor.is_mysql();
    let naming = live.checks.iter().filter(|check| tokens::names(&check.condition, name, escapes));
    naming.partition(|check| only_of(place, live, &check.condition, name))
}

fn only_of(place: &Place<'_>, live: &TablePicture, condition: &str, name: &str) -> bool {
    let escapes = place.flavor.is_mysql();
    tokens::names(condition, name, escapes)
        && !live
            .columns
            .iter()
            .any(|other| !other.name.eq_ignore_ascii_case(name) && tokens::names(condition, &other.name, escapes))
}

/// The reference of a step as it is there: of its name, else the one that says the same.
pub(super) fn foreign_key<'a>(place: &Place<'a>, key: &Reference) -> Option<&'a ForeignKeyPicture> {
    let live = place.seen()?;
    let same = |there: &&ForeignKeyPicture| {
        there.columns == key.columns
            && there.parent.rsplit('.').next() == key.parent.rsplit('.').next()
            && there.parent_columns == key.parent_columns
    };
    let named = live.foreign_keys.iter().find(|there| !there.name.is_empty() && there.name == key.name);
    named.or_else(|| live.foreign_keys.iter().find(same))
}

/// The index of a step as it is there: of its name, else the one of these columns.
pub(super) fn index<'a>(place: &Place<'a>, index: &IndexDef) -> Option<&'a IndexPicture> {
    let live = place.seen()?;
    let same = |there: &&IndexPicture| {
        there.unique == index.unique
            && there.predicate.is_some() == index.only.as_ref().is_some_and(|only| only.on(place.flavor).is_some())
            && there.parts.len() == index.parts.len()
            && there.parts.iter().zip(&index.parts).all(|(there, part)| match part {
                Part::Column(name) => there.column.as_ref() == Some(name) && !there.descending,
                Part::Descending(name) => there.column.as_ref() == Some(name) && there.descending,
                Part::Expression(_) => false,
            })
    };
    live.index(&index.name).or_else(|| live.indexes.iter().find(same))
}
