//! What is to be known of a step on MongoDB before it runs. The codes are those of all servers, the reasons are its own.

use super::{
    convert::{Change, change},
    said,
    statements::{counting, orphans, parent},
    text,
    validator::Validator,
};
use crate::schema::{
    Action, Backfill, Column, IndexDef, Picture, Reference, Sql, Warning, Words,
    lint::{
        BREAKS_OLD_INSERTS, CONVERTS_VALUES, Code, DROPS_COLUMN, DROPS_TABLE, ENUM_VALUE_REMOVED, IRREVERSIBLE,
        NARROWS_TYPE, NOT_NULL_OVER_NULLS, NOT_NULL_WITHOUT_DEFAULT, ORPHANS, OVERWRITES_VALUES, RENAMES,
        REWRITES_TABLE, SQL_DESTROYS, UNIQUE_OVER_DUPLICATES, UNKNOWN_AFTER_CRASH, words,
    },
    picture::{ForeignKeyPicture, TablePicture},
};
use mongodb::bson::{Bson, Document, doc};

/// What is to be known of an action on a database that has this.
pub(super) fn judge(action: &Action, have: &Picture) -> Vec<Warning> {
    if let Action::Sql(sql) = action {
        return own(sql);
    }
    let dropped =
        if let Action::DropTable(table) = action { Some(super::super::schema::collection(table)) } else { None };
    let name = dropped.as_deref().or(action.table()).unwrap_or_default();
    let Some(live) = have.tables.get(name) else { return Vec::new() };
    let at = Place { name, live };
    match action {
        Action::DropTable(_) => {
            vec![at.counted(DROPS_TABLE, format!("the rows of `{name}` are lost"), Document::new())]
        }
        Action::DropColumn { column, .. } => vec![at.counted(
            DROPS_COLUMN,
            format!("the values of `{name}`.`{}` are lost, and a program of the last release still reads them", column.name),
            doc! { &*column.name: { "$ne": Bson::Null } },
        )],
        Action::RenameTable { from, to } => {
            vec![RENAMES.warn(format!("a program of the last release still asks for `{from}`, which is `{to}` now"))]
        }
        Action::RenameColumn { table, from, to } => vec![
            RENAMES.warn(format!("a program of the last release still asks for `{table}`.`{from}`, which is `{to}` now")),
            REWRITES_TABLE.warn(format!(
                "every row of `{table}` is written, and the indexes that name `{from}` are built anew: nothing is unique by them meanwhile"
            )),
        ],
        Action::AddColumn { column, fill, .. } => at.add_column(column, fill.as_ref()),
        Action::AlterColumn { from, to, using, fill, .. } => {
            at.alter_column(from.as_ref(), to, using.as_ref(), fill.as_ref())
        }
        Action::AddIndex { index, .. } => at.add_index(index),
        Action::AddForeignKey { key, .. } => vec![at.add_foreign_key(key)],
        Action::SetKey { to, .. } => at.set_key(to),
        Action::Backfill(backfill) => overwritten(backfill),
        _ => Vec::new(),
    }
}

struct Place<'a> {
    name: &'a str,
    live: &'a TablePicture,
}

