//! What a MySQL or MariaDB database has, from `information_schema`; a MariaDB check stands there with its table, a MySQL one
//! with the constraint that it is.

use super::{
    Auto, Live, LiveCheck, LiveColumn, LiveForeignKey, LiveIndex, Odd, Setting, ask, cell, judged, of, tokens::tokens,
    version, yes,
};
use crate::{
    Result,
    backend::{Finding, sql::checkout::Checkout, sql::statement::Statement},
    schema::{Flavor, Table, ddl::mend},
};
use sea_orm::Value;
use std::{collections::BTreeMap, sync::Arc};

/// Below this the chunks of a bulk insert and long texts meet the server's limit.
const PACKET: u64 = 4 * 1024 * 1024;

/// In the order of the question in [`settings`].
const SETTINGS: [Setting; 11] = [
    Setting {
        name: "sql_mode",
        law: "V4",
        fits: |it| it.contains("STRICT_ALL_TABLES"),
        why: "our sessions are strict and this one is not: texts would be cut; what stands in between must keep a session's \
              settings",
        mend: None,
    },
    Setting {
        name: "time_zone",
        law: "V5",
        fits: |it| matches!(it, "+00:00" | "UTC"),
        why: "our sessions set UTC and this one has lost it; what stands in between must keep a session's settings",
        mend: None,
    },
    Setting {
        name: "max_sort_length",
        law: "V3",
        fits: |it| it.parse::<u64>().is_ok_and(|bytes| bytes >= 65_536),
        why: "texts are ordered by their first bytes only",
        mend: None,
    },
    Setting {
        name: "max_allowed_packet",
        law: "Q10",
        fits: |it| it.parse::<u64>().is_ok_and(|bytes| bytes >= PACKET),
        why: "statements above it are refused as `TooLarge`: long texts and bulk inserts need some megabytes",
        mend: Some("SET GLOBAL max_allowed_packet = 67108864"),
    },
    Setting {
        name: "foreign_key_checks",
        law: "W2",
        fits: |it| matches!(it, "1" | "ON"),
        why: "children without a parent are taken",
        mend: Some("SET GLOBAL foreign_key_checks = 1"),
    },
    Setting {
        name: "unique_checks",
        law: "W3",
        fits: |it| matches!(it, "1" | "ON"),
        why: "two rows may have the same unique value",
        mend: Some("SET GLOBAL unique_checks = 1"),
    },
    Setting {
        name: "sql_auto_is_null",
        law: "Q1",
        fits: |it| matches!(it, "0" | "OFF"),
        why: "`is_null` on a made key finds the row that was inserted last",
        mend: Some("SET GLOBAL sql_auto_is_null = 0"),
    },
    Setting {
        name: "autocommit",
        law: "T1",
        fits: |it| matches!(it, "1" | "ON"),
        why: "a write by itself is not kept",
        mend: Some("SET GLOBAL autocommit = 1"),
    },
    Setting {
        name: "innodb_read_only",
        law: "T5",
        fits: |it| matches!(it, "0" | "OFF"),
        why: "every write is refused",
        mend: None,
    },
    Setting {
        name: "read_only",
        law: "T5",
        fits: |it| matches!(it, "0" | "OFF"),
        why: "writes are refused (it is a replica?): connect to the primary",
        mend: None,
    },
    Setting {
        name: "transaction isolation",
        law: "T4",
        fits: |it| it == "READ-COMMITTED",
        why: "our sessions set READ COMMITTED and this one has lost it; what stands in between must keep a session's settings",
        mend: None,
    },
];

