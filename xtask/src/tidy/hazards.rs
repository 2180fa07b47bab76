//! `docs/hazards.md`: the tests, patches and files that it names are there, and a hazard that a mutant or a comment names has a
//! row. A page that says what is proven must not go on saying it when the proof is gone.

use super::{Finding, Source};
use crate::mutants::patch::Patch;
use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const PAGE: &str = "docs/hazards.md";
/// The laws, which a mutant may break as well.
const CONTRACT: &str = "docs/contract.md";
const MUTANTS: &str = "tests/mutants";
/// In place of a name that is not there.
const NOT_YET: &str = "not yet";

/// What the page is held against.
#[derive(Debug, Default)]
pub struct Known {
    functions: BTreeSet<String>,
    /// Where a comment names a hazard.
    mentions: Vec<(String, usize, String)>,
    laws: BTreeSet<String>,
    /// By file name, without its end.
    patches: BTreeMap<String, Patch>,
}

impl Known {
    /// Takes what a source has.
    pub fn read(&mut self, source: &Source) {
        functions(source.tokens.clone(), &mut self.functions);
        if source.path.starts_with("src/") || source.path.starts_with("tests/") {
            for (index, line) in source.text.lines().enumerate() {
                let named = line.match_indices("azard").flat_map(|(at, word)| ids(&line[at + word.len()..]));
                self.mentions.extend(named.map(|id| (source.path.clone(), index + 1, id.to_owned())));
            }
        }
    }

    /// Holds the page against what was read.
    pub fn findings(mut self, root: &Path) -> Result<Vec<Finding>> {
        let read = |path: &str| fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"));
        self.laws = rows(&read(CONTRACT)?).map(|(_, id, _)| id.to_owned()).collect();
        for entry in root.join(MUTANTS).read_dir().with_context(|| format!("cannot read {MUTANTS}"))? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).filter(|_| path.extension().is_some());
            // A header that says nothing is told by `cargo xtask mutants`.
            if let (Some(name), Ok(patch)) = (name, Patch::parse(&path, &fs::read_to_string(&path)?)) {
                self.patches.insert(name.to_owned(), patch);
            }
        }
        Ok(self.check(&read(PAGE)?, |path| root.join(path).exists()))
    }

    fn check(&self, page: &str, is_there: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (line, id, cells) in rows(page) {
            let mut wrong = |text: String| findings.push(finding(PAGE, line, format!("{id}: {text}")));
            let &[_, measured, fence, proven, mutants] = cells.as_slice() else {
                wrong(format!("{} cells behind its name, and not 5", cells.len()));
                continue;
            };
            for cell in [measured, proven, mutants].into_iter().filter(|cell| quoted(cell).next().is_none()) {
                if !cell.contains(NOT_YET) {
                    wrong(format!("`{cell}` names nothing and does not say `{NOT_YET}`"));
                }
            }
            for test in [measured, proven].into_iter().flat_map(quoted).filter(|test| !self.functions.contains(*test)) {
                wrong(format!("no test is called `{test}`"));
            }
            for path in quoted(fence).filter(|path| path.contains('/') && !is_there(path)) {
                wrong(format!("there is no {path}"));
            }
            for name in quoted(mutants) {
                match self.patches.get(name) {
                    None => wrong(format!("there is no {MUTANTS}/{name}.patch")),
                    Some(patch) if !is_proof(patch, proven) => {
                        wrong(format!("{name} turns `{}` red, which its row does not name", patch.expect));
                    }
                    Some(_) => {}
                }
            }
            if told.insert(id, quoted(mutants).collect()).is_some() {
                wrong("it has two rows".to_owned());
            }
        }
        for (name, patch) in &self.patches {
            let here = told.get(patch.law.as_str()).is_some_and(|mutants| mutants.contains(&name.as_str()));
            if is_id(&patch.law) && !here && !self.laws.contains(&patch.law) {
                let file = format!("{MUTANTS}/{name}.patch");
                findings.push(finding(
                    &file,
                    1,
                    format!("no row {} of {PAGE} names it, and no law is called so", patch.law),
                ));
            }
        }
        for (file, line, id) in self.mentions.iter().filter(|(.., id)| !told.contains_key(id.as_str())) {
            findings.push(finding(file, *line, format!("the hazard {id} has no row in {PAGE}")));
        }
        findings
    }
}

fn finding(file: &str, line: usize, text: String) -> Finding {
    Finding { file: file.to_owned(), line, text }
}

/// Whether the test that a patch turns red is one of these. What the differential test finds is no test of a name.
fn is_proof(patch: &Patch, proven: &str) -> bool {
    let expected = patch.expect.rsplit("::").next().unwrap_or_default();
    patch.test.as_deref() == Some("differential") || quoted(proven).any(|test| test.contains(expected))
}

