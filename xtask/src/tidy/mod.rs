//! What the compiler does not check: who may import whom, how long files are, a few words, and whether the page of hazards
//! names what is there.

mod edges;
mod hazards;
mod imports;
mod sizes;
mod words;

use crate::{shell, summary::Summary};
use anyhow::{Context, Result};
use proc_macro2::TokenStream;
use std::{fmt, path::Path, str::FromStr};

/// Something to mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    file: String,
    line: usize,
    text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// A Rust file, read once for all rules.
pub struct Source {
    /// From the folder of the workspace, with `/`.
    path: String,
    text: String,
    tokens: TokenStream,
    syntax: syn::File,
}

impl Source {
    fn parse(path: &str, text: &str) -> Result<Self> {
        // One string is parsed after the other on this thread: without this their spans pile up.
        proc_macro2::extra::invalidate_current_thread_spans();
        let tokens = TokenStream::from_str(text).map_err(|error| anyhow::anyhow!("{path}: {error}"))?;
        let syntax = syn::parse2(tokens.clone()).with_context(|| format!("cannot parse {path}"))?;
        Ok(Self { path: path.to_owned(), text: text.to_owned(), tokens, syntax })
    }

    /// Whether the whole file is compiled for tests only: its name says so.
    fn is_for_tests(&self) -> bool {
        let names = self.path.trim_end_matches(".rs").split('/');
        names.skip(1).any(|name| name == "tests" || name.ends_with("_tests"))
    }

    fn finding(&self, line: usize, text: impl Into<String>) -> Finding {
        Finding { file: self.path.clone(), line, text: text.into() }
    }
}

/// The committed files and those that are about to be.
fn paths() -> Result<Vec<String>> {
    let listed = shell::run(shell::command("git").args(["ls-files", "-co", "--exclude-standard", "--", "*.rs"]))?;
    let root = shell::root();
    Ok(listed.lines().filter(|path| root.join(path).exists()).map(str::to_owned).collect())
}

pub fn run() -> Result<()> {
    let root = shell::root();
    let mut findings = Vec::new();
    let mut lengths = Vec::new();
    let paths = paths()?;
    let mut known = hazards::Known::default();
    let tree = imports::Tree::new(&paths, &std::fs::read_to_string(root.join("src/lib.rs"))?)?;
    for path in &paths {
        let text = std::fs::read_to_string(root.join(path))?;
        // Programs that must not compile are quoted with their mistakes.
        if Path::new(path).starts_with("tests/ui") {
            continue;
        }
        let source = Source::parse(path, &text)?;
        findings.extend(words::check(&source));
        known.read(&source);
        if path.starts_with("src/") {
            findings.extend(imports::check(&source, &tree));
            let length = sizes::length(&source);
            findings.extend(sizes::check(&source, length));
            if !source.is_for_tests() {
                lengths.push(length);
            }
        }
    }
    findings.extend(sizes::median(&mut lengths));
    findings.extend(known.findings(&root)?);
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    let passed = paths.len().saturating_sub(findings.len());
    Summary { passed, failed: findings.len(), skipped: 0 }.finish("tidy")
}