/// What the settings of the server and of our sessions break.
pub(super) async fn settings(checkout: &mut Checkout) -> Result<Vec<Finding>> {
    let maria = checkout.flavor() == Flavor::MariaDb;
    let isolation = if maria { "@@tx_isolation" } else { "@@transaction_isolation" };
    let checks = if maria { "@@check_constraint_checks" } else { "1" };
    let question = format!(
        "SELECT @@sql_mode, @@time_zone, CAST(@@max_sort_length AS CHAR), CAST(@@max_allowed_packet AS CHAR), \
         CAST(@@foreign_key_checks AS CHAR), CAST(@@unique_checks AS CHAR), CAST(@@sql_auto_is_null AS CHAR), \
         CAST(@@autocommit AS CHAR), CAST(@@innodb_read_only AS CHAR), CAST(@@read_only AS CHAR), \
         CAST({isolation} AS CHAR), CAST({checks} AS CHAR), CAST(CONNECTION_ID() AS CHAR)"
    );
    let row = ask::<13>(checkout, Statement::new(checkout.flavor(), &question)).await?.pop().unwrap_or_default();
    let mut findings = judged(&SETTINGS, &row);
    if matches!(cell(&row, 11), "0" | "OFF") {
        let finding = Finding::new("V10", "check_constraint_checks is `0`: a column takes any value of its type");
        findings.push(finding.mend("SET GLOBAL check_constraint_checks = 1"));
    }
    let (session, told) = checkout.session();
    if cell(&row, 12).parse() != Ok(session) {
        let why =
            "two statements of one connection ran in two sessions: a proxy that shares connections stands in between";
        findings.push(Finding::new("T3", why));
    }
    findings.extend(old(&told, maria));
    Ok(findings)
}

/// A server too old for what the laws stand on.
fn old(told: &str, maria: bool) -> Option<Finding> {
    let (least, law, lacks) = if maria {
        ((10, 5, 0), "W6", "INSERT … RETURNING")
    } else {
        ((8, 0, 17), "V2", "the collation utf8mb4_0900_bin and checks that are looked at")
    };
    let (a, b, c) = least;
    (version(told) < least)
        .then(|| Finding::new(law, format!("the server, {told}, is older than {a}.{b}.{c}, the first with {lacks}")))
}

