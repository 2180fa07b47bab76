//! The rules, one function for each kind of action.

mod column;
mod own;
mod structure;

use crate::schema::{
    Action, Flavor, Picture, Table, Warning,
    lint::{
        code::{DROPS_TABLE, RENAMES, REWRITES_TABLE},
        count::Ask,
    },
    picture::TablePicture,
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
    if judge.live().is_none() {
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
    /// The table as it is. On SQLite a point is a part of its name.
    fn live(&self) -> Option<&TablePicture> {
        let name = self.ask.table;
        if self.ask.is_sqlite() { self.have.tables.get(name) } else { self.have.table(name) }
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
