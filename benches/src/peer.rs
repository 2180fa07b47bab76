//! The peers: the same three calls, as each would be written by its users. Pools of four connections, no pings.

mod diesel;
mod seabed;
mod seaorm;
mod sqlx;

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

/// Every peer, sqlx first: it is what the others are compared with.
pub async fn all(url: &str) -> Result<Vec<Box<dyn Peer>>> {
    Ok(vec![
        Box::new(sqlx::Sqlx::connect(url).await?),
        Box::new(seabed::Seabed::connect(url).await?),
        Box::new(seaorm::SeaOrm::connect(url).await?),
        Box::new(diesel::Diesel::connect(url)?),
    ])
}

/// Makes the tables anew: `users` to read, `written` to insert into.
pub async fn prepare(url: &str) -> Result<()> {
    use ::sqlx::{Connection, Executor};
    let mut connection = ::sqlx::PgConnection::connect(url).await?;
    for table in ["users", "written"] {
        let columns = "id bigint primary key, name text collate \"C\" not null, hair_color text collate \"C\"";
        let sql = format!("drop table if exists {table}; create table {table} ({columns})");
        connection.execute(::sqlx::raw_sql(::sqlx::AssertSqlSafe(sql))).await?;
    }
    let fill =
        "insert into users select n, 'user ' || n, case when n % 2 = 0 then 'brown' end from generate_series(1, $1) n";
    ::sqlx::query(fill).bind(ROWS).execute(&mut connection).await?;
    connection.execute("analyze users").await?;
    Ok(connection.close().await?)
}
