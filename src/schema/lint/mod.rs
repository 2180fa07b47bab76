//! What is to be known of a step before it runs, told by its own words and by what is there: pure rules, for all that no empty copy
//! can show. `docs/lint.md` lists the codes.
//!
//! What the server itself says of a step (its locks, whether it writes the table anew) is heard in a rehearsal, and joined to
//! these by [`joined`].

mod code;
mod count;
mod kind;
mod rules;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use code::REFUSED;
#[cfg(feature = "mongodb")]
pub(crate) use code::{
    BREAKS_OLD_INSERTS, CONVERTS_VALUES, DROPS_COLUMN, DROPS_TABLE, ENUM_VALUE_REMOVED, IRREVERSIBLE, NARROWS_TYPE,
    NOT_NULL_OVER_NULLS, NOT_NULL_WITHOUT_DEFAULT, ORPHANS, OVERWRITES_VALUES, RENAMES, SQL_DESTROYS,
    UNIQUE_OVER_DUPLICATES, UNKNOWN_AFTER_CRASH,
};
pub use code::{CODES, Code};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) use code::{LOCKS_READS, LOCKS_WRITES, REBUILDS_INDEXES};
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql", feature = "mongodb"))]
pub(crate) use code::{NOT_REHEARSED, REWRITES_TABLE};
#[cfg(feature = "mongodb")]
pub(crate) use words::words;

use super::{Action, Flavor, Picture, Risk, Step, Warning};
use std::collections::BTreeSet;

/// What is to be known of an action on a database that has this. Nothing is said of a table that is not there: it has no rows,
/// and nobody waits for it.
///
/// ```
/// use seabed::schema::{Action, Flavor, Picture, Risk, build::table, lint};
/// let note = table("note").int64("id").primary_key(&["id"]).build()?;
/// let have = Picture { tables: [("note".to_owned(), Default::default())].into(), others: vec![] };
/// let warnings = lint::judge(&Action::DropTable(note), &have, Flavor::Sqlite);
/// assert_eq!((&*warnings[0].code, warnings[0].risk), ("drops-table", Risk::Destructive));
/// # Ok::<_, seabed::Error>(())
/// ```
#[must_use]
pub fn judge(action: &Action, have: &Picture, flavor: Flavor) -> Vec<Warning> {
    rules::judge(action, have, flavor)
}

/// What is to be known of each of some steps that run one after the other: what an earlier one made is not yet in use, and what it
/// renamed is known by its new name.
#[must_use]
pub fn judge_all(steps: &[Step], have: &Picture, flavor: Flavor) -> Vec<Vec<Warning>> {
    judge_each(steps, have, |action, now| judge(action, now, flavor))
}

/// The same with rules of a backend's own.
pub(crate) fn judge_each(
    steps: &[Step],
    have: &Picture,
    judge: impl Fn(&Action, &Picture) -> Vec<Warning>,
) -> Vec<Vec<Warning>> {
    let mut now = Picture { tables: have.tables.clone(), others: Vec::new() };
    let mut made = BTreeSet::new();
    let judged = steps.iter().map(|step| {
        let warnings = match &step.action {
            Action::AddColumn { column, .. } => {
                if let Some(table) = step.action.table() {
                    made.insert((table.to_owned(), column.name.to_string()));
                }
                judge(&step.action, &now)
            }
            // What an earlier step of the same plan added has no value that could be lost.
            Action::Backfill(backfill)
                if backfill.set.iter().all(|(column, _)| made.contains(&(backfill.table.clone(), column.clone()))) =>
            {
                Vec::new()
            }
            action => judge(action, &now),
        };
        follow(&step.action, &mut now);
        warnings
    });
    judged.collect()
}

/// Keeps the names of tables and columns as an action leaves them.
fn follow(action: &Action, now: &mut Picture) {
    match action {
        Action::RenameTable { from, to } => {
            if let Some(table) = now.name_of(from).map(ToOwned::to_owned).and_then(|name| now.tables.remove(&name)) {
                now.tables.insert(to.clone(), table);
            }
        }
        Action::RenameColumn { table, from, to } => {
            let columns = now
                .name_of(table)
                .map(ToOwned::to_owned)
                .and_then(|name| now.tables.get_mut(&name))
                .map(|table| &mut table.columns);
            if let Some(column) = columns.and_then(|columns| columns.iter_mut().find(|column| column.name == *from)) {
                column.name.clone_from(to);
            }
        }
        Action::DropTable(table) => {
            let key = rules::key(table);
            now.name_of(&key).map(ToOwned::to_owned).and_then(|name| now.tables.remove(&name));
        }
        _ => {}
    }
}

/// Warnings from two sides as one list: of two with one code the more dangerous stays.
#[must_use]
pub fn joined(mut warnings: Vec<Warning>, more: Vec<Warning>) -> Vec<Warning> {
    for warning in more {
        match warnings.iter_mut().find(|other| other.code == warning.code) {
            Some(other) if other.risk >= warning.risk => {}
            Some(other) => *other = warning,
            None => warnings.push(warning),
        }
    }
    // A lock is held for a moment where nothing is read or written under it; a rule may know what the copy could not show.
    let works = warnings.iter().any(|warning| {
        matches!(&*warning.code, "scans" | "rewrites-table" | "rebuilds-indexes" | "index-blocks-writes")
    });
    for warning in &mut warnings {
        if works && matches!(&*warning.code, "locks-reads" | "locks-writes") {
            warning.risk = warning.risk.max(Risk::Locks);
        }
    }
    warnings.sort_by_key(|warning| std::cmp::Reverse(warning.risk));
    warnings
}

/// The warnings of a step, and which of them its author has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Those that stand.
    pub standing: Vec<Warning>,
    /// Those that were accepted, each with the reason.
    pub accepted: Vec<(Warning, String)>,
    /// Acknowledgements that say nothing, each in a sentence: no such warning, or no reason.
    pub unused: Vec<String>,
}

/// Takes away what the author of a step has accepted with a reason.
///
/// ```
/// use seabed::schema::{Action, Flavor, Picture, Step, build::table, lint};
/// let note = table("note").int64("id").primary_key(&["id"]).build()?;
/// let have = Picture { tables: [("note".to_owned(), Default::default())].into(), others: vec![] };
/// let step = Step::from(Action::DropTable(note)).allow("drops-table", "moved to `memo` in March");
/// let warnings = lint::judge(&step.action, &have, Flavor::Sqlite);
/// let accepted = lint::accept(&step, warnings);
/// assert!(accepted.standing.is_empty() && accepted.unused.is_empty());
/// # Ok::<_, seabed::Error>(())
/// ```
#[must_use]
pub fn accept(step: &Step, warnings: Vec<Warning>) -> Accepted {
    let mut outcome = Accepted::default();
    let said = |code: &str| step.allowed.iter().find(|it| it.code == code && !it.reason.trim().is_empty());
    for allowed in &step.allowed {
        if allowed.reason.trim().is_empty() {
            outcome.unused.push(format!("`{}` is accepted without a reason, which does not count", allowed.code));
        } else if !CODES.iter().any(|code| code.name == allowed.code) {
            outcome.unused.push(format!("`{}` is accepted, and there is no such code", allowed.code));
        } else if !warnings.iter().any(|warning| warning.code == allowed.code) {
            outcome.unused.push(format!("`{}` is accepted, and this step gives no such warning", allowed.code));
        }
    }
    for warning in warnings {
        match said(&warning.code) {
            Some(allowed) => outcome.accepted.push((warning, allowed.reason.clone())),
            None => outcome.standing.push(warning),
        }
    }
    outcome
}
