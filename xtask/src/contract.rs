//! `docs/contract.md`: its table of cases is written from the one list of the suite, and what the tests then prove is held
//! against it, so that a case that was lost is seen.
//!
//! The list is read as text: xtask must build, and say what is missing, when the project does not build.

use crate::{servers::Backend, shell, test::laws::Law};
use anyhow::{Context, Result, bail};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

const DOCS: &str = "docs/contract.md";
const LIST: &str = "src/conformance/list.rs";
const BEGIN: &str = "<!-- cases: written by `cargo xtask contract` -->";
const END: &str = "<!-- end of cases -->";
/// `plain` and `layered`.
const STACKS: usize = 2;

/// Tests that prove a law on a backend.
pub type Proofs = BTreeMap<(Law, Backend), usize>;

/// Writes the table; with `check` changes nothing and fails where it differs.
pub fn run(check: bool) -> Result<()> {
    let docs = read(DOCS)?;
    let wanted = written(&docs, &read(LIST)?)?;
    if docs == wanted {
        return Ok(());
    }
    if check {
        bail!("{DOCS} differs from the list of cases: was a case lost? Else run `cargo xtask contract`");
    }
    fs::write(shell::root().join(DOCS), wanted).with_context(|| format!("cannot write {DOCS}"))
}

/// What the committed table says.
///
/// # Errors
/// The file cannot be read, or has no table.
pub fn committed() -> Result<Proofs> {
    parsed(&read(DOCS)?)
}

/// A line for each backend and law that has fewer proofs than the contract says.
pub fn lost(committed: &Proofs, proven: &Proofs, backends: &[Backend]) -> Vec<String> {
    let fewer = committed.iter().filter(|((_, backend), _)| backends.contains(backend)).filter_map(|(at, wanted)| {
        let found = proven.get(at).copied().unwrap_or(0);
        (found < *wanted).then(|| format!("{} proved {found} cases of {}, {DOCS} says {wanted}", at.1, at.0))
    });
    fewer.collect()
}

fn read(file: &str) -> Result<String> {
    fs::read_to_string(shell::root().join(file)).with_context(|| format!("cannot read {file}"))
}

/// The page with its table of cases made anew.
fn written(docs: &str, list: &str) -> Result<String> {
    let (before, rest) = docs.split_once(BEGIN).with_context(|| format!("{DOCS} has no `{BEGIN}`"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("{DOCS} has no `{END}`"))?;
    let (cases, told) = (counted(list), told(before));
    let untold: Vec<_> = cases.keys().filter(|law| !told.contains(law)).map(ToString::to_string).collect();
    if !untold.is_empty() {
        bail!("{DOCS} says nothing of {}: a law has a row with its promise", untold.join(", "));
    }
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", table(&cases, &told)))
}

/// The cases of the list, by law.
fn counted(list: &str) -> BTreeMap<Law, usize> {
    let mut cases = BTreeMap::new();
    for line in list.lines() {
        if let Some((law, case)) = line.trim().split_once(' ')
            && let Some(law) = Law::parse(law)
            && case.contains("::")
            && case.ends_with(',')
        {
            *cases.entry(law).or_default() += 1;
        }
    }
    cases
}

/// The laws that have a row.
fn told(docs: &str) -> BTreeSet<Law> {
    docs.lines().filter_map(|line| Law::parse(line.strip_prefix("| ")?.split(' ').next()?)).collect()
}

fn table(cases: &BTreeMap<Law, usize>, told: &BTreeSet<Law>) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    let backends = Backend::ALL.iter().map(|backend| backend.name());
    table.set_header(["law", "cases"].into_iter().chain(backends));
    let mut row = |name: String, cases: usize| {
        let proofs = Backend::ALL.iter().map(|_| (cases * STACKS).to_string());
        table.add_row([name, cases.to_string()].into_iter().chain(proofs));
    };
    for law in told {
        row(law.to_string(), cases.get(law).copied().unwrap_or(0));
    }
    row("all".to_owned(), cases.values().sum());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn parsed(docs: &str) -> Result<Proofs> {
    let table = docs.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END)).map(|(table, _)| table);
    let mut proofs = Proofs::new();
    for line in table.with_context(|| format!("{DOCS} has no table of cases"))?.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let Some(law) = cells.get(1).and_then(|cell| Law::parse(cell)) else { continue };
        for (backend, cell) in Backend::ALL.into_iter().zip(cells.iter().skip(3)) {
            proofs.insert((law, backend), cell.parse().with_context(|| format!("no number in `{line}`"))?);
        }
    }
    Ok(proofs)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "
            V1 values::v1_what_insert_returns,
            V1 values::v1_every_type,
            Q10 lists::q10_a_list,
        use super::{cases, run::Case};";

    fn page(rows: &str) -> String {
        format!("# Laws\n\n| law | promise |\n|---|---|\n{rows}\n{BEGIN}\nold\n{END}\nthe end\n")
    }

    fn law(text: &str) -> Law {
        Law::parse(text).expect("a law")
    }

    #[test]
    fn the_table_is_written_from_the_list_and_read_again() {
        let docs = written(&page("| V1 | one |\n| Q10 | two |\n| T3 | three |"), LISTED).expect("a page");
        assert!(docs.ends_with("the end\n") && !docs.contains("old"), "{docs}");
        assert_eq!(written(&docs, LISTED).expect("a page"), docs, "writing again changes nothing");
        let proofs = parsed(&docs).expect("a table");
        assert_eq!(proofs[&(law("V1"), Backend::Memory)], 4, "two cases on two stacks");
        assert_eq!(proofs[&(law("Q10"), Backend::Mysql)], 2);
        assert_eq!(proofs[&(law("T3"), Backend::Sqlite)], 0, "a law without a case is seen");
    }

    #[test]
    fn a_law_without_a_row_is_told() {
        let error = written(&page("| V1 | one |"), LISTED).expect_err("Q10 has no row");
        assert!(error.to_string().contains("Q10"), "{error}");
    }

    #[test]
    fn fewer_proofs_than_committed_are_told() {
        let (v1, q10) = ((law("V1"), Backend::Sqlite), (law("Q10"), Backend::Postgres));
        let committed = Proofs::from([(v1, 4), (q10, 2)]);
        assert!(lost(&committed, &Proofs::from([(v1, 5), (q10, 2)]), &Backend::ALL).is_empty());
        let told = lost(&committed, &Proofs::from([(v1, 3)]), &[Backend::Sqlite]);
        assert_eq!(told, ["sqlite proved 3 cases of V1, docs/contract.md says 4"], "postgres was not asked for");
        assert_eq!(lost(&committed, &Proofs::new(), &Backend::ALL).len(), 2);
    }
}
