//! Conditions of two entities do not join.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.find(col(account::COLUMN.owner).eq("ann") & col(user::COLUMN.name).eq("ann")).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
