//! Entities from a database that is there: one file a table, in SeaORM's dense format, with a `schema` rule for what its
//! attributes cannot say. The plan from what is written, against the database that it was read from, is empty.

mod file;
mod name;
#[cfg(test)]
mod tests;

use crate::{
    Error, Result,
    backend::Deploy,
    schema::{Drift, Table, reverse},
};
use std::{collections::BTreeMap, sync::Arc};

/// The files of a folder of entities, and what they could not say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// The text of each file by its name: one a table, and `mod.rs`.
    pub files: BTreeMap<String, String>,
    /// What of the database no entity can say, and is left as it is.
    pub left: Vec<Drift>,
}

/// The tables that would make what the database has; what they cannot say is told beside them.
///
/// Types are portable where our own DDL would give the same column, and in the server's words everywhere else: to find out, the
/// tables are built in a scratch place, which is gone afterwards.
///
/// # Errors
/// `PermissionDenied` where no scratch place may be made; what the server says.
pub async fn tables(deploy: &mut dyn Deploy) -> Result<reverse::Reversed> {
    let Some(flavor) = deploy.flavor() else {
        return Err(Error::unsupported("entities are read from SQL databases"));
    };
    let have = deploy.inspect().await?;
    let guessed = reverse::guess(&have, flavor);
    let shared: Vec<Arc<Table>> = guessed.tables.iter().cloned().map(Arc::new).collect();
    let want = deploy.want(&shared).await?;
    Ok(reverse::corrected(guessed, &have, &want, flavor))
}

/// The entities of what the database has. A name that is none in Rust becomes one, and of two that become one the second gets a number; the
/// attributes keep what the database says.
///
/// # Errors
/// As [`tables`].
pub async fn entities(deploy: &mut dyn Deploy) -> Result<Written> {
    let reversed = tables(deploy).await?;
    let names = name::Names::of(&reversed.tables);
    let mut files = BTreeMap::new();
    for (at, module) in names.modules.iter().enumerate() {
        files.insert(format!("{module}.rs"), file::entity(at, &reversed.tables, &names));
    }
    files.insert("mod.rs".to_owned(), file::modules(&names));
    Ok(Written { files, left: reversed.left })
}
