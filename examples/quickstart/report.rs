//! What is found by query. Nothing in it depends on the backend, the time or the machine.

use super::{AuditLogger, Database, DatasetRegistry, ErrorHandler, Run};
use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use std::fmt::Write as _;

/// Rows of each table.
const ROWS: u64 = 10;
/// Characters of a name or a message; what is longer loses its middle.
const WIDTH: usize = 80;

/// The report as text.
pub(crate) async fn report(db: &Database, run: &Run) -> Result<String> {
    let mut out = String::new();
    let (registry, audit, errors) = (DatasetRegistry::new(db), AuditLogger::new(db), ErrorHandler::new(db));
    let Run { created, updated, unchanged, failed, .. } = run;
    writeln!(out, "{created} created, {updated} updated, {unchanged} unchanged, {failed} failed")?;

    let mut largest = table(["the largest", "bytes", "media type"]);
    for dataset in registry.largest(ROWS).await? {
        largest.add_row([short(&dataset.name), dataset.size.to_string(), dataset.media_type]);
    }
    writeln!(out, "\n{largest}")?;

    let mut types = table(["media type", "datasets"]);
    for (media_type, count) in registry.count_by_media_type().await? {
        types.add_row([media_type, count.to_string()]);
    }
    writeln!(out, "\n{types}")?;

    writeln!(out, "\nannotations with a count of lines: {}", registry.count_annotations("lines").await?)?;
    for outcome in ["created", "updated", "unchanged", "annotated", "failed"] {
        writeln!(out, "steps of this run that ended `{outcome}`: {}", audit.count(run.model.id, outcome).await?)?;
    }

    let mut unresolved = errors.unresolved(ROWS + 1).await?;
    if unresolved.is_empty() {
        writeln!(out, "\nno errors")?;
        return Ok(out);
    }
    let more = u64::try_from(unresolved.len())? > ROWS && unresolved.pop().is_some();
    let mut failures = table(["unresolved errors", "kind"]);
    for error in unresolved {
        failures.add_row([short(&error.message), error.kind]);
    }
    writeln!(out, "\n{failures}")?;
    if more {
        writeln!(out, "and more")?;
    }
    Ok(out)
}

/// As it can be shown on a terminal: a file's name may hold line ends and the terminal's own commands.
pub(crate) fn printable(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for char in name.chars() {
        if char.is_control() { shown.extend(char.escape_default()) } else { shown.push(char) }
    }
    shown
}

/// As it fits into a table.
fn short(text: &str) -> String {
    let shown = printable(text);
    let length = shown.chars().count();
    if length <= WIDTH {
        return shown;
    }
    // The end of a path, and of a reason, says more than its beginning.
    let head = WIDTH / 4;
    let (head, tail) = (shown.chars().take(head), shown.chars().skip(length - (WIDTH - head - 1)));
    head.chain(std::iter::once('…')).chain(tail).collect()
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    if let Some(numbers) = table.column_mut(1).filter(|_| N == 3 || header[1] == "datasets") {
        numbers.set_cell_alignment(CellAlignment::Right);
    }
    table
}
