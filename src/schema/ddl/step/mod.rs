//! A step in the words of one server, on a database that has this.

use crate::{
    Error, Result,
    schema::{Action, Flavor, Picture, Statement},
};

/// The statements of a step, each of which is whole by itself, so that a journal can tell them apart.
///
/// # Errors
/// `Unsupported` with entity and field for what this server cannot do; `SchemaMismatch` where the database lacks what the step
/// is about.
pub fn statements(_: &Action, _: &Picture, _: Flavor) -> Result<Vec<Statement>> {
    Err(Error::unsupported("not built yet"))
}
