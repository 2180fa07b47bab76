//! What is found by query. Nothing in it depends on the backend, the time or the machine.

use super::{AuditLogger, Database, DatasetRegistry, ErrorHandler, Run};
use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use std::fmt::Write as _;

/// Rows of each table.
const ROWS: u64 = 10;

/// The report as text.
pub async fn report(db: &Database, run: &Run) -> Result<String> {
    let mut out = String::new();
    let (registry, audit, errors) = (DatasetRegistry::new(db), AuditLogger::new(db), ErrorHandler::new(db));
    let Run { created, updated, unchanged, failed, .. } = run;
    writeln!(out, "{created} created, {updated} updated, {unchanged} unchanged, {failed} failed")?;

    let mut largest = table(["the largest", "bytes", "media type"]);
    for dataset in registry.largest(ROWS).await? {
        largest.add_row([dataset.name, dataset.size.to_string(), dataset.media_type]);
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

    let unresolved = errors.unresolved(ROWS).await?;
    if unresolved.is_empty() {
        writeln!(out, "\nno errors")?;
        return Ok(out);
    }
    let mut failures = table(["unresolved errors", "kind"]);
    for error in unresolved {
        failures.add_row([error.message, error.kind]);
    }
    writeln!(out, "\n{failures}")?;
    Ok(out)
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    if let Some(numbers) = table.column_mut(1).filter(|_| N == 3 || header[1] == "datasets") {
        numbers.set_cell_alignment(CellAlignment::Right);
    }
    table
}
