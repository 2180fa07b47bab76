//! Backfills, and statements of one's own.

use super::Judge;
use crate::schema::{
    Backfill, Flavor, Sql, Warning, ddl,
    lint::code::{IRREVERSIBLE, OVERWRITES_VALUES, SQL_DESTROYS, UNKNOWN_AFTER_CRASH},
};

impl Judge<'_> {
    pub(super) fn backfill(&self, backfill: &Backfill) -> Vec<Warning> {
        let only = backfill.only.as_ref().and_then(|only| only.on(self.ask.flavor)).unwrap_or_default();
        let only = only.replace(['"', '`'], "").to_lowercase();
        let lost = backfill.set.iter().map(|(column, _)| column.as_str());
        let lost: Vec<_> =
            lost.filter(|column| !only.contains(&format!("{} is null", column.to_lowercase()))).collect();
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
        let mut said = upper.split(|c: char| !c.is_alphanumeric() && c != '_');
        if let Some(word) = said.find(|word| ["DROP", "TRUNCATE", "DELETE"].contains(word)) {
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
