//! The tokens of a statement, as far as they must be told apart: what stands in quotes or in a comment is none.
//!
//! Also compiled into the macro `raw!`, so it names nothing of the library.

use std::ops::Range;

/// Whose quotes and comments are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// What the servers have in common: for a text that is written for all of them.
    Any,
    /// Of SQLite.
    Sqlite,
    /// Of PostgreSQL.
    Postgres,
    /// Of MySQL and MariaDB.
    MySql,
    /// Of MongoDB: JSON, which has no comments, and in which no brace is followed by a bare name.
    Mongo,
}

/// A piece of a statement that says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'t> {
    /// A name or a word of SQL, or a number.
    Word(&'t str),
    /// `{name}`, `{row.id}`, `{..names}`.
    Hole {
        /// What stands in it, without dots before it.
        path: &'t str,
        /// Each value of a list.
        all: bool,
    },
    /// A brace that was said twice stands for itself.
    Brace,
    /// A brace that neither begins a hole nor stands for itself.
    Stray,
    /// A placeholder of the server's own.
    Placeholder(&'t str),
    /// Something in quotes.
    Quoted,
    /// A quote or a comment that is not closed.
    Unclosed,
    /// Any other letter.
    Mark(char),
}

/// Reads a text from its begin to its end.
#[derive(Debug)]
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
    words: Words,
    /// Whether braces mean anything.
    holes: bool,
}

impl<'t> Lexer<'t> {
    /// The tokens of a statement as the server reads it.
    pub fn new(text: &'t str, words: Words) -> Self {
        Self { text, at: 0, words, holes: false }
    }

    /// The tokens of a text with holes in it.
    pub fn with_holes(text: &'t str, words: Words) -> Self {
        Self { holes: true, ..Self::new(text, words) }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn is(&self, words: Words) -> bool {
        self.words == words
    }

    /// Passes over white space and comments; whether all of them were closed.
    fn space(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if self.is(Words::Mongo) {
                return true;
            }
            let line = trimmed.strip_prefix("--").is_some_and(|after| {
                // In MySQL `a--1` is a number taken from another.
                !self.is(Words::MySql) || after.is_empty() || after.starts_with(char::is_whitespace)
            });
            if line || (self.is(Words::MySql) && trimmed.starts_with('#')) {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if self.is(Words::MySql) && (trimmed.starts_with("/*!") || trimmed.starts_with("/*M!")) {
                // MySQL and MariaDB run what stands in such a comment.
                let open = trimmed.find('!').map_or(2, |at| at + 1);
                let digits = trimmed[open..].chars().take_while(char::is_ascii_digit).count();
                self.at += open + digits;
            } else if self.is(Words::MySql) && trimmed.starts_with("*/") {
                self.at += 2;
            } else if trimmed.starts_with("/*") {
                match comment(trimmed, self.is(Words::Postgres)) {
                    Some(length) => self.at += length,
                    None => return false,
                }
            } else {
                return true;
            }
        }
    }

    /// The length of what stands in quotes here; `None` where it is not closed.
    fn quoted(&self, quote: char, escapes: bool) -> Option<usize> {
        let mut letters = self.rest().char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            if letter == '\\' && escapes {
                letters.next();
            } else if letter == quote {
                match letters.peek() {
                    Some((_, next)) if *next == quote && quote != ']' => drop(letters.next()),
                    _ => return Some(at + letter.len_utf8()),
                }
            }
        }
        None
    }