impl Place<'_> {
    /// A warning that counts the rows that a filter finds.
    fn counted(&self, code: Code, why: String, filter: Document) -> Warning {
        let mut warning = code.warn(why);
        warning.count = Some(text::written(&counting(self.name, filter)));
        warning
    }

    fn add_column(&self, column: &Column, fill: Option<&Words>) -> Vec<Warning> {
        let (table, name) = (self.name, &*column.name);
        let mut warnings = Vec::new();
        // What is said in SQL is refused with the step, by name.
        let filled = fill.is_some_and(|fill| !matches!(said(fill), Ok(None)));
        if !filled && !column.nullable && column.default.is_none() {
            let why = format!("the rows of `{table}` have no value for `{name}`, which takes no null");
            warnings.push(self.counted(NOT_NULL_WITHOUT_DEFAULT, why, doc! { name: { "$exists": false } }));
        }
        if !column.nullable {
            let why = format!("a program of the last release does not write `{table}`.`{name}`, so its inserts fail");
            warnings.push(BREAKS_OLD_INSERTS.warn(why));
        }
        warnings
    }

    fn alter_column(
        &self,
        from: Option<&Column>,
        to: &Column,
        using: Option<&Words>,
        fill: Option<&Words>,
    ) -> Vec<Warning> {
        let (table, name) = (self.name, &*to.name);
        let mut warnings = Vec::new();
        if from.is_none() {
            warnings.push(IRREVERSIBLE.warn(format!("nobody says what `{table}`.`{name}` was before")));
        }
        warnings.extend(self.values(from, to, using));
        if warnings.iter().any(|warning| warning.code == CONVERTS_VALUES.name) {
            warnings.push(REWRITES_TABLE.warn(format!("every row of `{table}` is written")));
        }
        let was_nullable =
            self.live.column(name).map_or_else(|| from.is_none_or(|from| from.nullable), |it| it.nullable);
        if was_nullable && !to.nullable {
            if fill.is_none_or(|fill| matches!(said(fill), Ok(None))) {
                let why = format!("`{table}`.`{name}` may have nulls");
                warnings.push(self.counted(NOT_NULL_OVER_NULLS, why, doc! { name: Bson::Null }));
            }
            let why = format!("a program of the last release may still write null into `{table}`.`{name}`");
            warnings.push(BREAKS_OLD_INSERTS.warn(why));
        }
        warnings
    }

    /// What becomes of the values.
    fn values(&self, from: Option<&Column>, to: &Column, using: Option<&Words>) -> Option<Warning> {
        let (table, name) = (self.name, &*to.name);
        let unknown =
            || CONVERTS_VALUES.warn(format!("the values of `{table}`.`{name}` are made anew, and one may not be"));
        let Some(from) = from else { return Some(unknown()) };
        if using.is_some_and(|using| using.mongodb.is_some()) {
            return Some(unknown());
        }
        match change(name, &from.kind, &to.kind) {
            Change::Fits => None,
            Change::Narrows(cannot) => {
                let why = format!("a value of `{table}`.`{name}` may not fit into {}", words(&to.kind));
                Some(self.counted(NARROWS_TYPE, why, cannot))
            }
            Change::Removes(gone, cannot) => {
                let gone: Vec<_> = gone.iter().map(|variant| format!("`{variant}`")).collect();
                let why = format!("`{table}`.`{name}` may have {}, which goes", gone.join(" or "));
                Some(self.counted(ENUM_VALUE_REMOVED, why, cannot))
            }
            Change::Converts(_, cannot) => {
                let (old, new) = (words(&from.kind), words(&to.kind));
                let why = format!("the values of `{table}`.`{name}` are read as {new} that were {old}");
                Some(match cannot {
                    Some(cannot) => self.counted(CONVERTS_VALUES, why, cannot),
                    None => CONVERTS_VALUES.warn(why),
                })
            }
            Change::Unknown => Some(unknown()),
        }
    }

    fn add_index(&self, index: &IndexDef) -> Vec<Warning> {
        if !index.unique {
            return Vec::new();
        }
        let why = format!("two rows of `{}` may have the same values for `{}`", self.name, index.name);
        let mut warning = UNIQUE_OVER_DUPLICATES.warn(why);
        let only = index.only.as_ref().and_then(|only| said(only).ok().flatten());
        let only = only.and_then(|json| text::document(json).ok()).unwrap_or_default();
        let columns: Vec<&str> = index.parts.iter().filter_map(|part| part.column()).collect();
        warning.count = Some(text::written(&self.duplicates(&columns, only)));
        vec![warning]
    }

    /// How many rows are one too many. Those with a null among the values never collide.
    fn duplicates(&self, columns: &[&str], only: Document) -> Document {
        let set: Document = columns.iter().map(|name| ((*name).to_owned(), Bson::from(doc! { "$ne": null }))).collect();
        let each: Document =
            columns.iter().enumerate().map(|(at, name)| (format!("v{at}"), Bson::from(format!("${name}")))).collect();
        let pipeline = vec![
            doc! { "$match": { "$and": [set, only] } },
            doc! { "$group": { "_id": each, "n": { "$sum": 1 } } },
            doc! { "$group": { "_id": null, "n": { "$sum": { "$subtract": ["$n", 1] } } } },
            doc! { "$project": { "_id": 0, "n": 1 } },
        ];
        doc! { "aggregate": self.name, "pipeline": pipeline, "cursor": {} }
    }

    fn add_foreign_key(&self, key: &Reference) -> Warning {
        let mut warning = ORPHANS.warn(format!("a row of `{}` may have no parent in `{}`", self.name, key.parent));
        let picture = ForeignKeyPicture {
            columns: key.columns.clone(),
            parent: parent(self.name, &key.parent),
            parent_columns: key.parent_columns.clone(),
            ..ForeignKeyPicture::default()
        };
        warning.count = Some(text::written(&orphans(self.name, &picture)));
        warning
    }

    fn set_key(&self, to: &[String]) -> Vec<Warning> {
        let columns: Vec<&str> = to.iter().map(String::as_str).collect();
        let table = self.name;
        let mut duplicates =
            UNIQUE_OVER_DUPLICATES.warn(format!("two rows of `{table}` may have the same `{}`", to.join("`, `")));
        duplicates.count = Some(text::written(&self.duplicates(&columns, Document::new())));
        let mut warnings = vec![duplicates];
        let validator = Validator::of(self.live, table).unwrap_or_default();
        let nullable: Vec<&str> = columns.into_iter().filter(|column| validator.nullable(column)).collect();
        if !nullable.is_empty() {
            let why = format!("a key takes no null, and `{}` does", nullable.join("` and `"));
            let none: Vec<Document> = nullable.iter().map(|column| doc! { *column: Bson::Null }).collect();
            warnings.push(self.counted(NOT_NULL_OVER_NULLS, why, doc! { "$or": none }));
        }
        warnings
    }
}

