//! A scratch place: what is wanted is built there and read back, and steps are rehearsed on an empty copy of what is there.

use super::SqlDeploy;
use crate::{
    Error, Result,
    backend::deploy::Rehearsal,
    schema::{Picture, Step, Table},
};
use std::sync::Arc;

pub(super) async fn want(_: &mut SqlDeploy, _: &[Arc<Table>]) -> Result<Picture> {
    Err(Error::unsupported("not built yet"))
}

pub(super) async fn rehearse(_: &mut SqlDeploy, _: &Picture, _: &[Step]) -> Result<Rehearsal> {
    Err(Error::unsupported("not built yet"))
}
