//! Which law a test proves, and on what: `conformance::<backend>::<stack>::<law>_<sentence>`.

use super::parse::{Test, Verdict};
use crate::{contract::Proofs, servers::Backend};
use std::fmt;

/// The laws that no backend that was tested may be without. T7 and S3 are proven outside the suite; T6 and T8 are not kept yet.
pub const REQUIRED: [&str; 40] = [
    "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9",
    "Q10", "W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "R1",
    "R2", "S1",
];

/// The groups, in the order of the contract.
const GROUPS: [char; 6] = ['V', 'Q', 'W', 'T', 'R', 'S'];

/// A law of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Law {
    group: usize,
    number: u8,
}

impl Law {
    /// Reads `q2` or `Q2`.
    pub fn parse(text: &str) -> Option<Self> {
        let group = text.chars().next()?.to_ascii_uppercase();
        let group = GROUPS.iter().position(|known| *known == group)?;
        let number = text.get(1..)?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { group, number: number.parse().ok().filter(|_| digits)? })
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", GROUPS[self.group], self.number)
    }
}

/// The backend and the law that a test's name tells; `None` where it is not of the suite.
pub fn case(name: &str) -> Option<(Backend, Law)> {
    let (_, rest) = name.split_once("conformance::")?;
    let mut parts = rest.split("::");
    let backend = parts.next().and_then(backend)?;
    let law = Law::parse(parts.last()?.split('_').next()?)?;
    Some((backend, law))
}

/// How many cases of each law passed on each backend.
pub fn proven(tests: &[Test]) -> Proofs {
    let mut proofs = Proofs::new();
    for (backend, law) in tests.iter().filter(|test| test.verdict == Verdict::Passed).filter_map(|it| case(&it.name)) {
        *proofs.entry((law, backend)).or_default() += 1;
    }
    proofs
}

/// The backend that a test's name mentions.
pub fn backend_of(name: &str) -> Option<Backend> {
    name.split("::").flat_map(|part| part.split('_')).find_map(backend)
}

fn backend(name: &str) -> Option<Backend> {
    Backend::ALL.into_iter().find(|backend| backend.name() == name)
}

/// One line for each backend that some required law has no case on.
pub fn missing(tests: &[Test], backends: &[Backend]) -> Vec<String> {
    let ran = tests.iter().filter(|test| !matches!(test.verdict, Verdict::Skipped(_)));
    let proven: Vec<_> = ran.filter_map(|test| case(&test.name)).collect();
    let mut lines = Vec::new();
    for &backend in backends {
        let without = |law: &&str| Law::parse(law).is_some_and(|law| !proven.contains(&(backend, law)));
        let laws: Vec<_> = REQUIRED.iter().copied().filter(without).collect();
        if !laws.is_empty() {
            lines.push(format!("{backend} has no case of {}", laws.join(", ")));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(name: &str, verdict: Verdict) -> Test {
        Test { name: name.to_owned(), verdict }
    }

    #[test]
    fn a_name_tells_backend_and_law() {
        let law = |text| Law::parse(text).expect("a law");
        assert_eq!(case("conformance::mysql::plain::q10_long_lists"), Some((Backend::Mysql, law("Q10"))));
        assert_eq!(case("suite::conformance::memory::layered::v1_x"), Some((Backend::Memory, law("V1"))));
        assert_eq!(case("conformance::cases::tests::every_law"), None);
        assert_eq!(case("backend::sql::dialect::postgres::tests::v1_x"), None);
    }

    #[test]
    fn laws_sort_as_the_contract_lists_them() {
        let mut laws: Vec<_> =
            ["w1", "r2", "q10", "s1", "t1", "q2", "v3", "r1"].into_iter().filter_map(Law::parse).collect();
        laws.sort();
        let laws: Vec<_> = laws.iter().map(ToString::to_string).collect();
        assert_eq!(laws, ["V3", "Q2", "Q10", "W1", "T1", "R1", "R2", "S1"]);
    }

    #[test]
    fn a_required_law_is_missing_where_its_only_case_was_skipped() {
        let name = |law: &&str| format!("conformance::sqlite::plain::{}_x", law.to_lowercase());
        let mut tests: Vec<_> = REQUIRED.iter().map(|law| test(&name(law), Verdict::Passed)).collect();
        assert!(missing(&tests, &[Backend::Sqlite]).is_empty());
        tests[0].verdict = Verdict::Skipped("why".to_owned());
        assert_eq!(missing(&tests, &[Backend::Sqlite]), ["sqlite has no case of V1"]);
    }

    #[test]
    fn only_what_passed_is_proven() {
        let name = "conformance::sqlite::plain::v1_x";
        let tests = [Verdict::Passed, Verdict::Passed, Verdict::Failed, Verdict::Skipped("why".to_owned())];
        let proofs = proven(&tests.map(|verdict| test(name, verdict)));
        assert_eq!(proofs.values().copied().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_backend_is_found_in_the_words_of_a_name() {
        assert_eq!(backend_of("pool_postgres::h1_cancelled"), Some(Backend::Postgres));
        assert_eq!(backend_of("memoryless::x"), None);
    }
}
