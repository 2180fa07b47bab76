//! One deployer at a time (law S3).

use super::SqlDeploy;
use crate::{Error, Result};
use std::time::Duration;

pub(super) async fn lock(_: &mut SqlDeploy, _: Duration) -> Result<()> {
    Err(Error::unsupported("not built yet"))
}

pub(super) async fn holds(deploy: &SqlDeploy) -> Result<bool> {
    Ok(deploy.locked)
}

pub(super) async fn unlock(_: &mut SqlDeploy) -> Result<()> {
    Err(Error::unsupported("not built yet"))
}
