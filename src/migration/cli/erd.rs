//! `erd`: the entities as a picture.

use super::{Told, code, scene::Scene};
use crate::{
    Error, ErrorKind, Result,
    migration::{MigratorTrait, erd},
};
use std::{fs, path::PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file that is written: a drawing where it ends in .svg, else text for Mermaid; without it, the text is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, serde::Serialize)]
pub(super) struct Answer {
    file: Option<PathBuf>,
    /// The text for Mermaid; none where a drawing was written.
    mermaid: Option<String>,
}

#[expect(clippy::unused_async, clippy::extra_unused_type_parameters, reason = "every verb has the same two functions")]
pub(super) async fn ask<M: MigratorTrait>(args: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let tables = scene.tables()?;
    let drawing = args.out.as_ref().is_some_and(|file| file.extension().is_some_and(|end| end == "svg"));
    let text = if drawing { erd::svg(&tables) } else { erd::mermaid(&tables) };
    if let Some(file) = &args.out {
        fs::write(file, &text).map_err(|error| {
            Error::new(ErrorKind::Migration, format!("`{}` cannot be written", file.display())).with_source(error)
        })?;
    }
    Ok(Answer { file: args.out.clone(), mermaid: (!drawing).then_some(text) })
}

pub(super) fn tell(answer: &Answer) -> Told {
    let text = match (&answer.file, &answer.mermaid) {
        (Some(file), _) => format!("wrote {}", file.display()),
        (None, text) => text.clone().unwrap_or_default(),
    };
    Told { text, code: code::CLEAN }
}
