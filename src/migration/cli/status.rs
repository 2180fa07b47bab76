//! `status`: every migration, and how far it is.

use super::{Told, code, scene::Scene, style};
use crate::{
    Result,
    migration::{self, MigratorTrait, Status},
};
use comfy_table::{Cell, Color};

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) type Answer = Vec<Status>;

pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let rows = migration::status::<M>(&db).await?;
    db.close().await?;
    Ok(rows)
}

pub(super) fn tell(rows: &Answer) -> Told {
    let mut table = style::table(["migration", "state"]);
    let newest = rows.iter().rposition(|row| row.known);
    for (position, row) in rows.iter().enumerate() {
        let state = match (row.applied, row.known) {
            (true, true) => Cell::new("applied").fg(Color::Green),
            (true, false) if Some(position) < newest => Cell::new("applied, and this program lacks it").fg(Color::Red),
            (true, false) => Cell::new("applied by a newer program"),
            (false, _) => Cell::new("pending").fg(Color::Yellow),
        };
        table.add_row([Cell::new(&row.name), state]);
    }
    let pending = rows.iter().any(|row| !row.applied);
    Told { text: table.to_string(), code: if pending { code::PENDING } else { code::CLEAN } }
}
