//! The one list of backends: what a URL's scheme opens.

use crate::{
    Error, ErrorKind, Result,
    backend::{Backend, memory::Memory},
    config::{DatabaseConfig, Scheme},
    schema::{Flavor, Table, ddl},
};
use std::sync::Arc;

/// Opens the backend that the URL names.
pub(super) async fn connect(config: &DatabaseConfig) -> Result<Arc<dyn Backend>> {
    match config.url.scheme() {
        Scheme::Memory => Ok(Arc::new(Memory::default())),
        #[cfg(feature = "sqlite")]
        Scheme::Sqlite => crate::backend::sql::Sql::connect(config).await,
        #[cfg(feature = "postgres")]
        Scheme::Postgres => crate::backend::sql::Sql::connect(config).await,
        #[cfg(feature = "mysql")]
        Scheme::MySql => crate::backend::sql::Sql::connect(config).await,
        #[cfg(feature = "mongodb")]
        Scheme::MongoDb => crate::backend::mongo::Mongo::connect(config).await,
        #[allow(unreachable_patterns, reason = "every row above may be compiled out")]
        other => Err(Error::new(
            ErrorKind::UnknownScheme,
            format!("the backend of `{other}:` is not built in: turn on the feature `{}`", other.feature()),
        )),
    }
}

/// The name of the backend in memory.
pub(super) const MEMORY: &str = "memory";

/// What this backend cannot hold of a table, known before it is asked. MySQL and MariaDB have the same limits.
pub(super) fn refused(scheme: Scheme, table: &Table) -> Vec<Error> {
    match scheme {
        Scheme::Memory => Vec::new(),
        Scheme::Sqlite => ddl::refused(table, Flavor::Sqlite),
        Scheme::Postgres => ddl::refused(table, Flavor::Postgres),
        Scheme::MySql => ddl::refused(table, Flavor::MySql),
        #[cfg(feature = "mongodb")]
        Scheme::MongoDb => crate::backend::mongo::refused(table),
        #[cfg(not(feature = "mongodb"))]
        Scheme::MongoDb => Vec::new(),
    }
}
