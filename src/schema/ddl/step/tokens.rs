//! A server's own text in pieces, with their places, so that one can be exchanged and all else be kept as it was written.

use std::ops::Range;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A name or a word of SQL.
    Word,
    /// A name in quotes, backticks or square brackets.
    Quoted,
    /// A text or a number.
    Literal,
    /// One other character.
    Mark(char),
}

/// A piece and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub piece: Piece,
    pub at: Range<usize>,
}

impl Token {
    /// The name that it is, without its quotes; none where it is none.
    pub fn name(&self, text: &str) -> Option<String> {
        let text = &text[self.at.clone()];
        match self.piece {
            Piece::Word => Some(text.to_owned()),
            Piece::Quoted => {
                let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
                let close = &text[text.len().saturating_sub(1)..];
                Some(inner.replace(&close.repeat(2), close))
            }
            Piece::Literal | Piece::Mark(_) => None,
        }
    }

    /// Whether it is this word of SQL.
    pub fn is(&self, text: &str, word: &str) -> bool {
        self.piece == Piece::Word && text[self.at.clone()].eq_ignore_ascii_case(word)
    }
}

/// The pieces of a text, without comments and spaces. `escapes`: a backslash escapes in a text (MySQL).
pub(super) fn tokens(text: &str, escapes: bool) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let next = bytes.get(at + 1).copied();
        let piece = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if next == Some(b'-') => {
                at = text[at..].find('\n').map_or(text.len(), |end| at + end);
                continue;
            }
            b'/' if next == Some(b'*') => {
                at = text[at + 2..].find("*/").map_or(text.len(), |end| at + 2 + end + 2);
                continue;
            }
            b'\'' => {
                at = quoted(bytes, at, b'\'', escapes);
                Piece::Literal
            }
            b'[' => {
                at = text[at..].find(']').map_or(text.len(), |end| at + end + 1);
                Piece::Quoted
            }
            quote @ (b'"' | b'`') => {
                at = quoted(bytes, at, quote, false);
                Piece::Quoted
            }
            byte if byte.is_ascii_digit() => {
                at = run(bytes, at);
                Piece::Literal
            }
            byte if in_word(byte) => {
                at = run(bytes, at);
                Piece::Word
            }
            byte => {
                at += 1;
                Piece::Mark(byte.into())
            }
        };
        tokens.push(Token { piece, at: start..at });
    }
    tokens
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

fn run(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| !in_word(*byte)).map_or(bytes.len(), |end| at + end)
}

/// The end of what is quoted; a doubled quote is one inside.
fn quoted(bytes: &[u8], start: usize, quote: u8, escapes: bool) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        } else if escapes && bytes[at] == b'\\' {
            at += 1;
        }
        at += 1;
    }
    bytes.len()
}

/// Words that are a name only in quotes, wherever a condition or a table is written.
const RESERVED: [&str; 33] = [
    "and",
    "as",
    "between",
    "case",
    "check",
    "collate",
    "constraint",
    "create",
    "default",
    "else",
    "escape",
    "exists",
    "foreign",
    "from",
    "group",
    "in",
    "index",
    "is",
    "isnull",
    "not",
    "notnull",
    "null",
    "on",
    "or",
    "order",
    "primary",
    "references",
    "select",
    "table",
    "then",
    "unique",
    "when",
    "where",
];

/// Whether a text names a column. A word of SQL without quotes is none, nor is a function.
pub(super) fn names(text: &str, column: &str, escapes: bool) -> bool {
    let all = tokens(text, escapes);
    (0..all.len()).any(|at| is_column(&all, at, text, column))
}

/// Whether a text has this word, whatever it is there.
pub(super) fn says(text: &str, word: &str, escapes: bool) -> bool {
    tokens(text, escapes).iter().any(|token| token.name(text).is_some_and(|name| name.eq_ignore_ascii_case(word)))
}

/// Whether it is a name only in quotes.
pub(in crate::schema) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

fn is_column(all: &[Token], at: usize, text: &str, column: &str) -> bool {
    let token = &all[at];
    let function = || all.get(at + 1).is_some_and(|next| next.piece == Piece::Mark('('));
    let bare = || !function() && !is_reserved(column);
    token.name(text).is_some_and(|name| name.eq_ignore_ascii_case(column)) && (token.piece != Piece::Word || bare())
}

/// The text with every name `from` exchanged for what stands for the new one.
pub(super) fn renamed(text: &str, from: &str, to: &str, escapes: bool) -> String {
    let mut sql = String::with_capacity(text.len());
    let mut kept = 0;
    let all = tokens(text, escapes);
    for (at, token) in all.iter().enumerate() {
        if is_column(&all, at, text, from) {
            sql.push_str(&text[kept..token.at.start]);
            sql.push_str(to);
            kept = token.at.end;
        }
    }
    sql.push_str(&text[kept..]);
    sql
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_word_of_sql_and_a_function_are_no_columns() {
        let text = "CHECK (length(`check`) BETWEEN 1 AND n)";
        assert!(names(text, "check", false) && names(text, "n", false));
        assert!(!names(text, "length", false) && !names(text, "and", false) && !names("CHECK (n > 1)", "check", false));
        assert!(names("\"order\" > 1", "order", false) && names("(key > 1)", "key", false));
    }
}
