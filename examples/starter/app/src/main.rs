//! The shop: `DATABASE_URL=sqlite:shop.db cargo run -p shop`, after `cargo run -p shop-migration -- apply`.

mod shelf;

use seabed::prelude::*;

#[tokio::main]
async fn main() -> Result<()> {
    // What the tables are not is told in the log; `seabed.toml` may say `verify = "strict"`, and nothing starts on a wrong one.
    let db = Database::builder(Config::load()?).entities(shop_migration::entities()).connect().await?;
    let shelf = shelf::Shelf::new(&db);
    let item = shelf.put("a lamp", 1250).await?;
    println!("{} costs {}", item.name, item.price);
    println!("{} on the shelf", shelf.count().await?);
    db.close().await
}
