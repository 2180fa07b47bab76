//! diesel-async on deadpool.

use super::{CONNECTIONS, Peer};
use anyhow::Result;
use async_trait::async_trait;
use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::{
    AsyncMysqlConnection, AsyncPgConnection, RunQueryDsl,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool},
};
use std::hint::black_box;

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        hair_color -> Nullable<Text>,
    }
}

diesel::table! {
    written (id) {
        id -> BigInt,
        name -> Text,
        hair_color -> Nullable<Text>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
#[expect(dead_code, reason = "the fields are read from the database, which is what is measured")]
struct User {
    id: i64,
    name: String,
    hair_color: Option<String>,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = written)]
struct Written {
    id: i64,
    name: String,
    hair_color: Option<String>,
}

/// One peer for each connection: only its type and the way to insert differ.
macro_rules! peer {
    ($peer:ident, $connection:ty, |$row:ident, $with:ident| $insert:expr) => {
        #[derive(Clone)]
        pub struct $peer(Pool<$connection>);

        impl $peer {
            pub fn connect(url: &str) -> Result<Self> {
                let mut config = ManagerConfig::default();
                config.recycling_method = RecyclingMethod::Fast;
                let manager = AsyncDieselConnectionManager::<$connection>::new_with_config(url, config);
                Ok(Self(Pool::builder(manager).max_size(CONNECTIONS as usize).build()?))
            }
        }

        #[async_trait]
        impl Peer for $peer {
            fn name(&self) -> &'static str {
                "diesel-async"
            }

            fn clone_box(&self) -> Box<dyn Peer> {
                Box::new(self.clone())
            }

            async fn get(&self, id: i64) -> Result<()> {
                let mut connection = self.0.get().await?;
                let user = users::table.filter(users::id.eq(id)).select(User::as_select());
                let user: User = user.first(&mut connection).await?;
                black_box(user.id);
                Ok(())
            }

            async fn insert(&self, id: i64) -> Result<()> {
                let mut connection = self.0.get().await?;
                let $with = &mut connection;
                let $row = Written { id, name: "somebody".to_owned(), hair_color: Some("red".to_owned()) };
                let row: Written = $insert;
                black_box(row.id);
                Ok(())
            }

            async fn all(&self) -> Result<()> {
                let mut connection = self.0.get().await?;
                let users: Vec<User> = users::table.select(User::as_select()).load(&mut connection).await?;
                black_box(users.len());
                Ok(())
            }
        }
    };
}

peer!(Postgres, AsyncPgConnection, |row, connection| {
    let insert = diesel::insert_into(written::table).values(row).returning(Written::as_returning());
    insert.get_result(connection).await?
});
// Its MySQL dialect knows no RETURNING: the row is read back by its key.
peer!(MariaDb, AsyncMysqlConnection, |row, connection| {
    let key = row.id;
    diesel::insert_into(written::table).values(row).execute(connection).await?;
    written::table.filter(written::id.eq(key)).select(Written::as_select()).first(connection).await?
});
