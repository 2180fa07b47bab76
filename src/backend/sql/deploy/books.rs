//! What is noted in the database of its migrations.

use super::SqlDeploy;
use crate::{
    Error, Result,
    backend::deploy::{Booked, Books, Noted},
};

pub(super) async fn read(_: &SqlDeploy) -> Result<Books> {
    Err(Error::unsupported("not built yet"))
}

pub(super) async fn open(_: &SqlDeploy) -> Result<()> {
    Err(Error::unsupported("not built yet"))
}

pub(super) async fn note(_: &SqlDeploy, _: &Booked) -> Result<()> {
    Err(Error::unsupported("not built yet"))
}

pub(super) async fn note_step(_: &SqlDeploy, _: &Noted) -> Result<()> {
    Err(Error::unsupported("not built yet"))
}

pub(super) async fn forget(_: &SqlDeploy, _: &str) -> Result<()> {
    Err(Error::unsupported("not built yet"))
}
