//! Backend × law: a row for each law, a column for each backend.

use super::{
    laws::{Law, case},
    parse::{Test, Verdict},
};
use crate::{servers::Backend, summary::Summary};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use std::collections::{BTreeMap, BTreeSet};

/// The tests of the suite, counted; empty where a backend was left out or has no case.
pub fn table(tests: &[Test], backends: &[Backend]) -> Table {
    let mut cells: BTreeMap<(Law, Backend), Summary> = BTreeMap::new();
    for test in tests {
        if let Some(case) = case(&test.name) {
            let (backend, law) = case;
            let cell = cells.entry((law, backend)).or_default();
            match test.verdict {
                Verdict::Passed => cell.passed += 1,
                Verdict::Failed => cell.failed += 1,
                Verdict::Skipped(_) => cell.skipped += 1,
            }
        }
    }
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["law"].into_iter().map(str::to_owned).chain(backends.iter().map(ToString::to_string)));
    let laws: BTreeSet<_> = cells.keys().map(|(law, _)| *law).collect();
    for law in laws {
        let row = backends.iter().map(|backend| cells.get(&(law, *backend)).copied().map_or_else(String::new, text));
        table.add_row([law.to_string()].into_iter().chain(row));
    }
    let total = |backend: &Backend| {
        let of = cells.iter().filter(|((_, other), _)| other == backend).map(|(_, cell)| cell);
        text(of.fold(Summary::default(), |sum, cell| Summary {
            passed: sum.passed + cell.passed,
            failed: sum.failed + cell.failed,
            skipped: sum.skipped + cell.skipped,
        }))
    };
    table.add_row(["all".to_owned()].into_iter().chain(backends.iter().map(total)));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn text(cell: Summary) -> String {
    let mut text = cell.passed.to_string();
    if cell.failed > 0 {
        text.push_str(&format!(", {} failed", cell.failed));
    }
    if cell.skipped > 0 {
        text.push_str(&format!(", {} skipped", cell.skipped));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_for_each_law_and_a_column_for_each_backend() {
        let test = |name: &str, verdict| Test { name: name.to_owned(), verdict };
        let tests = [
            test("conformance::sqlite::plain::q2_null_sorts_lowest", Verdict::Passed),
            test("conformance::sqlite::layered::q2_null_sorts_lowest", Verdict::Failed),
            test("conformance::memory::plain::v1_round_trip", Verdict::Passed),
            test("something::else", Verdict::Passed),
        ];
        let shown = table(&tests, &[Backend::Memory, Backend::Sqlite]).to_string();
        let rows: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[2..], ["|V1|1||", "|Q2||1,1failed|", "|all|1|1,1failed|"]);
    }
}
