//! How long files are, tests not counted: a file that fits on a few screens is read, a longer one is searched.

use super::{Finding, Source, imports};
use syn::spanned::Spanned;

/// The median of the library's files, those of tests left out, may not be longer.
const MEDIAN: usize = 120;
/// From here on a seam is worth looking for.
const LONG: usize = 400;
/// A longer file says why in its header, in a line that begins with [`EXCUSE`].
const TOO_LONG: usize = 800;
const EXCUSE: &str = "//! Long because ";

/// The lines of a file without the items that are compiled for tests only.
pub fn length(source: &Source) -> usize {
    let tests = source.syntax.items.iter().filter(|item| imports::is_test(item));
    let tests: usize = tests.map(|item| item.span().end().line + 1 - item.span().start().line).sum();
    source.text.lines().count().saturating_sub(tests)
}

/// Whether a file is too long; one that is merely long is told and passes.
pub fn check(source: &Source, length: usize) -> Option<Finding> {
    if length > TOO_LONG && !source.text.lines().any(|line| line.starts_with(EXCUSE)) {
        return Some(source.finding(1, format!("{length} lines; say why in a line `{EXCUSE}…`, or split it")));
    }
    if length > LONG {
        println!("note: {}: {length} lines: is there a seam?", source.path);
    }
    None
}

/// Whether the files are long as a whole.
pub fn median(lengths: &mut [usize]) -> Option<Finding> {
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied()?;
    (median > MEDIAN).then(|| Finding {
        file: "src".to_owned(),
        line: 0,
        text: format!("the median file has {median} lines, more than {MEDIAN}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_do_not_count() {
        let source =
            Source::parse("src/a.rs", "fn f() {}\n\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n").expect("parsed");
        assert_eq!(length(&source), 2);
    }

    #[test]
    fn a_very_long_file_needs_its_reason() {
        let long = "fn f() {}\n";
        assert!(check(&Source::parse("src/a.rs", long).expect("parsed"), 801).is_some());
        let excused = format!("{EXCUSE}of a table.\n{long}");
        assert!(check(&Source::parse("src/a.rs", &excused).expect("parsed"), 801).is_none());
    }

    #[test]
    fn the_median_is_of_all_files() {
        assert!(median(&mut [900, 10, 121]).is_some());
        assert!(median(&mut [900, 10, 120]).is_none());
    }
}
