//! Pieces of SQL in one form, and with a name in them replaced: a server writes a name quoted or bare as its text was written.

use crate::schema::{ddl::step::is_reserved, picture::TablePicture};

/// Two texts are one condition where they have one form: names bare where letters allow it, and one blank where there are some. It is
/// there to be compared; a server may know a name only in its quotes.
pub(super) fn form(text: &str) -> String {
    written(text, Some(" "), |name, quote| {
        Some(if quote.is_some() { bare(name).unwrap_or_else(|| within('"', name)) } else { name.to_owned() })
    })
}

/// The same text with a column's name replaced wherever it stands outside of a text, in the quotes that the old one had: a word of
/// SQL without quotes is no column, nor is a function. `quote` is around a name that needs it where the old one did not.
pub(super) fn renamed(text: &str, from: &str, to: &str, quote: char) -> String {
    written(text, None, |name, quoted| match quoted {
        _ if name != from => None,
        Some(old) => Some(within(old, to)),
        None if is_reserved(name) => None,
        None => bare(to).filter(|to| !is_reserved(to)).or_else(|| Some(within(quote, to))),
    })
}

/// Does something to every condition and expression of a table.
pub(super) fn each(table: &mut TablePicture, change: impl Fn(&str) -> String) {
    let generated = table.columns.iter_mut().filter_map(|column| column.generated.as_mut());
    let checks = table.checks.iter_mut().map(|check| &mut check.condition);
    let of_indexes = table.indexes.iter_mut().flat_map(|index| {
        let expressions = index.parts.iter_mut().filter_map(|part| part.expression.as_mut());
        expressions.chain(index.predicate.as_mut())
    });
    generated.chain(checks).chain(of_indexes).for_each(|text| *text = change(text));
}

/// What `change` makes of each name, which hears in what quotes it stood; a function is not a name, and what is not changed stays.
fn written(text: &str, blank: Option<&str>, change: impl Fn(&str, Option<char>) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = text.trim();
    while let Some(first) = left.chars().next() {
        let end = match first {
            '\'' | '"' | '`' => quoted(left, first),
            _ if first.is_whitespace() => left.find(|c: char| !c.is_whitespace()).unwrap_or(left.len()),
            _ if in_word(first) => left.find(|c| !in_word(c)).unwrap_or(left.len()),
            _ => first.len_utf8(),
        };
        let (token, rest) = left.split_at(end);
        left = rest;
        let new = match first {
            '"' | '`' => {
                let inside = token.strip_prefix(first).unwrap_or(token);
                let inside = inside.strip_suffix(first).unwrap_or(inside);
                change(&inside.replace(&String::from_iter([first, first]), &first.to_string()), Some(first))
            }
            _ if first.is_whitespace() => blank.map(ToOwned::to_owned),
            _ if in_word(first) && !left.starts_with('(') => change(token, None),
            _ => None,
        };
        out.push_str(new.as_deref().unwrap_or(token));
    }
    out
}

/// The name without quotes, where its letters need none.
fn bare(name: &str) -> Option<String> {
    (!name.is_empty() && name.chars().all(in_word)).then(|| name.to_owned())
}

fn within(quote: char, name: &str) -> String {
    let quote = quote.to_string();
    [quote.as_str(), &name.replace(&quote, &quote.repeat(2)), &quote].concat()
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Where what begins with a quote ends, doubled quotes inside.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(next) = text[at..].find(quote) {
        at += next + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_blanks_do_not_count() {
        assert_eq!(form("(`n`  >= 0)"), form("(\"n\" >= 0)"));
        assert_eq!(form("n = 'a  \"b\" it''s'"), "n = 'a  \"b\" it''s'");
        assert_eq!(form("\"two words\" > 1"), "\"two words\" > 1");
        assert_eq!(form("'open"), "'open");
    }

    #[test]
    fn a_name_is_replaced_outside_of_texts() {
        let renamed = |text: &str, from: &str, to: &str| renamed(text, from, to, '`');
        assert_eq!(renamed("length(`and`) BETWEEN 1 and 2", "and", "x"), "length(`x`) BETWEEN 1 and 2");
        assert_eq!(renamed("length(`length`) > 1", "length", "x"), "length(`x`) > 1");
        assert_eq!(
            renamed("typeof(`n32`) = 'n32' AND n321 > \"n32\"", "n32", "x"),
            "typeof(`x`) = 'n32' AND n321 > \"x\""
        );
        assert_eq!(renamed("n > 1 AND m > n", "n", "two words"), "`two words` > 1 AND m > `two words`");
        assert_eq!(renamed("n > 1 AND \"m\" > n", "n", "order"), "`order` > 1 AND \"m\" > `order`");
    }

    #[test]
    fn what_has_another_name_keeps_its_quotes() {
        assert_eq!(renamed("`desc` > -3 AND n > 0", "n", "m", '`'), "`desc` > -3 AND m > 0");
    }
}