/// The rows of all tables that begin with the name of a hazard or a law: the line, the name, the cells behind it.
fn rows(page: &str) -> impl Iterator<Item = (usize, &str, Vec<&str>)> {
    page.lines().enumerate().filter_map(|(index, line)| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").map(str::trim);
        let id = cells.next().filter(|id| is_id(id))?;
        Some((index + 1, id, cells.collect()))
    })
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// `H10`: a letter and a number.
fn is_id(word: &str) -> bool {
    let number = word.strip_prefix(|letter: char| letter.is_ascii_uppercase());
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The names that follow "hazard" or "hazards": "s H7, H8 and H12)".
fn ids(rest: &str) -> impl Iterator<Item = &str> {
    let words = rest.trim_start_matches('s').split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && *word != "and");
    words.take_while(|word| is_id(word))
}

/// The names of functions, those in the bodies of macros too.
fn functions(stream: TokenStream, found: &mut BTreeSet<String>) {
    let mut is_name = false;
    for tree in stream {
        match tree {
            TokenTree::Ident(name) if is_name => {
                found.insert(name.to_string());
                is_name = false;
            }
            TokenTree::Ident(keyword) => is_name = keyword == "fn",
            TokenTree::Group(group) => {
                functions(group.stream(), found);
                is_name = false;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => is_name = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "| H1 | it hangs | not yet | a bound (`src/a.rs`) | `it_ends`, `it_says_so` | `h1_no_bound` |";

    fn known() -> Known {
        let mut known = Known::default();
        let source = "// (hazards H1 and D2)\nmacro_rules! m { () => { async fn it_ends() {} } } fn it_says_so() {}";
        known.read(&Source::parse("src/a.rs", source).expect("parsed"));
        known.read(&Source::parse("xtask/src/a.rs", "// hazard H99").expect("parsed"));
        known.laws.insert("Q4".to_owned());
        known
    }

    fn patch(law: &str, expect: &str) -> Patch {
        let text = format!("Law: {law}\nExpect: {expect}\nWhy: x\ndiff --git a/a b/a\n");
        Patch::parse(Path::new("x.patch"), &text).expect("a header")
    }

    fn found(known: &Known, page: &str) -> Vec<String> {
        known.check(page, |path| path == "src/a.rs").iter().map(ToString::to_string).collect()
    }

    fn with(name: &str, patch: Patch) -> Known {
        let mut known = known();
        known.mentions.pop();
        known.patches.insert("h1_no_bound".to_owned(), self::patch("H1", "some::place::it_ends"));
        known.patches.insert(name.to_owned(), patch);
        known
    }

    #[test]
    fn a_page_that_names_what_is_there_is_silent() {
        assert_eq!(found(&with("q4_no_key", patch("Q4", "x")), ROW), Vec::<String>::new());
        assert_eq!(found(&with("slow", patch("telemetry", "x")), ROW), Vec::<String>::new());
    }

    #[test]
    fn what_a_row_names_must_be_there() {
        let known = with("q4_no_key", patch("Q4", "x"));
        let renamed = |from: &str, to: &str| found(&known, &ROW.replace(from, to));
        assert_eq!(
            renamed("`it_ends`", "`it_ended`, `it_ends`"),
            ["docs/hazards.md:1: H1: no test is called `it_ended`"]
        );
        assert_eq!(renamed("src/a.rs", "src/b.rs"), ["docs/hazards.md:1: H1: there is no src/b.rs"]);
        assert_eq!(
            renamed("`h1_no_bound`", "`h1_no_bound`, `h1_gone`"),
            ["docs/hazards.md:1: H1: there is no tests/mutants/h1_gone.patch"]
        );
        assert_eq!(
            renamed("| not yet |", "| no |"),
            ["docs/hazards.md:1: H1: `no` names nothing and does not say `not yet`"]
        );
        let few = renamed("| not yet |", "|");
        assert_eq!(few.first().map(String::as_str), Some("docs/hazards.md:1: H1: 4 cells behind its name, and not 5"));
    }

    #[test]
    fn a_mutant_stands_with_the_test_that_it_turns_red() {
        let known = with("h1_no_bound", patch("H1", "some::place::it_ended"));
        assert_eq!(
            found(&known, ROW),
            ["docs/hazards.md:1: H1: h1_no_bound turns `some::place::it_ended` red, which its row does not name"]
        );
    }

    #[test]
    fn a_mutant_of_a_hazard_has_its_row() {
        let told = "no row H1 of docs/hazards.md names it, and no law is called so";
        let known = with("h1_more", patch("H1", "it_ends"));
        assert_eq!(found(&known, ROW), [format!("tests/mutants/h1_more.patch:1: {told}")]);
    }

    #[test]
    fn a_hazard_in_a_comment_has_its_row() {
        let mut known = known();
        known.patches.insert("h1_no_bound".to_owned(), patch("H1", "it_ends"));
        assert_eq!(found(&known, ROW), ["src/a.rs:1: the hazard D2 has no row in docs/hazards.md"]);
    }

    #[test]
    fn a_hazard_has_one_row() {
        let known = with("q4_no_key", patch("Q4", "x"));
        assert_eq!(found(&known, &format!("{ROW}\n{ROW}")), ["docs/hazards.md:2: H1: it has two rows"]);
    }
}
