//! Backfills, and statements of one's own.

use super::Judge;
use crate::schema::{
    Backfill, Flavor, Sql, Warning, ddl,
    lint::code::{IRREVERSIBLE, OVERWRITES_VALUES, SQL_DESTROYS, UNKNOWN_AFTER_CRASH},
};

/// What is dropped without a row.
const WITHOUT_ROWS: [&str; 6] = ["INDEX", "VIEW", "TRIGGER", "FUNCTION", "PROCEDURE", "CONSTRAINT"];

/// Whether a condition asks that the column is null.
fn says_null(only: &str, column: &str) -> bool {
    let names = [column.to_owned(), format!("\"{column}\""), format!("`{column}`")];
    names.iter().any(|name| {
        let asked = format!("{name} is null");
        let only = only.to_lowercase();
        only.match_indices(&asked.to_lowercase()).any(|(at, found)| {
            let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"' | '`');
            let ends = |next: Option<char>| !next.is_some_and(part);
            ends(only[..at].chars().next_back()) && ends(only[at + found.len()..].chars().next())
        })
    })
}

impl Judge<'_> {
    pub(super) fn backfill(&self, backfill: &Backfill) -> Vec<Warning> {
        let only = backfill.only.as_ref().and_then(|only| only.on(self.ask.flavor)).unwrap_or_default();
        let lost = backfill.set.iter().map(|(column, _)| column.as_str());
        let lost: Vec<_> = lost.filter(|column| !says_null(only, column)).collect();
        if lost.is_empty() {
            return Vec::new();
        }
        let why = format!("what `{}` has in `{}` is written over", backfill.table, lost.join("`, `"));
        vec![OVERWRITES_VALUES.warn(why)]
    }

    pub(super) fn sql(&self, sql: &Sql) -> Vec<Warning> {
        let flavor = self.ask.flavor;
        let Some(up) = sql.up.on(flavor) else { return Vec::new() };
        let mut warnings = Vec::new();
        let upper = up.to_uppercase();
        let said = upper.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let said: Vec<&str> = said.collect();
        let destroys = |at: usize| match said[at] {
            "TRUNCATE" | "DELETE" => true,
            "DROP" => !said.get(at + 1).is_some_and(|what| WITHOUT_ROWS.contains(what)),
            _ => false,
        };
        if let Some(word) = (0..said.len()).find(|&at| destroys(at)).map(|at| said[at]) {
            warnings.push(SQL_DESTROYS.warn(format!("\"{}\" has the word {word}", sql.what)));
        }
        if sql.down.as_ref().is_none_or(|down| down.on(flavor).is_none()) {
            warnings.push(IRREVERSIBLE.warn(format!("\"{}\" says no way back", sql.what)));
        }
        // An index that is built beside the writers is known by its name.
        let named = flavor == Flavor::Postgres && ddl::step::concurrently(up).is_some();
        if (sql.alone || flavor.is_mysql())
            && !named
            && sql.probe.as_ref().is_none_or(|probe| probe.on(flavor).is_none())
        {
            let why = format!("whether \"{}\" was done cannot be asked after a crash", sql.what);
            warnings.push(UNKNOWN_AFTER_CRASH.warn(why));
        }
        warnings
    }
}
