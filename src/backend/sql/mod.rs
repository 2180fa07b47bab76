//! SQLite, PostgreSQL and MySQL/MariaDB: one backend, three dialects.

use crate::{Result, backend::Backend, config::DatabaseConfig};
use std::sync::Arc;

pub(crate) async fn connect(_: &DatabaseConfig) -> Result<Arc<dyn Backend>> {
    Err(crate::Error::unsupported("sql"))
}
