//! sqlx: `query_as` on its own pool, without pings and without hooks.

use super::{CONNECTIONS, Peer};
use anyhow::Result;
use async_trait::async_trait;
use sqlx::{
    PgPool, Row,
    postgres::{PgPoolOptions, PgRow},
};
use std::hint::black_box;

#[derive(Clone)]
pub struct Sqlx(PgPool);

struct User {
    id: i64,
    name: String,
    hair_color: Option<String>,
}

impl<'r> sqlx::FromRow<'r, PgRow> for User {
    fn from_row(row: &'r PgRow) -> sqlx::Result<Self> {
        Ok(Self { id: row.try_get("id")?, name: row.try_get("name")?, hair_color: row.try_get("hair_color")? })
    }
}

impl Sqlx {
    pub async fn connect(url: &str) -> Result<Self> {
        Ok(Self(PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await?))
    }
}

#[async_trait]
impl Peer for Sqlx {
    fn name(&self) -> &'static str {
        "sqlx"
    }

    fn clone_box(&self) -> Box<dyn Peer> {
        Box::new(self.clone())
    }

    async fn get(&self, id: i64) -> Result<()> {
        let user: User =
            sqlx::query_as("select id, name, hair_color from users where id = $1").bind(id).fetch_one(&self.0).await?;
        black_box((user.id, user.name, user.hair_color));
        Ok(())
    }

    async fn insert(&self, id: i64) -> Result<()> {
        let sql = "insert into written (id, name, hair_color) values ($1, $2, $3) returning id, name, hair_color";
        let user: User = sqlx::query_as(sql).bind(id).bind("somebody").bind(Some("red")).fetch_one(&self.0).await?;
        black_box((user.id, user.name, user.hair_color));
        Ok(())
    }

    async fn all(&self) -> Result<()> {
        let users: Vec<User> = sqlx::query_as("select id, name, hair_color from users").fetch_all(&self.0).await?;
        black_box(users.len());
        Ok(())
    }
}
