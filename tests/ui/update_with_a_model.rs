//! A model says nothing of what changed: it goes to `replace`.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    if let Some(account) = accounts.one(all()).await? {
        accounts.update(account).await?;
    }
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
