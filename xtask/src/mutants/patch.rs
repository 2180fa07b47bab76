//! A patch and the header that says what it proves.

use crate::servers::Backend;
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// One way to break the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    pub path: PathBuf,
    /// The law that it breaks.
    pub law: String,
    /// What the name of the test that must go red contains.
    pub expect: String,
    /// Where that is looked for; memory and SQLite unless told.
    pub backends: Vec<Backend>,
    /// The test binary, where it is not one of the suite's; `lib` is the library's own.
    pub test: Option<String>,
}

/// The lines that a header may have.
const KEYS: [&str; 5] = ["Law", "Expect", "Backend", "Test", "Why"];

impl Patch {
    /// Reads the lines before the diff. A line without a key goes on with the one before it.
    pub fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let mut fields: Vec<(&str, String)> = Vec::new();
        let is_diff = |line: &&str| line.starts_with("diff ") || line.starts_with("--- ");
        if !text.lines().any(|line| is_diff(&line)) {
            return Err("it holds no diff".to_owned());
        }
        for line in text.lines().take_while(|line| !is_diff(line)).filter(|line| !line.trim().is_empty()) {
            match line.split_once(": ").filter(|(key, _)| KEYS.contains(key)) {
                Some((key, value)) => fields.push((key, value.trim().to_owned())),
                None => match fields.last_mut() {
                    Some((_, value)) => *value = format!("{value} {}", line.trim()),
                    None => return Err(format!("its header begins with `{line}`; known are {}", KEYS.join(", "))),
                },
            }
        }
        let field = |key: &str| fields.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        let required =
            |key: &str| field(key).filter(|value| !value.is_empty()).ok_or(format!("its header has no `{key}:`"));
        required("Why")?;
        let backends = field("Backend").unwrap_or_else(|| "memory sqlite".to_owned());
        let words = backends.split([' ', ',', '+']).filter(|word| !word.is_empty());
        let backends = words.map(|word| Backend::from_str(word, true)).collect::<Result<_, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            law: required("Law")?,
            expect: required("Expect")?,
            backends,
            test: field("Test"),
        })
    }

    /// The test binaries to run.
    pub fn tests(&self) -> Vec<String> {
        match &self.test {
            Some(test) => vec![test.clone()],
            None => self.backends.iter().map(|backend| format!("backend_{backend}")).collect(),
        }
    }

    /// Whether a test is one that must go red.
    pub fn names(&self, test: &str) -> bool {
        test.contains(&self.expect)
            && (self.test.is_some() || self.backends.iter().any(|backend| test.contains(&format!("{backend}::"))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str = "diff --git a/src/a.rs b/src/a.rs\n";

    fn parse(header: &str) -> Result<Patch, String> {
        Patch::parse(Path::new("x.patch"), &format!("{header}{DIFF}"))
    }

    #[test]
    fn a_header_says_what_must_go_red_and_where() {
        let patch = parse("Law: Q4\nExpect: q4_ties\nBackend: sqlite, postgres\nWhy: the key\n  is not appended\n\n");
        let patch = patch.expect("a header");
        assert_eq!((patch.law.as_str(), patch.expect.as_str()), ("Q4", "q4_ties"));
        assert_eq!(patch.backends, [Backend::Sqlite, Backend::Postgres]);
        assert_eq!(patch.tests(), ["backend_sqlite", "backend_postgres"]);
        assert!(patch.names("conformance::sqlite::plain::q4_ties_are_broken"));
        assert!(!patch.names("conformance::memory::plain::q4_ties_are_broken"));
    }

    #[test]
    fn memory_and_sqlite_unless_told() {
        let patch = parse("Law: Q4\nExpect: x\nWhy: y\n").expect("a header");
        assert_eq!(patch.backends, [Backend::Memory, Backend::Sqlite]);
    }

    #[test]
    fn another_test_binary_may_be_named() {
        let patch = parse("Law: T3\nExpect: x\nTest: cancel\nWhy: y\n").expect("a header");
        assert_eq!(patch.tests(), ["cancel"]);
        assert!(patch.names("some::x"));
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(parse("Law: Q4\nExpect: x\n"), Err("its header has no `Why:`".to_owned()));
        assert_eq!(parse("Expect: x\nWhy: y\n"), Err("its header has no `Law:`".to_owned()));
        assert!(parse("Law: Q4\nExpect: x\nBackend: oracle\nWhy: y\n").is_err());
        assert!(parse("From: somebody\n").is_err());
        assert!(Patch::parse(Path::new("x"), "Law: Q4\n").is_err());
    }
}
