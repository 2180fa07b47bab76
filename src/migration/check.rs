//! Whether entities, snapshot and migrations say one thing; no server is asked, so it belongs into every build.

use super::{Folder, MigratorTrait, generate, pending, stepwise};
use crate::{
    Result,
    schema::{Snapshot, Table, diff},
};
use std::sync::Arc;

/// What [`check`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// What does not fit, each in a sentence with what mends it.
    pub faults: Vec<String>,
    /// What was not looked at, and why.
    pub skipped: Vec<String>,
}

/// Holds the entities, the snapshot beside the migrations and the migrations against each other: the snapshot is what the entities
/// want; every file with a migration is in the program, as it is on disk; and what the migrations make of an empty SQLite database is
/// what the entities want.
///
/// # Errors
/// `Migration` for a folder that cannot be read; `SchemaMismatch` for a snapshot that is none.
pub async fn check<M: MigratorTrait>(folder: &Folder, entities: &[Arc<Table>]) -> Result<Checked> {
    let mut checked = Checked::default();
    snapshot(folder, &folder.own::<M>(entities)?, &mut checked.faults)?;
    files::<M>(folder, &mut checked.faults)?;
    #[cfg(feature = "sqlite")]
    replayed::<M>(entities, &mut checked).await;
    #[cfg(not(feature = "sqlite"))]
    checked.skipped.push("the migrations were not played: this program is built without SQLite".to_owned());
    Ok(checked)
}

fn snapshot(folder: &Folder, entities: &[Arc<Table>], faults: &mut Vec<String>) -> Result<()> {
    let (noted, wanted) = (folder.snapshot()?, Snapshot::of(entities.iter().map(AsRef::as_ref))?);
    if noted == wanted {
        return Ok(());
    }
    let difference = diff::tables(&noted.tables()?, entities, &[])?;
    let steps = difference.steps.iter().map(generate::in_words).collect::<Result<Vec<_>>>()?;
    faults.extend(
        steps.into_iter().map(|step| format!("the entities ask for `{step}`: `generate` writes the migration")),
    );
    if difference.steps.is_empty() {
        let why = "`schema.json` differs from the entities in what no database keeps: `generate` writes it anew";
        faults.push(why.to_owned());
    }
    Ok(())
}

fn files<M: MigratorTrait>(folder: &Folder, faults: &mut Vec<String>) -> Result<()> {
    let names = pending::names::<M>();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            faults.push(format!("two migrations are called `{name}`"));
        }
    }
    for file in folder.names()? {
        if !names.contains(&file) {
            faults.push(format!("`{file}.rs` is not in the list of migrations"));
        }
        let compiled = stepwise::stepwise(&file);
        if compiled.is_some() && compiled.map(|it| it.source) != Some(folder.read(&format!("{file}.rs"))?.as_str()) {
            faults.push(format!("`{file}.rs` is not what this program was built from"));
        }
    }
    Ok(())
}

/// What the migrations make, beside what the entities want.
#[cfg(feature = "sqlite")]
async fn replayed<M: MigratorTrait>(entities: &[Arc<Table>], checked: &mut Checked) {
    let scratch = Scratch::new();
    match scratch.differences::<M>(entities).await {
        Ok(differences) => checked.faults.extend(differences),
        Err(error) => {
            let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            checked.faults.push(format!("the migrations fail on an empty SQLite database: {error}{detail}"));
        }
    }
}

/// A file of SQLite that is gone afterwards. In memory each connection would have a database of its own.
#[cfg(feature = "sqlite")]
struct Scratch(std::path::PathBuf);

#[cfg(feature = "sqlite")]
impl Scratch {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("seabed-check-{}.db", uuid::Uuid::now_v7())))
    }

    async fn differences<M: MigratorTrait>(&self, entities: &[Arc<Table>]) -> Result<Vec<String>> {
        let config = crate::Config::from_url(&format!("sqlite:{}", self.0.display()))?;
        let db = crate::Database::connect(config).await?;
        super::up::<M>(&db).await?;
        let mut deploy = db.backend().deploy().await?;
        let (have, want) = (deploy.inspect().await?, deploy.want(entities).await?);
        deploy.close().await?;
        db.close().await?;
        let owned: Vec<Table> = entities.iter().map(|table| (**table).clone()).collect();
        let difference = diff::pictures(&have, &want, entities, &owned, &[])?;
        let mut faults = Vec::new();
        for step in &difference.steps {
            let step = generate::in_words(step)?;
            faults.push(format!(
                "the migrations, played on an empty database, still lack `{step}` to be what the entities want"
            ));
        }
        for drift in difference.drift {
            let table = drift.table.map(|table| format!(" of `{table}`")).unwrap_or_default();
            faults.push(format!("the migrations make `{}`{table}, and no entity says it: {}", drift.what, drift.why));
        }
        Ok(faults)
    }
}

#[cfg(feature = "sqlite")]
impl Drop for Scratch {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            // What is left in the folder of temporary files is no reason to fail.
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}
