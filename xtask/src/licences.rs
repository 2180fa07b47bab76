//! The licences of everything that may be linked, against the list in `xtask/licences.toml`.

use crate::{shell, summary::Summary};
use anyhow::{Context, Result};
use serde::Deserialize;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};

/// Where the list is.
const LIST: &str = "xtask/licences.toml";

/// What may be linked, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    allow: BTreeMap<String, String>,
    #[serde(default)]
    exception: Vec<Exception>,
}

/// A licence that one crate may have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    licence: String,
    reason: String,
}

/// Why a crate may not be linked.
type Objection = String;

/// The list, with what of it was needed.
#[derive(Debug)]
struct Judge {
    list: List,
    needed: BTreeSet<String>,
}

impl Judge {
    fn new(list: &str) -> Result<Self> {
        let list: List = toml::from_str(list)?;
        let reasons = list.allow.values().chain(list.exception.iter().map(|exception| &exception.reason));
        anyhow::ensure!(reasons.into_iter().all(|reason| !reason.trim().is_empty()), "an entry has no reason");
        Ok(Self { list, needed: BTreeSet::new() })
    }

    fn judge(&mut self, name: &str, licence: Option<&str>) -> Result<(), Objection> {
        let licence = licence.ok_or_else(|| format!("{name} names no licence"))?;
        let expression = Expression::parse_mode(licence, ParseMode::LAX)
            .map_err(|error| format!("{name}: `{licence}`: {}", error.reason))?;
        let mut needed = BTreeSet::new();
        let may = expression.evaluate(|required| {
            let required = required.to_string();
            let excepted = |entry: &&Exception| entry.name == name && entry.licence == required;
            if self.list.allow.contains_key(&required) {
                needed.insert(required);
                true
            } else if let Some(entry) = self.list.exception.iter().find(excepted) {
                needed.insert(format!("{} of {}", entry.licence, entry.name));
                true
            } else {
                false
            }
        });
        self.needed.extend(needed);
        if may { Ok(()) } else { Err(format!("{name}: `{licence}` is not allowed by {LIST}")) }
    }

    /// Entries that no crate needed.
    fn stale(&self) -> Vec<Objection> {
        let exceptions = self.list.exception.iter().map(|entry| format!("{} of {}", entry.licence, entry.name));
        let entries = self.list.allow.keys().cloned().chain(exceptions);
        entries
            .filter(|entry| !self.needed.contains(entry))
            .map(|entry| format!("{LIST}: nothing needs {entry}"))
            .collect()
    }
}

pub fn run() -> Result<()> {
    let list = std::fs::read_to_string(shell::root().join(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let mut judge = Judge::new(&list).with_context(|| LIST.to_owned())?;
    let mut metadata = cargo_metadata::MetadataCommand::new();
    metadata.current_dir(shell::root()).features(cargo_metadata::CargoOpt::AllFeatures);
    let packages = metadata.other_options(["--locked".to_owned()]).exec()?.packages;
    let mut objections = Vec::new();
    for package in &packages {
        objections.extend(judge.judge(&package.name, package.license.as_deref()).err());
    }
    let failed = objections.len();
    objections.extend(judge.stale());
    for objection in &objections {
        println!("{objection}");
    }
    Summary { passed: packages.len() - failed, failed: objections.len(), skipped: 0 }.finish("licences")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "
        [allow]\n\"MIT\" = \"ours\"\n\"Apache-2.0\" = \"ours\"
        [[exception]]\ncrate = \"odd\"\nlicence = \"CC0-1.0\"\nreason = \"shown\"";

    fn judge() -> Judge {
        Judge::new(SMALL).expect("a list")
    }

    #[test]
    fn either_side_of_an_or_is_enough_and_both_of_an_and_are_needed() {
        assert!(judge().judge("a", Some("MIT OR GPL-3.0-only")).is_ok());
        assert!(judge().judge("a", Some("MIT AND GPL-3.0-only")).is_err());
        assert!(judge().judge("a", Some("MIT/Apache-2.0")).is_ok());
    }

    #[test]
    fn a_crate_without_a_licence_is_refused() {
        assert!(judge().judge("a", None).is_err());
        assert!(judge().judge("a", Some("see LICENSE")).is_err());
    }

    #[test]
    fn an_exception_is_for_its_crate_alone() {
        assert!(judge().judge("odd", Some("CC0-1.0")).is_ok());
        assert!(judge().judge("other", Some("CC0-1.0")).is_err());
    }

    #[test]
    fn an_entry_that_nothing_needs_is_told() {
        let mut judge = judge();
        assert!(judge.judge("a", Some("MIT OR Apache-2.0")).is_ok());
        assert_eq!(judge.stale(), ["xtask/licences.toml: nothing needs CC0-1.0 of odd"]);
    }

    #[test]
    fn an_entry_needs_a_reason() {
        assert!(Judge::new("[allow]\nMIT = \"\"").is_err());
    }
}
