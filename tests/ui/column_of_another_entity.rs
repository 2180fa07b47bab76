//! A column of another entity does not select rows of this one.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.find(col(user::COLUMN.name).eq("ann")).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
