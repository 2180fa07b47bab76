//! Pieces of SQL in one form, and with a name in them replaced: a server writes a name quoted or bare as its text was written.

use crate::schema::{Picture, ddl::step::is_reserved, picture::TablePicture};

/// The same text with names bare where they can be, and one blank where there are some.
pub(super) fn form(text: &str) -> String {
    written(text, |name, _| name.to_owned())
}

/// The same in one form, with a column's name replaced wherever it stands outside of a text: a word of SQL without quotes is none,
/// nor is a function.
pub(super) fn renamed(text: &str, from: &str, to: &str) -> String {
    written(text, |name, quoted| if name == from && (quoted || !is_reserved(name)) { to } else { name }.to_owned())
}

/// Every condition and expression of a picture in one form.
pub(super) fn in_one_form(mut picture: Picture) -> Picture {
    picture.tables.values_mut().for_each(|table| each(table, form));
    picture
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

/// Whether a name was quoted is told to `change`; a function is not a name.
fn written(text: &str, change: impl Fn(&str, bool) -> String) -> String {
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
        match first {
            '"' | '`' => {
                let inside = token.strip_prefix(first).unwrap_or(token);
                let inside = inside.strip_suffix(first).unwrap_or(inside);
                name(&mut out, &change(&inside.replace(&String::from_iter([first, first]), &first.to_string()), true));
            }
            _ if first.is_whitespace() => out.push(' '),
            _ if in_word(first) && left.starts_with('(') => out.push_str(token),
            _ if in_word(first) => name(&mut out, &change(token, false)),
            _ => out.push_str(token),
        }
    }
    out
}

fn name(out: &mut String, name: &str) {
    let bare = name.chars().all(in_word) && !name.is_empty();
    if bare {
        out.push_str(name);
    } else {
        *out += &["\"", &name.replace('"', "\"\""), "\""].concat();
    }
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
        assert_eq!(renamed("length(`and`) BETWEEN 1 and 2", "and", "x"), "length(x) BETWEEN 1 and 2");
        assert_eq!(renamed("length(`length`) > 1", "length", "x"), "length(x) > 1");
        assert_eq!(renamed("typeof(`n32`) = 'n32' AND n321 > \"n32\"", "n32", "x"), "typeof(x) = 'n32' AND n321 > x");
    }
}
