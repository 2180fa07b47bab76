//! A new migration from what the entities want and what the last one left; no database is asked.

mod print;
mod register;
mod source;
#[cfg(test)]
mod tests;

use super::folder::Folder;
use crate::{
    Error, ErrorKind, Result,
    schema::{
        Action, Flavor, Question, Risk, Snapshot, Step, Table,
        diff::{self, Answer, Difference},
        lint,
    },
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use print::Line;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

/// What a generation is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GenerateOptions {
    /// The migration's name in a few words, such as `add_sku`: small letters, digits and `_`.
    pub name: String,
    /// What is answered to questions.
    pub answers: Vec<Answer>,
    /// The time that the name begins with.
    pub at: DateTime<Utc>,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Generated {
    /// The migration's name; none where there was nothing to do.
    pub migration: Option<String>,
    /// Its steps.
    pub steps: Vec<Action>,
    /// The files that were written.
    pub files: Vec<PathBuf>,
    /// What somebody must accept before it runs: the step, and the warning's code.
    pub unaccepted: Vec<(usize, String)>,
    /// What only a person knows; nothing was written.
    pub questions: Vec<Question>,
}

impl GenerateOptions {
    /// A migration of this name, now.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), answers: Vec::new(), at: Utc::now() }
    }
}

/// Writes the migration that makes of the last one's tables those of the entities: its file, its place in `lib.rs`, and the
/// snapshot. Where there is a question that is not answered, or nothing to do, no migration is written.
///
/// # Errors
/// `Migration` for a name that is none, for a file that cannot be read or written, and for a `lib.rs` without a list of
/// migrations; `SchemaMismatch` for a snapshot that is none and for an entity's `renamed_from` that names nothing.
pub fn generate(folder: &Folder, entities: &[Arc<Table>], options: &GenerateOptions) -> Result<Generated> {
    if !is_name(&options.name) {
        let why = format!("`{}` is no name: small letters, digits and `_`, a letter first", options.name);
        return Err(Error::new(ErrorKind::Migration, why));
    }
    let before = folder.snapshot()?;
    let after = Snapshot::of(entities.iter().map(AsRef::as_ref))?;
    let owned = before.tables()?;
    let Difference { steps, questions, .. } = diff::tables(&owned, entities, &options.answers)?;
    if !questions.is_empty() {
        return Ok(Generated { steps, questions, ..Generated::default() });
    }
    if steps.is_empty() {
        // What no database keeps, such as a default, may differ all the same.
        let files = if before == after { Vec::new() } else { vec![folder.write("schema.json", &after.to_text())?] };
        return Ok(Generated { files, ..Generated::default() });
    }
    let name = format!("m{}_{}", stamp(options.at, &folder.names()?).format("%Y%m%d_%H%M%S"), options.name);
    let warnings = unaccepted(&steps, &owned);
    let lines = steps.iter().zip(warnings).map(|(step, unaccepted)| Line { action: step.clone(), unaccepted });
    let lines: Vec<Line> = lines.collect();
    let title = format!("{}.", options.name.replace('_', " "));
    let source = formatted(&print::file(&name, &title, &lines)?, folder.path());
    let lib = formatted(&register::registered(&folder.read("lib.rs")?, &name)?, folder.path());
    let files = vec![
        folder.write(&format!("{name}.rs"), &source)?,
        folder.write("schema.json", &after.to_text())?,
        folder.write("lib.rs", &lib)?,
    ];
    let codes = |(at, line): (usize, &Line)| {
        line.unaccepted.iter().map(move |(code, _)| (at, code.clone())).collect::<Vec<_>>()
    };
    let unaccepted = lines.iter().enumerate().flat_map(codes).collect();
    Ok(Generated { migration: Some(name), steps, files, unaccepted, questions })
}

/// A step as a line of a migration's file.
pub(super) fn in_words(action: &Action) -> Result<String> {
    let lines = print::step(action)?;
    Ok(lines.lines().map(str::trim).collect())
}

/// Writes the snapshot alone: what is there makes what the entities want, which `check` proves.
///
/// # Errors
/// As [`generate`].
pub fn snapshot_only(folder: &Folder, entities: &[Arc<Table>]) -> Result<Generated> {
    let snapshot = Snapshot::of(entities.iter().map(AsRef::as_ref))?;
    let files = vec![folder.write("schema.json", &snapshot.to_text())?];
    Ok(Generated { files, ..Generated::default() })
}

/// The warnings that a person must accept, of each step: their codes, and why. Every server is asked, for the migration is for each.
fn unaccepted(steps: &[Action], owned: &[Table]) -> Vec<Vec<(String, String)>> {
    let have = diff::portrait(owned);
    let steps: Vec<Step> = steps.iter().cloned().map(Step::from).collect();
    let mut all = vec![Vec::new(); steps.len()];
    for flavor in [Flavor::Sqlite, Flavor::Postgres, Flavor::MariaDb] {
        for (found, warnings) in all.iter_mut().zip(lint::judge_all(&steps, &have, flavor)) {
            for warning in warnings.into_iter().filter(|warning| warning.risk >= Risk::Destructive) {
                if found.iter().all(|(code, _)| *code != warning.code) {
                    found.push((warning.code, warning.why));
                }
            }
        }
    }
    all
}

fn is_name(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(ok) && name.len() <= 80
}

/// Now, and after every migration that is there: another machine's clock may be ahead, and names order them.
fn stamp(at: DateTime<Utc>, names: &[String]) -> NaiveDateTime {
    let of = |name: &String| NaiveDateTime::parse_from_str(name.get(1..16)?, "%Y%m%d_%H%M%S").ok();
    let newest = names.iter().filter_map(of).max();
    let now = at.naive_utc();
    newest.filter(|newest| *newest >= now).map_or(now, |newest| newest + TimeDelta::seconds(1))
}

/// As the project's own rustfmt writes it; as it is where there is none.
fn formatted(source: &str, folder: &Path) -> String {
    let run = || {
        let mut child = Command::new("rustfmt")
            .args(["--edition", "2024"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(source.as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
    };
    let written = run().unwrap_or_else(|| source.to_owned());
    // rustfmt leaves a macro's last comma alone; what it put into one line needs none.
    let line = |line: &str| match line.strip_suffix(",]") {
        Some(short) if line.trim_start().starts_with("steps![") => format!("{short}]"),
        _ => line.to_owned(),
    };
    written.lines().map(|it| line(it) + "\n").collect()
}
