//! What a PostgreSQL database has, from its catalog (PostgreSQL 15, 53).

use super::{
    Auto, Live, LiveCheck, LiveColumn, LiveForeignKey, LiveIndex, Odd, Setting, ask, cell, judged, of, tokens::tokens,
    yes,
};
use crate::{
    Result,
    backend::{Finding, sql::checkout::Checkout, sql::statement::Statement},
    schema::{Flavor, Table, ddl::mend},
};
use sea_orm::Value;
use std::sync::Arc;

const SETTINGS: [Setting; 8] = [
    Setting {
        name: "server_encoding",
        law: "V2",
        fits: |it| it == "UTF8",
        why: "characters are refused that every other backend takes; the database has to be made anew with UTF8",
        mend: None,
    },
    Setting {
        name: "server_version_num",
        law: "V1",
        fits: |it| it.parse::<u32>().is_ok_and(|number| number >= 120_000),
        why: "the server is older than PostgreSQL 12, the oldest that can be looked at",
        mend: None,
    },
    Setting {
        name: "pg_is_in_recovery",
        law: "T5",
        fits: |it| it == "false",
        why: "it is a standby: every write is refused; connect to the primary",
        mend: None,
    },
    Setting {
        name: "default_transaction_read_only",
        law: "T5",
        fits: |it| it == "off",
        why: "every write is refused",
        mend: None,
    },
    Setting {
        name: "TimeZone",
        law: "V5",
        fits: |it| it == "UTC",
        why: "our sessions set UTC and this one has lost it: what stands in between (pgbouncer in transaction mode?) must \
              keep a session's settings",
        mend: None,
    },
    Setting {
        name: "standard_conforming_strings",
        law: "V2",
        fits: |it| it == "on",
        why: "a backslash in a text would be an escape",
        mend: None,
    },
    Setting {
        name: "default_transaction_isolation",
        law: "T4",
        fits: |it| it == "read committed",
        why: "our sessions set `read committed` and this one has lost it: what stands in between must keep a session's \
              settings",
        mend: None,
    },
    Setting {
        name: "session_replication_role",
        law: "W2",
        fits: |it| it != "replica",
        why: "foreign keys are not looked at",
        mend: Some("SET session_replication_role = origin"),
    },
];

/// What the settings of the server and of our sessions break.
pub(super) async fn settings(checkout: &mut Checkout) -> Result<Vec<Finding>> {
    let question = Statement::new(
        Flavor::Postgres,
        "SELECT current_setting('server_encoding'), current_setting('server_version_num'), pg_is_in_recovery()::text, \
         current_setting('default_transaction_read_only'), current_setting('TimeZone'), \
         current_setting('standard_conforming_strings'), current_setting('default_transaction_isolation'), \
         current_setting('session_replication_role'), pg_backend_pid()::text, \
         quote_ident(current_database())",
    );
    let row = ask::<10>(checkout, question).await?.pop().unwrap_or_default();
    let mut findings = judged(&SETTINGS, &row);
    for finding in findings.iter_mut().filter(|finding| finding.why.starts_with("default_transaction_read_only")) {
        finding.mend = Some(format!("ALTER DATABASE {} SET default_transaction_read_only = off", cell(&row, 9)));
    }
    if cell(&row, 8).parse() != Ok(checkout.session().0) {
        let why = "two statements of one connection ran in two sessions: a pooler (pgbouncer in transaction mode?) stands in \
                   between; use its session mode";
        findings.push(Finding::new("T3", why));
    }
    Ok(findings)
}

