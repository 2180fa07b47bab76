//! Columns that go, come and change.

use super::Judge;
use crate::schema::{
    Column, Flavor, Kind, Risk, Warning, Words, ddl,
    lint::{
        code::{
            BREAKS_OLD_INSERTS, CONVERTS_VALUES, DROPS_COLUMN, ENUM_VALUE_REMOVED, IRREVERSIBLE, NARROWS_TYPE,
            NOT_NULL_OVER_NULLS, NOT_NULL_WITHOUT_DEFAULT, REWRITES_TABLE, SCANS, TYPE_CHANGE,
        },
        kind::{Change, change},
        words::words,
    },
};

impl Judge<'_> {
    pub(super) fn drop_column(&self, column: &Column) -> Vec<Warning> {
        let (table, name) = (self.ask.table, &column.name);
        let why =
            format!("the values of `{table}`.`{name}` are lost, and a program of the last release still reads them");
        let mut warning = DROPS_COLUMN.warn(why);
        warning.count = Some(self.ask.such(&format!("{} IS NOT NULL", self.ask.flavor.quoted(name))));
        let rewritten =
            || REWRITES_TABLE.warn(format!("SQLite writes every row of `{table}` anew; nobody else writes meanwhile"));
        std::iter::once(warning).chain(self.ask.is_sqlite().then(rewritten)).collect()
    }

    pub(super) fn add_column(&self, column: &Column, fill: Option<&Words>) -> Vec<Warning> {
        let (table, name) = (self.ask.table, &column.name);
        if column.nullable {
            return Vec::new();
        }
        let mut warnings = Vec::new();
        let filled = fill.is_some_and(|fill| fill.on(self.ask.flavor).is_some());
        if !filled && column.default.is_none() && !column.auto_increment {
            let mut warning = NOT_NULL_WITHOUT_DEFAULT
                .warn(format!("the rows of `{table}` have no value for `{name}`, which takes no null"));
            warning.count = Some(self.ask.rows());
            warnings.push(warning);
        }
        let why = format!("a program of the last release does not write `{table}`.`{name}`, so its inserts fail");
        warnings.push(BREAKS_OLD_INSERTS.warn(why));
        warnings
    }

    pub(super) fn alter_column(
        &self,
        from: Option<&Column>,
        to: &Column,
        using: Option<&Words>,
        fill: Option<&Words>,
    ) -> Vec<Warning> {
        let (table, name, flavor) = (self.ask.table, &to.name, self.ask.flavor);
        let mut warnings = Vec::new();
        if from.is_none() {
            warnings.push(IRREVERSIBLE.warn(format!("nobody says what `{table}`.`{name}` was before")));
        }
        let retyped = from.is_none_or(|from| from.kind != to.kind || from.extra.native != to.extra.native);
        if retyped {
            warnings.extend(self.values(from, to, using));
            warnings.extend(self.cost_of_type(from, to));
        }
        let there = self.live().and_then(|table| table.column(name));
        let was_nullable = there.map_or_else(|| from.is_none_or(|from| from.nullable), |there| there.nullable);
        if was_nullable && !to.nullable {
            if fill.is_none_or(|fill| fill.on(flavor).is_none()) {
                let mut warning = NOT_NULL_OVER_NULLS.warn(format!("`{table}`.`{name}` may have nulls"));
                warning.count = Some(self.ask.nulls(name));
                warnings.push(warning);
            }
            let why = format!("a program of the last release may still write null into `{table}`.`{name}`");
            warnings.push(BREAKS_OLD_INSERTS.warn(why));
            if flavor == Flavor::Postgres {
                warnings.push(SCANS.warn(format!("SET NOT NULL reads all of `{table}` while nobody else may use it")));
            }
        }
        if flavor == Flavor::Sqlite {
            warnings.push(self.rebuilt());
        }
        warnings
    }

    /// What becomes of the values.
    pub(super) fn values(&self, from: Option<&Column>, to: &Column, using: Option<&Words>) -> Option<Warning> {
        let (table, name) = (self.ask.table, &to.name);
        let unknown =
            || CONVERTS_VALUES.warn(format!("the values of `{table}`.`{name}` are made anew, and one may not be"));
        let Some(from) = from else { return Some(unknown()) };
        if using.is_some_and(|using| using.on(self.ask.flavor).is_some()) || from.extra.native != to.extra.native {
            return Some(unknown());
        }
        let counted = |mut warning: Warning, condition: Option<String>| {
            warning.count = condition.map(|condition| self.ask.such(&condition));
            Some(warning)
        };
        match change(&self.ask, name, &from.kind, &to.kind) {
            Change::Fits => None,
            Change::Narrows(condition) => {
                let why = format!("a value of `{table}`.`{name}` may not fit into {}", words(&to.kind));
                counted(NARROWS_TYPE.warn(why), Some(condition))
            }
            Change::Removes(gone, condition) => {
                let gone: Vec<_> = gone.iter().map(|variant| format!("`{variant}`")).collect();
                let why = format!("`{table}`.`{name}` may have {}, which goes", gone.join(" or "));
                counted(ENUM_VALUE_REMOVED.warn(why), Some(condition))
            }
            Change::Converts(condition) => {
                let why = format!(
                    "the values of `{table}`.`{name}` are read as {} that were {}",
                    words(&to.kind),
                    words(&from.kind)
                );
                counted(CONVERTS_VALUES.warn(why), condition)
            }
            Change::Cuts => {
                let why = format!(
                    "of the values of `{table}`.`{name}`, {}, only what {} holds is kept",
                    words(&from.kind),
                    words(&to.kind)
                );
                let count = Some(self.ask.such(&format!("{} IS NOT NULL", self.ask.flavor.quoted(name))));
                Some(Warning { risk: Risk::Destructive, count, ..CONVERTS_VALUES.warn(why) })
            }
        }
    }

    /// What the server does to change a type.
    pub(super) fn cost_of_type(&self, from: Option<&Column>, to: &Column) -> Vec<Warning> {
        let (table, name) = (self.ask.table, &to.name);
        match self.ask.flavor {
            Flavor::Sqlite => Vec::new(),
            Flavor::Postgres => {
                let same = from.is_some_and(|from| {
                    native(from, to).is_none()
                        && ddl::declared(&from.kind, Flavor::Postgres) == ddl::declared(&to.kind, Flavor::Postgres)
                });
                if same {
                    let why = format!("what `{name}` may hold is a check, for which all of `{table}` is read");
                    return vec![SCANS.warn(why)];
                }
                let why = format!(
                    "connections that are open have statements that were prepared for the old type of `{table}`.`{name}`"
                );
                let mut warnings = vec![TYPE_CHANGE.warn(why)];
                if !from.is_some_and(|from| native(from, to).is_none() && keeps_rows(&from.kind, &to.kind)) {
                    warnings.push(REWRITES_TABLE.warn(format!("PostgreSQL writes `{table}` anew, with its indexes")));
                }
                warnings
            }
            Flavor::MySql | Flavor::MariaDb => {
                let instant =
                    from.is_some_and(|from| same_length_class(&from.kind, &to.kind) && native(from, to).is_none());
                if instant {
                    return Vec::new();
                }
                vec![REWRITES_TABLE.warn(format!("{} copies `{table}`, and writes wait meanwhile", self.ask.flavor))]
            }
        }
    }
}

