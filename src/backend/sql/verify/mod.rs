//! A look at a live server: which laws its settings and its tables break, and what would mend each. Nothing is changed.
//!
//! What is there is read by the deploy's inspection, with some questions for all tables; `live` takes out of its picture what the
//! laws ask of a table ([`Live`]), and `compare` holds that against what our DDL declares. What truly differs between the servers
//! stands in files of the same shape: `settings`, `reported`, `wrong_collation`.

mod compare;
mod constraints;
mod live;
mod mysql;
mod postgres;
mod sqlite;
mod tokens;

use super::{
    checkout::Checkout,
    deploy::inspect::{Ask, Row},
    statement::Statement,
};
use crate::{
    Result,
    backend::Finding,
    schema::{Flavor, Kind, Table},
};
use sea_orm::Value;
use std::sync::Arc;
use tokens::Token;

/// What is broken; empty where all is well.
pub(super) async fn verify(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
    let flavor = checkout.flavor();
    let mut findings = match flavor {
        Flavor::Sqlite => sqlite::settings(checkout).await?,
        Flavor::Postgres => {
            let settings = postgres::settings(checkout).await?;
            // What an old server does not know cannot be asked of it.
            if settings.iter().any(|finding| finding.why.contains("older than")) {
                return Ok(settings);
            }
            settings
        }
        Flavor::MySql | Flavor::MariaDb => mysql::settings(checkout).await?,
    };
    let live = live::read(checkout, tables).await?;
    for (table, live) in tables.iter().zip(&live) {
        findings.extend(compare::table(table, live.as_ref(), flavor)?);
    }
    Ok(findings)
}

/// A table as it is.
#[derive(Clone, Debug, Default)]
struct Live {
    /// What makes it no proper table: a view, another storage engine. With the law and what would mend it.
    odd: Option<Odd>,
    columns: Vec<LiveColumn>,
    /// The columns of the primary key, and the name of its constraint.
    key: Vec<String>,
    key_name: Option<String>,
    indexes: Vec<LiveIndex>,
    foreign_keys: Vec<LiveForeignKey>,
    checks: Vec<LiveCheck>,
    /// Statements of the objects that a rebuild must make again (SQLite).
    objects: Vec<String>,
}

#[derive(Clone, Debug)]
struct Odd {
    law: &'static str,
    why: String,
    mend: Option<String>,
}

#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a server tells of a column")]
struct LiveColumn {
    name: String,
    /// The type, in the server's words.
    declared: String,
    nullable: bool,
    /// Whether a row that does not name it gets a value.
    filled: bool,
    /// Whether its values are computed, and cannot be written.
    generated: bool,
    /// What the server makes of its values by itself at each change.
    touched: bool,
    auto: Auto,
    collation: Option<String>,
}

/// Whether the database makes the values of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Auto {
    #[default]
    No,
    /// It does, and takes those that it is given.
    Yes,
    /// It does, and refuses those that it is given.
    Always,
}

#[derive(Clone, Debug, Default)]
struct LiveIndex {
    name: String,
    /// The columns; `None` for an expression or a part of a column.
    columns: Vec<Option<String>>,
    unique: bool,
    /// Why it does not do what a unique index is to do, where it is one.
    flaw: Option<&'static str>,
    /// Whether it belongs to a constraint of the table.
    constraint: bool,
}

#[derive(Clone, Debug, Default)]
struct LiveForeignKey {
    name: String,
    columns: Vec<String>,
    /// The parent's name, with a schema where it is in another than the child.
    parent: String,
    parent_columns: Vec<String>,
    /// In capitals, such as `SET NULL`.
    on_delete: String,
    flaw: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
struct LiveCheck {
    name: String,
    condition: Vec<Token>,
    /// Whether the server looks at it.
    enforced: bool,
}

/// The cells of a row, as text.
type Cells = Vec<Option<String>>;

/// Every row of a question whose columns are all text.
async fn ask<const N: usize>(checkout: &mut Checkout, statement: Statement) -> Result<Vec<Cells>> {
    let text = Kind::Text { max: None };
    let rows = checkout.ask(statement, &[&text; N]).await?;
    let cell = |value: Value| match value {
        Value::String(text) => text,
        _ => None,
    };
    Ok(rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect())
}

impl Ask for Checkout {
    fn flavor(&self) -> Flavor {
        Self::flavor(self)
    }

    async fn ask<const N: usize>(&mut self, sql: &str) -> Result<Vec<Row>> {
        let question = Statement::new(Self::flavor(self), sql);
        Ok(ask::<N>(self, question).await?.into_iter().map(Row).collect())
    }
}

/// The cell at a position, empty where it is null.
fn cell(cells: &Cells, at: usize) -> &str {
    cells.get(at).and_then(Option::as_deref).unwrap_or_default()
}

/// A setting, and what it must be.
struct Setting {
    name: &'static str,
    law: &'static str,
    fits: fn(&str) -> bool,
    why: &'static str,
    mend: Option<&'static str>,
}

/// What is wrong with the settings; `found` are their values, in the order of the list.
fn judged(settings: &[Setting], found: &Cells) -> Vec<Finding> {
    let wrong = settings.iter().zip(found).filter_map(|(setting, value)| {
        let value = value.as_deref()?;
        (!(setting.fits)(value)).then(|| {
            let finding = Finding::new(setting.law, format!("{} is `{value}`: {}", setting.name, setting.why));
            setting.mend.iter().fold(finding, |finding, mend| finding.mend(*mend))
        })
    });
    wrong.collect()
}

/// The first numbers of a version, such as 10.11 of `10.11.19-MariaDB-0+deb12u1`.
fn version(text: &str) -> (u32, u32, u32) {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers() {
        assert_eq!(version("10.11.19-MariaDB-0+deb12u1"), (10, 11, 19));
        assert_eq!(version("15.18 (Debian 15.18-0+deb12u1)"), (15, 18, 0));
        assert_eq!(version("8.0.36"), (8, 0, 36));
    }

    #[test]
    fn a_setting_that_does_not_fit_is_told_with_its_law() {
        const SETTINGS: [Setting; 2] = [
            Setting { name: "encoding", law: "V2", fits: |it| it == "UTF8", why: "text is lost", mend: None },
            Setting { name: "mode", law: "T1", fits: |it| it == "on", why: "late", mend: Some("SET mode = on") },
        ];
        let found = judged(&SETTINGS, &vec![Some("LATIN1".into()), Some("off".into())]);
        assert_eq!(found[0], Finding::new("V2", "encoding is `LATIN1`: text is lost"));
        assert_eq!(found[1].mend.as_deref(), Some("SET mode = on"));
        assert!(judged(&SETTINGS, &vec![Some("UTF8".into()), None]).is_empty(), "what a server lacks breaks nothing");
    }
}
