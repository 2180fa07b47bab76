//! What a MySQL or MariaDB server is set to, and how it tells what our DDL declares.

use super::{Setting, ask, cell, judged, version};
use crate::{
    Result,
    backend::{Finding, sql::checkout::Checkout, sql::statement::Statement},
    schema::Flavor,
};

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

/// Whether the server keeps the names of tables in lower case, or takes all cases for one.
pub(super) async fn folds(checkout: &mut Checkout) -> Result<bool> {
    let question = Statement::new(checkout.flavor(), "SELECT CAST(@@lower_case_table_names AS CHAR)");
    let row = ask::<1>(checkout, question).await?.pop().unwrap_or_default();
    Ok(cell(&row, 0) != "0")
}

/// A whole number's width of display says nothing of what it holds, but for the one that is a bool.
pub(super) fn plain(declared: &str) -> String {
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
