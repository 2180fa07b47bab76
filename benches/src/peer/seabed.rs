//! Seabed: `Arc<dyn Repository<E>>` with every layer on.

use super::{CONNECTIONS, Peer};
use anyhow::{Context as _, Result};
use async_trait::async_trait;
use seabed::prelude::*;
use std::{hint::black_box, sync::Arc};

pub mod users {
    use sea_orm::entity::prelude::*;
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: String,
        pub hair_color: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod written {
    use sea_orm::entity::prelude::*;
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "written")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub name: String,
        pub hair_color: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

#[derive(Clone)]
pub struct Seabed {
    users: Arc<dyn Repository<users::Entity>>,
    written: Arc<dyn Repository<written::Entity>>,
}

impl Seabed {
    pub async fn connect(url: &str) -> Result<Self> {
        let config =
            Config::builder().env(false).url(url).set("databases.main.max_connections", CONNECTIONS.to_string());
        let db = Database::connect(config.load()?).await?;
        Ok(Self { users: db.repository(), written: db.repository() })
    }
}

#[async_trait]
impl Peer for Seabed {
    fn name(&self) -> &'static str {
        "seabed"
    }

    fn clone_box(&self) -> Box<dyn Peer> {
        Box::new(self.clone())
    }

    async fn get(&self, id: i64) -> Result<()> {
        black_box(self.users.get(id).await?.context("the row is there")?);
        Ok(())
    }

    async fn insert(&self, id: i64) -> Result<()> {
        let row = written::Model { id, name: "somebody".to_owned(), hair_color: Some("red".to_owned()) };
        black_box(self.written.insert(row).await?);
        Ok(())
    }

    async fn all(&self) -> Result<()> {
        black_box(self.users.find(all()).await?.len());
        Ok(())
    }
}
