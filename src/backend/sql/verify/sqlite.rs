//! What a SQLite file is set to, and how it tells what our DDL declares.

use super::{Setting, ask, cell, judged, version};
use crate::{
    Result,
    backend::{Finding, sql::checkout::Checkout, sql::statement::Statement},
    schema::Flavor,
};

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