    /// The length of the text of JSON that begins here.
    fn text(&self) -> Option<usize> {
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                '"' => return Some(at + 1),
                _ => {}
            }
        }
        None
    }

    /// The length of the `$tag$` that begins here.
    fn tag(&self) -> Option<usize> {
        let rest = self.rest();
        let length = rest[1..].find('$')? + 2;
        let name = &rest[1..length - 1];
        let good = !name.starts_with(|letter: char| letter.is_ascii_digit()) && name.chars().all(part_of_a_word);
        good.then_some(length)
    }

    fn hole(&self) -> Option<(usize, &'t str, bool)> {
        let inside = &self.rest()[1..self.rest().find('}')?];
        let (path, all) = inside.strip_prefix("..").map_or((inside, false), |path| (path, true));
        let good = |(index, part): (usize, &str)| {
            let number = index > 0 && part.chars().all(|letter| letter.is_ascii_digit());
            let name = part.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
            !part.is_empty()
                && (number || (name && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')))
        };
        path.split('.').enumerate().all(good).then_some((inside.len() + 2, path, all))
    }

    /// What begins here, and how long it is.
    fn token(&self) -> (usize, Token<'t>) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return (0, Token::Unclosed) };
        let string =
            |length: Option<usize>| length.map_or((rest.len(), Token::Unclosed), |length| (length, Token::Quoted));
        match first {
            '{' if self.holes && self.is(Words::Mongo) => {
                self.hole().map_or((1, Token::Mark('{')), |(length, path, all)| (length, Token::Hole { path, all }))
            }
            '{' | '}' if self.holes && !self.is(Words::Mongo) => match rest.as_bytes() {
                [b'{', b'{', ..] | [b'}', b'}', ..] => (2, Token::Brace),
                [b'{', ..] => {
                    self.hole().map_or((1, Token::Stray), |(length, path, all)| (length, Token::Hole { path, all }))
                }
                _ => (1, Token::Stray),
            },
            '"' if self.is(Words::Mongo) => string(self.text()),
            '\'' if !self.is(Words::Mongo) => string(self.quoted('\'', self.is(Words::MySql))),
            '"' => string(self.quoted('"', self.is(Words::MySql))),
            '`' if !matches!(self.words, Words::Postgres | Words::Mongo) => string(self.quoted('`', false)),
            '[' if self.is(Words::Sqlite) => string(self.quoted(']', false)),
            'e' | 'E' if self.is(Words::Postgres) && rest[1..].starts_with('\'') => {
                let after = Self { at: self.at + 1, ..*self };
                string(after.quoted('\'', true).map(|length| length + 1))
            }
            '$' if matches!(self.words, Words::Postgres | Words::Any)
                && let Some(tag) = self.tag() =>
            {
                string(rest[tag..].find(&rest[..tag]).map(|end| tag + end + tag))
            }
            '?' if matches!(self.words, Words::Sqlite | Words::MySql) => self.placeholder(),
            '$' if self.is(Words::Postgres) && starts(&rest[1..], |letter| letter.is_ascii_digit()) => {
                self.placeholder()
            }
            ':' if rest.starts_with("::") => (2, Token::Mark(':')),
            ':' | '@' | '$' if self.is(Words::Sqlite) && starts(&rest[1..], part_of_a_word) => self.placeholder(),
            letter if part_of_a_word(letter) => {
                // A `$` inside a word belongs to it, so it begins no quote.
                let end = rest.find(|letter: char| !part_of_a_word(letter) && letter != '$').unwrap_or(rest.len());
                (end, Token::Word(&rest[..end]))
            }
            other => (other.len_utf8(), Token::Mark(other)),
        }
    }

    fn placeholder(&self) -> (usize, Token<'t>) {
        let rest = self.rest();
        let digits = self.is(Words::MySql).then_some(1);
        let named = || rest[1..].find(|letter: char| !part_of_a_word(letter)).map_or(rest.len(), |end| end + 1);
        let end = digits.unwrap_or_else(named);
        (end, Token::Placeholder(&rest[..end]))
    }
}

fn part_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn starts(text: &str, with: impl Fn(char) -> bool) -> bool {
    text.chars().next().is_some_and(with)
}

/// The length of the comment that begins here.
fn comment(text: &str, nested: bool) -> Option<usize> {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let rest = &text[at..];
        let end = rest.find("*/")?;
        let open = rest.find("/*").filter(|open| nested && *open < end);
        (at, depth) = open.map_or((at + end + 2, depth - 1), |open| (at + open + 2, depth + 1));
    }
    Some(at)
}

impl<'t> Iterator for Lexer<'t> {
    type Item = (Range<usize>, Token<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        let closed = self.space();
        let from = self.at;
        let (length, token) = match self.rest().len() {
            0 => return None,
            left if !closed => (left, Token::Unclosed),
            _ => self.token(),
        };
        self.at += length;
        Some((from..self.at, token))
    }
}
