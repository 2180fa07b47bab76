//! SeaORM on sqlx's pool, its ping turned off too.

use super::{
    CONNECTIONS, Peer,
    seabed::{users, written},
};
use anyhow::{Context as _, Result};
use async_trait::async_trait;
use sea_orm::{ActiveModelTrait, ConnectOptions, DatabaseConnection, EntityTrait, IntoActiveModel};
use std::hint::black_box;

#[derive(Clone)]
pub struct SeaOrm(DatabaseConnection);

impl SeaOrm {
    pub async fn connect(url: &str) -> Result<Self> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(CONNECTIONS).test_before_acquire(false).sqlx_logging(false);
        Ok(Self(sea_orm::Database::connect(options).await?))
    }
}

#[async_trait]
impl Peer for SeaOrm {
    fn name(&self) -> &'static str {
        "SeaORM"
    }

    fn clone_box(&self) -> Box<dyn Peer> {
        Box::new(self.clone())
    }

    async fn get(&self, id: i64) -> Result<()> {
        black_box(users::Entity::find_by_id(id).one(&self.0).await?.context("the row is there")?);
        Ok(())
    }

    async fn insert(&self, id: i64) -> Result<()> {
        let row = written::Model { id, name: "somebody".to_owned(), hair_color: Some("red".to_owned()) };
        black_box(row.into_active_model().reset_all().insert(&self.0).await?);
        Ok(())
    }

    async fn all(&self) -> Result<()> {
        black_box(users::Entity::find().all(&self.0).await?.len());
        Ok(())
    }
}