/// The tables as they are.
pub(super) async fn read(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Option<Live>>> {
    let mut live = vec![None; tables.len()];
    if tables.is_empty() {
        return Ok(live);
    }
    let (flavor, names) = (checkout.flavor(), Names::of(checkout, tables).await?);
    let classes = "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(TABLE_TYPE AS CHAR), CAST(ENGINE AS CHAR) \
                   FROM information_schema.TABLES WHERE ";
    for row in names.ask::<4>(checkout, classes, "").await? {
        let Some(at) = cell(&row, 0).parse::<usize>().ok() else { continue };
        let odd = match (cell(&row, 2), cell(&row, 3)) {
            ("BASE TABLE", "InnoDB") => None,
            ("BASE TABLE", other) => Some(Odd {
                law: "T1",
                why: format!("the table is kept by {other}, which knows no transactions as InnoDB does"),
                mend: Some(mend::alter(&tables[at], flavor) + "ENGINE = InnoDB"),
            }),
            _ => Some(Odd { law: "W1", why: "it is a view or another thing, not a table".to_owned(), mend: None }),
        };
        live[at] = Some(Live { odd, ..Live::default() });
    }
    let columns = "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(COLUMN_NAME AS CHAR), CAST(COLUMN_TYPE AS CHAR), \
        CAST(IS_NULLABLE AS CHAR), CAST(COLUMN_DEFAULT AS CHAR), CAST(EXTRA AS CHAR), CAST(COLLATION_NAME AS CHAR), \
        CAST(GENERATION_EXPRESSION AS CHAR) FROM information_schema.COLUMNS WHERE ";
    for row in names.ask::<9>(checkout, columns, " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION").await? {
        let Some(table) = of(&mut live, &row) else { continue };
        let extra = cell(&row, 6).to_lowercase();
        let generated = !cell(&row, 8).is_empty();
        let auto = if extra.contains("auto_increment") { Auto::Yes } else { Auto::No };
        // MariaDB tells the default of a nullable column that has none as the word NULL.
        let default = row.get(5).cloned().flatten().is_some_and(|default| default != "NULL");
        table.columns.push(LiveColumn {
            name: cell(&row, 2).to_owned(),
            declared: plain(cell(&row, 3)),
            nullable: yes(&row, 4),
            filled: default || auto == Auto::Yes || generated || extra.contains("default_generated"),
            generated,
            touched: extra.contains("on update"),
            auto,
            collation: row.get(7).cloned().flatten(),
        });
    }
    indexes(checkout, &names, &mut live).await?;
    constraints(checkout, &names, &mut live).await?;
    Ok(live)
}

async fn indexes(checkout: &mut Checkout, names: &Names, live: &mut [Option<Live>]) -> Result<()> {
    let indexes = "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(INDEX_NAME AS CHAR), CAST(NON_UNIQUE AS CHAR), \
        CAST(COLUMN_NAME AS CHAR), CAST(SUB_PART AS CHAR) FROM information_schema.STATISTICS WHERE ";
    let order = " ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";
    for row in names.ask::<6>(checkout, indexes, order).await? {
        let Some(table) = of(live, &row) else { continue };
        let column = row.get(4).cloned().flatten();
        if cell(&row, 2) == "PRIMARY" {
            table.key.extend(column);
            table.key_name = Some("PRIMARY".to_owned());
            continue;
        }
        if table.indexes.last().is_none_or(|last| last.name != cell(&row, 2)) {
            let (name, unique) = (cell(&row, 2).to_owned(), cell(&row, 3) == "0");
            table.indexes.push(LiveIndex { name, unique, ..LiveIndex::default() });
        }
        if let Some(last) = table.indexes.last_mut() {
            if row.get(5).is_some_and(Option::is_some) {
                last.flaw = Some("it covers the beginning of a text only");
            }
            last.columns.push(column);
        }
    }
    Ok(())
}

async fn constraints(checkout: &mut Checkout, names: &Names, live: &mut [Option<Live>]) -> Result<()> {
    let foreign_keys = "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(k.CONSTRAINT_NAME AS CHAR), CAST(k.COLUMN_NAME AS CHAR), \
        CAST(k.REFERENCED_COLUMN_NAME AS CHAR), CAST(r.DELETE_RULE AS CHAR), CASE WHEN k.REFERENCED_TABLE_SCHEMA = k.TABLE_SCHEMA \
        THEN CAST(k.REFERENCED_TABLE_NAME AS CHAR) ELSE CONCAT(k.REFERENCED_TABLE_SCHEMA, '.', k.REFERENCED_TABLE_NAME) END \
        FROM (SELECT * FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL) k \
        JOIN (SELECT CONSTRAINT_SCHEMA, CONSTRAINT_NAME, TABLE_NAME AS CHILD, DELETE_RULE \
        FROM information_schema.REFERENTIAL_CONSTRAINTS) r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA \
        AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.CHILD = k.TABLE_NAME WHERE ";
    let order = " ORDER BY TABLE_SCHEMA, TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION";
    for row in names.ask::<7>(checkout, foreign_keys, order).await? {
        let Some(table) = of(live, &row) else { continue };
        if table.foreign_keys.last().is_none_or(|last| last.name != cell(&row, 2)) {
            // Here both are looked at at once.
            let on_delete = cell(&row, 5).replace("NO ACTION", "RESTRICT");
            let (name, parent) = (cell(&row, 2).to_owned(), cell(&row, 6).to_owned());
            table.foreign_keys.push(LiveForeignKey { name, parent, on_delete, ..LiveForeignKey::default() });
        }
        if let Some(last) = table.foreign_keys.last_mut() {
            last.columns.push(cell(&row, 3).to_owned());
            last.parent_columns.push(cell(&row, 4).to_owned());
        }
    }
    let flavor = checkout.flavor();
    let checks = if flavor == Flavor::MariaDb {
        "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(CONSTRAINT_NAME AS CHAR), CAST(CHECK_CLAUSE AS CHAR), 'YES' \
         FROM (SELECT CONSTRAINT_SCHEMA AS TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE \
         FROM information_schema.CHECK_CONSTRAINTS) c WHERE "
    } else {
        "SELECT TABLE_SCHEMA, TABLE_NAME, CAST(t.CONSTRAINT_NAME AS CHAR), CAST(c.CHECK_CLAUSE AS CHAR), CAST(t.ENFORCED AS CHAR) \
         FROM information_schema.TABLE_CONSTRAINTS t JOIN information_schema.CHECK_CONSTRAINTS c \
         ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME \
         WHERE t.CONSTRAINT_TYPE = 'CHECK' AND "
    };
    for row in names.ask::<5>(checkout, checks, "").await? {
        let Some(table) = of(live, &row) else { continue };
        table.checks.push(LiveCheck {
            name: cell(&row, 2).to_owned(),
            condition: tokens(cell(&row, 3), flavor),
            enforced: yes(&row, 4),
        });
    }
    Ok(())
}

/// The tables by schema and name, as the server keeps them.
struct Names {
    at: BTreeMap<(String, String), usize>,
    /// Whether the server keeps the names of tables in lower case, or takes all cases for one.
    folds: bool,
}

impl Names {
    async fn of(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Self> {
        let question = "SELECT CAST(@@lower_case_table_names AS CHAR), CAST(DATABASE() AS CHAR)";
        let row = ask::<2>(checkout, Statement::new(checkout.flavor(), question)).await?.pop().unwrap_or_default();
        let folds = cell(&row, 0) != "0";
        let fold = |name: &str| if folds { name.to_lowercase() } else { name.to_owned() };
        let at = tables.iter().enumerate().map(|(at, table)| {
            let schema = table.schema.as_deref().unwrap_or(cell(&row, 1));
            ((fold(schema), fold(&table.name)), at)
        });
        Ok(Self { at: at.collect(), folds })
    }

    /// The rows about our tables; the first two cells name schema and table, and the first becomes the table's position.
    async fn ask<const N: usize>(
        &self,
        checkout: &mut Checkout,
        select: &str,
        order: &str,
    ) -> Result<Vec<super::Cells>> {
        let select =
            select.replacen("TABLE_SCHEMA, TABLE_NAME,", "CAST(TABLE_SCHEMA AS CHAR), CAST(TABLE_NAME AS CHAR),", 1);
        let mut s = Statement::new(checkout.flavor(), &select);
        s.push("(TABLE_SCHEMA, TABLE_NAME) IN (");
        s.list(", ", self.at.keys(), |s, (schema, table)| {
            s.push("(").bind(Value::from(schema.as_str())).push(", ").bind(Value::from(table.as_str())).push(")");
        });
        s.push(")").push(order);
        let mut rows = ask::<N>(checkout, s).await?;
        // The server compares names without regard to case here, and keeps them apart elsewhere.
        rows.retain_mut(|row| {
            let fold = |name: &str| if self.folds { name.to_lowercase() } else { name.to_owned() };
            let at = self.at.get(&(fold(cell(row, 0)), fold(cell(row, 1)))).copied();
            row[0] = at.map(|at| at.to_string());
            at.is_some()
        });
        Ok(rows)
    }
}

/// A whole number's width of display says nothing of what it holds, but for the one that is a bool.
fn plain(declared: &str) -> String {
    match declared.split_once('(') {
        Some((kind @ ("int" | "bigint" | "smallint" | "mediumint"), rest)) => {
            kind.to_owned() + rest.split_once(')').map_or("", |(_, after)| after)
        }
        _ => declared.to_owned(),
    }
}

/// The type as the server tells it of what our DDL declares.
pub(super) fn reported(declared: &str, flavor: Flavor) -> String {
    let plain = declared.split(" CHARACTER SET ").next().unwrap_or(declared).replace(", ", ",");
    match plain.as_str() {
        "boolean" => "tinyint(1)".to_owned(),
        // It is a name for a text with a check.
        "json" if flavor == Flavor::MariaDb => "longtext".to_owned(),
        _ => plain,
    }
}

/// The law that a text column's collation breaks.
pub(super) fn wrong_collation(collation: &str) -> Option<(&'static str, &'static str)> {
    match collation {
        "utf8mb4_0900_bin" | "utf8mb4_nopad_bin" => None,
        other if !other.starts_with("utf8mb4_") => Some(("V2", "its charset does not hold every character")),
        other if other.ends_with("_bin") => Some(("V2", "it takes a text and the same with spaces after it for equal")),
        _ => Some(("V2", "it takes letters of another case or accent for equal")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_of_display_is_no_type() {
        assert_eq!((plain("bigint(20)").as_str(), plain("int(10) unsigned").as_str()), ("bigint", "int unsigned"));
        assert_eq!((plain("tinyint(1)").as_str(), plain("decimal(18,4)").as_str()), ("tinyint(1)", "decimal(18,4)"));
    }

    #[test]
    fn what_is_declared_is_what_is_told() {
        let text = "varchar(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin";
        assert_eq!(reported(text, Flavor::MariaDb), "varchar(8)");
        assert_eq!(reported("decimal(18, 4)", Flavor::MySql), "decimal(18,4)");
        assert_eq!(
            (reported("json", Flavor::MySql), reported("json", Flavor::MariaDb)),
            ("json".into(), "longtext".into())
        );
    }

    #[test]
    fn a_server_too_old_is_told() {
        assert!(old("10.4.32-MariaDB", true).is_some() && old("10.5.0-MariaDB", true).is_none());
        assert!(old("5.7.44", false).is_some_and(|it| it.law == "V2") && old("8.0.36", false).is_none());
    }
}
