//! CREATE INDEX CONCURRENTLY in a statement of one's own: it says itself which index it makes.

use super::tokens::{Piece, Token, tokens};

/// The table and the index that a text makes beside the writers; none where it is another text, or gives the index no name.
pub(crate) fn concurrently(sql: &str) -> Option<(String, String)> {
    let all = tokens(sql, false);
    let mut left = all.iter().peekable();
    let mut word = |words: &[&str]| {
        let is = words.iter().zip(left.clone()).filter(|(word, token)| token.is(sql, word)).count() == words.len();
        if is {
            left.nth(words.len() - 1);
        }
        is
    };
    if !word(&["create"]) {
        return None;
    }
    word(&["unique"]);
    if !word(&["index", "concurrently"]) {
        return None;
    }
    word(&["if", "not", "exists"]);
    let index = left.next().filter(|token| !token.is(sql, "on")).and_then(|token| name(token, sql))?;
    left.next().filter(|token| token.is(sql, "on"))?;
    left.next_if(|token| token.is(sql, "only"));
    let table = left.next().and_then(|token| name(token, sql))?;
    if left.next_if(|token| token.piece == Piece::Mark('.')).is_none() {
        return Some((table, index));
    }
    let within = left.next().and_then(|token| name(token, sql))?;
    Some((format!("{table}.{within}"), index))
}

/// A name as PostgreSQL keeps it: one without quotes in small letters.
fn name(token: &Token, sql: &str) -> Option<String> {
    let name = token.name(sql)?;
    Some(if token.piece == Piece::Word { name.to_lowercase() } else { name })
}

/// Whether it takes an index away beside the writers, which no transaction takes either.
pub(super) fn drops(sql: &str) -> bool {
    let all = tokens(sql, false);
    let words = ["drop", "index", "concurrently"];
    words.iter().enumerate().all(|(at, word)| all.get(at).is_some_and(|token| token.is(sql, word)))
}

#[cfg(test)]
mod tests {
    use super::concurrently;

    #[test]
    fn an_index_made_beside_the_writers_is_known_by_its_name() {
        let made = |sql: &str| concurrently(sql).map(|(table, index)| format!("{index} on {table}"));
        assert_eq!(made("CREATE INDEX CONCURRENTLY ix ON Item (n)"), Some("ix on item".to_owned()));
        let whole = "create unique index concurrently if not exists \"Ix a\" on only sales.\"Item\" (lower(n))";
        assert_eq!(made(whole), Some("Ix a on sales.Item".to_owned()));
        assert_eq!(made("CREATE INDEX CONCURRENTLY ON item (n)"), None);
        assert_eq!(made("CREATE INDEX ix ON item (n)"), None);
        assert_eq!(made("DROP INDEX CONCURRENTLY ix"), None);
    }
}
