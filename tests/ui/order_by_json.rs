//! JSON has no order.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.find(all().order_by(col(account::COLUMN.extra).asc())).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
