//! A breakage: what is done to a clean schema by hand, and what has to be found.

use crate::{entities::both, place::Place};
use std::collections::BTreeSet;

/// One way to break a table.
pub struct Breakage {
    /// What is done, in the words of the server.
    pub by: &'static str,
    /// What is found: `law entity.field`, every one of them.
    pub found: &'static [&'static str],
    /// Whether the findings give statements that mend it.
    pub mended: bool,
}

/// Breaks, looks, mends, looks again. Whatever goes wrong is told in one list.
pub async fn prove(place: &Place, breakage: &Breakage) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tell = |what: String| wrong.push(format!("{}: {what}", breakage.by));
    let before = place.findings(&both()).await;
    if !before.is_empty() {
        tell(format!("it was not clean before: {before:#?}"));
    }
    if let Err(error) = place.run(breakage.by).await {
        tell(error);
        return wrong;
    }
    let findings = place.db.verify(&both()).await.expect("a look");
    let found: BTreeSet<String> = findings.iter().map(|it| at(&it.to_string())).collect();
    let expected: BTreeSet<String> = breakage.found.iter().map(|it| (*it).to_owned()).collect();
    if found != expected {
        tell(format!("found {findings:#?}, expected {expected:?}"));
    }
    let mut mends: Vec<&str> = findings.iter().filter_map(|finding| finding.mend.as_deref()).collect();
    // One statement may mend several findings.
    let mut known = BTreeSet::new();
    mends.retain(|mend| known.insert(*mend));
    if mends.is_empty() == breakage.mended {
        tell(format!("the statements that mend it: {mends:?}"));
    }
    for mend in mends {
        if let Err(error) = place.run(mend).await {
            tell(error);
        }
    }
    if breakage.mended {
        let after = place.findings(&both()).await;
        if !after.is_empty() {
            tell(format!("not mended: {after:#?}"));
        }
    }
    wrong
}

/// The part before the reason.
fn at(finding: &str) -> String {
    finding.split(": ").next().unwrap_or(finding).to_owned()
}
