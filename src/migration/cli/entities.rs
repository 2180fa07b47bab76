//! `entities`: SeaORM entities of a database that is there.

use super::{Told, code, scene::Scene};
use crate::{
    Error, ErrorKind, Result,
    migration::{MigratorTrait, entities},
    schema::Drift,
};
use std::{fs, path::PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder that the files are written to, where a folder `src` is a crate's; those that are there are not overwritten
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    files: Vec<PathBuf>,
    /// What no entity can say.
    left: Vec<Drift>,
}

#[expect(clippy::extra_unused_type_parameters, reason = "every verb has the same two functions")]
pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let mut deploy = db.backend().deploy().await?;
    let written = entities::entities(&mut *deploy).await;
    deploy.close().await?;
    db.close().await?;
    let written = written?;
    let failed = |path: &PathBuf, error| {
        Error::new(ErrorKind::Migration, format!("`{}` cannot be written", path.display())).with_source(error)
    };
    // The folder of a crate's source begins with another file.
    let crates = args.out.file_name().is_some_and(|name| name == "src");
    let renamed = |name: &str| if crates && name == "mod.rs" { "lib.rs".to_owned() } else { name.to_owned() };
    let paths = written.files.keys().map(|name| args.out.join(renamed(name)));
    if let Some(there) = paths.clone().find(|path| path.exists()) {
        let why = format!("`{}` is there already: name an empty folder", there.display());
        return Err(Error::new(ErrorKind::Migration, why));
    }
    fs::create_dir_all(&args.out).map_err(|error| failed(&args.out, error))?;
    for (path, text) in paths.clone().zip(written.files.values()) {
        fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(Answer { files: paths.collect(), left: written.left })
}

pub(super) fn tell(answer: &Answer) -> Told {
    let mut lines: Vec<String> = answer.files.iter().map(|file| format!("wrote {}", file.display())).collect();
    for left in &answer.left {
        let table = left.table.as_deref().unwrap_or_default();
        lines.push(format!("left out of `{table}`: {}, for {}", left.what, left.why));
    }
    Told { text: lines.join("\n"), code: code::CLEAN }
}
