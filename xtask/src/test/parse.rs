//! Reads what libtest prints. Its machine-readable output is not stable; its lines have been for ten years.

use crate::summary::Summary;
use std::collections::BTreeMap;

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed,
    /// With its reason.
    Skipped(String),
}

/// A test that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    pub name: String,
    pub verdict: Verdict,
}

/// Takes the lines of `cargo test -- --show-output` one by one.
#[derive(Debug, Default)]
pub struct Parser {
    /// The tests that ended, in order.
    pub tests: Vec<Test>,
    /// Where the present test binary's begin.
    first: usize,
    /// Whether a binary has begun and not given its result.
    open: bool,
    /// Whether the output of passed tests is being listed.
    successes: bool,
    /// Reasons by test, told by the tests themselves.
    skips: BTreeMap<String, String>,
    /// Binaries that ended without a result.
    pub crashed: usize,
}

impl Parser {
    /// Takes a line. `false` where it need not be shown: the output of what passed.
    pub fn line(&mut self, line: &str) -> bool {
        if let Some(rest) = line.strip_prefix("SKIPPED ")
            && let Some((name, reason)) = rest.split_once(": ")
        {
            self.skips.insert(name.to_owned(), reason.to_owned());
            return true;
        }
        if line.starts_with("running ") && line.split(' ').nth(2).is_some_and(|word| word.starts_with("test")) {
            self.close(false);
            self.open = true;
        } else if line == "successes:" {
            self.successes = true;
        } else if line == "failures:" {
            self.successes = false;
        } else if line.starts_with("test result: ") {
            self.successes = false;
            self.close(true);
        } else if !self.successes
            && let Some(test) = ended(line)
        {
            self.tests.push(test);
        }
        !self.successes
    }

    /// The output has ended.
    pub fn end(&mut self) {
        self.close(false);
    }

    /// The tests of a binary are complete: what it said of skips is joined to their names.
    fn close(&mut self, with_result: bool) {
        if self.open && !with_result {
            self.crashed += 1;
        }
        self.open = false;
        let skips = std::mem::take(&mut self.skips);
        for test in &mut self.tests[self.first..] {
            if test.verdict == Verdict::Passed
                && let Some(reason) = reason(&skips, &test.name)
            {
                test.verdict = Verdict::Skipped(reason.clone());
            }
        }
        self.first = self.tests.len();
    }

    /// How many ended how; a binary that crashed counts as one failure.
    pub fn totals(&self) -> Summary {
        let mut summary = Summary { failed: self.crashed, ..Summary::default() };
        for test in &self.tests {
            match test.verdict {
                Verdict::Passed => summary.passed += 1,
                Verdict::Failed => summary.failed += 1,
                Verdict::Skipped(_) => summary.skipped += 1,
            }
        }
        summary
    }
}

/// A test may know only the end of its own name.
fn reason<'a>(skips: &'a BTreeMap<String, String>, name: &str) -> Option<&'a String> {
    skips.get(name).or_else(|| skips.iter().find(|(told, _)| name.ends_with(&format!("::{told}"))).map(|(_, why)| why))
}

/// `test <name> ... ok`, with what libtest may add to both sides.
fn ended(line: &str) -> Option<Test> {
    let (name, verdict) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let verdict = match verdict.split([',', ' ', '(']).next()? {
        "ok" => Verdict::Passed,
        "FAILED" => Verdict::Failed,
        "ignored" => Verdict::Skipped(verdict.split_once(", ").map_or("ignored", |(_, why)| why).to_owned()),
        _ => return None,
    };
    let name = name.split(" - should panic").next().unwrap_or(name);
    Some(Test { name: name.to_owned(), verdict })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "
running 4 tests
test conformance::sqlite::plain::q2_null_sorts_lowest ... ok
test conformance::sqlite::plain::w1_missing ... FAILED
test conformance::postgres::plain::v1_round_trip ... ok
test slow ... ignored, needs a day

successes:

---- conformance::postgres::plain::v1_round_trip stdout ----
SKIPPED conformance::postgres::plain::v1_round_trip: no server
test of_a_test ... FAILED

successes:
    conformance::postgres::plain::v1_round_trip

failures:

---- conformance::sqlite::plain::w1_missing stdout ----
oh

test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 1 test
test src/lib.rs - key (line 3) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    fn parsed(output: &str) -> (Parser, String) {
        let mut parser = Parser::default();
        let mut shown = String::new();
        for line in output.lines() {
            if parser.line(line) {
                shown.push_str(line);
                shown.push('\n');
            }
        }
        parser.end();
        (parser, shown)
    }

    #[test]
    fn every_line_is_counted_once() {
        let (parser, _) = parsed(OUTPUT);
        assert_eq!(parser.totals(), Summary { passed: 2, failed: 1, skipped: 2 });
        assert_eq!(parser.tests[2].verdict, Verdict::Skipped("no server".to_owned()));
        assert_eq!(parser.tests[3].verdict, Verdict::Skipped("needs a day".to_owned()));
    }

    #[test]
    fn what_a_failing_test_said_is_shown_and_what_a_passing_one_said_is_not() {
        let (_, shown) = parsed(OUTPUT);
        assert!(shown.contains("\noh\n"));
        assert!(!shown.contains("of_a_test"));
    }

    #[test]
    fn a_binary_without_a_result_is_a_failure() {
        let (parser, _) = parsed("running 2 tests\ntest a ... ok\nrunning 1 test\ntest b ... ok\ntest result: ok.\n");
        assert_eq!(parser.totals(), Summary { passed: 2, failed: 1, skipped: 0 });
    }

    #[test]
    fn a_skip_may_name_the_end_of_the_test_only() {
        let (parser, _) = parsed("running 1 test\ntest a::b::c ... ok\nSKIPPED b::c: why\ntest result: ok.\n");
        assert_eq!(parser.tests[0].verdict, Verdict::Skipped("why".to_owned()));
    }
}
