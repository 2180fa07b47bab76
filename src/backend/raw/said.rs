//! What the words of one statement say that it does.

use super::{
    lex::{Token, Words},
    look::refused,
};
use crate::Result;

/// Words that only read begin with one of these.
const READING: [&str; 8] = ["SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DESCRIBE", "DESC"];
/// And have none of these: the first part of a WITH may write, and a SELECT may write INTO a table or a file, or lock FOR UPDATE.
const WRITING: [&str; 5] = ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"];
const CONTROL: [&str; 9] = ["BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "END", "ABORT", "XA"];
const SESSION: [&str; 14] = [
    "SET",
    "USE",
    "PRAGMA",
    "ATTACH",
    "DETACH",
    "LISTEN",
    "UNLISTEN",
    "RESET",
    "DISCARD",
    "PREPARE",
    "EXECUTE",
    "DEALLOCATE",
    "HANDLER",
    "FLUSH",
];
/// Functions whose effect outlives the statement and the transaction.
const LASTING: [&str; 6] = [
    "SET_CONFIG",
    "GET_LOCK",
    "PG_ADVISORY_LOCK",
    "PG_ADVISORY_LOCK_SHARED",
    "PG_TRY_ADVISORY_LOCK",
    "PG_TRY_ADVISORY_LOCK_SHARED",
];
/// What MySQL and MariaDB commit a transaction for.
const COMMITTING: [&str; 15] = [
    "CREATE",
    "ALTER",
    "DROP",
    "RENAME",
    "TRUNCATE",
    "GRANT",
    "REVOKE",
    "ANALYZE",
    "OPTIMIZE",
    "REPAIR",
    "CHECK",
    "CACHE",
    "FLUSH",
    "INSTALL",
    "UNINSTALL",
];

/// The tokens of one statement.
pub(super) struct Said<'s, 't>(pub &'s [Token<'t>]);

impl<'t> Said<'_, 't> {
    fn words(&self) -> impl Iterator<Item = &'t str> {
        self.0.iter().filter_map(|token| if let Token::Word(word) = token { Some(*word) } else { None })
    }

    fn has(&self, of: &[&str]) -> bool {
        self.words().any(|word| is(word, of))
    }

    fn first(&self, of: &[&str]) -> bool {
        self.words().next().is_some_and(|word| is(word, of))
    }

    fn second(&self, of: &[&str]) -> bool {
        self.words().nth(1).is_some_and(|word| is(word, of))
    }

    /// Whether one of these words follows right after one of those.
    fn pair(&self, before: &[&str], after: &[&str]) -> bool {
        let follows = |(one, next)| is(one, before) && is(next, after);
        self.words().zip(self.words().skip(1)).any(follows)
    }

    pub fn refuse_control(&self, words: Words) -> Result<()> {
        let control = self.first(&CONTROL)
            || (self.first(&["PREPARE"]) && self.second(&["TRANSACTION"]))
            || (self.first(&["SET"]) && self.has(&["AUTOCOMMIT", "TRANSACTION", "CHARACTERISTICS"]))
            || (words == Words::MySql && self.first(&["LOCK", "UNLOCK"]));
        if !control {
            return Ok(());
        }
        let word = self.words().next().unwrap_or_default().to_ascii_uppercase();
        Err(refused(format!(
            "`{word}` would go round the transaction that the library keeps: use `transact` or `savepoint`"
        )))
    }

    /// The server would then wait for rows, and the driver for an answer.
    pub fn refuse_streams(&self, words: Words) -> Result<()> {
        let copies = words == Words::Postgres && self.first(&["COPY"]) && self.has(&["STDIN", "STDOUT"]);
        let loads = words == Words::MySql && self.first(&["LOAD"]) && self.has(&["LOCAL"]);
        if copies || loads { Err(refused("rows that the client streams are not spoken here")) } else { Ok(()) }
    }

    pub fn reads(&self) -> bool {
        self.first(&READING) && !self.has(&WRITING) && !self.pair(&["FOR", "KEY", "IN"], &["SHARE"])
    }

    pub fn session(&self, words: Words) -> bool {
        let local = words == Words::Postgres && self.first(&["SET"]) && self.second(&["LOCAL", "CONSTRAINTS"]);
        let marks = |one: Token, two: Token| self.0.windows(2).any(|pair| pair[0] == one && pair[1] == two);
        let into_variable = || {
            self.0.windows(2).any(|pair| matches!(pair, [Token::Word(word), Token::Mark('@')] if is(word, &["INTO"])))
        };
        (self.first(&SESSION) && !local)
            || self.has(&LASTING)
            || self.pair(&["CREATE", "REPLACE", "LOCAL", "GLOBAL", "INTO"], &["TEMP", "TEMPORARY"])
            // What a procedure sets, or the transaction that it begins, is not seen from here.
            || (words == Words::MySql
                && (self.first(&["CALL"]) || marks(Token::Mark(':'), Token::Mark('=')) || into_variable()))
    }

    pub fn commits(&self) -> bool {
        self.first(&COMMITTING) && !(self.first(&["CREATE", "DROP"]) && self.second(&["TEMPORARY"]))
    }
}

fn is(word: &str, of: &[&str]) -> bool {
    of.iter().any(|of| word.eq_ignore_ascii_case(of))
}
