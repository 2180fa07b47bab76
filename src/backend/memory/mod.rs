//! The reference backend: the contract as running code.

use super::{Backend, Info, Operation, Outcome, PoolState, Session, TransactionOptions};
use crate::{Context, Result, schema::Table};
use async_trait::async_trait;
use std::{sync::Arc, time::Duration};

/// A database in memory.
#[derive(Debug, Default)]
pub struct Memory;

#[async_trait]
impl Backend for Memory {
    fn info(&self) -> &Info {
        unimplemented!()
    }
    async fn run(&self, _: &Context, _: Operation) -> Result<Outcome> {
        unimplemented!()
    }
    async fn begin(&self, _: &Context, _: TransactionOptions) -> Result<Box<dyn Session>> {
        unimplemented!()
    }
    async fn create_tables(&self, _: &Context, _: &[Arc<Table>]) -> Result<()> {
        unimplemented!()
    }
    async fn ping(&self, _: &Context) -> Result<()> {
        Ok(())
    }
    fn pool(&self) -> PoolState {
        PoolState::default()
    }
    async fn migration_connection(&self) -> Result<sea_orm::DatabaseConnection> {
        unimplemented!()
    }
    async fn close(&self, _: Duration) -> Result<()> {
        Ok(())
    }
}
