//! Tables for tests, and the connection for migrations.

use super::{Sql, checkout::Checkout};
use crate::{
    Result,
    schema::{Flavor, Table, ddl, model::parents_first},
};
use std::sync::Arc;

/// Creates the tables that are not there, parents first.
pub(super) async fn create_tables(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<()> {
    checkout.writing = true;
    let flavor = checkout.flavor();
    for table in parents_first(tables) {
        if let Some(schema) = table.schema.as_deref().filter(|_| flavor != Flavor::Sqlite) {
            let create = if flavor == Flavor::Postgres { "CREATE SCHEMA" } else { "CREATE DATABASE" };
            checkout.batch(&format!("{create} IF NOT EXISTS {}", flavor.quoted(schema))).await?;
        }
        for statement in ddl::create_table(&table, flavor, true)? {
            checkout.batch(&statement).await.map_err(|error| error.entity(&table.name))?;
        }
    }
    Ok(())
}

impl Sql {
    /// SeaORM's connection over a pool of exactly one, with our session settings and without the ceilings: a migration may
    /// take long.
    pub(super) async fn seaorm(&self) -> Result<sea_orm::DatabaseConnection> {
        super::migrate::connection(&self.config).await
    }
}
