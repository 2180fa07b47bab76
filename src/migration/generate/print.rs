//! Steps as the file of a migration.

use super::source::{check, column, index, names, number, reference, table, text, words};
use crate::{
    Result,
    schema::{Action, Backfill, Sql},
};

/// A step of the file, and the warnings that somebody must accept before it runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) action: Action,
    pub(super) unaccepted: Vec<(String, String)>,
}

/// The file of the migration of this name.
pub(super) fn file(name: &str, title: &str, lines: &[Line]) -> Result<String> {
    let mut steps = String::new();
    for line in lines {
        for (code, why) in &line.unaccepted {
            let stop = if why.ends_with(['.', '!', '?']) { "" } else { "." };
            steps += &format!("// {why}{stop} To accept it, say behind the step why that is no danger here:\n");
            steps += &format!("// .allow({}, \"why\")\n", text(code));
        }
        steps += &step(&line.action)?;
        steps += ",\n";
    }
    Ok(format!(
        "//! {title}\n\nuse seabed::migration::prelude::*;\n\nseabed::migration!({}, steps);\n\n\
         fn steps() -> Result<Vec<Step>> {{\nsteps![\n{steps}]\n}}\n",
        text(name)
    ))
}

/// A step in the words of its constructor.
pub(super) fn step(action: &Action) -> Result<String> {
    Ok(match action {
        Action::CreateTable(it) => format!("create_table({})", table(it)?),
        Action::DropTable(it) => format!("drop_table({})", table(it)?),
        Action::RenameTable { from, to } => format!("rename_table({}, {})", text(from), text(to)),
        Action::AddColumn { table, column: it, fill } => {
            format!("add_column({}, {}){}", text(table), column(it)?, said("fill", fill.as_ref()))
        }
        Action::DropColumn { table, column: it } => format!("drop_column({}, {})", text(table), column(it)?),
        Action::RenameColumn { table, from, to } => {
            format!("rename_column({}, {}, {})", text(table), text(from), text(to))
        }
        Action::AlterColumn { table, from, to, using, fill } => {
            let more = said("using", using.as_ref()) + &said("fill", fill.as_ref());
            let from = from.as_ref().map_or_else(|| Ok("None".to_owned()), column)?;
            format!("alter_column({}, {from}, {}){more}", text(table), column(to)?)
        }
        Action::AddIndex { table, index: it } => format!("add_index({}, {})", text(table), index(table, it)),
        Action::DropIndex { table, index: it } => format!("drop_index({}, {})", text(table), index(table, it)),
        Action::RenameIndex { table, from, to } => {
            format!("rename_index({}, {}, {})", text(table), text(from), text(to))
        }
        Action::AddForeignKey { table, key } => {
            format!("add_foreign_key({}, {})", text(table), reference(table, key))
        }
        Action::DropForeignKey { table, key } => {
            format!("drop_foreign_key({}, {})", text(table), reference(table, key))
        }
        Action::AddCheck { table, check: it } => format!("add_check({}, {})", text(table), check(table, it)),
        Action::DropCheck { table, check: it } => format!("drop_check({}, {})", text(table), check(table, it)),
        Action::SetKey { table, from, to } => format!("set_key({}, {}, {})", text(table), names(from), names(to)),
        Action::SetComment { table, column: it, from, to } => {
            let texts =
                [from, to].map(|it| it.as_ref().map_or_else(|| "None".to_owned(), |it| format!("Some({})", text(it))));
            match it {
                Some(it) => format!("comment_column({}, {}, {})", text(table), column(it)?, texts.join(", ")),
                None => format!("comment_table({}, {})", text(table), texts.join(", ")),
            }
        }
        Action::Sql(it) => sql(it),
        Action::Backfill(it) => backfill(it),
    })
}

fn said(word: &str, it: Option<&crate::schema::Words>) -> String {
    it.map(|it| format!(".{word}({})", words(it))).unwrap_or_default()
}

fn sql(it: &Sql) -> String {
    let alone = if it.alone { ".alone()" } else { "" };
    let (down, probe) = (said("down", it.down.as_ref()), said("probe", it.probe.as_ref()));
    format!("sql({}).up({}){down}{probe}{alone}", text(&it.what), words(&it.up))
}

fn backfill(it: &Backfill) -> String {
    let set: String = it.set.iter().map(|(name, to)| format!(".set({}, {})", text(name), words(to))).collect();
    let batch = if it.batch == 1_000 { String::new() } else { format!(".batch({})", number(it.batch)) };
    format!("backfill({}){set}{}{batch}", text(&it.table), said("only", it.only.as_ref()))
}
