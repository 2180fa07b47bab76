//! Words that are not committed: unfinished code, silenced lints and tests, second names for one thing.

use super::{Finding, Source};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Macros that mark unfinished code.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];
/// What a comment may not promise.
const PROMISES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];
/// Second words for a backend, a repository, a driver or a pool.
const BANNED: [&str; 7] = ["store", "adapter", "connector", "dao", "manager", "engine", "provider"];

/// What is wrong in one file.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let comment = line.find("//").or_else(|| line.find("/*")).map_or("", |at| &line[at..]);
        if let Some(promise) = PROMISES.iter().find(|promise| comment.contains(**promise)) {
            found.push((index + 1, format!("`{promise}`: do it now or leave it")));
        }
    }
    tokens(source.tokens.clone(), &mut found);
    found.into_iter().map(|(line, text)| source.finding(line, text)).collect()
}

fn tokens(stream: TokenStream, found: &mut Vec<(usize, String)>) {
    let trees: Vec<_> = stream.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        match (tree, &trees[index + 1..]) {
            (TokenTree::Ident(name), [TokenTree::Punct(mark), ..])
                if mark.as_char() == '!' && MACROS.iter().any(|banned| name == banned) =>
            {
                found.push((name.span().start().line, format!("`{name}!` is not committed")));
            }
            (TokenTree::Punct(hash), rest) if hash.as_char() == '#' => {
                let group =
                    rest.iter().find_map(|tree| if let TokenTree::Group(group) = tree { Some(group) } else { None });
                if let Some(group) = group.filter(|group| group.delimiter() == Delimiter::Bracket) {
                    let line = hash.span().start().line;
                    found.extend(attribute(group.stream()).map(|text| (line, text)));
                }
            }
            (TokenTree::Ident(keyword), rest) if keyword == "pub" => {
                if let Some((line, name)) = declared(rest)
                    && let Some(word) = words(&name).into_iter().find(|word| BANNED.contains(&word.as_str()))
                {
                    found.push((line, format!("`{name}`: `{word}` is a second word; see the vocabulary")));
                }
            }
            _ => {}
        }
        if let TokenTree::Group(group) = tree {
            tokens(group.stream(), found);
        }
    }
}

/// What is wrong with an attribute.
fn attribute(stream: TokenStream) -> Option<String> {
    let mut trees = stream.into_iter();
    let TokenTree::Ident(name) = trees.next()? else { return None };
    let arguments = trees.next();
    if name == "ignore" {
        return Some("an ignored test proves nothing: skip it with a reason, or remove it".to_owned());
    }
    let has_reason = |tree: TokenTree| matches!(tree, TokenTree::Ident(ident) if ident == "reason");
    let TokenTree::Group(group) = arguments.filter(|_| name == "allow" || name == "expect")? else { return None };
    let reason = group.stream().into_iter().any(has_reason);
    (!reason).then(|| format!("`{name}` without a `reason`"))
}

/// The name of the public item whose declaration goes on with these tokens.
fn declared(rest: &[TokenTree]) -> Option<(usize, String)> {
    let mut idents = rest.iter().take(6).filter_map(|tree| match tree {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    });
    let kinds = ["struct", "trait", "enum", "fn", "type", "mod"];
    let before = ["async", "const", "unsafe", "extern"];
    loop {
        let ident = idents.next()?;
        if kinds.iter().any(|kind| ident == kind) {
            let name = idents.next()?;
            return Some((name.span().start().line, name.to_string()));
        }
        if !before.iter().any(|word| ident == word) {
            return None;
        }
    }
}

/// The words of a name, in either case: `CacheStore` and `cache_store` have the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter != '_') {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        check(&Source::parse("src/a.rs", text).expect("parsed")).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unfinished_code_is_found_in_macros_too() {
        assert_eq!(found("fn f() {\n    todo!()\n}"), [2]);
        assert_eq!(found("macro_rules! m { () => {\n dbg!(1) } }"), [2]);
        assert_eq!(found("fn todo() -> &'static str { \"todo!()\" }"), Vec::<usize>::new());
    }

    #[test]
    fn promises_are_found_in_comments_alone() {
        assert_eq!(found(concat!("fn f() {}\n// TO", "DO: later")), [2]);
        assert_eq!(found(concat!("const A: &str = \"TO", "DO\";")), Vec::<usize>::new());
    }

    #[test]
    fn a_silenced_lint_needs_its_reason() {
        assert_eq!(found("#[allow(dead_code)]\nfn f() {}"), [1]);
        assert_eq!(found("#[expect(dead_code, reason = \"shown\")]\nfn f() {}"), Vec::<usize>::new());
        assert_eq!(found("#![allow(dead_code)]"), [1]);
    }

    #[test]
    fn an_ignored_test_is_found() {
        assert_eq!(found("#[test]\n#[ignore = \"slow\"]\nfn f() {}"), [2]);
    }

    #[test]
    fn a_second_word_is_found_in_public_names() {
        assert_eq!(found("pub struct RowStore;"), [1]);
        assert_eq!(found("pub(crate) async fn open_engine() {}"), [1]);
        assert_eq!(found("struct RowStore; pub fn stored() {} pub fn restore() {}"), Vec::<usize>::new());
    }
}
