//! `status`: every migration, and how far it is.

use super::{Told, code, scene::Scene, table};
use crate::{
    ErrorKind, Result,
    backend::{Deploy, deploy::State},
    migration::{self, MigratorTrait, Status, pending},
};
use comfy_table::{Cell, Color};
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// A migration, and how far it is.
#[derive(Debug, serde::Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub(super) status: Status,
    /// What the books say of it beyond that it was applied; none where they say nothing.
    pub(super) state: Option<State>,
    /// When it ended, UTC; else when it began.
    pub(super) at: Option<String>,
    /// It began, and somebody is at it.
    pub(super) at_work: bool,
}

impl Row {
    /// It began and did not end, forth or back.
    fn begun(&self) -> bool {
        let half = matches!(self.state, Some(State::Started | State::Failed)) && !self.status.applied;
        half || self.state == Some(State::Undoing)
    }
}

pub(super) type Answer = Vec<Row>;

pub(super) async fn ask<M: MigratorTrait>(_: &Args, scene: &Scene<'_>) -> Result<Answer> {
    let db = scene.database().await?;
    let rows = migration::status::<M>(&db).await?;
    let mut deploy = db.backend().deploy().await?;
    let looked = look(&mut *deploy, rows).await;
    deploy.close().await?;
    db.close().await?;
    looked
}

pub(super) async fn look(deploy: &mut dyn Deploy, rows: Vec<Status>) -> Result<Answer> {
    let books = deploy.books().await?;
    let row = |status: Status| {
        let booked = books.migrations.iter().find(|booked| booked.name == status.name);
        let at = booked.map(|it| if it.finished_at.is_empty() { &it.started_at } else { &it.finished_at }).cloned();
        Row { state: booked.map(|booked| booked.state), at, status, at_work: false }
    };
    let mut rows: Vec<Row> = rows.into_iter().map(row).collect();
    if rows.iter().any(Row::begun) {
        // Who cannot have the right at once is told that another has it. Who may not even ask is told nothing.
        let at_work = deploy.lock(Duration::ZERO).await.is_err_and(|error| error.is(ErrorKind::LockTimeout));
        if !at_work {
            let _ = deploy.unlock().await;
        }
        rows.iter_mut().for_each(|row| row.at_work = at_work && row.begun());
    }
    Ok(rows)
}

pub(super) fn tell(rows: &Answer) -> Told {
    let mut table = table(["migration", "state", "since"]);
    let newest = rows.iter().rposition(|row| row.status.known);
    for (position, row) in rows.iter().enumerate() {
        let state = match (row.state, row.status.applied, row.status.known) {
            _ if row.at_work => Cell::new("another deployer is at it").fg(Color::Yellow),
            (Some(State::Baselined), true, true) => Cell::new("taken over").fg(Color::Green),
            (Some(State::Undoing), ..) => Cell::new("half taken back").fg(Color::Red),
            (_, true, true) => Cell::new("applied").fg(Color::Green),
            (_, true, false) if Some(position) < newest => {
                Cell::new("applied, and this program lacks it").fg(Color::Red)
            }
            (_, true, false) => Cell::new("applied by a newer program"),
            (Some(state), false, _) if !pending::is_done(Some(state)) && state != State::Pending => {
                Cell::new("half applied").fg(Color::Red)
            }
            (_, false, _) => Cell::new("pending").fg(Color::Yellow),
        };
        table.add_row([Cell::new(&row.status.name), state, Cell::new(row.at.as_deref().unwrap_or_default())]);
    }
    Told { text: table.to_string(), code: ended(rows) }
}

fn ended(rows: &[Row]) -> u8 {
    if rows.iter().any(|row| row.at_work) {
        code::LOCKED
    } else if rows.iter().any(Row::begun) {
        code::HALF
    } else if rows.iter().any(|row| !row.status.applied) {
        code::PENDING
    } else {
        code::CLEAN
    }
}
