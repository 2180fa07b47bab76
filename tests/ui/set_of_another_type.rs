//! A column takes its own type.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.update_many(col(account::COLUMN.owner).eq("ann"), [col(account::COLUMN.balance).set("7")]).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
