//! The peers: the same three calls, as each would be written by its users. Pools of four connections, no pings.

pub mod diesel;
pub mod seabed;
pub mod seaorm;
pub mod sqlx;

use anyhow::Result;
use async_trait::async_trait;

/// Rows in the table that is read.
pub const ROWS: i64 = 10_000;
/// Connections of each pool.
pub const CONNECTIONS: u32 = 4;

/// One way to reach the database.
#[async_trait]
pub trait Peer: Send + Sync {
    fn name(&self) -> &'static str;
    /// Another handle to the same pool.
    fn clone_box(&self) -> Box<dyn Peer>;
    /// One row by its key.
    async fn get(&self, id: i64) -> Result<()>;
    /// One row more, read back.
    async fn insert(&self, id: i64) -> Result<()>;
    /// Every row of the table.
    async fn all(&self) -> Result<()>;
}
