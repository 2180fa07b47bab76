//! The rules, one function for each kind of action.

use super::{
    code::{
        BREAKS_OLD_INSERTS, CHECK_OVER_ROWS, CONVERTS_VALUES, DROPS_COLUMN, DROPS_TABLE, ENUM_VALUE_REMOVED,
        INDEX_BLOCKS_WRITES, IRREVERSIBLE, NARROWS_TYPE, NOT_NULL_OVER_NULLS, NOT_NULL_WITHOUT_DEFAULT, ORPHANS,
        OVERWRITES_VALUES, RENAMES, REWRITES_TABLE, SCANS, SQL_DESTROYS, TYPE_CHANGE, UNIQUE_OVER_DUPLICATES,
        UNKNOWN_AFTER_CRASH,
    },
    count::Ask,
    kind::{Change, change},
};
use crate::schema::{
    Action, Backfill, Check, Column, Flavor, IndexDef, Kind, Part, Picture, Reference, Risk, Sql, Table, Warning,
    Words, ddl,
};

/// The table's name in a picture.
pub(super) fn key(table: &Table) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.clone(),
    }
}

pub(super) fn judge(action: &Action, have: &Picture, flavor: Flavor) -> Vec<Warning> {
    let dropped = if let Action::DropTable(table) = action { Some(key(table)) } else { None };
    let name = dropped.as_deref().or(action.table()).unwrap_or_default();
    let judge = Judge { ask: Ask { flavor, table: name }, have };
    if let Action::Sql(sql) = action {
        return judge.sql(sql);
    }
    if !have.tables.contains_key(name) {
        return Vec::new();
    }
    match action {
        Action::DropTable(_) => {
            let mut warning = DROPS_TABLE.warn(format!("the rows of `{name}` are lost"));
            warning.count = Some(judge.ask.rows());
            vec![warning]
        }
        Action::DropColumn { column, .. } => judge.drop_column(column),
        Action::RenameTable { from, to } => {
            vec![RENAMES.warn(format!("a program of the last release still asks for `{from}`, which is `{to}` now"))]
        }
        Action::RenameColumn { table, from, to } => vec![
            RENAMES
                .warn(format!("a program of the last release still asks for `{table}`.`{from}`, which is `{to}` now")),
        ],
        Action::AddColumn { column, fill, .. } => judge.add_column(column, fill.as_ref()),
        Action::AlterColumn { from, to, using, fill, .. } => {
            judge.alter_column(from.as_ref(), to, using.as_ref(), fill.as_ref())
        }
        Action::AddIndex { index, .. } => judge.add_index(index),
        Action::AddForeignKey { key, .. } => judge.add_foreign_key(key),
        Action::AddCheck { check, .. } => judge.add_check(check),
        Action::SetKey { to, .. } => judge.set_key(to),
        Action::DropForeignKey { .. } | Action::DropCheck { .. } if flavor == Flavor::Sqlite => vec![judge.rebuilt()],
        Action::Backfill(backfill) => judge.backfill(backfill),
        _ => Vec::new(),
    }
}

struct Judge<'a> {
    ask: Ask<'a>,
    have: &'a Picture,
}

impl Judge<'_> {
    fn drop_column(&self, column: &Column) -> Vec<Warning> {
        let (table, name) = (self.ask.table, &column.name);
        let why =
            format!("the values of `{table}`.`{name}` are lost, and a program of the last release still reads them");
        let mut warning = DROPS_COLUMN.warn(why);
        warning.count = Some(self.ask.such(&format!("{} IS NOT NULL", self.ask.flavor.quoted(name))));
        let rewritten =
            || REWRITES_TABLE.warn(format!("SQLite writes every row of `{table}` anew; nobody else writes meanwhile"));
        std::iter::once(warning).chain(self.ask.is_sqlite().then(rewritten)).collect()
    }

    fn add_column(&self, column: &Column, fill: Option<&Words>) -> Vec<Warning> {
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

    fn alter_column(
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
        let there = self.have.tables.get(table).and_then(|table| table.column(name));
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
    fn values(&self, from: Option<&Column>, to: &Column, using: Option<&Words>) -> Option<Warning> {
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
                Some(Warning { risk: Risk::Destructive, ..CONVERTS_VALUES.warn(why) })
            }
        }
    }

    /// What the server does to change a type.
    fn cost_of_type(&self, from: Option<&Column>, to: &Column) -> Vec<Warning> {
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

    fn add_index(&self, index: &IndexDef) -> Vec<Warning> {
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

    fn add_foreign_key(&self, key: &Reference) -> Vec<Warning> {
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

    fn add_check(&self, check: &Check) -> Vec<Warning> {
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

    fn set_key(&self, to: &[String]) -> Vec<Warning> {
        let table = self.ask.table;
        let parts: Vec<_> = to.iter().cloned().map(Part::Column).collect();
        let mut duplicates =
            UNIQUE_OVER_DUPLICATES.warn(format!("two rows of `{table}` may have the same `{}`", to.join("`, `")));
        duplicates.count = self.ask.duplicates(&parts, None);
        let mut warnings = vec![duplicates];
        let there = self.have.tables.get(table);
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

    fn backfill(&self, backfill: &Backfill) -> Vec<Warning> {
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

    fn sql(&self, sql: &Sql) -> Vec<Warning> {
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

    fn rebuilt(&self) -> Warning {
        REWRITES_TABLE
            .warn(format!("SQLite makes `{}` anew and copies its rows; nobody else writes meanwhile", self.ask.table))
    }

    fn copied(&self) -> Warning {
        let why =
            format!("{} copies `{}` (ALGORITHM=COPY), and writes wait meanwhile", self.ask.flavor, self.ask.table);
        REWRITES_TABLE.warn(why)
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

/// A kind in a few words.
pub(crate) fn words(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Int8 => "a number of 8 bits".to_owned(),
        Kind::Int16 => "a number of 16 bits".to_owned(),
        Kind::Int32 => "a number of 32 bits".to_owned(),
        Kind::Int64 => "a number of 64 bits".to_owned(),
        Kind::UInt8 => "0 to 255".to_owned(),
        Kind::UInt16 => "0 to 65,535".to_owned(),
        Kind::UInt32 => "0 to 4,294,967,295".to_owned(),
        Kind::UInt64 => "a number from 0".to_owned(),
        Kind::Double => "a float".to_owned(),
        Kind::Decimal { precision, scale } => format!("a decimal of {precision} digits, {scale} after the point"),
        Kind::Text { max: Some(max) } => format!("{max} characters"),
        Kind::Text { max: None } => "text".to_owned(),
        Kind::Enum { .. } => "one of its values".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
        Kind::Json => "JSON".to_owned(),
        Kind::Uuid => "a UUID".to_owned(),
        Kind::Instant => "an instant".to_owned(),
        Kind::DateTime => "a date with a time".to_owned(),
        Kind::Date => "a date".to_owned(),
        Kind::Time => "a time of day".to_owned(),
    }
}