fn overwritten(backfill: &Backfill) -> Vec<Warning> {
    let only = backfill.only.as_ref().and_then(|only| said(only).ok().flatten());
    let only = only.and_then(|json| text::document(json).ok()).unwrap_or_default();
    let lost = backfill.set.iter().map(|(column, _)| column.as_str());
    let lost: Vec<_> = lost.filter(|column| only.get(column) != Some(&Bson::Null)).collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let why = format!("what `{}` has in `{}` is written over", backfill.table, lost.join("`, `"));
    vec![OVERWRITES_VALUES.warn(why)]
}

fn own(sql: &Sql) -> Vec<Warning> {
    let Ok(Some(up)) = said(&sql.up) else { return Vec::new() };
    let mut warnings = Vec::new();
    let mut said_words = up.split(|c: char| !c.is_alphanumeric());
    if let Some(word) = said_words.find(|word| ["drop", "dropDatabase", "dropIndexes", "delete"].contains(word)) {
        warnings.push(SQL_DESTROYS.warn(format!("\"{}\" has the word {word}", sql.what)));
    }
    if sql.down.as_ref().is_none_or(|down| !matches!(said(down), Ok(Some(_)))) {
        warnings.push(IRREVERSIBLE.warn(format!("\"{}\" says no way back", sql.what)));
    }
    if sql.probe.as_ref().is_none_or(|probe| !matches!(said(probe), Ok(Some(_)))) {
        warnings
            .push(UNKNOWN_AFTER_CRASH.warn(format!("whether \"{}\" was done cannot be asked after a crash", sql.what)));
    }
    warnings
}
