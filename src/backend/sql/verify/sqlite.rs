//! What a SQLite file has: its pragmas as tables, and the text of each `CREATE TABLE`, where it keeps what no pragma tells.

use super::{
    Auto, Live, LiveCheck, LiveColumn, LiveForeignKey, LiveIndex, Odd, Setting, ask, cell, judged, of,
    tokens::{Token, between, parts, tokens},
    version, yes,
};
use crate::{
    Result,
    backend::{Finding, sql::checkout::Checkout, sql::statement::Statement},
    schema::{Flavor, Table},
};
use sea_orm::Value;
use std::sync::Arc;

const SETTINGS: [Setting; 4] = [
    Setting {
        name: "foreign_keys",
        law: "W2",
        fits: |it| it == "1",
        why: "children without a parent are taken",
        mend: None,
    },
    Setting {
        name: "ignore_check_constraints",
        law: "V10",
        fits: |it| it == "0",
        why: "a column takes any value",
        mend: None,
    },
    Setting {
        name: "encoding",
        law: "V3",
        fits: |it| it == "UTF-8",
        why: "text is ordered by its bytes, which are not those of UTF-8; the file has to be made anew",
        mend: None,
    },
    Setting {
        name: "journal_mode",
        law: "T4",
        fits: |it| it.eq_ignore_ascii_case("wal") || it.eq_ignore_ascii_case("memory"),
        why: "readers and the writer shut each other out",
        mend: Some("PRAGMA journal_mode = WAL"),
    },
];

/// What the settings of the file and of our sessions break.
pub(super) async fn settings(checkout: &mut Checkout) -> Result<Vec<Finding>> {
    let question = Statement::new(
        Flavor::Sqlite,
        "SELECT CAST((SELECT foreign_keys FROM pragma_foreign_keys) AS TEXT), \
         CAST((SELECT ignore_check_constraints FROM pragma_ignore_check_constraints) AS TEXT), \
         (SELECT encoding FROM pragma_encoding), (SELECT journal_mode FROM pragma_journal_mode), sqlite_version()",
    );
    let row = ask::<5>(checkout, question).await?.pop().unwrap_or_default();
    let mut findings = judged(&SETTINGS, &row);
    if version(cell(&row, 4)) < (3, 38, 0) {
        let why = format!("SQLite {} is older than 3.38, which is the first with JSON built in", cell(&row, 4));
        findings.push(Finding::new("V9", why));
    }
    Ok(findings)
}

