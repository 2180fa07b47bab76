//! An action in a line, and what it adds, takes away and changes in lines below.

use super::{text::Style, words};
use crate::schema::{Action, Column, Kind, Table};

/// Whether something comes, goes or becomes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Added,
    Removed,
    Changed,
}

impl Mark {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "-",
            Self::Changed => "~",
        }
    }

    pub(super) fn style(self) -> Style {
        match self {
            Self::Added => Style::Added,
            Self::Removed => Style::Removed,
            Self::Changed => Style::Changed,
        }
    }
}

/// What is shown of an action.
pub(super) struct Shown {
    pub(super) mark: Mark,
    pub(super) title: String,
    pub(super) parts: Vec<(Mark, String)>,
}

pub(super) fn shown(action: &Action) -> Shown {
    use Mark::{Added, Changed, Removed};
    let one = |mark, title: String| Shown { mark, title, parts: Vec::new() };
    match action {
        Action::CreateTable(table) => {
            Shown { mark: Added, title: format!("table {}", words::table(table)), parts: parts(table, Added) }
        }
        Action::DropTable(table) => {
            Shown { mark: Removed, title: format!("table {}", words::table(table)), parts: parts(table, Removed) }
        }
        Action::RenameTable { from, to } => one(Changed, format!("table {from} → {to}")),
        Action::AddColumn { column, fill, .. } => {
            let filled = fill.as_ref().map(|fill| format!("; rows that are there get {}", words::any(fill)));
            one(Added, format!("column {}: {}{}", column.name, words::column(column), filled.unwrap_or_default()))
        }
        Action::DropColumn { column, .. } => one(Removed, format!("column {}: {}", column.name, words::column(column))),
        Action::RenameColumn { from, to, .. } => one(Changed, format!("column {from} → {to}")),
        Action::AlterColumn { from, to, using, fill, .. } => {
            let mut shown = altered(from.as_ref(), to);
            shown
                .parts
                .extend(using.iter().map(|using| (Changed, format!("each value becomes {}", words::any(using)))));
            shown.parts.extend(fill.iter().map(|fill| (Changed, format!("null becomes {}", words::any(fill)))));
            shown
        }
        Action::AddIndex { index, .. } => one(Added, indexed(index)),
        Action::DropIndex { index, .. } => one(Removed, indexed(index)),
        Action::RenameIndex { from, to, .. } => one(Changed, format!("index {from} → {to}")),
        Action::AddForeignKey { key, .. } => one(Added, format!("reference {} {}", key.name, words::reference(key))),
        Action::DropForeignKey { key, .. } => one(Removed, format!("reference {} {}", key.name, words::reference(key))),
        Action::AddCheck { check, .. } => {
            one(Added, format!("check {} ({})", check.name, words::any(&check.condition)))
        }
        Action::DropCheck { check, .. } => {
            one(Removed, format!("check {} ({})", check.name, words::any(&check.condition)))
        }
        Action::SetKey { from, to, .. } => one(Changed, format!("key ({}) → ({})", from.join(", "), to.join(", "))),
        Action::SetComment { column, from, to, .. } => {
            let of = column.as_ref().map_or_else(|| "comment".to_owned(), |it| format!("comment of {}", it.name));
            let quoted = |text: &Option<String>| text.as_ref().map_or("none".to_owned(), |text| format!("\"{text}\""));
            one(Changed, format!("{of}: {} → {}", quoted(from), quoted(to)))
        }
        Action::Sql(sql) => one(Changed, format!("statement: {}", sql.what)),
        Action::Backfill(backfill) => Shown {
            mark: Changed,
            title: match &backfill.only {
                Some(only) => format!("rows where {}, {} at a time", words::any(only), backfill.batch),
                None => format!("all rows, {} at a time", backfill.batch),
            },
            parts: backfill
                .set
                .iter()
                .map(|(column, value)| (Changed, format!("{column} = {}", words::any(value))))
                .collect(),
        },
    }
}

fn indexed(index: &crate::schema::IndexDef) -> String {
    let unique = if index.unique { "unique " } else { "" };
    format!("{unique}index {} {}", index.name, words::index(index))
}

/// The columns, keys and references of a whole table.
fn parts(table: &Table, mark: Mark) -> Vec<(Mark, String)> {
    let wide = table.columns.iter().map(|column| column.name.chars().count()).max().unwrap_or_default();
    let mut parts: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| {
            let key = if table.key.contains(&position) { ", key" } else { "" };
            format!("{:wide$}  {}{key}", column.name, words::column(column))
        })
        .collect();
    parts.extend(table.indexes.iter().map(|index| {
        let unique = if index.unique { "unique" } else { "index" };
        format!("{unique} ({})", table.names(&index.columns).join(", "))
    }));
    parts.extend(table.extra.indexes.iter().map(|index| {
        let unique = if index.unique { "unique" } else { "index" };
        format!("{unique} {}", words::index(index))
    }));
    parts.extend(table.foreign_keys.iter().map(|key| {
        words::pointed(
            &table.names(&key.columns).join(", "),
            &key.parent,
            &key.parent_columns.join(", "),
            key.on_delete,
        )
    }));
    parts.extend(table.extra.checks.iter().map(|check| format!("check ({})", words::any(&check.condition))));
    parts.into_iter().map(|part| (mark, part)).collect()
}

fn altered(from: Option<&Column>, to: &Column) -> Shown {
    let Some(from) = from else {
        let title = format!("column {}: … → {}", to.name, words::column(to));
        return Shown { mark: Mark::Changed, title, parts: Vec::new() };
    };
    if let (Kind::Enum { variants: old }, Kind::Enum { variants: new }) = (&from.kind, &to.kind)
        && (from.nullable, from.auto_increment) == (to.nullable, to.auto_increment)
    {
        let gone = old.iter().filter(|it| !new.contains(it)).map(|it| (Mark::Removed, format!("'{it}'")));
        let came = new.iter().filter(|it| !old.contains(it)).map(|it| (Mark::Added, format!("'{it}'")));
        let title = format!("column {}: other values", to.name);
        return Shown { mark: Mark::Changed, title, parts: gone.chain(came).collect() };
    }
    let title = format!("column {}: {} → {}", to.name, words::column(from), words::column(to));
    Shown { mark: Mark::Changed, title, parts: Vec::new() }
}
