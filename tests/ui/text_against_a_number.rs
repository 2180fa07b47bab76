//! Text is not compared with a number.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.find(col(account::COLUMN.balance).gt("7")).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
