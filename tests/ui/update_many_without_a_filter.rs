//! Every row is written only where that is said.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.update_many(all(), [col(account::COLUMN.balance).set(0)]).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