/// The type of the server's own that one of them has.
fn native<'a>(from: &'a Column, to: &'a Column) -> Option<&'a Words> {
    from.extra.native.as_ref().or(to.extra.native.as_ref())
}

/// Whether PostgreSQL keeps the rows as they are (its own list: a longer `varchar`, a `numeric` with more digits before the point).
fn keeps_rows(from: &Kind, to: &Kind) -> bool {
    match (from, to) {
        (Kind::Text { max: Some(from) }, Kind::Text { max: Some(to) }) => from <= to,
        (Kind::Text { .. } | Kind::Enum { .. }, Kind::Text { max: None }) => true,
        (Kind::Enum { .. }, Kind::Text { max: Some(to) }) => longest(from) <= Some(*to as usize),
        (Kind::Decimal { precision: p, scale: s }, Kind::Decimal { precision, scale }) => s == scale && p <= precision,
        (Kind::Enum { .. }, Kind::Enum { .. }) => longest(from) <= longest(to),
        _ => false,
    }
}

/// Whether MySQL and MariaDB only change what they note: a longer `varchar` whose length takes as many bytes as before.
fn same_length_class(from: &Kind, to: &Kind) -> bool {
    let bytes = |max: u32| if max * 4 < 256 { 1 } else { 2 };
    match (from, to) {
        (Kind::Text { max: Some(from) }, Kind::Text { max: Some(to) }) => from <= to && bytes(*from) == bytes(*to),
        _ => false,
    }
}

fn longest(kind: &Kind) -> Option<usize> {
    match kind {
        Kind::Enum { variants } => {
            Some(variants.iter().map(|variant| variant.chars().count()).max().unwrap_or(1).max(1))
        }
        _ => None,
    }
}
