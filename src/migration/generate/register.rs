//! A new migration's place in `lib.rs`: a `mod` line, and an entry of the list.

use crate::{Error, ErrorKind, Result};

/// The text of `lib.rs` with this migration in it, last.
///
/// # Errors
/// `Migration` where the list is not found, with the two lines that a person adds.
pub(super) fn registered(lib: &str, name: &str) -> Result<String> {
    let entry = format!("Box::new({name}::Migration)");
    let (module, listed) = (format!("mod {name};"), lib.contains(&entry));
    let with_module = if lib.contains(&module) { lib.to_owned() } else { with_module(lib, &module) };
    if listed {
        return Ok(with_module);
    }
    with_entry(&with_module, &entry).ok_or_else(|| {
        let why = format!(
            "`fn migrations` of `lib.rs` has no `vec![…]` to add to: add `{module}`, and `{entry}` to the list of migrations"
        );
        Error::new(ErrorKind::Migration, why)
    })
}

/// Below the last migration's `mod`; else below the comments at the top.
fn with_module(lib: &str, module: &str) -> String {
    let lines: Vec<&str> = lib.lines().collect();
    let is_migration = |line: &&str| {
        let name = line.trim_start().strip_prefix("pub ").unwrap_or(line.trim_start()).strip_prefix("mod m");
        name.is_some_and(|name| name.starts_with(|first: char| first.is_ascii_digit()))
    };
    let is_top = |line: &&str| line.starts_with("//!") || line.starts_with("#![") || line.trim().is_empty();
    let last = lines.iter().rposition(is_migration).map(|line| line + 1);
    let at = last.unwrap_or_else(|| lines.iter().take_while(|line| is_top(line)).count());
    let mut new: Vec<&str> = lines[..at].to_vec();
    new.push(module);
    if last.is_none() {
        new.push("");
    }
    new.extend(&lines[at..]);
    new.join("\n") + "\n"
}

/// The last entry of the list in `fn migrations`.
fn with_entry(lib: &str, entry: &str) -> Option<String> {
    let list = lib.find("fn migrations(")?;
    let open = list + lib[list..].find("vec![")? + "vec!".len();
    let (last, close) = ends(&lib[open..]).map(|(last, close)| (open + last, open + close))?;
    let comma = if lib[..=last].ends_with(['[', ',']) { "" } else { "," };
    let (before, gap) = (lib[last + 1..close].trim_end(), lib[last + 1..close].len());
    let tail = &lib[close - gap + before.len()..close];
    // A list over several lines gets one more; one on a line stays on it.
    let line = lib[..=last].rfind('\n').map_or(0, |at| at + 1);
    let entry = if line > open {
        let indent: String = lib[line..].chars().take_while(|c| c.is_whitespace()).collect();
        format!("{comma}{before}\n{indent}{entry},")
    } else {
        format!("{comma}{before}{}{entry}", if last == open { "" } else { " " })
    };
    Some(format!("{}{entry}{tail}{}", &lib[..=last], &lib[close..]))
}

/// Where the bracket that the text begins with is closed, and what stands last before it; comments do not count.
fn ends(text: &str) -> Option<(usize, usize)> {
    let (mut depth, mut last) = (0_u32, 0);
    let mut comment = false;
    for (at, character) in text.char_indices() {
        match character {
            '\n' => comment = false,
            '/' if text[at..].starts_with("//") => comment = true,
            _ if comment => {}
            '[' => depth += 1,
            ']' if depth == 1 => return Some((last, at)),
            ']' => depth -= 1,
            _ => {}
        }
        if !comment && !character.is_whitespace() {
            last = at + character.len_utf8() - 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_over_several_lines_gets_one_more() {
        let lib = "//! Ours.\n\nmod m1_a;\n\nimpl M {\n    fn migrations() -> V {\n        vec![\n            Box::new(m1_a::Migration), // ]\n        ]\n    }\n}\n";
        let expected = "//! Ours.\n\nmod m1_a;\nmod m2_b;\n\nimpl M {\n    fn migrations() -> V {\n        vec![\n            Box::new(m1_a::Migration), // ]\n            Box::new(m2_b::Migration),\n        ]\n    }\n}\n";
        let once = registered(lib, "m2_b").expect("a list");
        assert_eq!(once, expected);
        let bare = registered(&lib.replace(", // ]", " // ]"), "m2_b").expect("a list");
        assert_eq!(bare, expected, "a comma where there was none");
        assert_eq!(registered(&once, "m2_b").expect("it is there"), once);
    }

    #[test]
    fn an_empty_list_and_one_on_a_line_are_lists_too() {
        let lib = "//! Ours.\n\nuse x::*;\nfn migrations() -> V { vec![] }\n";
        let one = registered(lib, "m1_a").expect("a list");
        assert_eq!(
            one,
            "//! Ours.\n\nmod m1_a;\n\nuse x::*;\nfn migrations() -> V { vec![Box::new(m1_a::Migration)] }\n"
        );
        let two = registered(&one, "m2_b").expect("a list");
        assert!(two.contains("mod m1_a;\nmod m2_b;\n"), "{two}");
        assert!(two.contains("vec![Box::new(m1_a::Migration), Box::new(m2_b::Migration)]"), "{two}");
    }

    #[test]
    fn a_list_that_is_not_found_is_told_with_what_to_add() {
        let error = registered("fn migrations() -> V { all() }", "m1_a").expect_err("no list");
        assert!(error.to_string().contains("mod m1_a;") && error.to_string().contains("Box::new(m1_a"), "{error}");
    }
}
