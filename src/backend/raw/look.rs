//! What a statement does beside its rows, as far as its words tell.

use super::lex::{Lexer, Token, Words};
use crate::{Error, ErrorKind, Result};

/// What was seen in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// It only reads.
    pub reads: bool,
    /// It leaves something behind in its connection.
    pub session: bool,
    /// It commits the transaction that it stands in.
    pub commits: bool,
}

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
const ROUTINES: [&str; 5] = ["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"];

/// Looks at a text of one statement, or at a script, with so many values.
///
/// # Errors
/// `InvalidQuery` for what would go round the state of a transaction, for several statements that are no script, and where the
/// values are not as many as the placeholders.
pub(super) fn look(text: &str, words: Words, script: bool, values: usize) -> Result<Look> {
    let mut all = Look { reads: !script, session: false, commits: false };
    let mut placeholders = Placeholders::default();
    let statements = statements(text, words, &mut placeholders)?;
    if statements.is_empty() {
        return Err(refused("there is no statement"));
    }
    if statements.len() > 1 && !script {
        return Err(refused("several statements in one text: run each by itself, or all by `raw_script`"));
    }
    placeholders.check(words, script, values)?;
    for statement in &statements {
        let said = Said(statement);
        said.refuse_control(words)?;
        all.reads &= said.reads();
        all.session |= said.session(words);
        all.commits |= words == Words::MySql && said.commits();
    }
    Ok(all)
}

fn refused(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidQuery, why)
}

/// The statements of a text. The body of a trigger or a routine has semicolons of its own.
fn statements<'t>(text: &'t str, words: Words, placeholders: &mut Placeholders) -> Result<Vec<Vec<Token<'t>>>> {
    let (mut all, mut one): (Vec<Vec<Token>>, Vec<Token>) = (Vec::new(), Vec::new());
    let (mut routine, mut depth, mut ended) = (false, 0_u32, false);
    for (_, token) in Lexer::new(text, words) {
        let word = |of: &str| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(of));
        if std::mem::take(&mut ended) && !["IF", "LOOP", "WHILE", "REPEAT", "FOR"].iter().any(|of| word(of)) {
            depth = depth.saturating_sub(1);
            if word("CASE") {
                continue;
            }
        }
        match token {
            Token::Unclosed => return Err(refused("a quote or a comment is not closed")),
            Token::Mark(';') if depth == 0 => {
                all.extend(Some(std::mem::take(&mut one)).filter(|one| !one.is_empty()));
                routine = false;
                continue;
            }
            Token::Placeholder(text) => placeholders.see(text),
            Token::Word(_) if !routine => {
                let creates = matches!(one.first(), Some(Token::Word(first))
                    if first.eq_ignore_ascii_case("CREATE") || first.eq_ignore_ascii_case("ALTER"));
                routine = creates && ROUTINES.iter().any(|of| word(of));
            }
            Token::Word(_) if word("BEGIN") || (depth > 0 && word("CASE")) => depth += 1,
            Token::Word(_) if depth > 0 && word("END") => ended = true,
            _ => {}
        }
        one.push(token);
    }
    all.extend(Some(one).filter(|one| !one.is_empty()));
    Ok(all)
}

/// The placeholders that the server will look for.
#[derive(Debug, Default)]
struct Placeholders {
    count: usize,
    /// The greatest number.
    most: usize,
    named: bool,
}

impl Placeholders {
    fn see(&mut self, text: &str) {
        self.count += 1;
        match text[1..].parse::<usize>() {
            Ok(number) => self.most = self.most.max(number),
            Err(_) => self.named |= text.len() > 1,
        }
    }

    /// SQLite would take NULL for what is missing, and the drivers say that their connection broke.
    fn check(&self, words: Words, script: bool, values: usize) -> Result<()> {
        let wanted = match words {
            Words::Postgres => self.most,
            _ => self.most.max(self.count),
        };
        if script && (self.count > 0 || values > 0) {
            return Err(refused("a script has no values: run each statement by itself"));
        }
        if self.named {
            return Err(refused("a placeholder with a name of the server's own: values are bound by their place"));
        }
        if wanted != values {
            return Err(refused(format!("{wanted} placeholders and {values} values")));
        }
        Ok(())
    }
}

/// The tokens of one statement.
struct Said<'s, 't>(&'s [Token<'t>]);

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

    fn refuse_control(&self, words: Words) -> Result<()> {
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

    fn reads(&self) -> bool {
        self.first(&READING) && !self.has(&WRITING) && !self.pair(&["FOR", "KEY", "IN"], &["SHARE"])
    }

    fn session(&self, words: Words) -> bool {
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

    fn commits(&self) -> bool {
        self.first(&COMMITTING) && !(self.first(&["CREATE", "DROP"]) && self.second(&["TEMPORARY"]))
    }
}

fn is(word: &str, of: &[&str]) -> bool {
    of.iter().any(|of| word.eq_ignore_ascii_case(of))
}