/// The tables as they are.
pub(super) async fn read(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Option<Live>>> {
    let mut live = vec![None; tables.len()];
    let mut said: Vec<Vec<LiveColumn>> = vec![Vec::new(); tables.len()];
    if tables.is_empty() {
        return Ok(live);
    }
    let wanted = "SELECT CAST(w.at AS TEXT), m.type, m.sql, m.name FROM wanted w \
                  JOIN sqlite_master m ON m.name = w.name COLLATE NOCASE AND m.type IN ('table', 'view')";
    for row in ask::<4>(checkout, question(tables, wanted)).await? {
        let Some(at) = cell(&row, 0).parse::<usize>().ok().filter(|at| *at < tables.len()) else { continue };
        let mut table = Live::default();
        if cell(&row, 1) != "table" {
            table.odd = Some(Odd { law: "W1", why: "it is a view, not a table".to_owned(), mend: None });
        }
        said[at] = text(&mut table, cell(&row, 2));
        live[at] = Some(table);
    }
    let columns = "SELECT CAST(w.at AS TEXT), p.name, p.type, CAST(p.\"notnull\" AS TEXT), \
                   CAST(p.dflt_value IS NOT NULL AS TEXT), CAST(p.pk AS TEXT), CAST(p.hidden AS TEXT) \
                   FROM wanted w JOIN pragma_table_xinfo(w.name) p ORDER BY w.at, p.cid";
    let mut keys: Vec<Vec<(u32, String)>> = vec![Vec::new(); tables.len()];
    for row in ask::<7>(checkout, question(tables, columns)).await? {
        let Some(at) = cell(&row, 0).parse::<usize>().ok().filter(|at| *at < tables.len()) else { continue };
        let place = cell(&row, 5).parse::<u32>().unwrap_or(0);
        if place > 0 {
            keys[at].push((place, cell(&row, 1).to_owned()));
        }
        let Some(table) = &mut live[at] else { continue };
        // What the text told of it.
        let said = said[at].iter().find(|column| column.name.eq_ignore_ascii_case(cell(&row, 1)));
        let said = said.cloned().unwrap_or_default();
        table.columns.push(LiveColumn {
            name: cell(&row, 1).to_owned(),
            declared: cell(&row, 2).to_owned(),
            nullable: !yes(&row, 3) && place == 0,
            filled: yes(&row, 4),
            generated: matches!(cell(&row, 6), "2" | "3"),
            ..said
        });
    }
    for (table, mut key) in live.iter_mut().zip(keys) {
        key.sort();
        if let Some(table) = table {
            table.key = key.into_iter().map(|(_, name)| name).collect();
        }
    }
    indexes(checkout, tables, &mut live).await?;
    let foreign_keys = "SELECT CAST(w.at AS TEXT), CAST(f.id AS TEXT), f.\"table\", f.\"from\", f.\"to\", f.on_delete \
                        FROM wanted w JOIN pragma_foreign_key_list(w.name) f ORDER BY w.at, f.id, f.seq";
    for row in ask::<6>(checkout, question(tables, foreign_keys)).await? {
        let Some(table) = of(&mut live, &row) else { continue };
        let (name, to) = (cell(&row, 1), row.get(4).cloned().flatten());
        if table.foreign_keys.last().is_none_or(|last| last.name != name) {
            table.foreign_keys.push(LiveForeignKey {
                name: name.to_owned(),
                parent: cell(&row, 2).to_owned(),
                on_delete: cell(&row, 5).to_uppercase(),
                ..LiveForeignKey::default()
            });
        }
        if let Some(last) = table.foreign_keys.last_mut() {
            last.columns.push(cell(&row, 3).to_owned());
            last.parent_columns.extend(to);
        }
    }
    Ok(live)
}

async fn indexes(checkout: &mut Checkout, tables: &[Arc<Table>], live: &mut [Option<Live>]) -> Result<()> {
    let indexes = "SELECT CAST(w.at AS TEXT), l.name, CAST(l.\"unique\" AS TEXT), l.origin, CAST(l.partial AS TEXT), x.name, \
                   x.coll, m.sql FROM wanted w JOIN pragma_index_list(w.name) l JOIN pragma_index_xinfo(l.name) x \
                   LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = l.name \
                   WHERE x.key = 1 AND l.origin <> 'pk' ORDER BY w.at, l.name, x.seqno";
    for row in ask::<8>(checkout, question(tables, indexes)).await? {
        let Some(table) = of(live, &row) else { continue };
        if table.indexes.last().is_none_or(|last| last.name != cell(&row, 1)) {
            table.indexes.push(LiveIndex {
                name: cell(&row, 1).to_owned(),
                unique: yes(&row, 2),
                constraint: cell(&row, 3) == "u",
                flaw: yes(&row, 4).then_some("it covers some rows only"),
                ..LiveIndex::default()
            });
            table.objects.extend(row.get(7).cloned().flatten());
        }
        if let Some(last) = table.indexes.last_mut() {
            last.columns.push(row.get(5).cloned().flatten());
            if !cell(&row, 6).eq_ignore_ascii_case("binary") {
                last.flaw = Some("it does not compare by code point");
            }
        }
    }
    let triggers = "SELECT CAST(w.at AS TEXT), m.sql FROM wanted w JOIN sqlite_master m \
                    ON m.type = 'trigger' AND m.tbl_name = w.name COLLATE NOCASE";
    for row in ask::<2>(checkout, question(tables, triggers)).await? {
        if let Some(table) = of(live, &row) {
            table.objects.push(cell(&row, 1).to_owned());
        }
    }
    Ok(())
}

/// A question that joins `wanted`: the position and the name of each table.
fn question(tables: &[Arc<Table>], select: &str) -> Statement {
    let mut s = Statement::new(Flavor::Sqlite, "WITH wanted(at, name) AS (VALUES ");
    s.list(", ", tables.iter().enumerate(), |s, (at, table)| {
        s.push(&format!("({at}, ")).bind(Value::from(name(table))).push(")");
    });
    s.push(") ").push(select);
    s
}

/// A file has no schemas: `sales.thing` is one name.
fn name(table: &Table) -> String {
    table.schema.as_deref().map_or_else(|| table.name.clone(), |schema| format!("{schema}.{}", table.name))
}

/// Collations, AUTOINCREMENT and checks stand in the text of the table alone.
fn text(table: &mut Live, create: &str) -> Vec<LiveColumn> {
    let mut columns = Vec::new();
    let all = tokens(create, Flavor::Sqlite);
    let Some(open) = all.iter().position(|token| token.is("(")) else { return columns };
    for part in parts(between(&all, open)) {
        let mut depth = 0_usize;
        let constraint = ["constraint", "check", "primary", "unique", "foreign"];
        let column = part.first().filter(|first| !constraint.iter().any(|word| first.is(word))).and_then(Token::name);
        let mut said = LiveColumn { name: column.unwrap_or_default().to_owned(), ..LiveColumn::default() };
        for (at, token) in part.iter().enumerate() {
            if token.is("(") {
                depth += 1;
            } else if token.is(")") {
                depth = depth.saturating_sub(1);
            }
            if depth > 0 {
                continue;
            }
            let before = |back: usize| at.checked_sub(back).and_then(|at| part.get(at));
            if token.is("check") {
                let named = before(2).is_some_and(|token| token.is("constraint"));
                let name = before(1).and_then(Token::name).filter(|_| named).unwrap_or_default().to_owned();
                table.checks.push(LiveCheck { name, condition: between(part, at + 1).to_vec(), enforced: true });
            } else if token.is("collate") {
                said.collation = part.get(at + 1).and_then(Token::name).map(str::to_owned);
            } else if token.is("autoincrement") {
                said.auto = Auto::Yes;
            }
        }
        if column.is_some() {
            columns.push(said);
        }
    }
    columns
}

/// The type as the server tells it of what our DDL declares: word for word.
pub(super) fn reported(declared: &str) -> String {
    declared.to_owned()
}

/// The law that a text column's collation breaks.
pub(super) fn wrong_collation(collation: &str) -> Option<(&'static str, &'static str)> {
    match collation.to_ascii_lowercase().as_str() {
        "" | "binary" => None,
        _ => Some(("V2", "texts that differ are taken for equal")),
    }
}
