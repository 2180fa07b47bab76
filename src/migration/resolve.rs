//! What a person saw in the database where the books alone do not know.

use super::{
    ApplyOptions, MigratorTrait, apply,
    books::{self, Books},
    hand, run, stepwise,
};
use crate::{
    Database, Error, ErrorKind, Result,
    backend::{
        Deploy,
        deploy::{Booked, Noted, State},
    },
};

/// What a person saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolution {
    /// The database has all of the migration, as its file is now.
    Applied,
    /// The statement in doubt was done; the next run goes on behind it.
    Done,
    /// What is in doubt was not done, or can be done again; the next run begins with it.
    Retry,
    /// The database has nothing of the migration any more.
    RolledBack,
}

/// Says of a migration that stopped what the books cannot know. Nothing runs; the next [`apply`](super::apply()) or `down` goes on from
/// there.
///
/// # Errors
/// `Migration` for a name that neither this program nor the books have, and where nothing is in doubt that `Done` or `Retry` could
/// be said of; `LockTimeout` where another deployer is at work.
pub async fn resolve<M: MigratorTrait>(db: &Database, name: &str, resolution: Resolution) -> Result<()> {
    let mut deploy = db.backend().deploy().await?;
    let resolved = resolve_on::<M>(&mut *deploy, name, resolution).await;
    super::closed(deploy, resolved).await
}

pub(super) async fn resolve_on<M: MigratorTrait>(
    deploy: &mut dyn Deploy,
    name: &str,
    resolution: Resolution,
) -> Result<()> {
    apply::lock::<M>(deploy, &ApplyOptions::default()).await?;
    let resolved = kept::<M>(deploy, name, resolution).await;
    let _ = deploy.unlock().await;
    resolved
}

async fn kept<M: MigratorTrait>(deploy: &mut dyn Deploy, name: &str, resolution: Resolution) -> Result<()> {
    deploy.begin().await?;
    match said::<M>(deploy, name, resolution).await {
        Ok(()) => deploy.commit().await,
        Err(error) => {
            let _ = deploy.rollback().await;
            Err(error)
        }
    }
}

async fn said<M: MigratorTrait>(deploy: &mut dyn Deploy, name: &str, resolution: Resolution) -> Result<()> {
    let books = Books::read::<M>(deploy).await?;
    let booked = books.booked(name).cloned();
    if booked.is_none() && !books.is_applied(name) && !M::migrations().iter().any(|migration| migration.name() == name)
    {
        return Err(none(format!("neither this program nor the books have a migration `{name}`")));
    }
    match resolution {
        Resolution::Applied => {
            if let Some(flavor) = deploy.flavor().filter(|_| !books.in_seaql(name)) {
                deploy.run(&hand::seaql::<M>(name, false, flavor)?).await?;
            }
            let digest = stepwise(name).map(|stepwise| books::digest(stepwise.source)).unwrap_or_default();
            let new = run::begins(name, digest.clone(), State::Done);
            let row = booked.unwrap_or(new);
            let done = Booked { checksum: digest, state: State::Done, finished_at: run::now(), ..row };
            deploy.note(&done).await
        }
        Resolution::RolledBack => {
            if let Some(flavor) = deploy.flavor().filter(|_| books.in_seaql(name)) {
                deploy.run(&hand::seaql::<M>(name, true, flavor)?).await?;
            }
            deploy.forget(name).await
        }
        Resolution::Done => match doubted(&books, name) {
            Some(row) => deploy.note_step(&Noted { state: State::Done, ..row }).await,
            None => Err(none(format!("no statement of `{name}` is in doubt"))),
        },
        Resolution::Retry => match (doubted(&books, name), booked) {
            (Some(row), _) => deploy.note_step(&Noted { state: State::Pending, ..row }).await,
            // Of one written by hand there is only the whole.
            (None, Some(booked)) if stepwise(name).is_none() && booked.state != State::Done => {
                deploy.forget(name).await
            }
            // What failed is run again by itself.
            (None, Some(booked)) if booked.state == State::Failed => Ok(()),
            _ => Err(none(format!("nothing of `{name}` is in doubt"))),
        },
    }
}

/// The statement that began and whose end nobody noted. A backfill is never in doubt.
fn doubted(books: &Books, name: &str) -> Option<Noted> {
    books.steps(name).into_iter().find(|noted| noted.state == State::Started && !noted.text.is_empty())
}

fn none(why: String) -> Error {
    Error::new(ErrorKind::Migration, why)
}
