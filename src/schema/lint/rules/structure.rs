//! Indexes, references, checks and keys over rows that are there.

use super::Judge;
use crate::schema::{
    Check, Flavor, IndexDef, Part, Reference, Warning,
    lint::code::{CHECK_OVER_ROWS, INDEX_BLOCKS_WRITES, NOT_NULL_OVER_NULLS, ORPHANS, SCANS, UNIQUE_OVER_DUPLICATES},
};

impl Judge<'_> {
    pub(super) fn add_index(&self, index: &IndexDef) -> Vec<Warning> {
        let table = self.ask.table;
        let mut warnings = Vec::new();
        if index.unique {
            let why = format!("two rows of `{table}` may have the same values for `{}`", index.name);
            let mut warning = UNIQUE_OVER_DUPLICATES.warn(why);
            warning.count = self.ask.duplicates(&index.parts, index.only.as_ref());
            warnings.push(warning);
        }
        if self.ask.is_postgres() {
            let why = format!("writes of `{table}` wait until `{}` is built", index.name);
            let mut warning = INDEX_BLOCKS_WRITES.warn(why);
            let unique = if index.unique { "UNIQUE " } else { "" };
            warning.safer = Some(format!(
                "a step of your own: CREATE {unique}INDEX CONCURRENTLY {} ON …",
                self.ask.flavor.quoted(&index.name)
            ));
            warnings.push(warning);
        }
        warnings
    }

    pub(super) fn add_foreign_key(&self, key: &Reference) -> Vec<Warning> {
        let table = self.ask.table;
        // The rows of a child whose parent is only made now have no parent, unless they have nulls.
        let mut warning = ORPHANS.warn(format!("a row of `{table}` may have no parent in `{}`", key.parent));
        warning.count = Some(self.ask.orphans(key));
        let mut warnings = vec![warning];
        match self.ask.flavor {
            Flavor::Postgres => warnings
                .push(SCANS.warn(format!("all of `{table}` is read while writes of it and of `{}` wait", key.parent))),
            Flavor::Sqlite => warnings.push(self.rebuilt()),
            Flavor::MySql | Flavor::MariaDb => warnings.push(self.copied()),
        }
        warnings
    }

    pub(super) fn add_check(&self, check: &Check) -> Vec<Warning> {
        let table = self.ask.table;
        let Some(condition) = check.condition.on(self.ask.flavor) else { return Vec::new() };
        let mut warning = CHECK_OVER_ROWS.warn(format!("a row of `{table}` may break `{}`", check.name));
        warning.count = Some(self.ask.such(&format!("NOT ({condition})")));
        let mut warnings = vec![warning];
        match self.ask.flavor {
            Flavor::Postgres => {
                warnings.push(SCANS.warn(format!("all of `{table}` is read while nobody else may use it")));
            }
            Flavor::Sqlite => warnings.push(self.rebuilt()),
            Flavor::MySql | Flavor::MariaDb => warnings.push(self.copied()),
        }
        warnings
    }

    pub(super) fn set_key(&self, to: &[String]) -> Vec<Warning> {
        let table = self.ask.table;
        let parts: Vec<_> = to.iter().cloned().map(Part::Column).collect();
        let mut duplicates =
            UNIQUE_OVER_DUPLICATES.warn(format!("two rows of `{table}` may have the same `{}`", to.join("`, `")));
        duplicates.count = self.ask.duplicates(&parts, None);
        let mut warnings = vec![duplicates];
        let there = self.live();
        let nullable = |column: &&String| there.and_then(|it| it.column(column)).is_some_and(|column| column.nullable);
        let nullable: Vec<_> = to.iter().filter(nullable).map(|column| self.ask.flavor.quoted(column)).collect();
        if !nullable.is_empty() {
            let mut nulls =
                NOT_NULL_OVER_NULLS.warn(format!("a key takes no null, and {} does", nullable.join(" and ")));
            let conditions: Vec<_> = nullable.iter().map(|column| format!("{column} IS NULL")).collect();
            nulls.count = Some(self.ask.such(&conditions.join(" OR ")));
            warnings.push(nulls);
        }
        warnings.push(match self.ask.flavor {
            Flavor::Sqlite => self.rebuilt(),
            Flavor::Postgres => {
                SCANS.warn(format!("the key's index is built over all of `{table}` while nobody else may use it"))
            }
            Flavor::MySql | Flavor::MariaDb => self.copied(),
        });
        warnings
    }
}
