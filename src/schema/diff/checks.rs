//! Checks: those of a column's type and list are the column's, the others stand for themselves.

use super::{
    order::Phase,
    walk::{Pair, Walk},
    words::form,
};
use crate::schema::{Action, Check, Words, name::bounded, picture::CheckPicture};

/// What has no twin of the same condition on the other side.
#[derive(Debug)]
pub(super) struct Unmatched<'p> {
    have: Vec<&'p CheckPicture>,
    want: Vec<&'p CheckPicture>,
}

pub(super) fn unmatched(pair: Pair<'_>) -> Unmatched<'_> {
    let mut have: Vec<&CheckPicture> = pair.have.checks.iter().collect();
    let twin = |one: &CheckPicture, other: &CheckPicture| {
        (form(&one.condition), one.enforced) == (form(&other.condition), other.enforced)
    };
    let mut want = Vec::new();
    for check in &pair.want.checks {
        let named = have.iter().position(|other| twin(other, check) && other.name == check.name);
        match named.or_else(|| have.iter().position(|other| twin(other, check))) {
            Some(at) => drop(have.remove(at)),
            None => want.push(check),
        }
    }
    Unmatched { have, want }
}

/// Whether a check of this column is missing or too much.
pub(super) fn of_column(walk: &Walk<'_>, pair: Pair<'_>, unmatched: &Unmatched<'_>, column: &str) -> bool {
    let is_its = |check: &&CheckPicture| names(walk, pair, column).contains(&check.name);
    unmatched.want.iter().copied().any(|check| is_its(&check)) || unmatched.have.iter().copied().any(|it| is_its(&it))
}

/// Compares the checks that are no column's.
pub(super) fn compare(walk: &mut Walk<'_>, pair: Pair<'_>) {
    let unmatched = unmatched(pair);
    let table = || pair.name.to_owned();
    let missing: Vec<&Check> = {
        let is_missing = |check: &&Check| unmatched.want.iter().any(|it| it.name == check.name);
        pair.table.extra.checks.iter().filter(is_missing).collect()
    };
    for check in &missing {
        walk.steps.push(Phase::AddCheck, Action::AddCheck { table: table(), check: (*check).clone() });
    }
    for have in unmatched.have {
        let columns = pair.have.columns.iter().chain(&pair.want.columns);
        if columns.map(|column| names(walk, pair, &column.name)).any(|names| names.contains(&have.name)) {
            continue;
        }
        let owned = pair.owned.iter().flat_map(|owned| &owned.extra.checks).find(|check| check.name == have.name);
        let ours = owned.cloned().or_else(|| {
            let condition = Words::from(have.condition.as_str());
            missing.iter().any(|it| it.name == have.name).then(|| Check { name: have.name.clone(), condition })
        });
        match ours {
            Some(check) => walk.steps.push(Phase::DropCheck, Action::DropCheck { table: table(), check }),
            None => {
                let name = if have.name.is_empty() { format!("({})", have.condition) } else { have.name.clone() };
                walk.tell(pair.name, format!("check {name}"), "no entity names it");
            }
        }
    }
}

/// What a column's checks may be called: ours by the names of table and column, old or new; MariaDB's own of JSON by the column's.
fn names(walk: &Walk<'_>, pair: Pair<'_>, column: &str) -> Vec<String> {
    let old_table = walk.old_tables.get(pair.name).map(|name| name.rsplit('.').next().unwrap_or(name));
    let old_column = walk.old_columns.get(&(pair.name.to_owned(), column.to_owned()));
    let columns = [Some(column), old_column.map(String::as_str)];
    let mut names: Vec<String> = columns.into_iter().flatten().map(ToOwned::to_owned).collect();
    for table in [Some(pair.table.name.as_str()), old_table].into_iter().flatten() {
        for column in columns.into_iter().flatten() {
            names.extend(["ty", "ck"].map(|prefix| bounded(prefix, table, &[column])));
        }
    }
    names
}
