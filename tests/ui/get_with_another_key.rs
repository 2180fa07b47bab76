//! A row is got by its own key.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.get("ann").await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
