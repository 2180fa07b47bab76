//! Columns and the key: what is added, changed, dropped; all that changes in one column is one step.

use super::{
    checks::{self, Unmatched},
    order::Phase,
    ours,
    walk::{Pair, Walk},
    words::form,
};
use crate::schema::{Action, Column, picture::ColumnPicture};

/// Compares the columns and the key.
pub(super) fn compare(walk: &mut Walk<'_>, pair: Pair<'_>) {
    let unmatched = checks::unmatched(pair);
    for column in &pair.table.columns {
        let Some(want) = pair.want.column(&column.name) else { continue };
        match pair.have.column(&column.name) {
            None => {
                let (table, column) = (pair.name.to_owned(), column.clone());
                walk.steps.push(Phase::AddColumn, Action::AddColumn { table, column, fill: None });
            }
            Some(have) => one(walk, pair, column, have, want, &unmatched),
        }
    }
    let (from, to) = (ours::key(pair.have), ours::key(pair.want));
    if from != to {
        let (from, to) = (from.to_vec(), to.to_vec());
        walk.steps.push(Phase::SetKey, Action::SetKey { table: pair.name.to_owned(), from, to });
    }
    for have in pair.have.columns.iter().filter(|have| pair.table.position(&have.name).is_err()) {
        let owned = pair.owned.and_then(|owned| owned.column(&have.name).ok());
        let table = pair.name.to_owned();
        match owned {
            Some(column) => {
                walk.steps.push(Phase::DropColumn, Action::DropColumn { table, column: column.clone() });
            }
            None => {
                let must = !have.nullable && have.default.is_none() && have.generated.is_none() && have.auto.is_empty();
                let why = if must {
                    "no entity names it, and it takes no null and has no default: inserts will fail"
                } else {
                    "no entity names it"
                };
                walk.tell(pair.name, format!("column {}", have.name), why);
            }
        }
    }
    comment(walk, pair, None, pair.have.comment.as_ref(), pair.want.comment.as_ref());
}

fn one(
    walk: &mut Walk<'_>,
    pair: Pair<'_>,
    column: &Column,
    have: &ColumnPicture,
    want: &ColumnPicture,
    unmatched: &Unmatched<'_>,
) {
    let retyped = have.declared != want.declared || have.collation != want.collation;
    // Whether the database also takes a key that it is given is told, and verify says how to mend it.
    let other = have.nullable != want.nullable || have.auto.is_empty() != want.auto.is_empty();
    if retyped || other || checks::of_column(walk, pair, unmatched, &column.name) {
        let owned = pair.owned.and_then(|owned| owned.column(&column.name).ok());
        // Where it was as it is to be, somebody changed it by hand, and nobody knows what it was.
        let from = owned.filter(|from| !same(from, column)).cloned();
        let (table, to) = (pair.name.to_owned(), column.clone());
        walk.steps.push(Phase::AlterColumn, Action::AlterColumn { table, from, to, using: None, fill: None });
    }
    if retyped {
        walk.retyped.push((pair.name.to_owned(), column.name.to_string()));
    }
    comment(walk, pair, Some(column), have.comment.as_ref(), want.comment.as_ref());
    let what = format!("column {}", column.name);
    if have.default != want.default {
        let default = have.default.as_deref().unwrap_or("none");
        walk.tell(pair.name, &what, format!("its default in the database is {default}: ours are made in Rust"));
    }
    if have.auto == "always" && want.auto == "yes" {
        walk.tell(pair.name, &what, "the database refuses keys that it is given");
    }
    if have.generated.as_deref().map(form) != want.generated.as_deref().map(form) {
        walk.tell(pair.name, &what, "the database computes it");
    }
    if have.touched != want.touched {
        walk.tell(pair.name, &what, "the database sets it at every change of the row");
    }
}

fn same(one: &Column, other: &Column) -> bool {
    (&one.kind, one.nullable, one.auto_increment, &one.extra.native)
        == (&other.kind, other.nullable, other.auto_increment, &other.extra.native)
}

fn comment(walk: &mut Walk<'_>, pair: Pair<'_>, column: Option<&Column>, have: Option<&String>, want: Option<&String>) {
    let owned = match column {
        Some(column) => pair.owned.and_then(|it| it.column(&column.name).ok()).and_then(|it| it.extra.comment.as_ref()),
        None => pair.owned.and_then(|owned| owned.extra.comment.as_ref()),
    };
    if have == want {
        return;
    }
    if want.is_none() && owned.is_none() {
        let what = column.map_or_else(|| "comment".to_owned(), |column| format!("comment of {}", column.name));
        return walk.tell(pair.name, what, "no entity says it");
    }
    let (from, to) = (have.cloned(), want.cloned());
    let (table, column) = (pair.name.to_owned(), column.cloned());
    walk.steps.push(Phase::Comment, Action::SetComment { table, column, from, to });
}
