//! SQL in words, to compare a check that we wrote with what a server tells of it: each writes it back in its own way.

use crate::schema::Flavor;
use std::collections::BTreeSet;

/// A word of SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, a function or a bare name, in lower case.
    Word(String),
    /// A quoted name.
    Name(String),
    /// A text between apostrophes, or the digits of a number.
    Literal(String),
    /// Anything else, one character at a time; comparisons are whole.
    Mark(String),
}

impl Token {
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(w) | Self::Mark(w) if w == word)
    }

    /// The name that this is, quoted or not.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Name(name) => Some(name),
            _ => None,
        }
    }
}

/// The words of a text. Comments are left out; a backslash escapes inside texts on MySQL alone.
pub(super) fn tokens(sql: &str, flavor: Flavor) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = sql.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => tokens.push(Token::Literal(quoted(&mut rest, '\'', flavor.is_mysql()))),
            '`' | '"' => tokens.push(Token::Name(quoted(&mut rest, c, false))),
            '[' if flavor == Flavor::Sqlite => tokens.push(Token::Name(quoted(&mut rest, ']', false))),
            '-' if rest.peek() == Some(&'-') => while rest.next().is_some_and(|c| c != '\n') {},
            '/' if rest.peek() == Some(&'*') => {
                let mut last = ' ';
                rest.next();
                for c in rest.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            '<' | '>' | '=' | '!' => {
                let mut mark = c.to_string();
                while let Some(next) = rest.next_if(|c| "<>=".contains(*c)) {
                    mark.push(next);
                }
                tokens.push(Token::Mark(mark));
            }
            c if c.is_alphanumeric() || c == '_' => {
                let mut word = c.to_string();
                while let Some(next) = rest.next_if(|c| c.is_alphanumeric() || "_$.".contains(*c)) {
                    word.push(next);
                }
                tokens.push(if c.is_ascii_digit() { Token::Literal(word) } else { Token::Word(word.to_lowercase()) });
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Mark(c.to_string())),
        }
    }
    tokens
}

fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, end: char, escapes: bool) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == '\\' && escapes {
            text.extend(rest.next());
        } else if c != end {
            text.push(c);
        } else if rest.next_if_eq(&end).is_some() {
            text.push(end);
        } else {
            break;
        }
    }
    text
}

/// What a check says, whatever way a server has of writing it: the column, the values, the comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    literals: BTreeSet<String>,
    marks: BTreeSet<&'static str>,
}

/// What a condition says of a column; `None` where it says nothing of it.
pub(super) fn said(condition: &[Token], column: &str) -> Option<Said> {
    condition.iter().any(|token| token.name().is_some_and(|name| name.eq_ignore_ascii_case(column))).then(|| {
        let mut said = Said { literals: BTreeSet::new(), marks: BTreeSet::new() };
        let mut negative = false;
        for token in condition {
            match token {
                // `-128`, `-(128)` and `'-128'` are one number.
                Token::Literal(text) if negative => {
                    said.literals.insert(format!("-{text}"));
                }
                Token::Literal(text) => {
                    said.literals.insert(text.clone());
                }
                Token::Mark(mark) => match mark.as_str() {
                    "<=" => said.marks.extend(["<="]),
                    ">=" => said.marks.extend([">="]),
                    "=" => said.marks.extend(["="]),
                    "<" | ">" | "<>" | "!=" => said.marks.extend(["another"]),
                    _ => {}
                },
                Token::Word(word) => match word.as_str() {
                    "between" => said.marks.extend(["<=", ">="]),
                    "in" => said.marks.extend(["="]),
                    "or" | "not" => said.marks.extend(["another"]),
                    "json_valid" => said.marks.extend(["json_valid"]),
                    _ => {}
                },
                Token::Name(_) => {}
            }
            negative = token.is("-") || (negative && token.is("("));
        }
        said
    })
}

/// The condition in words that are the same for two ways of quoting and spacing.
pub(super) fn words(condition: &[Token]) -> Vec<String> {
    condition
        .iter()
        .map(|token| match token {
            Token::Word(word) | Token::Name(word) => word.to_lowercase(),
            Token::Literal(text) => format!("'{text}'"),
            Token::Mark(mark) => mark.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sql: &str, flavor: Flavor) -> Option<Said> {
        said(&tokens(sql, flavor), "state")
    }

    #[test]
    fn a_check_is_known_in_the_words_of_every_server() {
        let ours = of("`state` IN ('it''s', 'b')", Flavor::MariaDb);
        assert!(ours.is_some());
        assert_eq!(ours, of(r"`state` in ('b','it\'s')", Flavor::MariaDb));
        assert_eq!(ours, of(r"(`state` in (_utf8mb4'it''s',_utf8mb4'b'))", Flavor::MySql));
        let postgres =
            "CHECK (((state)::text = ANY ((ARRAY['b'::character varying, 'it''s'::character varying])::text[])))";
        assert_eq!(ours, of(postgres, Flavor::Postgres));
        assert_ne!(ours, of("state IN ('b')", Flavor::Postgres));
        assert_ne!(ours, of("state NOT IN ('it''s', 'b')", Flavor::Postgres));
        assert_eq!(of("other IN ('b')", Flavor::Postgres), None);
    }

    #[test]
    fn a_range_is_two_comparisons() {
        let ours = of("`state` BETWEEN 0 AND 4294967295", Flavor::MariaDb);
        let postgres = "CHECK (((state >= 0) AND (state <= '4294967295'::bigint)))";
        assert_eq!(ours, of(postgres, Flavor::Postgres));
        assert_ne!(ours, of("state >= 0 AND state < 4294967295", Flavor::Postgres));
    }

    #[test]
    fn a_negative_number_is_known_in_the_words_of_every_server() {
        let ours = of("`state` BETWEEN -128 AND 127", Flavor::MariaDb);
        assert_eq!(ours, of("CHECK (((state >= '-128'::integer) AND (state <= 127)))", Flavor::Postgres));
        assert_eq!(ours, of("(`state` between -(128) and 127)", Flavor::MySql));
        assert_ne!(ours, of("state BETWEEN 128 AND 127", Flavor::Postgres));
        assert_ne!(ours, of("state BETWEEN -128 AND -127", Flavor::Postgres));
    }

    #[test]
    fn quotes_and_spaces_are_no_words() {
        let of = |sql| words(&tokens(sql, Flavor::Sqlite));
        assert_eq!(of("typeof(`A b`) = 'x' -- why\n AND [c]<=1"), of("TYPEOF ( \"a B\" )='x' /* , */ and c <= 1"));
    }
}
