//! sqlx: `query_as` on its own pool, without pings and without hooks.

use super::{CONNECTIONS, Peer};
use anyhow::Result;
use async_trait::async_trait;
use sqlx::{
    ColumnIndex, Database, Decode, MySqlPool, PgPool, Row, Type, mysql::MySqlPoolOptions, postgres::PgPoolOptions,
};
use std::hint::black_box;

struct User {
    id: i64,
    name: String,
    hair_color: Option<String>,
}

impl<'r, R: Row> sqlx::FromRow<'r, R> for User
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
    R::Database: Database,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self { id: row.try_get("id")?, name: row.try_get("name")?, hair_color: row.try_get("hair_color")? })
    }
}

/// One peer for each driver: only the pool's type and the placeholders differ.
macro_rules! peer {
    ($peer:ident, $pool:ty, $options:ty, $get:literal, $insert:literal) => {
        #[derive(Clone)]
        pub struct $peer($pool);

        impl $peer {
            pub async fn connect(url: &str) -> Result<Self> {
                let options = <$options>::new().max_connections(CONNECTIONS).test_before_acquire(false);
                Ok(Self(options.connect(url).await?))
            }
        }

        #[async_trait]
        impl Peer for $peer {
            fn name(&self) -> &'static str {
                "sqlx"
            }

            fn clone_box(&self) -> Box<dyn Peer> {
                Box::new(self.clone())
            }

            async fn get(&self, id: i64) -> Result<()> {
                let user: User = sqlx::query_as($get).bind(id).fetch_one(&self.0).await?;
                black_box((user.id, user.name, user.hair_color));
                Ok(())
            }

            async fn insert(&self, id: i64) -> Result<()> {
                let query = sqlx::query_as($insert).bind(id).bind("somebody").bind(Some("red"));
                let user: User = query.fetch_one(&self.0).await?;
                black_box((user.id, user.name, user.hair_color));
                Ok(())
            }

            async fn all(&self) -> Result<()> {
                let users: Vec<User> =
                    sqlx::query_as("select id, name, hair_color from users").fetch_all(&self.0).await?;
                black_box(users.len());
                Ok(())
            }
        }
    };
}

peer! {
    Postgres, PgPool, PgPoolOptions,
    "select id, name, hair_color from users where id = $1",
    "insert into written (id, name, hair_color) values ($1, $2, $3) returning id, name, hair_color"
}
peer! {
    MariaDb, MySqlPool, MySqlPoolOptions,
    "select id, name, hair_color from users where id = ?",
    "insert into written (id, name, hair_color) values (?, ?, ?) returning id, name, hair_color"
}
