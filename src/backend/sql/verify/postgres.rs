//! What a PostgreSQL server is set to, and how it tells what our DDL declares.

use super::{Setting, ask, cell, judged};
use crate::{
    Result,
    backend::{Finding, sql::checkout::Checkout, sql::statement::Statement},
    schema::Flavor,
};
use std::collections::BTreeSet;

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

/// What the collations of a database are.
#[derive(Default)]
pub(super) struct Collations {
    default: String,
    /// Those that take different texts for equal.
    folding: BTreeSet<String>,
}

impl Collations {
    /// The collation that a column has, by the name that it says.
    pub fn of(&self, said: Option<&str>) -> String {
        let name = said.unwrap_or(&self.default);
        if self.folding.contains(name) { format!("{FOLDS}{name}") } else { name.to_owned() }
    }
}

pub(super) async fn collations(checkout: &mut Checkout) -> Result<Collations> {
    let question = "SELECT datcollate::text, NULL FROM pg_database WHERE datname = current_database() \
        UNION ALL SELECT NULL, collname::text FROM pg_collation WHERE NOT collisdeterministic";
    let mut collations = Collations::default();
    for mut row in ask::<2>(checkout, Statement::new(Flavor::Postgres, question)).await? {
        if let Some(default) = row[0].take() {
            collations.default = default;
        }
        collations.folding.extend(row[1].take());
    }
    Ok(collations)
}

/// Marks a collation that takes different texts for equal.
const FOLDS: &str = "not deterministic: ";

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
