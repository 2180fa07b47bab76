//! Null equals nothing: it is asked for by `is_null`.

mod entities;

use entities::{account, user};
use seabed::prelude::*;
use std::sync::Arc;

async fn service(accounts: Arc<dyn Repository<account::Entity>>) -> Result<()> {
    accounts.find(col(account::COLUMN.balance).eq(None::<i64>)).await?;
    Ok(())
}

fn main() {
    let _ = (service, user::COLUMN);
}