/// The tables as they are.
pub(super) async fn read(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Option<Live>>> {
    let mut live = vec![None; tables.len()];
    if tables.is_empty() {
        return Ok(live);
    }
    let classes =
        "SELECT w.at::text, c.relkind::text, c.relpersistence::text FROM wanted w JOIN pg_class c ON c.oid = w.oid";
    for row in ask::<3>(checkout, question(tables, classes)).await? {
        let Some(at) = cell(&row, 0).parse::<usize>().ok().filter(|at| *at < tables.len()) else { continue };
        let odd = match (cell(&row, 1), cell(&row, 2)) {
            ("r" | "p", "p") => None,
            ("r" | "p", "u") => Some(Odd {
                law: "T1",
                why: "the table is unlogged: a crash of the server empties it".to_owned(),
                mend: Some(mend::alter(&tables[at], Flavor::Postgres) + "SET LOGGED"),
            }),
            ("r" | "p", _) => {
                Some(Odd { law: "T1", why: "the table is temporary: it ends with its session".to_owned(), mend: None })
            }
            _ => Some(Odd { law: "W1", why: "it is a view or another thing, not a table".to_owned(), mend: None }),
        };
        live[at] = Some(Live { odd, ..Live::default() });
    }
    let columns = "SELECT w.at::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, \
        a.atthasdef::text, a.attidentity::text, a.attgenerated::text, \
        CASE WHEN o.collname = 'default' THEN (SELECT datcollate::text FROM pg_database WHERE datname = current_database()) \
        ELSE o.collname::text END, o.collisdeterministic::text, \
        (a.atthasdef AND pg_get_serial_sequence(w.oid::regclass::text, a.attname) IS NOT NULL)::text \
        FROM wanted w JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped \
        LEFT JOIN pg_collation o ON o.oid = a.attcollation ORDER BY w.at, a.attnum";
    for row in ask::<10>(checkout, question(tables, columns)).await? {
        let Some(table) = of(&mut live, &row) else { continue };
        let auto = match cell(&row, 5) {
            "d" => Auto::Yes,
            "a" => Auto::Always,
            _ if yes(&row, 9) => Auto::Yes,
            _ => Auto::No,
        };
        let folds = cell(&row, 8) == "false";
        table.columns.push(LiveColumn {
            name: cell(&row, 1).to_owned(),
            declared: full(cell(&row, 2)),
            nullable: !yes(&row, 3),
            filled: yes(&row, 4) || auto != Auto::No,
            generated: !cell(&row, 6).is_empty(),
            touched: false,
            auto,
            collation: row.get(7).cloned().flatten().map(|name| if folds { format!("{FOLDS}{name}") } else { name }),
        });
    }
    indexes(checkout, tables, &mut live).await?;
    constraints(checkout, tables, &mut live).await?;
    Ok(live)
}

async fn indexes(checkout: &mut Checkout, tables: &[Arc<Table>], live: &mut [Option<Live>]) -> Result<()> {
    // `indnullsnotdistinct` came with PostgreSQL 15, so it is asked for by name.
    let indexes = "SELECT w.at::text, i.relname::text, x.indisunique::text, x.indisprimary::text, \
        (x.indisvalid AND x.indislive)::text, x.indimmediate::text, (x.indpred IS NOT NULL)::text, \
        (to_jsonb(x) ->> 'indnullsnotdistinct'), (n.conname IS NOT NULL)::text, a.attname::text \
        FROM wanted w JOIN pg_index x ON x.indrelid = w.oid JOIN pg_class i ON i.oid = x.indexrelid \
        CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY k(attnum, place) \
        LEFT JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum = k.attnum AND k.attnum <> 0 \
        LEFT JOIN pg_constraint n ON n.conindid = x.indexrelid AND n.contype IN ('p', 'u') \
        WHERE k.place <= x.indnkeyatts ORDER BY w.at, i.relname, k.place";
    for row in ask::<10>(checkout, question(tables, indexes)).await? {
        let Some(table) = of(live, &row) else { continue };
        let column = row.get(9).cloned().flatten();
        if yes(&row, 3) {
            table.key.extend(column);
            table.key_name = Some(cell(&row, 1).to_owned());
            continue;
        }
        if table.indexes.last().is_none_or(|last| last.name != cell(&row, 1)) {
            let flaw = match () {
                () if !yes(&row, 4) => Some("it was never finished"),
                () if !yes(&row, 5) => Some("it is looked at when the transaction ends"),
                () if yes(&row, 6) => Some("it covers some rows only"),
                () if yes(&row, 7) => Some("it takes two nulls for equal"),
                () => None,
            };
            let (name, unique, constraint) = (cell(&row, 1).to_owned(), yes(&row, 2), yes(&row, 8));
            table.indexes.push(LiveIndex { name, unique, constraint, flaw, columns: Vec::new() });
        }
        if let Some(last) = table.indexes.last_mut() {
            last.columns.push(column);
        }
    }
    Ok(())
}

async fn constraints(checkout: &mut Checkout, tables: &[Arc<Table>], live: &mut [Option<Live>]) -> Result<()> {
    let foreign_keys = "SELECT w.at::text, n.conname::text, n.confdeltype::text, n.condeferred::text, n.convalidated::text, \
        CASE WHEN p.relnamespace = c.relnamespace THEN p.relname::text ELSE p.oid::regclass::text END, \
        a.attname::text, b.attname::text \
        FROM wanted w JOIN pg_class c ON c.oid = w.oid \
        JOIN pg_constraint n ON n.conrelid = w.oid AND n.contype = 'f' JOIN pg_class p ON p.oid = n.confrelid \
        CROSS JOIN LATERAL unnest(n.conkey, n.confkey) WITH ORDINALITY k(own, other, place) \
        JOIN pg_attribute a ON a.attrelid = w.oid AND a.attnum = k.own \
        JOIN pg_attribute b ON b.attrelid = n.confrelid AND b.attnum = k.other ORDER BY w.at, n.conname, k.place";
    for row in ask::<8>(checkout, question(tables, foreign_keys)).await? {
        let Some(table) = of(live, &row) else { continue };
        if table.foreign_keys.last().is_none_or(|last| last.name != cell(&row, 1)) {
            let on_delete = match cell(&row, 2) {
                "r" => "RESTRICT",
                "c" => "CASCADE",
                "n" => "SET NULL",
                "d" => "SET DEFAULT",
                _ => "NO ACTION",
            };
            let flaw = match () {
                () if yes(&row, 3) => Some("it is looked at when the transaction ends"),
                () if !yes(&row, 4) => Some("older rows were never looked at"),
                () => None,
            };
            table.foreign_keys.push(LiveForeignKey {
                name: cell(&row, 1).to_owned(),
                parent: cell(&row, 5).to_owned(),
                on_delete: on_delete.to_owned(),
                flaw,
                ..LiveForeignKey::default()
            });
        }
        if let Some(last) = table.foreign_keys.last_mut() {
            last.columns.push(cell(&row, 6).to_owned());
            last.parent_columns.push(cell(&row, 7).to_owned());
        }
    }
    let checks = "SELECT w.at::text, n.conname::text, pg_get_constraintdef(n.oid), \
        coalesce((to_jsonb(n) ->> 'conenforced')::boolean, true)::text \
        FROM wanted w JOIN pg_constraint n ON n.conrelid = w.oid AND n.contype = 'c'";
    for row in ask::<4>(checkout, question(tables, checks)).await? {
        let Some(table) = of(live, &row) else { continue };
        table.checks.push(LiveCheck {
            name: cell(&row, 1).to_owned(),
            condition: tokens(cell(&row, 2), Flavor::Postgres),
            enforced: yes(&row, 3),
        });
    }
    Ok(())
}

/// A question that joins `wanted`: the position and the number of each table that is there.
fn question(tables: &[Arc<Table>], select: &str) -> Statement {
    let mut s =
        Statement::new(Flavor::Postgres, "WITH wanted(at, oid) AS (SELECT at, to_regclass(name)::oid FROM (VALUES ");
    s.list(", ", tables.iter().enumerate(), |s, (at, table)| {
        let mut name = String::new();
        Flavor::Postgres.table(&mut name, table);
        s.push(&format!("({at}, ")).bind(Value::from(name)).push("::text)");
    });
    s.push(") AS v(at, name)) ").push(select);
    s
}

/// Marks a collation that takes different texts for equal.
const FOLDS: &str = "not deterministic: ";

/// Six digits are what a type of time has where none are said.
fn full(declared: &str) -> String {
    match declared {
        "timestamp without time zone" => "timestamp(6) without time zone".to_owned(),
        "timestamp with time zone" => "timestamp(6) with time zone".to_owned(),
        "time without time zone" => "time(6) without time zone".to_owned(),
        other => other.to_owned(),
    }
}

/// The type as the server tells it of what our DDL declares.
pub(super) fn reported(declared: &str) -> String {
    let plain = declared.split(" COLLATE ").next().unwrap_or(declared).replace(", ", ",");
    match plain.as_str() {
        "timestamp(6)" | "time(6)" => plain + " without time zone",
        other => match other.strip_prefix("varchar") {
            Some(length) => format!("character varying{length}"),
            None => plain,
        },
    }
}

/// The law that a text column's collation breaks.
pub(super) fn wrong_collation(collation: &str) -> Option<(&'static str, &'static str)> {
    match collation {
        "C" | "POSIX" | "ucs_basic" | "pg_c_utf8" => None,
        other if other.starts_with(FOLDS) => Some(("V2", "texts that differ are taken for equal")),
        _ => Some(("V3", "text is ordered by a language and not by code point")),
    }
}
