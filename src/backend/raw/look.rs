//! What a statement does beside its rows, as far as its words tell.

use super::{
    lex::{Lexer, Token, Words},
    said::Said,
};
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
        said.refuse_streams(words)?;
        all.reads &= said.reads();
        all.session |= said.session(words);
        all.commits |= words == Words::MySql && said.commits();
    }
    Ok(all)
}

/// Whether a text holds more than one statement; one that cannot be read may.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) fn several(text: &str, words: Words) -> bool {
    statements(text, words, &mut Placeholders::default()).map_or(true, |all| all.len() > 1)
}

pub(super) fn refused(why: impl Into<String>) -> Error {
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
