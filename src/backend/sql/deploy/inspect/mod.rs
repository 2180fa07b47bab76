//! What a database has: some questions for all tables at once, never one per table.

use super::SqlDeploy;
use crate::{Error, Result, schema::Picture};

/// The picture of the schema that the session works in, or of another place (a scratch schema, a scratch database).
pub(super) async fn inspect(_: &SqlDeploy, _place: Option<&str>) -> Result<Picture> {
    Err(Error::unsupported("not built yet"))
}
